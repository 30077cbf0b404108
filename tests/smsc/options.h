/*
 * options: what the simulator was told to do: one row an option, so that --help, the command line and a scenario's
 * "set" cannot differ.
 */
#ifndef SMSC_OPTIONS_H
#define SMSC_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Choices, in the order of their words. FORM_AS_TOLD: what --receipts says. */
enum form { FORM_NONE, FORM_TEXT, FORM_TLV, FORM_BOTH, FORM_CONFLICT, FORM_AS_TOLD };
enum connect { CONNECT_TAKE, CONNECT_REFUSE, CONNECT_CLOSE, CONNECT_RESET, CONNECT_SILENT };
enum bind_form {
	BIND_USUAL,
	BIND_NO_BODY,
	BIND_BODY,
	BIND_NACK,
	BIND_SILENT,
	BIND_CLOSE,
	BIND_TRANSMITTER,
	BIND_SEQUENCE
};
enum to { TO_OWN, TO_RECEIVER, TO_ANY, TO_OTHER, TO_NEW };

enum { FAULTS_MAX = 16 };

struct options {
	const char *port_file, *system_id, *password, *phone, *phones, *account, *scenario, *mix, *outbind;
	const char *tls_cert, *tls_key, *tls_client_ca;
	const char *faults[FAULTS_MAX];
	uint64_t fault_count, port, seed;
	uint64_t form, to, ids, connect, bind_form; /* choices */
	uint64_t receipt_window, receipt_delay_ms, receipt_jitter_ms, resp_delay_ms, resp_jitter_ms, coalesce_ms;
	uint64_t drop_after, drop_unanswered, congestion;
	uint64_t refuse_ms, refuse_bind, bind_delay_ms, bind_count, connect_count, max_binds, ghost_ms;
	uint64_t enquire_ms, enquire_status, answer_within_ms, forget_ms, serial_ms, max_binds_status;
	uint64_t throttle_depth, throttle_pause_ms, throttle_grace_ms, queue_per_destination;
	double throttle;
	bool silent, receipt_before_resp, receipt_twice, receipt_again, pieces, late_ack, quiet;
	bool no_enquire_resp, no_unbind_resp, refuse_close, receipts_before_bind;
};

/* Ends the process on --help and on wrong usage; what more --help shows is the caller's. */
void options_read(struct options *options, int argc, char **argv, void (*more_help)(void));

/* The words of choices that faults use too; NULL beyond the last. */
const char *form_name(uint32_t form);
const char *to_name(uint32_t to);

/* One option by name, without dashes; value NULL: a flag. false: no such option or value. */
bool options_set(struct options *options, const char *name, const char *value);

#endif
