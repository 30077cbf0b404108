/*
 * options: what the simulator was told to do on its command line.
 */
#ifndef SMSC_OPTIONS_H
#define SMSC_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

enum receipts { RECEIPTS_NONE, RECEIPTS_TEXT, RECEIPTS_TLV, RECEIPTS_BOTH };
enum ids { IDS_HEX, IDS_DEC, IDS_MIXED, IDS_EMPTY };

struct options {
	const char *port_file, *system_id, *password, *phone, *account;
	unsigned port;
	enum receipts receipts;
	enum ids ids;
	uint64_t receipt_delay_ms, resp_delay_ms, drop_after;
	double throttle;
	uint32_t refuse_bind;
	bool silent, receipt_before_resp, receipt_twice, receipt_again, pieces, quiet;
};

/* Ends the process on --help and on wrong usage. */
void options_read(struct options *options, int argc, char **argv);

#endif
