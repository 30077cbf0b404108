/*
 * account: counters, and a set of hashes of what was accepted.
 */
#include "account.h"

#include <stdio.h>
#include <stdlib.h>

static uint64_t *seen; /* open addressing; 0 is empty */
static uint64_t slots;

static const char *const names[FAULT_COUNT] = {
	"none",          "command_length", "field_length",     "termination",     "validity", "sequence",
	"before_bind",   "bind_again",     "unknown_response", "unknown_command",
};

const char *fault_name(enum fault fault)
{
	return names[fault];
}

static uint64_t hash(uint64_t h, const char *text)
{
	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * 0x100000001B3;
	return (h ^ '\n') * 0x100000001B3;
}

static int put(uint64_t *table, uint64_t size, uint64_t key)
{
	uint64_t at = key & (size - 1);

	while (table[at] && table[at] != key)
		at = (at + 1) & (size - 1);
	if (table[at] == key)
		return 0;
	table[at] = key;
	return 1;
}

static void grow(void)
{
	uint64_t more = slots ? slots * 2 : 65536, *bigger = calloc(more, sizeof(*bigger));

	if (!bigger) {
		fputs("smsc: out of memory\n", stderr);
		exit(1);
	}
	for (uint64_t i = 0; i < slots; i++)
		if (seen[i])
			put(bigger, more, seen[i]);
	free(seen);
	seen = bigger;
	slots = more;
}

void account_seen(struct account *account, const char *destination, const char *text)
{
	uint64_t key = hash(hash(0xCBF29CE484222325, destination), text);

	account->accepted++;
	if (account->distinct * 2 >= slots)
		grow();
	if (put(seen, slots, key ? key : 1))
		account->distinct++;
	else
		account->duplicates++;
}

static void write_faults(const struct account *a, FILE *to)
{
	const char *comma = "";

	fputs("\"violations\": {", to);
	for (int i = 1; i < FAULT_COUNT; i++) {
		if (!a->faults[i])
			continue;
		fprintf(to, "%s\"%s\": %llu", comma, names[i], (unsigned long long)a->faults[i]);
		comma = ", ";
	}
	fputs("}}\n", to);
}

void account_write(const struct account *a, const char *path)
{
	const struct {
		const char *name;
		uint64_t value;
	} rows[] = {
		{ "connections", a->connections },
		{ "pdus", a->pdus },
		{ "binds", a->binds },
		{ "binds_refused", a->binds_refused },
		{ "unbinds", a->unbinds },
		{ "enquiries", a->enquiries },
		{ "submits", a->submits },
		{ "accepted", a->accepted },
		{ "distinct", a->distinct },
		{ "duplicates", a->duplicates },
		{ "throttled", a->throttled },
		{ "responses_sent", a->responses_sent },
		{ "receipts", a->receipts },
		{ "receipt_ok", a->receipt_ok },
		{ "receipt_error", a->receipt_error },
		{ "window_max", a->window_max },
	};
	char fresh[4096];

	if (!path)
		return;
	snprintf(fresh, sizeof(fresh), "%s.new", path);
	FILE *to = fopen(fresh, "w");
	if (!to) {
		perror(path);
		return;
	}
	fputs("{", to);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		fprintf(to, "\"%s\": %llu, ", rows[i].name, (unsigned long long)rows[i].value);
	write_faults(a, to);
	if (fclose(to) != 0 || rename(fresh, path) != 0)
		perror(path);
}
