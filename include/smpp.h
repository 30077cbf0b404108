/*
 * smpp: the door to the SMSCs: accounts, binds, routes. Submits one message and tells what became of it; hands receipts
 * up. Implements the client side of SMPP 3.4. A seam: tests link tests/fakes/smpp.c.
 */
#ifndef SMPP_H
#define SMPP_H

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/loop.h"
#include "base/resolve.h"
#include "base/secret.h"
#include "otp/ident.h"
#include "otp/msisdn.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SMPP_MESSAGE_ID_CAP 66
#define SMPP_SMSC_MAX 32 /* SMSCs in a configuration: sets of them are 32-bit masks */

struct smpp;

#define SMPP_HOSTS_MAX 8        /* of one SMSC */
#define SMPP_BINDS_MAX 16       /* of one SMSC; with a transmitter and a receiver each */
#define SMPP_OVERRIDES_MAX 64   /* statuses with a meaning of their own, of one SMSC */
#define SMPP_VENDOR_TLVS_MAX 8  /* in one submit_sm */
#define SMPP_VENDOR_TLV_LEN 254 /* octets of one value */

enum smpp_validity { SMPP_VALIDITY_RELATIVE, SMPP_VALIDITY_ABSOLUTE, SMPP_VALIDITY_NONE };

/* GSM_DC1: septets, but data_coding 1, for SMSCs that take 0 for something else. UCS2: always. */
enum smpp_alphabet {
	SMPP_ALPHABET_GSM,
	SMPP_ALPHABET_LATIN1,
	SMPP_ALPHABET_ASCII,
	SMPP_ALPHABET_GSM_DC1,
	SMPP_ALPHABET_UCS2
};

/* How a receipt writes the id of the response: the same form; response hex and receipt decimal; the reverse; learned
 * from the first receipts. */
enum smpp_msgid_mode { SMPP_MSGID_EXACT, SMPP_MSGID_HEX_RESP_DEC_DLR, SMPP_MSGID_DEC_RESP_HEX_DLR, SMPP_MSGID_AUTO };

/* Types of addresses. 0: by the kind of address (alphanumeric 5/0, short code 3/0, international 1/1); else
 * SMPP_TYPE_FIXED | value. */
#define SMPP_TYPE_FIXED 0x80
struct smpp_types {
	uint8_t source_ton, source_npi, short_ton, dest_ton, dest_npi;
};

/* A command_status that means something else at this SMSC. */
struct smpp_override {
	uint32_t status;
	const char *class; /* "throttle" ...: a class of smpp.md's table in lower case */
};

/* A TLV that this SMSC wants in every submit_sm. */
struct smpp_vendor_tlv {
	uint16_t tag;
	const uint8_t *value; /* at most SMPP_VENDOR_TLV_LEN octets, sent as they are */
	size_t len;
};

struct smpp_endpoint {
	const char *host;
	uint16_t port;
};

/* What each bind is: one session both ways; two, one for each way; one that only sends and gets no receipts. */
enum smpp_bind_type { SMPP_BIND_TRANSCEIVERS, SMPP_BIND_PAIRS, SMPP_BIND_TRANSMITTERS };

/* TLS 1.2 or newer; the peer's chain and name are always verified. */
struct smpp_tls_opts {
	bool on;
	const char *ca;           /* PEM file of the authorities; "": those of the system */
	const char *server_name;  /* what the certificate must name; "": the host */
	const char *certificate;  /* PEM file of our own chain; "": none */
	const struct secret *key; /* its key, PEM; owned by the caller, outlives the smpp or the next configuration */
};

struct smpp_smsc_opts {
	const char *name;                  /* [a-z0-9_-]{1,32} */
	const struct smpp_endpoint *hosts; /* at least one; bind number n begins with the n-th, then the next */
	size_t host_count;
	uint32_t binds; /* 1..SMPP_BINDS_MAX */
	enum smpp_bind_type bind_type;
	struct smpp_tls_opts tls;
	const char *system_id, *system_type; /* at most 16 (the standard ends at 15), 12 octets */
	const char *address_range;           /* at most 40 octets; "": none */
	uint8_t addr_ton, addr_npi;          /* of address_range */
	const struct secret *password;       /* NULL: empty; owned by the caller, as tls.key */
	const char *sender;                  /* default source address: alphanumeric (<= 11), short code or E.164 */
	const char *service_type;            /* at most 5 octets */
	double rate;                         /* segments per second, required */
	uint32_t window;                     /* 1..1000 */
	bool receipts;                       /* registered_delivery 1; never of a transmitter alone */
	enum smpp_validity validity;
	enum smpp_alphabet alphabet;
	enum smpp_msgid_mode msgid_mode;
	struct smpp_types types;
	uint8_t protocol_id, priority;
	const struct smpp_override *statuses;
	size_t status_count;
	const struct smpp_vendor_tlv *tlvs;
	size_t tlv_count;
	uint32_t connect_timeout_ms, bind_timeout_ms, response_timeout_ms, enquire_interval_ms, enquire_timeout_ms,
	    inactivity_ms, pdu_timeout_ms, reconnect_min_ms, reconnect_max_ms, throttle_pause_ms;
};

/* A number prefix and the SMSCs to try, in order. The longest prefix wins; "" matches every number. */
struct smpp_route_opts {
	const char *prefix;
	const char *const *smscs;
	size_t smsc_count;
	const uint32_t
	    *weights; /* NULL: try them in the given order. Else one weight per SMSC; 0: only if no other is usable */
	const char *sender; /* before the message's and the SMSC's; NULL or "": none */
};

struct smpp_opts {
	const struct smpp_smsc_opts *smscs;
	size_t smsc_count;
	const struct smpp_route_opts *routes;
	size_t route_count;
};

enum smpp_outcome {
	SMPP_ACCEPTED, /* message_id may be "" */
	SMPP_LATER,    /* not the message's fault (throttled, session state): try again, costs no attempt */
	SMPP_OTHER,    /* refused here; another SMSC may accept */
	SMPP_REFUSED,  /* refused for good */
	SMPP_AMBIGUOUS /* no answer: may or may not have been sent */
};

struct smpp_result {
	enum smpp_outcome outcome;
	bool costs;             /* with SMPP_OTHER: it counts as an attempt */
	uint32_t status;        /* command_status; 0 with AMBIGUOUS */
	unsigned smsc;          /* index, below SMPP_SMSC_MAX: smpp_smsc_name */
	const char *message_id; /* as the SMSC wrote it, bounded; "" if none */
	bool session;      /* with SMPP_LATER: the SMSC says that our session is at fault ("not bound", generic_nack) */
	uint32_t again_ms; /* with SMPP_OTHER: the same SMSC may be tried once more after this; 0: it may not */
	int64_t answer_us; /* from write to response; -1 if none */
	bool ended;        /* with SMPP_AMBIGUOUS: its session is over, no late response can come */
};

/* A response after SMPP_AMBIGUOUS, while the session lives: id is the message's. Anything but ACCEPTED changes nothing.
 */
struct smpp_late {
	void (*fn)(void *arg, const struct ident *id, const struct smpp_result *result);
	void *arg; /* outlives the smpp */
};

struct smpp_message {
	const struct msisdn *to;
	const char *sender;     /* "" or NULL: the SMSC's default; a route's own sender goes before it */
	const char *text;       /* UTF-8, one segment */
	uint32_t validity_s;    /* time the code has left; rounded up to 60 s */
	const struct ident *id; /* for late; copied. NULL: none */
	struct smpp_late late;  /* fn NULL: late responses are only counted */
	bool keep;              /* without an answer it holds its place in the window until the session ends */
};

enum smpp_receipt_state {
	SMPP_RECEIPT_INTERMEDIATE,
	SMPP_RECEIPT_DELIVERED,
	SMPP_RECEIPT_UNDELIVERABLE,
	SMPP_RECEIPT_EXPIRED,
	SMPP_RECEIPT_REJECTED,
	SMPP_RECEIPT_DELETED,
	SMPP_RECEIPT_UNKNOWN
};

/*
 * One reading of a receipt: the id that its message may have, in the form of the response's and normalised, and what
 * the receipt then tells of it.
 */
struct smpp_reading {
	const char *id;
	enum smpp_receipt_state state;
	enum smpp_msgid_mode mode; /* that reads the id so */
	bool teaches;              /* other modes read it too: a match is to be told to smpp_receipt_matched */
};
#define SMPP_RECEIPT_IDS 2  /* of the TLV and of the text */
#define SMPP_READINGS_MAX 6 /* each by three modes */

/* A receipt from an SMSC. Answer it exactly once with smpp_receipt_done; a token outlives its session. */
struct smpp_receipt {
	unsigned smsc;
	struct smpp_reading readings[SMPP_READINGS_MAX]; /* to be looked for in this order */
	size_t reading_count;                            /* at least one */
	const char *ids[SMPP_RECEIPT_IDS];               /* as the SMSC writes them; "": no further one */
	const char *number;                              /* whom the SMS was for, as the SMSC writes it; "": not told */
	const char *to;    /* whom the receipt is for: our sender, or the number at SMSCs that swap the two */
	const char *error; /* "err:" or network error code, printable, <= 8 octets; "" */
	uint64_t token;
};

/* The one listener to what the SMSCs do. room and state are told at most once per turn of the loop, at its end. */
struct smpp_listener {
	void *arg;
	void (*on_room)(void *arg); /* some route may take a message again */
	void (*on_receipt)(void *arg, const struct smpp_receipt *receipt);
	void (*on_state)(void *arg); /* a bind came or went: readiness, STATUS= */
};

/*
 * opts are copied; listener is not: it outlives *out. ERR_INVALID (a route names an unknown SMSC, a field is too long),
 * ERR_NOMEM.
 */
enum err smpp_new(struct loop *loop, struct resolver *resolver, const struct smpp_opts *opts,
                  const struct smpp_listener *listener, struct smpp **out) ERR_CHECKED;
void smpp_start(struct smpp *p);

/* What smpp_new would say of the SMSCs, files of TLS included; faults go to the log. */
enum err smpp_check(const struct smpp_opts *opts) ERR_CHECKED;

/*
 * Takes other options. Binds that the change does not concern stay as they are; an SMSC that is gone, or whose account,
 * hosts or TLS changed, answers what is in flight and unbinds, its successor binds after that. Messages that the caller
 * holds for a route are to be routed anew. ERR_INVALID: nothing changes; ERR_BUSY: too many SMSCs are still leaving,
 * nothing changes; ERR_NOMEM.
 */
enum err smpp_configure(struct smpp *p, const struct smpp_opts *opts) ERR_CHECKED;

/* Takes back what smpp_configure did in this turn of the loop: former is what was in force before it. */
void smpp_revert(struct smpp *p, const struct smpp_opts *former);

/* The route of a number: an index below smpp_routes(); -1: none. */
int smpp_route(const struct smpp *p, const struct msisdn *to);
size_t smpp_routes(const struct smpp *p);

/*
 * What the route takes now, over all of its SMSCs that are bound and fit. Measured: the present rate of a throttle, or
 * its windows over their time to answer, whichever is less. With none bound: the configured rate of the first, as if it
 * were back.
 */
struct smpp_pace {
	double per_s;     /* messages per second; 0 only for a route that does not exist */
	int64_t pause_ms; /* until one takes the next, for its throttling */
};
struct smpp_pace smpp_route_pace(const struct smpp *p, int route);

/* The SMSCs a route may use at all, as a mask of indices. */
uint32_t smpp_route_mask(const struct smpp *p, int route);

/* What a message asks of its route. Masks are of indices of SMSCs. */
struct smpp_ask {
	const struct msisdn *to; /* an SMSC where its mailbox was just full comes last; NULL: no number in particular */
	uint32_t excluded;       /* not these, unless the route has no other */
	uint32_t avoid_soft;     /* nor these, if another of the route is bound and fit */
	size_t waiting;          /* messages queued for the route: where they would wait more than 3 s is passed over */
	int64_t left_ms;         /* the message must go within it: a longer pause is passed over. INT64_MAX: no limit */
};

/* The SMSC for one message, to be used before the caller returns to the loop. */
struct smpp_choice {
	int route;
	unsigned smsc;  /* index */
	uint32_t alike; /* mask of the SMSCs that could take the message as well: each is owed its share by weight */
	bool fit;       /* false: no SMSC that could be chosen is fit, and this one is bound */
};

/*
 * Chooses the SMSC of a route for one message. ERR_OK: it can take one now (bound, window, rate, not paused).
 * ERR_BUSY: *out is the SMSC to wait for; on_room tells. ERR_UNAVAILABLE: none of the route is bound, or smpp_stop was
 * called; on_room tells. ERR_NOTFOUND: no such route. Changes nothing.
 */
enum err smpp_choose(const struct smpp *p, int route, const struct smpp_ask *ask, struct smpp_choice *out) ERR_CHECKED;

/*
 * Submits to the SMSC that was chosen. fn is called exactly once, after this returned, also if the session ends.
 * Returns ERR_BUSY (its connection takes no more now: wait for on_room), ERR_INVALID (cannot be packed: text or
 * sender).
 */
typedef void (*smpp_result_fn)(void *arg, const struct smpp_result *result);
enum err smpp_submit(struct smpp *p, const struct smpp_choice *choice, const struct smpp_message *m, smpp_result_fn fn,
                     void *arg) ERR_CHECKED;

/* stored: ROK to the SMSC. Not stored: 0x64, so that it redelivers. A session that has ended: nothing. */
void smpp_receipt_done(struct smpp *p, uint64_t token, bool stored);

/* What became of a receipt, in metrics and status of the SMSC of this name. EARLY: it waits, and ends as another. */
enum smpp_fate {
	SMPP_FATE_MATCHED,
	SMPP_FATE_EARLY,
	SMPP_FATE_UNMATCHED,
	SMPP_FATE_INTERMEDIATE,
	SMPP_FATE_REPEATED,
	SMPP_FATE_REFUSED,
	SMPP_FATE_MAX
};
void smpp_receipt_count(const char *smsc, enum smpp_fate fate);

/* Its message was found by a reading that teaches, of this mode, and the number agrees: msgid_mode auto learns it. */
void smpp_receipt_matched(struct smpp *p, unsigned smsc, enum smpp_msgid_mode mode);

/*
 * How other modes than smsc.msgid_mode read an id of a receipt, for a receipt whose readings matched nothing: a message
 * of such an id is no match, but is to be told to smpp_receipt_hint. None with msgid_mode auto.
 */
struct smpp_hints {
	char id[SMPP_MSGID_AUTO][SMPP_MESSAGE_ID_CAP]; /* in the form of the response's and normalised */
	enum smpp_msgid_mode mode[SMPP_MSGID_AUTO];
	size_t count;
};
void smpp_receipt_hints(const struct smpp *p, unsigned smsc, const char *id, struct smpp_hints *out);

/* A receipt of no message would be one by this mode, number included: counted, and told in the log once in a while. */
void smpp_receipt_hint(struct smpp *p, unsigned smsc, enum smpp_msgid_mode mode);

/* True while a submit of this SMSC is unanswered: a receipt of no message may be of that one, ahead of its response. */
bool smpp_unanswered(const struct smpp *p, unsigned smsc);

/* A command_status as it is written everywhere: "0x00000045". What a receipt says ("011", "n3:258") never reads so. */
#define SMPP_STATUS_TEXT_CAP 11
void smpp_status_text(uint32_t command_status, char out[SMPP_STATUS_TEXT_CAP]);

/* The normal form under which ids of responses and receipts are compared. out: SMPP_MESSAGE_ID_CAP. */
void smpp_normalise_id(const char *id, char out[SMPP_MESSAGE_ID_CAP]);

unsigned smpp_bound(const struct smpp *p);                  /* SMSCs with a bound session */
size_t smpp_smscs(const struct smpp *p);                    /* SMSCs configured */
int smpp_smsc_find(const struct smpp *p, const char *name); /* its index; -1: none of that name */
const char *smpp_smsc_name(const struct smpp *p, unsigned smsc);
void smpp_status(const struct smpp *p, struct json *j); /* "smscs" and "decode_anomalies" into an open object */
void smpp_refresh(const struct smpp *p);                /* gauges of now */

/*
 * True if an SMS of every route would go out now: one of its SMSCs is bound, fit, not throttled to a stop, and does not
 * refuse every SMS. Else appends a line for each route that lacks one: "smpp: route 62811: no SMSC takes an SMS: main:
 * breaker_open; second: not bound: connection refused". A line that finds no room is left out.
 */
bool smpp_ready(const struct smpp *p, struct buf *lines);
/* While smpp_ready is true: "warning: smsc second: not bound: connection refused", of each that takes none. */
void smpp_warn(const struct smpp *p, struct buf *lines);

/* To be called once a second: refusals are told to the log, those of an SMSC once a minute at most. */
void smpp_look(struct smpp *p);

/* Stops submitting, waits for responses until deadline_ms (monotonic), unbinds, closes; then done, once. */
void smpp_stop(struct smpp *p, int64_t deadline_ms, loop_fn done, void *arg);
void smpp_free(struct smpp *p); /* NULL is fine; submits in flight are not called */

#endif
