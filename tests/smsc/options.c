/*
 * options: the table of options, its parser and its help. Keeps pointers into what it is given.
 */
#include "options.h"

#include "ids.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { FLAG, NUMBER, REAL, TEXT, LIST, CHOICE };

const char *form_name(uint32_t i)
{
	static const char *const all[] = { "none", "text", "tlv", "both", "conflict" };

	return i < sizeof(all) / sizeof(all[0]) ? all[i] : NULL;
}

const char *to_name(uint32_t i)
{
	static const char *const all[] = { "own", "receiver", "any", "other", "new" };

	return i < sizeof(all) / sizeof(all[0]) ? all[i] : NULL;
}

static const char *connect_name(uint32_t i)
{
	static const char *const all[] = { "take", "refuse", "close", "reset", "silent" };

	return i < sizeof(all) / sizeof(all[0]) ? all[i] : NULL;
}

static const char *bind_form_name(uint32_t i)
{
	static const char *const all[] = { "usual",  "no_body", "body",        "nack",
		                           "silent", "close",   "transmitter", "sequence" };

	return i < sizeof(all) / sizeof(all[0]) ? all[i] : NULL;
}

#define AT(member) offsetof(struct options, member)

static const struct row {
	const char *name;
	enum kind kind;
	size_t at;
	const char *(*word)(uint32_t); /* of a choice */
	const char *argument, *help;
} rows[] = {
	{ "port", NUMBER, AT(port), NULL, "N", "listen there (default: any free port)" },
	{ "port-file", TEXT, AT(port_file), NULL, "FILE", "write the port there when listening" },
	{ "system-id", TEXT, AT(system_id), NULL, "ID", "refuse other binds with 0x0F (default: take any)" },
	{ "password", TEXT, AT(password), NULL, "PW", "refuse other passwords with 0x0E" },
	{ "phone", TEXT, AT(phone), NULL, "FILE|-", "a line \"to from text\" for each SMS accepted" },
	{ "phones", TEXT, AT(phones), NULL, "FILE", "socket on which phones are told to send; see phones.c" },
	{ "account", TEXT, AT(account), NULL, "FILE", "JSON account, on exit and on SIGUSR1" },
	{ "quiet", FLAG, AT(quiet), NULL, "", "say nothing on stderr" },
	{ "seed", NUMBER, AT(seed), NULL, "N", "of --mix and of every jitter" },
	{ "mix", TEXT, AT(mix), NULL, "\"F=W ...\"", "fault F at W of 1,000 submits, at most one for each" },
	{ "scenario", TEXT, AT(scenario), NULL, "FILE", "what happens at which submit; see below" },
	{ "fault", LIST, AT(faults), NULL, "F[:V]", "this fault at every submit; may be repeated" },

	{ "connect", CHOICE, AT(connect), connect_name, NULL, "what becomes of connections" },
	{ "connect-count", NUMBER, AT(connect_count), NULL, "N", "only of the first N; refuse: of all" },
	{ "refuse-ms", NUMBER, AT(refuse_ms), NULL, "N", "end \"connect refuse\" after N ms" },
	{ "refuse-bind", NUMBER, AT(refuse_bind), NULL, "STATUS", "answer binds with this status" },
	{ "bind-form", CHOICE, AT(bind_form), bind_form_name, NULL, "how binds are answered" },
	{ "bind-count", NUMBER, AT(bind_count), NULL, "N", "refuse-bind and bind-form only for the first N binds" },
	{ "bind-delay-ms", NUMBER, AT(bind_delay_ms), NULL, "N", "answer binds this late" },
	{ "max-binds", NUMBER, AT(max_binds), NULL, "N", "refuse more binds with 0x05" },
	{ "max-binds-status", NUMBER, AT(max_binds_status), NULL, "STATUS", "with this status instead" },
	{ "refuse-close", FLAG, AT(refuse_close), NULL, "", "hang up where a bind would be refused" },
	{ "ghost-ms", NUMBER, AT(ghost_ms), NULL, "N", "a bind lost without unbind counts this long" },
	{ "outbind", TEXT, AT(outbind), NULL, "PORT", "connect to 127.0.0.1:PORT and send outbind" },

	{ "resp-delay-ms", NUMBER, AT(resp_delay_ms), NULL, "N", "answer submits this late" },
	{ "serial-ms", NUMBER, AT(serial_ms), NULL, "N", "a submit or enquire_link takes N ms, in its turn" },
	{ "resp-jitter-ms", NUMBER, AT(resp_jitter_ms), NULL, "N", "and up to N more, at random" },
	{ "coalesce-ms", NUMBER, AT(coalesce_ms), NULL, "N", "responses and receipts leave together, every N ms" },
	{ "pieces", FLAG, AT(pieces), NULL, "", "write one octet at a time" },
	{ "late-ack", FLAG, AT(late_ack), NULL, "", "acknowledge TCP late" },
	{ "id", CHOICE, AT(ids), ids_name, NULL, "message ids; mixed: hex in responses, decimal in receipts" },
	{ "congestion", NUMBER, AT(congestion), NULL, "N", "congestion_state N in every submit_sm_resp" },
	{ "silent", FLAG, AT(silent), NULL, "", "take binds, never answer submits" },
	{ "drop-after", NUMBER, AT(drop_after), NULL, "N", "drop the connection at the Nth submit, unanswered; once" },
	{ "drop-unanswered", NUMBER, AT(drop_unanswered), NULL, "M", "the M submits before that unanswered too" },
	{ "throttle", REAL, AT(throttle), NULL, "RATE", "token bucket of RATE submits a second; beyond: 0x58" },
	{ "throttle-depth", NUMBER, AT(throttle_depth), NULL, "N", "its depth (default: RATE/10, at least 1)" },
	{ "throttle-pause-ms", NUMBER, AT(throttle_pause_ms), NULL, "N", "count submits within N ms after 0x58 (900)" },
	{ "throttle-grace-ms", NUMBER, AT(throttle_grace_ms), NULL, "N", "but not in the first N, on their way (100)" },
	{ "queue-per-destination", NUMBER, AT(queue_per_destination), NULL, "N", "beyond N in 10 s: 0x14" },

	{ "receipts", CHOICE, AT(form), form_name, NULL, "only if the submit asks for one (default none)" },
	{ "receipts-to", CHOICE, AT(to), to_name, NULL, "which bind gets them (default own, else any that receives)" },
	{ "receipt-delay-ms", NUMBER, AT(receipt_delay_ms), NULL, "N", "receipt this long after the response" },
	{ "receipt-jitter-ms", NUMBER, AT(receipt_jitter_ms), NULL, "N", "and up to N more, at random" },
	{ "receipt-before-resp", FLAG, AT(receipt_before_resp), NULL, "", "receipt ahead of the response" },
	{ "receipts-before-bind", FLAG, AT(receipts_before_bind), NULL, "", "those that wait: ahead of bind_resp" },
	{ "receipt-twice", FLAG, AT(receipt_twice), NULL, "", "every receipt twice" },
	{ "receipt-again", FLAG, AT(receipt_again), NULL, "", "a receipt without a good response again, as SMSCs do" },
	{ "receipt-window", NUMBER, AT(receipt_window), NULL, "N", "N receipts unanswered on a connection, no more" },

	{ "enquire-ms", NUMBER, AT(enquire_ms), NULL, "N", "send enquire_link every N ms" },
	{ "enquire-status", NUMBER, AT(enquire_status), NULL, "STATUS", "answer enquire_link with this status" },
	{ "no-enquire-resp", FLAG, AT(no_enquire_resp), NULL, "", "never answer enquire_link" },
	{ "no-unbind-resp", FLAG, AT(no_unbind_resp), NULL, "", "never answer unbind" },
	{ "answer-within-ms", NUMBER, AT(answer_within_ms), NULL, "N", "later answers are response_missing (10000)" },
	{ "forget-ms", NUMBER, AT(forget_ms), NULL, "N", "a submit without answer leaves the window then (never)" },

	{ "tls-cert", TEXT, AT(tls_cert), NULL, "FILE", "speak TLS, with this chain" },
	{ "tls-key", TEXT, AT(tls_key), NULL, "FILE", "and its key (default: in the same file)" },
	{ "tls-client-ca", TEXT, AT(tls_client_ca), NULL, "FILE", "demand a client certificate of this CA" },
};

static void *member(struct options *o, const struct row *row)
{
	return (char *)o + row->at;
}

static bool choose(uint64_t *out, const struct row *row, const char *value)
{
	for (uint32_t i = 0; row->word(i); i++)
		if (strcmp(value, row->word(i)) == 0) {
			*out = i;
			return true;
		}
	return false;
}

static bool set(struct options *o, const struct row *row, const char *value)
{
	char *end = NULL;

	if ((row->kind == FLAG) != (value == NULL))
		return false;
	switch ((int)row->kind) {
	case FLAG:
		*(bool *)member(o, row) = true;
		return true;
	case NUMBER:
		*(uint64_t *)member(o, row) = strtoull(value, &end, 0);
		return end != value && !*end;
	case REAL:
		*(double *)member(o, row) = strtod(value, &end);
		return end != value && !*end;
	case CHOICE:
		return choose(member(o, row), row, value);
	case LIST:
		if (o->fault_count == FAULTS_MAX)
			return false;
		o->faults[o->fault_count++] = value;
		return true;
	default:
		*(const char **)member(o, row) = value;
		return true;
	}
}

static const struct row *find(const char *name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

bool options_set(struct options *options, const char *name, const char *value)
{
	const struct row *row = find(name);

	return row && set(options, row, value);
}

static void say_help(FILE *to)
{
	fputs("usage: smsc [options]        a simulated SMSC (SMPP 3.4) on 127.0.0.1\n", to);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		char left[160];
		int n = snprintf(left, sizeof(left), "--%s %s", r->name, r->argument ? r->argument : "");

		for (uint32_t w = 0; r->kind == CHOICE && r->word(w); w++)
			n += snprintf(left + n, sizeof(left) - (size_t)n, "%s%s", w ? "|" : "", r->word(w));
		if (n > 28)
			fprintf(to, "  %s\n", left);
		fprintf(to, "  %-28s %s\n", n > 28 ? "" : left, r->help);
	}
	fputs("SIGHUP drops all connections, SIGUSR1 writes the account, SIGTERM ends.\n", to);
}

static _Noreturn void wrong(const char *what, const char *name)
{
	fprintf(stderr, "smsc: %s: %s; --help lists the options\n", what, name);
	exit(2);
}

void options_read(struct options *options, int argc, char **argv, void (*more_help)(void))
{
	options->throttle_pause_ms = 900;
	options->throttle_grace_ms = 100;
	options->answer_within_ms = 10000;
	for (int i = 1; i < argc; i++) {
		const char *name = argv[i] + 2;
		const struct row *row;

		if (strcmp(argv[i], "--help") == 0) {
			say_help(stdout);
			more_help();
			exit(0);
		}
		row = strncmp(argv[i], "--", 2) == 0 ? find(name) : NULL;
		if (!row)
			wrong("unknown argument", argv[i]);
		if (row->kind != FLAG && i + 1 == argc)
			wrong("an argument is missing", argv[i]);
		if (!set(options, row, row->kind == FLAG ? NULL : argv[++i]))
			wrong("not a value", argv[i]);
	}
}
