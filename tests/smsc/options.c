/*
 * options: the command line. One row an option, so that --help and the parser cannot differ.
 */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
	"usage: smsc [options]        a simulated SMSC (SMPP 3.4) on 127.0.0.1\n"
	"  --port N                   listen there (default: any free port)\n"
	"  --port-file FILE           write the port there when listening\n"
	"  --system-id ID --password PW   refuse other binds (default: take any)\n"
	"  --receipts none|text|tlv|both  (default none); only if the submit asks for one\n"
	"  --receipt-delay-ms N       receipt this long after the response\n"
	"  --receipt-before-resp      receipt ahead of the response\n"
	"  --receipt-twice            every receipt twice\n"
	"  --receipt-again            a receipt without a good response again, as SMSCs do\n"
	"  --resp-delay-ms N          answer submits this late\n"
	"  --id hex|dec|mixed|empty   message ids; mixed: hex in responses, decimal in receipts\n"
	"  --throttle RATE            token bucket of RATE submits a second; beyond: 0x58\n"
	"  --refuse-bind STATUS       answer binds with this status\n"
	"  --silent                   take binds, never answer submits\n"
	"  --drop-after N             drop the connection at the Nth submit, unanswered; once\n"
	"  --pieces                   write one octet at a time\n"
	"  --phone FILE|-             a line \"to from text\" for each SMS accepted\n"
	"  --account FILE             JSON account, on exit and on SIGUSR1\n"
	"  --quiet                    say nothing on stderr\n"
	"SIGHUP drops all connections, SIGUSR1 writes the account, SIGTERM ends.\n"
	"Destinations choose faults by their last digits (d: decimal digit):\n"
	"  9990dd   submit_sm_resp with status 0x000000dd, e.g. 999058 throttled\n"
	"  9992ddd  the same, status in decimal, e.g. 9992011 invalid destination\n"
	"  99910d   receipt: 0 none, 1 UNDELIV, 2 EXPIRED, 3 REJECTD, 4 DELETED, 5 UNKNOWN, 6 ACCEPTD\n"
	"  999300   no response at all; 999301 generic_nack; 999302 response twice; 999303 a response with an unknown\n"
	"           sequence first; 999304 status 8 the first time, then accepted; 999305 the same with 0x58\n"
	"  999306   receipt before the response; 999307 connection dropped unanswered, the first time\n";

enum { PORT = 1, PORT_FILE, SYSTEM_ID, PASSWORD, RECEIPTS, RECEIPT_DELAY, RESP_DELAY, THROTTLE, PHONE, ACCOUNT, REFUSE,
       SILENT, DROP, BEFORE, TWICE, AGAIN, ID, PIECES, QUIET, HELP };

static const struct option table[] = {
	{ "port", required_argument, NULL, PORT },
	{ "port-file", required_argument, NULL, PORT_FILE },
	{ "system-id", required_argument, NULL, SYSTEM_ID },
	{ "password", required_argument, NULL, PASSWORD },
	{ "receipts", required_argument, NULL, RECEIPTS },
	{ "receipt-delay-ms", required_argument, NULL, RECEIPT_DELAY },
	{ "resp-delay-ms", required_argument, NULL, RESP_DELAY },
	{ "throttle", required_argument, NULL, THROTTLE },
	{ "phone", required_argument, NULL, PHONE },
	{ "account", required_argument, NULL, ACCOUNT },
	{ "refuse-bind", required_argument, NULL, REFUSE },
	{ "silent", no_argument, NULL, SILENT },
	{ "drop-after", required_argument, NULL, DROP },
	{ "receipt-before-resp", no_argument, NULL, BEFORE },
	{ "receipt-twice", no_argument, NULL, TWICE },
	{ "receipt-again", no_argument, NULL, AGAIN },
	{ "id", required_argument, NULL, ID },
	{ "pieces", no_argument, NULL, PIECES },
	{ "quiet", no_argument, NULL, QUIET },
	{ "help", no_argument, NULL, HELP },
	{ NULL, 0, NULL, 0 },
};

static _Noreturn void wrong(const char *what)
{
	fprintf(stderr, "smsc: %s\n%s", what, help);
	exit(2);
}

static uint64_t number(const char *text)
{
	char *end;
	unsigned long long value = strtoull(text, &end, 0);

	if (end == text || *end)
		wrong("not a number");
	return value;
}

static unsigned choice(const char *text, const char *const names[4])
{
	for (unsigned i = 0; i < 4; i++)
		if (strcmp(text, names[i]) == 0)
			return i;
	wrong("unknown choice");
}

static void take_flag(struct options *o, int opt)
{
	switch (opt) {
	case SILENT:
		o->silent = true;
		break;
	case BEFORE:
		o->receipt_before_resp = true;
		break;
	case TWICE:
		o->receipt_twice = true;
		break;
	case AGAIN:
		o->receipt_again = true;
		break;
	case PIECES:
		o->pieces = true;
		break;
	case QUIET:
		o->quiet = true;
		break;
	case HELP:
		fputs(help, stdout);
		exit(0);
	default:
		wrong("unknown option");
	}
}

static void take(struct options *o, int opt)
{
	static const char *const receipts[4] = { "none", "text", "tlv", "both" };
	static const char *const ids[4] = { "hex", "dec", "mixed", "empty" };

	switch (opt) {
	case PORT:
		o->port = (unsigned)number(optarg);
		break;
	case PORT_FILE:
		o->port_file = optarg;
		break;
	case SYSTEM_ID:
		o->system_id = optarg;
		break;
	case PASSWORD:
		o->password = optarg;
		break;
	case RECEIPTS:
		o->receipts = (enum receipts)choice(optarg, receipts);
		break;
	case RECEIPT_DELAY:
		o->receipt_delay_ms = number(optarg);
		break;
	case RESP_DELAY:
		o->resp_delay_ms = number(optarg);
		break;
	case THROTTLE:
		o->throttle = strtod(optarg, NULL);
		break;
	case PHONE:
		o->phone = optarg;
		break;
	case ACCOUNT:
		o->account = optarg;
		break;
	case REFUSE:
		o->refuse_bind = (uint32_t)number(optarg);
		break;
	case DROP:
		o->drop_after = number(optarg);
		break;
	case ID:
		o->ids = (enum ids)choice(optarg, ids);
		break;
	default:
		take_flag(o, opt);
	}
}

void options_read(struct options *options, int argc, char **argv)
{
	int opt;

	while ((opt = getopt_long(argc, argv, "", table, NULL)) != -1)
		take(options, opt);
	if (optind != argc)
		wrong("unknown argument");
}
