/*
 * store: the interface to Redis. Every decision that must be atomic is one function; see otpgwd(8), "Redis". Tests link
 * tests/fakes/store.c in its place.
 *
 * An operation that returns ERR_OK calls fn exactly once, after it has returned:
 * - with ERR_OK and a reply, which is valid during the call;
 * - or with ERR_UNAVAILABLE, because Redis went away, timed out, refused the command, or answered something unreadable.
 *   It is then not known whether the command was executed.
 * An operation that returns ERR_UNAVAILABLE, ERR_BUSY or ERR_NOMEM has sent nothing more and never calls fn. Requests
 * are copied.
 */
#ifndef STORE_H
#define STORE_H

#include "base/err.h"
#include "base/json.h"
#include "base/loop.h"
#include "base/resolve.h"
#include "base/secret.h"
#include "otp/ident.h"
#include "otp/keyring.h"
#include "otp/lifecycle.h"
#include "otp/policy.h"

#include <stdbool.h>
#include <stdint.h>

#define STORE_CONFIRMS_LEN 8    /* tag of what a code confirms */
#define STORE_OWNER_CAP 9       /* INSTANCE_OWNER_LEN characters and a NUL */
#define STORE_MESSAGE_ID_CAP 66 /* an SMSC's message id of at most 65 octets and a NUL */
#define STORE_RESERVE_LEN 8     /* octets of the tag of a corrected number */
#define STORE_ERROR_CAP 11      /* the "err:" of a receipt, 8 printable octets, or a command_status, "0x0000000B" */

struct store;

/* All that the options point to must outlive the store. */
struct store_opts {
	const char *socket_path; /* Unix socket, or "" for TCP */
	const char *host;
	uint16_t port;
	const char *user;              /* "": AUTH with the password alone */
	const struct secret *password; /* NULL: no AUTH; owned by the caller */
	uint32_t database;             /* 0 with a cluster */
	/* "host:port" of each Sentinel, or of nodes of a cluster; node_count 0: one Redis at socket_path or host */
	const char *const *nodes;
	size_t node_count;
	const char *master;                     /* name that the Sentinels know; "": nodes are of a cluster */
	const struct secret *sentinel_password; /* NULL: the Sentinels need no AUTH; owned by the caller */
	bool ack_replica;        /* a write is answered when all replicas in step, at least 1, have it (WAIT) */
	uint32_t ack_timeout_ms; /* time for that, then ERR_UNAVAILABLE; less than command_timeout_ms */
	uint32_t connect_timeout_ms, command_timeout_ms;
	uint32_t max_in_flight; /* most commands in flight per connection; beyond it ERR_BUSY */
	uint16_t partitions;
	uint32_t lease_ms;      /* length of a lease; 5000 by default */
	const char *owner;      /* name of this process as owner of leases: instance_owner */
	const char *key_prefix; /* in front of every key; "": none */
};

/* What Redis survives without losing acknowledged writes, weakest first; see otpgwd(8), "Durability". */
enum store_durability { STORE_DUR_UNKNOWN, STORE_DUR_NONE, STORE_DUR_PROCESS, STORE_DUR_POWER, STORE_DUR_FAILOVER };
const char *store_durability_name(enum store_durability d);

struct store_hooks {
	void *arg;
	/* A node came up (authenticated, functions loaded, clock offset known), and the store can serve a partition. */
	void (*on_up)(void *arg);
	/* A node went down. Its operations in flight have already been answered with ERR_UNAVAILABLE. */
	void (*on_down)(void *arg);
};

enum err store_new(struct loop *loop, struct resolver *resolver, const struct store_opts *opts,
                   const struct store_hooks *hooks, struct store **out) ERR_CHECKED;
void store_start(struct store *s);

/* Settings that hold for every number and purpose. They may change while the store runs. */
struct store_numbers {
	uint32_t keep_s;          /* how long sends and wrong guesses are counted: the longest window of any limit */
	uint32_t tombstone_ms;    /* how long an id is remembered after its hard end */
	struct policy_rate sends; /* limit of sends to one number over all tenants; count 0: no such limit */
	uint8_t write_version;    /* of the records of new verifications; 0: the oldest */
};
/* The versions of the record that this build reads and may write. */
void store_versions(uint32_t *oldest, uint32_t *newest);
void store_configure(struct store *s, const struct store_numbers *numbers);

/* First answers the operations in flight with ERR_UNAVAILABLE. NULL is fine. */
void store_free(struct store *s);

bool store_up(const struct store *s);          /* at least one node that serves a partition is up */
bool store_whole(const struct store *s);       /* the node of every partition is up */
int64_t store_now_ms(const struct store *s);   /* Redis time in unix ms: CLOCK_MONOTONIC plus the offset found */
int64_t store_retry_ms(const struct store *s); /* until the next try to connect; 0 while a node is up */
/* The weakest class of all nodes that are up; UNKNOWN while none is. */
enum store_durability store_durability(const struct store *s);
/* What an operator should mend, e.g. "maxmemory-policy is allkeys-lru, must be noeviction"; "": nothing. Owned by s. */
const char *store_warning(const struct store *s);
/* Why a node is down: "Connection refused", "AUTH refused: WRONGPASS"; "" while all are up. Owned by s. */
const char *store_reason(const struct store *s);
/* Why a node that answers refuses writes: "OOM", "NOPERM", "NOAUTH"; "" if none does. Static. */
const char *store_refusing(const struct store *s);
/* With NOPERM, the rights that the user needs and does not have: "+fcall +set"; "" if they are not known. Owned by s.
 */
const char *store_lacks(const struct store *s);
void store_status(const struct store *s, struct json *j); /* adds members to an open object */

/*
 * Limits of a number at one tenant, as the purpose had them when the verification was opened. The record keeps them.
 * count 0: no limit. Too many wrong guesses forbid a new verification; they never end or block a live one.
 */
struct store_limits {
	struct policy_rate sends_short, sends_long, fails_short, fails_long;
};

/* The record of a verification, as functions return it. Times are unix ms of Redis' clock; 0: has not happened. */
struct store_record {
	uint8_t version; /* of its layout */
	struct ident id;
	enum lifecycle_state state; /* as stored, which may be PENDING after expires_ms; see store_effective_state */
	enum lifecycle_delivery delivery;
	enum lifecycle_reason reason;
	uint32_t tenant_tag;
	uint8_t wrong, guesses; /* wrong guesses so far, and the most that are allowed */
	uint8_t sends, sends_max;
	uint8_t claims;    /* how often the lease of the last send ran out and was claimed */
	bool unanswered;   /* a submit was never answered, so the SMS may arrive twice */
	bool rerouted;     /* smsc reported early that the SMS did not arrive, so it is sent once more */
	uint8_t redirects; /* how often the number of this verification was corrected before; of an ended one 0 */
	bool similar;      /* its subject asked before for a number one edit away */
	bool redirected;   /* it ended because its number was corrected; successor is valid */
	bool known;        /* a known device asked for it; its sends and wrong guesses have counters of their own */
	enum lifecycle_cancel cancel; /* CANCELLED: why */
	bool returned;                /* the last send was given back, because certainly no SMS came of it */
	bool test;        /* opened for a test number: its code is no secret, and no SMS of it may reach an SMSC */
	uint8_t code_len; /* characters of the code, with its check digit */
	bool check_digit; /* the last is a check digit */
	bool bound;       /* VERIFY must give what the code confirms */
	uint8_t confirms[STORE_CONFIRMS_LEN]; /* bound: its tag */
	bool own_code;                        /* the caller gave a code */
	enum policy_resend resend; /* as its purpose had it when it began; REPLACE after a code of the caller */
	enum code_alphabet alphabet;
	bool reverse;    /* a person sends its token in an SMS; there is no code, and no SMS of ours */
	bool numberless; /* reverse, and it has no number yet */
	struct store_limits limits;
	int64_t created_ms, expires_ms, hard_end_ms, deadline_ms, accepted_ms, ended_ms;
	int64_t sent_ms; /* when the last SEND or RESEND was granted */
	uint32_t ttl_ms;
	uint16_t wait_s;                          /* wait after the last send */
	uint16_t purpose_tag;                     /* policy_purpose_of_tag */
	uint16_t smsc_tag;                        /* SMSC that accepted it last: smpp_smsc_of_tag; 0: none */
	char owner[STORE_OWNER_CAP];              /* process that holds the lease; "": it was handed back unsent */
	char error[STORE_ERROR_CAP];              /* the receipt's err, or smpp_status_text(); "": none */
	uint8_t mac[KEYRING_MAC_LEN];             /* of its newest code */
	char ref[CODE_REF_CAP];                   /* names its last SMS; "": the text has no {ref} */
	uint8_t successor[KEYRING_ID_SEALED_LEN]; /* its id, by keyring_seal_id */
	struct keyring_sealed sealed;
};
/* Counts and logs a value of this verification that the caller could not read: a sealed payload. */
void store_unreadable(struct store *s, const char *what, const struct ident *id);

/* The stored state, or EXPIRED if the record is PENDING and its life is over at now_ms. */
enum lifecycle_state store_effective_state(const struct store_record *r, int64_t now_ms);
/* ms until a resend is allowed; 0: it is allowed now; -1: no sends are left. */
int64_t store_resend_wait_ms(const struct store_record *r, int64_t now_ms);
/* ms that the next SMS has to wait after the last one, also that of a new verification after an end but VERIFIED. */
int64_t store_pause_ms(const struct store_record *r, int64_t now_ms);

/* Idempotency of a request: what was answered to the same REQID is answered again for memory_ms. */
struct store_once {
	const uint8_t *reqid_tag;          /* KEYRING_TAG_LEN octets; NULL: the client gave no REQID */
	uint8_t args_tag[KEYRING_TAG_LEN]; /* hash of the arguments, which must be equal too */
	uint32_t memory_ms;
};

/* --- create --- */
struct store_issue_req {
	struct ident id;
	uint32_t tenant_tag;
	struct store_once once;
	uint32_t equal_window_ms;
	struct store_limits limits;
	bool known;
	bool test;        /* of a test number; such a send does not count for the limit over all tenants */
	uint8_t code_len; /* characters of the code, with its check digit */
	bool check_digit; /* the last is a check digit, so a guess without one is a typing error */
	bool bound;       /* VERIFY must give what the code confirms, of which confirms is the tag */
	uint8_t confirms[STORE_CONFIRMS_LEN];
	enum code_alphabet alphabet;
	uint8_t guesses, sends_max;
	uint8_t redirects; /* of the verification, this one included */
	bool similar;
	uint16_t purpose_tag;
	uint16_t wait_s[POLICY_WAITS_MAX];     /* wait after each send; 0: as after the one before */
	uint32_t ttl_ms, hard_ms, deadline_ms; /* durations */
	int64_t hard_end_ms; /* now + hard_ms in Redis time; the caller sealed the payload with it as additional data */
	/*
	 * NULL, or a live verification of the tuple in whose place this one comes. Its sends, waits and wrong guesses
	 * go on in the new one.
	 */
	const struct ident *replaces;
	uint8_t mac[KEYRING_MAC_LEN];
	enum policy_resend resend;
	bool own_code;          /* the caller gave the code */
	char ref[CODE_REF_CAP]; /* "": the text has no {ref} */
	struct keyring_sealed sealed;
};
enum store_issue_outcome {
	STORE_ISSUE_CREATED,    /* the record was written, and the lease is held until lease_end_ms */
	STORE_ISSUE_REPLAYED,   /* same REQID, or an equal request within the window; nothing was written. Gives id */
	STORE_ISSUE_LIVE,       /* the tuple has a live verification, to be resent; nothing was written. Gives record */
	STORE_ISSUE_LIMITED,    /* a limit forbids it. Gives retry_ms, limited_by */
	STORE_ISSUE_CONFLICT,   /* same REQID, other arguments. Gives id */
	STORE_ISSUE_UNREADABLE, /* the stored record of the tuple cannot be read; nothing was written */
	/* The number of the tuple's last verification was corrected, and the life of its successor is not over. Gives
	 * record. Nothing was written. */
	STORE_ISSUE_REDIRECTED
};
/* What forbids a new verification. */
enum store_limited_by {
	STORE_LIMITED_SENDS,    /* too many SMS to the number */
	STORE_LIMITED_GUESSES,  /* too many wrong guesses at codes of the number */
	STORE_LIMITED_WAIT,     /* the last verification did not end verified, and a resend of it would still wait */
	STORE_LIMITED_NONE_LEFT /* the verification that would be replaced has no sends left */
};
struct store_issue_rep {
	enum store_issue_outcome outcome;
	enum store_limited_by limited_by;
	struct ident id;
	int64_t retry_ms;
	int64_t lease_end_ms;              /* CREATED; monotonic. Nothing may be submitted after it less a margin */
	const struct store_record *record; /* LIVE, REDIRECTED; REPLAYED without REQID; else NULL */
};
typedef void (*store_issue_fn)(void *arg, enum err err, const struct store_issue_rep *rep);
enum err store_issue(struct store *s, const struct store_issue_req *req, store_issue_fn fn, void *arg) ERR_CHECKED;

/* --- resend --- */

/* What a resend changes besides the payload, if the SMS of its verification have codes of their own, or a ref. */
struct store_added {
	bool has_code; /* its SMS brings the code of this MAC, which is valid from now on, beside the others */
	bool own_code; /* the caller gave it, so that from now on each code replaces the others */
	uint8_t mac[KEYRING_MAC_LEN];
	/* "": the text has no {ref}. Else two characters for the case that the text before had none. */
	char ref[CODE_REF_CAP];
};
struct store_resend_req {
	struct ident id;
	uint32_t tenant_tag;
	struct store_once once;
	/* Without REQID, a request equal to the last send and no older than this is REPLAYED. 0 for OTP.RESEND. */
	uint32_t equal_window_ms;
	/* NULL, or the limits of a known device, whose verification it becomes. Too many wrong guesses prevent that. */
	const struct store_limits *known;
	bool test;            /* as store_issue_req.test */
	uint32_t deadline_ms; /* duration from now in which the SMS must be submitted */
	/* NULL: keep the payload; else a payload that replaces it. Its number is that of the record, which stays. */
	const struct keyring_sealed *sealed;
	/* NULL: its SMS brings the same code. A ref that the record has goes on to the next. */
	const struct store_added *added;
	struct ident told; /* the id that the client knows, which is remembered with the REQID */
};
/* Why an id cannot be used. Several operations share these outcomes. */
enum store_gone {
	STORE_LIVE,      /* it can be used */
	STORE_UNKNOWN,   /* no record tells of it */
	STORE_DENIED,    /* it belongs to another tenant */
	STORE_EXPIRED,   /* its life ended, or a later verification took its place */
	STORE_USED,      /* its code was verified */
	STORE_EXHAUSTED, /* it had all its wrong guesses */
	STORE_CANCELLED,
	STORE_UNREADABLE, /* its record was written by another version, or was changed */
	STORE_RESERVED,   /* it can be used in gone_ms, unless its number is corrected by then */
	STORE_REDIRECTED  /* its number was corrected, and its successor goes on; store_query gives it */
};

/*
 * gone_ms in the replies below. After EXHAUSTED, resend and verify give the time until a new verification may be
 * opened. After USED it is the time since the code was verified. Otherwise it is 0.
 */
enum store_resend_outcome {
	STORE_RESEND_GRANTED,  /* the record was written, and the lease is held until lease_end_ms */
	STORE_RESEND_REPLAYED, /* same REQID, or an equal request within the window; nothing was written */
	STORE_RESEND_WAIT,     /* the verification must wait, or has no sends left */
	STORE_RESEND_LIMITED,  /* the number has reached its limit of sends */
	STORE_RESEND_CONFLICT, /* same REQID, other arguments */
	STORE_RESEND_GONE
};
struct store_resend_rep {
	enum store_resend_outcome outcome;
	enum store_gone gone; /* GONE */
	int64_t gone_ms;
	int64_t retry_ms;                  /* WAIT, LIMITED; with none_left until the verification expires */
	bool none_left;                    /* WAIT: no sends are left */
	int64_t lease_end_ms;              /* GRANTED */
	struct ident id;                   /* REPLAYED, CONFLICT */
	const struct store_record *record; /* GRANTED */
};
typedef void (*store_resend_fn)(void *arg, enum err err, const struct store_resend_rep *rep);
enum err store_resend(struct store *s, const struct store_resend_req *req, store_resend_fn fn, void *arg) ERR_CHECKED;

/* --- verify --- */
struct store_verify_req {
	struct ident id;
	uint32_t tenant_tag;
	struct store_once once;
	uint8_t typed_len; /* characters that were typed; 255: 255 or more */
	/* NULL, or STORE_CONFIRMS_LEN octets: the tag of what was said that the code confirms. */
	const uint8_t *confirms;
	/* The codes that the guess can be read as, at most one per length and alphabet. */
	size_t candidate_count;
	struct store_candidate {
		uint8_t len, alphabets; /* characters; bits 1 << enum code_alphabet */
		bool checked;           /* its last digit is the check digit of the others */
		uint8_t mac[KEYRING_MAC_LEN];
	} candidates[CODE_SHAPES];
};
enum store_verify_outcome {
	STORE_VERIFY_APPROVED,
	STORE_VERIFY_WRONG,
	STORE_VERIFY_SHAPE, /* the guess has not the length, alphabet or check digit of the code; it is not counted */
	STORE_VERIFY_GONE,
	STORE_VERIFY_CONFLICT,
	STORE_VERIFY_BINDING /* what it confirms is another; the guess was not looked at */
};
enum store_shape { STORE_SHAPE_SHORT, STORE_SHAPE_LONG, STORE_SHAPE_ALPHABET, STORE_SHAPE_MISTYPED };
struct store_verify_rep {
	enum store_verify_outcome outcome;
	enum store_gone gone;
	int64_t gone_ms;
	uint8_t attempts_left;  /* WRONG, SHAPE, BINDING */
	bool repeated;          /* WRONG: the same guess was counted before and is not counted again */
	int64_t retry_ms;       /* WRONG, BINDING with no attempts left: time until a new verification may be opened */
	enum store_shape shape; /* SHAPE: what is wrong with the guess */
	uint8_t want;           /* SHAPE: characters of the code; 0: a reverse verification, which has none */
};
typedef void (*store_verify_fn)(void *arg, enum err err, const struct store_verify_rep *rep);
enum err store_verify(struct store *s, const struct store_verify_req *req, store_verify_fn fn, void *arg) ERR_CHECKED;

/*
 * --- redirect: a verification ends and its successor goes on, with another number ---
 * The caller reserves the verification, creates the successor, and ends the verification. Each step is one function on
 * one partition.
 */
struct store_reserve_req {
	struct ident id;
	uint32_t tenant_tag;
	uint8_t tag[STORE_RESERVE_LEN]; /* keyed hash of the corrected number */
	bool give_back;                 /* undoes the reserve of this number instead; always TAKEN, or GONE */
};
enum store_reserve_outcome {
	STORE_RESERVE_TAKEN,     /* for the time of a lease */
	STORE_RESERVE_HELD,      /* another number has it. Gives retry_ms */
	STORE_RESERVE_NONE_LEFT, /* the number was corrected as often as is allowed. Gives retry_ms, until it expires */
	STORE_RESERVE_OWN_CODE,  /* the caller gave its code, which only the caller can replace */
	STORE_RESERVE_GONE
};
struct store_reserve_rep {
	enum store_reserve_outcome outcome;
	enum store_gone gone; /* GONE */
	int64_t gone_ms, retry_ms;
};
typedef void (*store_reserve_fn)(void *arg, enum err err, const struct store_reserve_rep *rep);
enum err store_reserve(struct store *s, const struct store_reserve_req *req, store_reserve_fn fn,
                       void *arg) ERR_CHECKED;

struct store_redirect_req {
	struct ident id;
	uint32_t tenant_tag;
	uint8_t tag[STORE_RESERVE_LEN];           /* as it was reserved */
	uint8_t successor[KEYRING_ID_SEALED_LEN]; /* its id, by keyring_seal_id */
	int64_t hard_end_ms;                      /* of the successor, Redis time */
};
struct store_redirect_rep {
	enum store_gone gone; /* LIVE: it ended now; RESERVED: the reserve is another number's */
	int64_t gone_ms;
};
typedef void (*store_redirect_fn)(void *arg, enum err err, const struct store_redirect_rep *rep);
enum err store_redirect(struct store *s, const struct store_redirect_req *req, store_redirect_fn fn,
                        void *arg) ERR_CHECKED;

/*
 * The successor of a redirected verification has ended, so the tuple of this id may have a new verification. fn gets
 * whether its record was changed.
 */
typedef void (*store_freed_fn)(void *arg, enum err err, bool freed);
enum err store_freed(struct store *s, const struct ident *id, store_freed_fn fn, void *arg) ERR_CHECKED;

/* --- query and cancel --- */
struct store_query_rep {
	/* LIVE: there is a record of this generation, ended, redirected or not. Otherwise why there is none. */
	enum store_gone gone;
	int64_t gone_ms;
	const struct store_record *record; /* LIVE; else NULL */
	/* NULL, or the record of a later verification of the same tuple, which took the place of this id's. */
	const struct store_record *other;
};
typedef void (*store_query_fn)(void *arg, enum err err, const struct store_query_rep *rep);
enum err store_query(struct store *s, const struct ident *id, uint32_t tenant_tag, store_query_fn fn,
                     void *arg) ERR_CHECKED;

/*
 * Reads the record of a verification of any tenant: for receipts, not for requests. gone is LIVE, EXPIRED (the record
 * is of another generation), or UNKNOWN (there is no readable record).
 */
enum err store_look(struct store *s, const struct ident *id, store_query_fn fn, void *arg) ERR_CHECKED;

struct store_cancel_req {
	struct ident id;
	uint32_t tenant_tag;
	enum lifecycle_cancel why;
};
struct store_cancel_rep {
	enum store_gone gone; /* LIVE: it is cancelled now */
	bool before;          /* LIVE: it was cancelled before, and keeps the reason of that */
	int64_t gone_ms;
};
typedef void (*store_cancel_fn)(void *arg, enum err err, const struct store_cancel_rep *rep);
enum err store_cancel(struct store *s, const struct store_cancel_req *req, store_cancel_fn fn, void *arg) ERR_CHECKED;

/*
 * --- notes: small values that expire ---
 * kind: 'k' is what a REQID remembers, 'n' the number that a subject asked for before.
 */
#define STORE_NOTE_CAP 128
struct store_note {
	char kind;
	uint16_t partition;
	uint8_t tag[KEYRING_TAG_LEN];
};
/* len 0: there is no such note. */
typedef void (*store_note_fn)(void *arg, enum err err, const uint8_t *value, size_t len);
enum err store_note_read(struct store *s, const struct store_note *note, store_note_fn fn, void *arg) ERR_CHECKED;
/* Writes a note of 1 to STORE_NOTE_CAP octets, which lives for keep_ms. No callback; if it fails, there is no note. */
void store_note_write(struct store *s, const struct store_note *note, const uint8_t *value, size_t len,
                      uint32_t keep_ms);

/*
 * --- reverse verifications: a person sends a token in an SMS ---
 *
 * Neither counts as a send, and no lease is taken, because no SMS is owed.
 */
struct store_reverse_req {
	struct ident id; /* keyring_reverse */
	uint32_t tenant_tag;
	struct store_once once;
	uint16_t purpose_tag;
	uint32_t life_ms;
	int64_t end_ms; /* now + life_ms in Redis time */
	/* NULL: any number may send the token; else the one that must, as keyring_seal_number seals it for id. */
	const uint8_t *number;
};
enum store_reverse_outcome {
	STORE_REVERSE_OPENED,
	STORE_REVERSE_REPLAYED,  /* same REQID; nothing was written. Gives id, end_ms */
	STORE_REVERSE_CONFLICT,  /* same REQID, other arguments. Gives id */
	STORE_REVERSE_TAKEN,     /* a live verification has this token; nothing was written */
	STORE_REVERSE_UNREADABLE /* the stored record of this token cannot be read; nothing was written */
};
struct store_reverse_rep {
	enum store_reverse_outcome outcome;
	struct ident id;
	int64_t end_ms;
};
typedef void (*store_reverse_fn)(void *arg, enum err err, const struct store_reverse_rep *rep);
enum err store_reverse(struct store *s, const struct store_reverse_req *req, store_reverse_fn fn,
                       void *arg) ERR_CHECKED;

/*
 * Reads the record of a token, whatever its generation. token: keyring_reverse_find. gone is LIVE (there is a record,
 * ended or not, and record->id is its id, of which an ended one has only the first IDENT_KEPT_LEN octets of the
 * generation) or UNKNOWN.
 */
enum err store_token(struct store *s, const struct ident *token, store_query_fn fn, void *arg) ERR_CHECKED;

/* Verifies a reverse verification: its token came from a number. */
struct store_confirm_req {
	struct ident id;       /* of the record that store_token gave */
	const uint8_t *number; /* keyring_seal_number for id */
	uint16_t smsc_tag;     /* SMSC that brought the message */
};
enum store_confirmed {
	STORE_CONFIRM_VERIFIED,
	STORE_CONFIRM_REPEATED, /* it was verified before, by the same number */
	STORE_CONFIRM_NUMBER,   /* another number must send it, or has sent it before */
	STORE_CONFIRM_ENDED     /* it has expired, was cancelled, or is gone */
};
typedef void (*store_confirm_fn)(void *arg, enum err err, enum store_confirmed confirmed);
enum err store_confirm(struct store *s, const struct store_confirm_req *req, store_confirm_fn fn,
                       void *arg) ERR_CHECKED;

/*
 * Counts a token that a number sends, before it is looked up. granted false: the number sent so many wrong ones that no
 * more are looked up. source: keyring_number.
 */
typedef void (*store_source_fn)(void *arg, enum err err, bool granted);
enum err store_source(struct store *s, const struct ident *source, const struct policy_rate *limit, store_source_fn fn,
                      void *arg) ERR_CHECKED;
/* Gives the last one back, because it was right. There is no callback; if it fails, one too many is counted. */
void store_source_right(struct store *s, const struct ident *source, const struct policy_rate *limit);

/* --- marks: what became of a submit. A delivery state moves only forward; a late mark is no error. --- */
struct store_mark {
	struct ident id;                  /* of its generation only the first IDENT_KEPT_LEN octets count */
	enum lifecycle_delivery delivery; /* with ACCEPTED the life of the code counts from now */
	enum lifecycle_reason reason;     /* FAILED */
	uint16_t smsc_tag;                /* ACCEPTED and receipts; else 0 */
	const char *message_id;           /* SMSC-normalised; receipts of it find id from now on. NULL or "": none */
	const char *error;                /* NULL: none */
	uint16_t receipt_partition; /* partition of the receipt map: keyring_receipt_partition(smsc_tag, message_id) */
	uint32_t receipt_ms;        /* life of the receipt map */
	bool release;               /* the lease ends: its entry is removed */
	bool unanswered;            /* sets the record's flag: a submit was never answered */
	bool reroute;               /* FAILED by a receipt: queue the message once more if there is still time */
	/*
	 * Certainly no SMS came of one send. Its wait, its send and its place in the limits of the number are given
	 * back, at most three times in the number's short window. Without send_deadline_ms another send of the
	 * verification goes on, and nothing else is marked.
	 */
	bool unsent;
	/* Redis time: the deadline of the send and when it was granted. The deadline names the send; 0: any send. */
	int64_t send_deadline_ms, send_at_ms;
	bool send_known; /* the send was counted as one of a known device */
	/*
	 * keyring_mac_tag of the code that the SMS brought; 0: it is not known, or all SMS of the verification bring
	 * the same. ACCEPTED: it replaces others, as the record's resend says. unsent: it is valid no longer.
	 */
	uint64_t code;
};
enum store_marked {
	STORE_MARK_STALE, /* nothing was changed: the record is gone, of another generation or send, or further */
	STORE_MARK_MOVED,
	STORE_MARK_REROUTED, /* queued once more, for any instance to claim; at most once per SEND or RESEND */
	STORE_MARK_RETURNED, /* moved, and the send was given back */
	STORE_MARK_OVERTAKEN /* the send was given back; the delivery in the record stays as it is */
};
typedef void (*store_mark_fn)(void *arg, enum err err, enum store_marked marked);
enum err store_mark(struct store *s, const struct store_mark *m, store_mark_fn fn, void *arg) ERR_CHECKED;

/*
 * Finds the verification of an SMSC's message id. found false: there is no such receipt map. id is that of the map: no
 * key id, and of the generation the first IDENT_KEPT_LEN octets, which store_look and store_mark need.
 */
typedef void (*store_receipt_fn)(void *arg, enum err err, bool found, const struct ident *id);
struct store_receipt_req {
	uint16_t smsc_tag;
	const char *message_id;     /* SMSC-normalised */
	uint16_t receipt_partition; /* keyring_receipt_partition(smsc_tag, message_id) */
};
enum err store_receipt(struct store *s, const struct store_receipt_req *req, store_receipt_fn fn,
                       void *arg) ERR_CHECKED;

/* Sets the life of a receipt map to keep_ms from now; 0 removes it. No callback; if it fails, the map stays. */
void store_receipt_end(struct store *s, const struct store_receipt_req *req, uint32_t keep_ms);

/* --- leases: one entry per message that is still to be submitted --- */

/*
 * Claims up to max entries of one partition whose lease ran out: takes the lease, counts the claim in the record, and
 * returns the records as they were before. An entry that no SMS is owed to any more is removed: its record is gone, its
 * verification ended, its message was accepted or is too late, or its lease ran out too often.
 */
struct store_claim_req {
	uint16_t partition;
	unsigned max; /* 32 at most */
	bool mine;    /* first expires every lease that earlier processes of this instance hold */
};
struct store_claim_rep {
	const struct store_record *records;
	size_t count;
	size_t gone;          /* entries that were removed */
	size_t unreadable;    /* entries that were left, because their record cannot be read */
	int64_t lease_end_ms; /* monotonic */
};
typedef void (*store_claim_fn)(void *arg, enum err err, const struct store_claim_rep *rep);
enum err store_claim(struct store *s, const struct store_claim_req *req, store_claim_fn fn, void *arg) ERR_CHECKED;

/* Renews the leases of n >= 1 ids, all of one partition. fn gets lease_end_ms, and in count how many were renewed. */
enum err store_renew(struct store *s, const struct ident *ids, size_t n, store_claim_fn fn, void *arg) ERR_CHECKED;

/*
 * Hands the lease of a message back without a mark, so that another process can claim it: at a clean stop, or when this
 * process cannot read its payload. There is no callback.
 */
struct store_handed {
	uint32_t in_ms; /* when it may be claimed, from now; 0: at once */
	bool unsent;    /* this process never submitted it */
	/* TEMPLATE: a queued message tells this reason from now on, and fails with it at its deadline. NONE: none. */
	enum lifecycle_reason reason;
};
void store_release(struct store *s, const struct ident *id, const struct store_handed *how);

#endif
