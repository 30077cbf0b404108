/*
 * smpp: the door to the SMSCs: accounts, binds, routes. Submits one message and tells what became of it; hands receipts
 * up. Implements the client side of SMPP 3.4. A seam: tests link tests/fakes/smpp.c.
 */
#ifndef SMPP_H
#define SMPP_H

#include "base/err.h"
#include "base/json.h"
#include "base/loop.h"
#include "base/resolve.h"
#include "base/secret.h"
#include "otp/msisdn.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SMPP_MESSAGE_ID_CAP 66
#define SMPP_SMSC_MAX 32 /* SMSCs in a configuration: sets of them are 32-bit masks */

struct smpp;

enum smpp_validity { SMPP_VALIDITY_RELATIVE, SMPP_VALIDITY_NONE };

struct smpp_smsc_opts {
	const char *name; /* [a-z0-9_-]{1,32} */
	const char *host;
	uint16_t port;
	const char *system_id, *system_type;  /* at most 15, 12 octets */
	const struct secret *password;        /* NULL: empty; owned by the caller, outlives the pool */
	const char *sender;                   /* default source address: alphanumeric (<= 11), short code or E.164 */
	const char *service_type;             /* at most 5 octets */
	double rate;                          /* segments a second, required */
	uint32_t window;                      /* 1..1000 */
	bool receipts;                        /* registered_delivery 1 */
	enum smpp_validity validity;
	uint32_t connect_timeout_ms, bind_timeout_ms, response_timeout_ms, enquire_interval_ms, enquire_timeout_ms,
	    inactivity_ms, pdu_timeout_ms, reconnect_min_ms, reconnect_max_ms, throttle_pause_ms;
};

/* A number prefix and the SMSCs to try, in order. The longest prefix wins; "" matches every number. */
struct smpp_route_opts {
	const char *prefix;
	const char *const *smscs;
	size_t smsc_count;
};

struct smpp_opts {
	const struct smpp_smsc_opts *smscs;
	size_t smsc_count;
	const struct smpp_route_opts *routes;
	size_t route_count;
};

enum smpp_outcome {
	SMPP_ACCEPTED,  /* message_id may be "" */
	SMPP_LATER,     /* not the message's fault (throttled, session state): try again, costs no attempt */
	SMPP_OTHER,     /* refused here; another SMSC may accept; costs an attempt */
	SMPP_REFUSED,   /* refused for good */
	SMPP_AMBIGUOUS  /* no answer: may or may not have been sent */
};

struct smpp_result {
	enum smpp_outcome outcome;
	uint32_t status;          /* command_status; 0 with AMBIGUOUS */
	unsigned smsc;            /* index into smpp_opts.smscs */
	const char *message_id;   /* as the SMSC wrote it, bounded; "" if none */
	uint32_t again_ms;        /* with SMPP_OTHER: the same SMSC may be tried once more after this; 0: it may not */
	int64_t answer_us;        /* from write to response; -1 if none */
};

struct smpp_message {
	const struct msisdn *to;
	const char *sender;          /* "" or NULL: the SMSC's default */
	const char *text;            /* UTF-8, one segment */
	uint32_t validity_s;         /* time the code has left; rounded up to 60 s */
	uint32_t avoid;              /* mask of SMSC indices not to use unless no other is configured for the route */
};

enum smpp_receipt_state { SMPP_RECEIPT_INTERMEDIATE, SMPP_RECEIPT_DELIVERED, SMPP_RECEIPT_UNDELIVERABLE,
	SMPP_RECEIPT_EXPIRED, SMPP_RECEIPT_REJECTED, SMPP_RECEIPT_DELETED, SMPP_RECEIPT_UNKNOWN };

/* A receipt from an SMSC. Answer it exactly once with smpp_receipt_done; a token outlives its session. */
struct smpp_receipt {
	unsigned smsc;
	const char *message_id; /* normalised: trimmed, lower case, without leading zeros when all hex digits */
	enum smpp_receipt_state state;
	const char *error;      /* "err:" or network error code, printable, <= 8 octets; "" */
	uint64_t token;
};

struct smpp_hooks {
	void *arg;
	void (*on_room)(void *arg);                                       /* some route may take a message again */
	void (*on_receipt)(void *arg, const struct smpp_receipt *receipt);
	void (*on_state)(void *arg);                                      /* a bind came or went: readiness, STATUS= */
};

/* opts are copied. ERR_INVALID (a route names an unknown SMSC, a field is too long), ERR_NOMEM. */
enum err smpp_new(struct loop *loop, struct resolver *resolver, const struct smpp_opts *opts,
                  const struct smpp_hooks *hooks, struct smpp **out) ERR_CHECKED;
void smpp_start(struct smpp *p);

/* Takes new rates, windows, senders, timers and routes of SMSCs that stay; ERR_BUSY if an SMSC was added, removed or
 * its account changed (that needs a restart: said in otpgwd.conf(5)). Nothing changes then. */
enum err smpp_configure(struct smpp *p, const struct smpp_opts *opts) ERR_CHECKED;

/* Takes back what the last smpp_configure did: former is what was in force before it. Needs no memory. */
void smpp_revert(struct smpp *p, const struct smpp_opts *former);

/* The route of a number: an index below smpp_routes(); -1: none. */
int smpp_route(const struct smpp *p, const struct msisdn *to);
size_t smpp_routes(const struct smpp *p);

/* True if the route's SMSC of choice can take a message now (bound, window, rate, not paused). */
bool smpp_room(const struct smpp *p, int route, uint32_t avoid);

/*
 * What the route takes now: that of the SMSC which smpp_submit would choose, since one is used at a time. Measured: the
 * present rate of its throttle, or its window over its time to answer, whichever is less. With none bound: the
 * configured rate of the first, as if it were back.
 */
struct smpp_pace {
	double per_s;     /* messages a second; 0 only for a route that does not exist */
	int64_t pause_ms; /* until it takes the next, for its throttling */
};
struct smpp_pace smpp_route_pace(const struct smpp *p, int route);

/* The SMSCs a route may use at all, as a mask of indices. */
uint32_t smpp_route_mask(const struct smpp *p, int route);

/*
 * Submits. fn is called exactly once, after this returned, also if the session ends. Returns ERR_BUSY (no room now:
 * wait for on_room), ERR_UNAVAILABLE (no SMSC of the route is bound; on_room tells), ERR_NOTFOUND (no route),
 * ERR_INVALID (cannot be packed: text or sender). *smsc is the index chosen when ERR_OK.
 */
typedef void (*smpp_result_fn)(void *arg, const struct smpp_result *result);
enum err smpp_submit(struct smpp *p, const struct smpp_message *m, smpp_result_fn fn, void *arg,
                     unsigned *smsc) ERR_CHECKED;

/* stored: ROK to the SMSC. Not stored: 0x64, so that it redelivers. A session that has ended: nothing. */
void smpp_receipt_done(struct smpp *p, uint64_t token, bool stored);

/* The normal form under which ids of responses and receipts are compared. out: SMPP_MESSAGE_ID_CAP. */
void smpp_normalise_id(const char *id, char out[SMPP_MESSAGE_ID_CAP]);

unsigned smpp_bound(const struct smpp *p);                    /* SMSCs with a bound session */
size_t smpp_smscs(const struct smpp *p);
const char *smpp_smsc_name(const struct smpp *p, unsigned smsc);
void smpp_status(const struct smpp *p, struct json *j);       /* an array "smscs" into an open object */

/* Stops submitting, waits for responses until deadline_ms (monotonic), unbinds, closes; then done, once. */
void smpp_stop(struct smpp *p, int64_t deadline_ms, loop_fn done, void *arg);
void smpp_free(struct smpp *p); /* NULL is fine; submits in flight are not called */

#endif
