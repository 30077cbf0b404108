/*
 * smpp: the interface to the SMSCs, their binds and the routes. Submits messages, reports the result of each submit,
 * and passes receipts on. Implements the client side of SMPP 3.4. Tests link tests/fakes/smpp.c in its place.
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
#include "otp/smsc_set.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SMPP_MESSAGE_ID_CAP 66
#define SMPP_SMSC_MAX SMSC_SET_MAX /* most SMSCs in a configuration */

struct smpp;

#define SMPP_HOSTS_MAX 8        /* per SMSC */
#define SMPP_BINDS_MAX 16       /* per SMSC; a transmitter and its receiver count as one */
#define SMPP_OVERRIDES_MAX 64   /* struct smpp_override per SMSC */
#define SMPP_MO_MAX 8           /* addresses per SMSC that phones send messages to */
#define SMPP_MO_CAP 17          /* at most 15 digits of such an address, with a "+" in front, and a NUL */
#define SMPP_VENDOR_TLVS_MAX 8  /* most per submit_sm */
#define SMPP_VENDOR_TLV_LEN 254 /* octets of one value */

enum smpp_validity { SMPP_VALIDITY_RELATIVE, SMPP_VALIDITY_ABSOLUTE, SMPP_VALIDITY_NONE };

/*
 * GSM_DC1: septets with data_coding 1, for SMSCs that read data_coding 0 as another alphabet. UCS2: every text is sent
 * as UCS-2.
 */
enum smpp_alphabet {
	SMPP_ALPHABET_GSM,
	SMPP_ALPHABET_LATIN1,
	SMPP_ALPHABET_ASCII,
	SMPP_ALPHABET_GSM_DC1,
	SMPP_ALPHABET_UCS2
};

/*
 * How a receipt writes the message id of the response. In the order of the enum: in the same form; the response in hex
 * and the receipt in decimal; the reverse; as learned from the first receipts.
 */
enum smpp_msgid_mode { SMPP_MSGID_EXACT, SMPP_MSGID_HEX_RESP_DEC_DLR, SMPP_MSGID_DEC_RESP_HEX_DLR, SMPP_MSGID_AUTO };

/*
 * TON and NPI of addresses. 0: chosen by the kind of address (alphanumeric 5/0, short code 3/0, international 1/1).
 * Otherwise SMPP_TYPE_FIXED | value.
 */
#define SMPP_TYPE_FIXED 0x80
struct smpp_types {
	uint8_t source_ton, source_npi, short_ton, dest_ton, dest_npi;
};

/* A command_status that has another meaning at this SMSC. */
struct smpp_override {
	uint32_t status;
	const char *class; /* "throttle" ...: the name of a class of statuses, in lower case */
};

/* A TLV that this SMSC requires in every submit_sm. */
struct smpp_vendor_tlv {
	uint16_t tag;
	const uint8_t *value; /* at most SMPP_VENDOR_TLV_LEN octets, sent as they are */
	size_t len;
};

struct smpp_endpoint {
	const char *host;
	uint16_t port;
};

/*
 * What each bind consists of. TRANSCEIVERS: one session for both directions. PAIRS: a transmitter session and a
 * receiver session. TRANSMITTERS: one session that only sends and gets no receipts.
 */
enum smpp_bind_type { SMPP_BIND_TRANSCEIVERS, SMPP_BIND_PAIRS, SMPP_BIND_TRANSMITTERS };

/* TLS 1.2 or newer; the peer's chain and name are always verified. */
struct smpp_tls_opts {
	bool on;
	const char *ca;           /* PEM file of the authorities; "": those of the system */
	const char *server_name;  /* name that the peer's certificate must have; "": the host */
	const char *certificate;  /* PEM file of the daemon's own certificate chain; "": none */
	const struct secret *key; /* PEM key of certificate; the caller keeps it until the next configuration */
};

struct smpp_smsc_opts {
	const char *name; /* [a-z0-9_-]{1,32} */
	uint16_t tag;     /* stands for the name in Redis, 1..65535; no other SMSC has it */
	/* At least one. Bind n tries hosts[n % host_count] first, then the next one. */
	const struct smpp_endpoint *hosts;
	size_t host_count;
	uint32_t binds; /* 1..SMPP_BINDS_MAX */
	enum smpp_bind_type bind_type;
	struct smpp_tls_opts tls;
	const char *system_id, *system_type; /* at most 16 (the standard ends at 15), 12 octets */
	const char *address_range;           /* at most 40 octets; "": none */
	uint8_t addr_ton, addr_npi;          /* of address_range */
	const struct secret *password;       /* NULL: empty; the caller keeps it until the next configuration */
	const char *sender;                  /* default source address: alphanumeric (<= 11), short code or E.164 */
	const char *service_type;            /* at most 5 octets */
	double rate;                         /* segments per second, above 0 */
	uint32_t window;                     /* submits in flight per session, 1..1000 */
	bool receipts;                       /* registered_delivery 1; has no effect with TRANSMITTERS */
	enum smpp_validity validity;
	enum smpp_alphabet alphabet;
	enum smpp_msgid_mode msgid_mode;
	struct smpp_types types;
	uint8_t protocol_id, priority;
	const struct smpp_override *statuses;
	size_t status_count;
	const struct smpp_vendor_tlv *tlvs;
	size_t tlv_count;
	/* Addresses to which phones send tokens of reverse verifications, at most SMPP_MO_MAX of SMPP_MO_CAP octets. */
	const char *const *mo;
	size_t mo_count;
	bool mo_trusted; /* the source addresses of messages of phones are the network's own */
	bool mo_packed;  /* their septets are packed, eight in seven octets */
	uint32_t connect_timeout_ms, bind_timeout_ms, response_timeout_ms, enquire_interval_ms, enquire_timeout_ms,
	    inactivity_ms, pdu_timeout_ms, reconnect_min_ms, reconnect_max_ms, throttle_pause_ms;
};

/* A number prefix and the SMSCs for it. The longest prefix that matches wins; "" matches every number. */
struct smpp_route_opts {
	const char *prefix;
	const char *const *smscs;
	size_t smsc_count;
	/* NULL: try them in the given order. Otherwise one weight per SMSC; weight 0: only if no other is usable. */
	const uint32_t *weights;
	const char *sender; /* used instead of the message's and the SMSC's sender; NULL or "": none */
};

struct smpp_opts {
	const struct smpp_smsc_opts *smscs;
	size_t smsc_count;
	const struct smpp_route_opts *routes;
	size_t route_count;
};

enum smpp_outcome {
	SMPP_ACCEPTED, /* message_id may be "" */
	SMPP_LATER,    /* the SMSC cannot take it now (throttled, not bound); no attempt is counted, but see session */
	SMPP_OTHER,    /* this SMSC refused it; another SMSC may accept it */
	SMPP_REFUSED,  /* refused for good */
	SMPP_AMBIGUOUS /* there was no response; the SMSC may or may not have it */
};

struct smpp_result {
	enum smpp_outcome outcome;
	bool costs;             /* with SMPP_OTHER: the submit counts as an attempt */
	uint32_t status;        /* command_status; 0 with SMPP_AMBIGUOUS */
	unsigned smsc;          /* index, below SMPP_SMSC_MAX; see smpp_smsc_name */
	const char *message_id; /* as the SMSC wrote it, shorter than SMPP_MESSAGE_ID_CAP; "": none */
	bool session;           /* with SMPP_LATER: the cause is the bind (not bound, generic_nack), not the load */
	uint32_t again_ms; /* with SMPP_OTHER: the same SMSC may be tried once more after this time; 0: it may not */
	int64_t answer_us; /* from write to response; -1: there was no response */
	uint64_t late_tag; /* of a late response: smpp_late.tag of its submit */
	bool ended;        /* with SMPP_AMBIGUOUS: the bind has ended, so no late response can come */
};

/*
 * Called for a response that comes after SMPP_AMBIGUOUS on the same bind. id is that of the message. Only SMPP_ACCEPTED
 * changes anything.
 */
struct smpp_late {
	void (*fn)(void *arg, const struct ident *id, const struct smpp_result *result);
	void *arg;    /* outlives the smpp */
	uint64_t tag; /* of the caller, who gets it back in the result */
};

struct smpp_message {
	const struct msisdn *to;
	const char *sender;     /* "" or NULL: the default of the SMSC; a sender of the route is used instead of both */
	const char *text;       /* UTF-8, one segment */
	uint32_t validity_s;    /* time that the code has left; sent rounded up to whole minutes */
	const struct ident *id; /* passed to late; copied; NULL: none */
	struct smpp_late late;  /* fn NULL: late responses are only counted */
	bool keep;              /* an unanswered submit keeps its place in the window until the bind ends */
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
 * One way to read the message id of a receipt. The id has the form that the response gave it, normalised. The state is
 * the one that the receipt reports if this reading is right.
 */
struct smpp_reading {
	const char *id;
	enum smpp_receipt_state state;
	enum smpp_msgid_mode mode; /* the mode of this reading */
	bool teaches;              /* there are several readings; call smpp_receipt_matched if this one matches */
};
#define SMPP_RECEIPT_IDS 2  /* one from the TLV and one from the text */
#define SMPP_READINGS_MAX 6 /* SMPP_RECEIPT_IDS times three modes */

/* A receipt from an SMSC. Answer it exactly once with smpp_receipt_done. The token stays valid when the bind ends. */
struct smpp_receipt {
	unsigned smsc;
	struct smpp_reading readings[SMPP_READINGS_MAX]; /* look them up in this order */
	size_t reading_count;                            /* at least one */
	const char *ids[SMPP_RECEIPT_IDS];               /* as the SMSC writes them; "": there is no further id */
	const char *number; /* the number that the SMS was for, as the SMSC writes it; "": not in the receipt */
	const char *to;    /* destination of the receipt: the sender of the SMS, or the number if the SMSC swaps both */
	const char *error; /* "err:" or network error code, printable, at most 8 octets; "": none */
	uint64_t token;
};

/*
 * A message of a phone (MO) to an address of smpp_smsc_opts.mo, from an SMSC whose source addresses are trusted. Answer
 * it exactly once with smpp_receipt_done, as a receipt.
 */
struct smpp_mo {
	unsigned smsc;
	const char *from; /* source address, as the SMSC writes it */
	uint8_t from_ton; /* its source_addr_ton */
	const char *text; /* characters, one octet each: those of ASCII as they are */
	size_t len;
	uint64_t token;
};

/* The one listener to events. on_room and on_state are called at most once per turn of the loop, at its end. */
struct smpp_listener {
	void *arg;
	void (*on_room)(void *arg); /* a route may be able to take a message again */
	void (*on_receipt)(void *arg, const struct smpp_receipt *receipt);
	void (*on_state)(void *arg);                        /* a bind came up or ended */
	void (*on_mo)(void *arg, const struct smpp_mo *mo); /* called only if an SMSC has an address for it */
};

/*
 * Makes an smpp without connections. opts are copied. listener is not copied and must outlive *out. ERR_INVALID: a
 * route names an unknown SMSC, or a field is too long. ERR_NOMEM.
 */
enum err smpp_new(struct loop *loop, struct resolver *resolver, const struct smpp_opts *opts,
                  const struct smpp_listener *listener, struct smpp **out) ERR_CHECKED;
void smpp_start(struct smpp *p);

/* Checks the SMSCs as smpp_new does, including the TLS files, and logs each fault. */
enum err smpp_check(const struct smpp_opts *opts) ERR_CHECKED;

/*
 * Replaces the options. Binds that the change does not concern stay as they are. An SMSC that was removed, or whose
 * credentials, hosts or TLS changed, waits for its responses and unbinds. Its replacement binds after that. The caller
 * must find new routes for the messages that it holds. ERR_INVALID, ERR_BUSY (too many SMSCs are still unbinding) and
 * ERR_NOMEM change nothing.
 */
enum err smpp_configure(struct smpp *p, const struct smpp_opts *opts) ERR_CHECKED;

/* Undoes smpp_configure in the same turn of the loop. former: the options that were in force before it. */
void smpp_revert(struct smpp *p, const struct smpp_opts *former);

/* Returns the route of a number, an index below smpp_routes(). -1: there is none. */
int smpp_route(const struct smpp *p, const struct msisdn *to);
size_t smpp_routes(const struct smpp *p);

/*
 * The measured pace of a route: the sum over its SMSCs that are bound and fit, or over the first `most` of these, which
 * is never a better pace. The pace of an SMSC is the present rate
 * of its throttle, or its windows divided by its response time, whichever is less. If no SMSC is bound and fit, it is
 * the configured rate of the first.
 */
struct smpp_pace {
	double per_s;     /* messages per second; 0 only for a route that does not exist */
	int64_t pause_ms; /* until the throttle of an SMSC of the route lets the next message go */
};
struct smpp_pace smpp_route_pace(const struct smpp *p, int route, size_t most);

/* True if the route has an SMSC that is not in this set. */
bool smpp_route_beyond(const struct smpp *p, int route, const struct smsc_set *smscs);

/* What a message requires of its SMSC. A set that is NULL is empty. */
struct smpp_ask {
	/* An SMSC that just reported that the mailbox of this number is full counts as unfit. NULL: no number. */
	const struct msisdn *to;
	const struct smsc_set *excluded;   /* do not use these, unless the route has no other */
	const struct smsc_set *avoid_soft; /* do not use these while another SMSC of the route is bound and fit */
	size_t waiting;  /* messages queued for the route; prefer an SMSC that sends them within 3 s */
	int64_t left_ms; /* prefer an SMSC whose pause ends within this; INT64_MAX: any */
};

/* The SMSC for one message, to be used before the caller returns to the loop. */
struct smpp_choice {
	int route;
	unsigned smsc; /* index */
	bool fit;      /* false: this SMSC is bound but unfit, and no other that may be used is fit */
	/* With a route that has weights: the SMSCs that could take the message equally well, for their shares. */
	struct smsc_set alike;
};

/*
 * Chooses the SMSC of a route for one message. Changes nothing.
 * ERR_OK: it can take the message now, because it is bound and its window, rate and pause allow it.
 * ERR_BUSY: *out is the SMSC to wait for, until on_room.
 * ERR_UNAVAILABLE: no SMSC that may be used is bound, or smpp_stop was called.
 * ERR_NOTFOUND: there is no such route.
 */
enum err smpp_choose(const struct smpp *p, int route, const struct smpp_ask *ask, struct smpp_choice *out) ERR_CHECKED;

/*
 * Submits to the SMSC that was chosen. fn is called exactly once, after this returned, also if the bind ends.
 * ERR_BUSY: its connection takes no more now; wait for on_room. ERR_INVALID: the text or the sender cannot be encoded.
 */
typedef void (*smpp_result_fn)(void *arg, const struct smpp_result *result);
enum err smpp_submit(struct smpp *p, const struct smpp_choice *choice, const struct smpp_message *m, smpp_result_fn fn,
                     void *arg) ERR_CHECKED;

/*
 * Answers a receipt or an MO. stored true: with ROK. stored false: with 0x64, so that the SMSC delivers it again. Does
 * nothing if the bind of the receipt has ended.
 */
void smpp_receipt_done(struct smpp *p, uint64_t token, bool stored);

/*
 * The result of a receipt. EARLY: it came before the response to its submit, so it waits, and it is counted once more
 * with its final result.
 */
enum smpp_fate {
	SMPP_FATE_MATCHED,
	SMPP_FATE_EARLY,
	SMPP_FATE_UNMATCHED,
	SMPP_FATE_INTERMEDIATE,
	SMPP_FATE_REPEATED,
	SMPP_FATE_REFUSED,
	SMPP_FATE_MAX
};
/*
 * Counts a receipt in the metrics and the status of the SMSC of this name. smsc: the index that it had when the receipt
 * came. The SMSC may have been removed since.
 */
void smpp_receipt_count(const struct smpp *p, unsigned smsc, const char *name, enum smpp_fate fate);

/*
 * Reports that a reading with teaches set found its message, and that the number agrees. msgid_mode auto learns from
 * it.
 */
void smpp_receipt_matched(struct smpp *p, unsigned smsc, enum smpp_msgid_mode mode);

/*
 * Shows how the modes that are not configured read an id of a receipt that matched no message. If one of them finds a
 * message, that is not a match, but a sign that the configured mode is wrong. Report it with smpp_receipt_hint. With
 * msgid_mode auto there are none.
 */
struct smpp_hints {
	char id[SMPP_MSGID_AUTO][SMPP_MESSAGE_ID_CAP]; /* in the form of the response, normalised */
	enum smpp_msgid_mode mode[SMPP_MSGID_AUTO];
	size_t count;
};
void smpp_receipt_hints(const struct smpp *p, unsigned smsc, const char *id, struct smpp_hints *out);

/*
 * Reports that a receipt that matched no message would have matched in this mode, and that the number agrees. It is
 * counted, and logged at most once in ten minutes per SMSC.
 */
void smpp_receipt_hint(struct smpp *p, unsigned smsc, enum smpp_msgid_mode mode);

/* True while a submit to this SMSC is unanswered. A receipt that matches no message may then belong to that submit. */
bool smpp_unanswered(const struct smpp *p, unsigned smsc);

/*
 * Writes the text form of a command_status: "0x00000045". The error of a receipt ("011", "n3:258") never has this form.
 */
#define SMPP_STATUS_TEXT_CAP 11
void smpp_status_text(uint32_t command_status, char out[SMPP_STATUS_TEXT_CAP]);

/* Writes the normal form of a message id, in which those of responses and receipts are compared. */
void smpp_normalise_id(const char *id, char out[SMPP_MESSAGE_ID_CAP]);

/*
 * The address to which a person sends a token: of the first SMSC of the route (-1: any) that has one, is trusted and is
 * bound for messages of phones; else of the first such SMSC of all; else of the first that has one. NULL: none has.
 */
const char *smpp_mo_address(const struct smpp *p, int route);

unsigned smpp_bound(const struct smpp *p);                  /* number of SMSCs that are bound and can submit */
size_t smpp_smscs(const struct smpp *p);                    /* number of SMSCs that are configured */
int smpp_smsc_find(const struct smpp *p, const char *name); /* index of the SMSC; -1: there is none of this name */
const char *smpp_smsc_name(const struct smpp *p, unsigned smsc);
uint16_t smpp_smsc_tag(const struct smpp *p, unsigned smsc); /* also of one that is leaving; 0: no such index */
int smpp_smsc_of_tag(const struct smpp *p, uint16_t tag);    /* index of the SMSC configured with it; -1: none */
void smpp_status(const struct smpp *p, struct json *j);      /* adds "smscs" and "decode_anomalies" to an open object */
void smpp_refresh(const struct smpp *p);                     /* sets the gauges */

/*
 * True if every route could send an SMS now, because one of its SMSCs is bound, fit, not throttled to a stop, and does
 * not refuse every SMS. Otherwise appends a line for each route that could not: "smpp: route 62811: no SMSC takes an
 * SMS: main: breaker_open; second: not bound: connection refused". Names 16 routes and 8 SMSCs of each, and counts the
 * others. A line that does not fit into the buffer is left out.
 */
bool smpp_ready(const struct smpp *p, struct buf *lines);
/*
 * If every route could send, appends a line for each SMSC that could not: "warning: smsc second: not bound: connection
 * refused". Names 32 SMSCs, and counts the others.
 */
void smpp_warn(const struct smpp *p, struct buf *lines);

/* Logs which statuses SMSCs refuse submits with, at most once per minute and SMSC. Call it once per second. */
void smpp_look(struct smpp *p);

/* Stops submitting, waits for responses until deadline_ms (monotonic), unbinds, closes, then calls done once. */
void smpp_stop(struct smpp *p, int64_t deadline_ms, loop_fn done, void *arg);
void smpp_free(struct smpp *p); /* NULL is fine. The callbacks of submits in flight are not called */

#endif
