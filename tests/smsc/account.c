/*
 * account: counters, a set of hashes of what was accepted, and a row for each connection.
 */
#include "account.h"

#include <stdio.h>
#include <stdlib.h>

static uint64_t *seen; /* open addressing; 0 is empty */
static uint64_t slots;

static const char *const names[BREACH_COUNT] = {
	"none",        "command_length", "field_length",     "termination",      "validity",         "sequence",
	"before_bind", "bind_again",     "unknown_response", "unknown_command",  "address",          "esm_class",
	"reserved",    "payload",        "status",           "receiver_submits", "response_missing",
};

static const struct {
	uint32_t command;
	const char *name;
} kinds[] = {
	{ 0x00000001, "bind_receiver" },
	{ 0x00000002, "bind_transmitter" },
	{ 0x00000009, "bind_transceiver" },
	{ 0x00000003, "query_sm" },
	{ 0x00000004, "submit_sm" },
	{ 0x00000006, "unbind" },
	{ 0x00000007, "replace_sm" },
	{ 0x00000008, "cancel_sm" },
	{ 0x00000015, "enquire_link" },
	{ 0x00000021, "submit_multi" },
	{ 0x00000103, "data_sm" },
	{ 0x80000000, "generic_nack" },
	{ 0x80000005, "deliver_sm_resp" },
	{ 0x80000006, "unbind_resp" },
	{ 0x80000015, "enquire_link_resp" },
	{ 0x80000103, "data_sm_resp" },
	{ 0, "other" },
};

const char *breach_name(enum breach breach)
{
	return names[breach];
}

void account_command(struct account *account, uint32_t command)
{
	size_t i = 0;

	while (kinds[i].command && kinds[i].command != command)
		i++;
	account->kinds[i]++;
}

void account_bind(struct account *account, uint64_t at_ms)
{
	uint64_t minute = at_ms / 60000;

	account->minutes[minute < MINUTES_MAX ? minute : MINUTES_MAX - 1]++;
	if (account->binds_tried < BINDS_MAX)
		account->bind_at_ms[account->binds_tried++] = at_ms;
}

struct link_row *account_link(struct account *account, uint64_t serial)
{
	struct link_row *row = &account->links[serial <= LINKS_MAX ? serial - 1 : LINKS_MAX];

	row->serial = serial;
	row->kind = row->tls = "";
	row->unanswered = 0;
	row->ended = false;
	return row;
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

/* A text from a certificate: what JSON would have to escape is left out. */
static void write_text(FILE *to, const char *text)
{
	fputc('"', to);
	for (; *text; text++)
		if (*text >= ' ' && *text < 0x7F && *text != '"' && *text != '\\')
			fputc(*text, to);
	fputc('"', to);
}

static void write_counters(FILE *to, const char *title, const uint64_t *values, const char *(*name)(size_t))
{
	const char *comma = "";

	fprintf(to, "\"%s\": {", title);
	for (size_t i = 0; name(i); i++) {
		if (!values[i])
			continue;
		fprintf(to, "%s\"%s\": %llu", comma, name(i), (unsigned long long)values[i]);
		comma = ", ";
	}
	fputs("}, ", to);
}

static void write_list(FILE *to, const char *title, const uint64_t *values, size_t count)
{
	fprintf(to, "\"%s\": [", title);
	for (size_t i = 0; i < count; i++)
		fprintf(to, "%s%llu", i ? ", " : "", (unsigned long long)values[i]);
	fputs("], ", to);
}

static void write_links(const struct account *a, FILE *to)
{
	fputs("\"links\": [", to);
	for (size_t i = 0; i <= LINKS_MAX && a->links[i].serial; i++) {
		const struct link_row *l = &a->links[i];

		fprintf(to, "%s{\"serial\": %llu, \"kind\": \"%s\", \"submits\": %llu, \"window_max\": %llu, ",
		        i ? ", " : "", (unsigned long long)l->serial, l->kind, (unsigned long long)l->submits,
		        (unsigned long long)l->window_max);
		fprintf(to, "\"unanswered\": %llu, \"ended\": %s, \"tls\": \"%s\", \"peer\": ",
		        (unsigned long long)l->unanswered, l->ended ? "true" : "false", l->tls);
		write_text(to, l->peer);
		fputs("}", to);
	}
	fputs("], ", to);
}

static const char *kind_name(size_t i)
{
	return i < sizeof(kinds) / sizeof(kinds[0]) ? kinds[i].name : NULL;
}

static const char *bind_name(size_t i)
{
	static const char *const all[] = { "receiver", "transmitter", "transceiver", NULL };

	return all[i];
}

static const char *name_of_breach(size_t i)
{
	return i < BREACH_COUNT ? names[i] : NULL;
}

static void write_numbers(const struct account *a, FILE *to)
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
		{ "enquiries_answered", a->enquiries_answered },
		{ "submits", a->submits },
		{ "accepted", a->accepted },
		{ "distinct", a->distinct },
		{ "duplicates", a->duplicates },
		{ "throttled", a->throttled },
		{ "paused_submits", a->paused_submits },
		{ "pause_min_ms", a->pause_min_ms },
		{ "responses_sent", a->responses_sent },
		{ "receipts", a->receipts },
		{ "receipt_ok", a->receipt_ok },
		{ "receipt_error", a->receipt_error },
		{ "mo", a->mo },
		{ "mo_ok", a->mo_ok },
		{ "mo_error", a->mo_error },
		{ "nacks", a->nacks },
		{ "window_max", a->window_max },
		{ "tls_good", a->tls_good },
		{ "tls_failed", a->tls_failed },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		fprintf(to, "\"%s\": %llu, ", rows[i].name, (unsigned long long)rows[i].value);
}

void account_write(const struct account *a, const char *path)
{
	size_t minutes = MINUTES_MAX;
	char fresh[4096];

	if (!path)
		return;
	snprintf(fresh, sizeof(fresh), "%s.new", path);
	FILE *to = fopen(fresh, "w");
	if (!to) {
		perror(path);
		return;
	}
	while (minutes && !a->minutes[minutes - 1])
		minutes--;
	fputs("{", to);
	write_numbers(a, to);
	write_counters(to, "pdu_kinds", a->kinds, kind_name);
	write_counters(to, "bind_kinds", a->bind_kinds, bind_name);
	write_list(to, "binds_per_minute", a->minutes, minutes);
	write_list(to, "bind_at_ms", a->bind_at_ms, a->binds_tried);
	write_counters(to, "faults", a->made, a->made_name);
	write_links(a, to);
	write_counters(to, "violations", a->breaches, name_of_breach);
	fputs("\"end\": true}\n", to);
	if (fclose(to) != 0 || rename(fresh, path) != 0)
		perror(path);
}
