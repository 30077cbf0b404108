/*
 * store: the door to Redis. Every decision that must be atomic is one script here; see the store page of the design and
 * otpgwd(8), "Redis". A seam: tests link tests/fakes/store.c.
 *
 * Every operation: returns ERR_OK and calls fn exactly once, later, with ERR_OK and a reply (valid during the call), or
 * with ERR_UNAVAILABLE (Redis went away, timed out, refused, or answered something unreadable: whether it was done is
 * not known); or returns ERR_UNAVAILABLE / ERR_BUSY / ERR_NOMEM at once and never calls fn. Requests are copied.
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

#define STORE_OWNER_CAP 9       /* INSTANCE_OWNER_LEN characters, NUL */
#define STORE_MESSAGE_ID_CAP 66 /* an SMSC's message id, 65 octets at most, NUL */
#define STORE_ERROR_CAP 11      /* "err:" of a receipt, 8 printable octets; or a command_status, "0x0000000B" */

struct store;

/* What it points to outlives the store. */
struct store_opts {
	const char *socket_path; /* Unix socket, or "" for TCP */
	const char *host;
	uint16_t port;
	const char *user;              /* "": AUTH with the password alone */
	const struct secret *password; /* NULL: no AUTH; owned by the caller, outlives the store */
	uint32_t database;             /* 0 with a cluster */
	/* Instead of one Redis: "host:port" of Sentinels, with the name of their master, or of nodes of a cluster. */
	const char *const *nodes;
	size_t node_count;
	const char *master;                     /* "": nodes are of a cluster */
	const struct secret *sentinel_password; /* NULL: Sentinels ask for none */
	bool ack_replica;                       /* an answer waits until a replica has what it says (WAIT 1) */
	uint32_t ack_timeout_ms;                /* then ERR_UNAVAILABLE; less than command_timeout_ms */
	uint32_t connect_timeout_ms, command_timeout_ms;
	uint32_t max_in_flight; /* most commands in flight per node; beyond it ERR_BUSY */
	uint16_t partitions;
	uint32_t lease_ms;      /* L, 5000 */
	const char *owner;      /* of this process: instance_owner */
	const char *key_prefix; /* "" or a prefix for every key */
};

/* What the daemon found about the loss Redis may suffer, weakest first; see otpgwd(8), "Durability". */
enum store_durability { STORE_DUR_UNKNOWN, STORE_DUR_NONE, STORE_DUR_PROCESS, STORE_DUR_POWER, STORE_DUR_FAILOVER };
const char *store_durability_name(enum store_durability d);

struct store_hooks {
	void *arg;
	/* A node came: connected, authenticated, scripts loaded, clock offset known. */
	void (*on_up)(void *arg);
	/* A node went: its operations in flight have been answered with ERR_UNAVAILABLE before. */
	void (*on_down)(void *arg);
};

enum err store_new(struct loop *loop, struct resolver *resolver, const struct store_opts *opts,
                   const struct store_hooks *hooks, struct store **out) ERR_CHECKED;
void store_start(struct store *s);

/* What holds for every number, whatever the purpose; may change while running. */
struct store_numbers {
	uint32_t keep_s;          /* the longest window of any limit: so long sends and wrong guesses are remembered */
	uint32_t tombstone_ms;    /* memory of spent ids */
	struct policy_rate sends; /* of a number over all tenants; count 0: no such limit */
};
void store_configure(struct store *s, const struct store_numbers *numbers);

/* Operations in flight are answered with ERR_UNAVAILABLE first, so that their owners can let go. NULL is fine. */
void store_free(struct store *s);

bool store_up(const struct store *s);          /* at least one node; others may be away */
bool store_whole(const struct store *s);       /* every partition's node */
int64_t store_now_ms(const struct store *s);   /* Redis time, unix ms, from CLOCK_MONOTONIC + offset */
int64_t store_retry_ms(const struct store *s); /* until the next connect; for UNAVAILABLE retry_after */
enum store_durability store_durability(const struct store *s);
/* "" or why readiness must warn, e.g. "maxmemory-policy is allkeys-lru, must be noeviction". Static or owned by s. */
const char *store_warning(const struct store *s);
/* Why it is away, or one of its nodes: "Connection refused", "AUTH refused: WRONGPASS"; "" while all are up. */
const char *store_reason(const struct store *s);
/* It answers, and refuses what is to be written: "OOM", "NOPERM", "NOAUTH"; "" if it does not. Static. */
const char *store_refusing(const struct store *s);
void store_status(const struct store *s, struct json *j); /* members of an open object */

/*
 * Limits of a number at one tenant. They are those of the verification's purpose when it was opened, and travel in its
 * record. count 0: no limit. Wrong guesses limit what may be opened; they never refuse a live verification.
 */
struct store_limits {
	struct policy_rate sends_short, sends_long, fails_short, fails_long;
};

/* The record of a verification, as scripts return it. Times are unix ms of Redis' clock; 0 = not yet. */
struct store_record {
	struct ident id;
	enum lifecycle_state state; /* as stored; expiry is judged by store_effective_state */
	enum lifecycle_delivery delivery;
	enum lifecycle_reason reason;
	uint32_t tenant_tag;
	uint8_t wrong, guesses; /* wrong guesses so far, and at most */
	uint8_t sends, sends_max;
	uint8_t claims;
	bool doubtful;    /* a submit of it was never answered: it may arrive twice */
	bool rerouted;    /* it goes out once more, since smsc said early that it did not arrive */
	bool known;       /* asked for by a known device: its sends and wrong guesses are counted apart */
	bool returned;    /* the last send was given back: certainly no SMS came of it */
	uint8_t code_len; /* characters of its code */
	enum code_alphabet alphabet;
	struct store_limits limits;
	int64_t created_ms, expires_ms, hard_end_ms, deadline_ms, accepted_ms, ended_ms;
	int64_t sent_ms; /* last SEND or RESEND */
	uint32_t ttl_ms;
	uint32_t wait_ms[POLICY_WAITS_MAX]; /* 0 after the last */
	char owner[STORE_OWNER_CAP];
	char smsc[TEXT_NAME_CAP];    /* that accepted it last; "" */
	char error[STORE_ERROR_CAP]; /* the receipt's err, or smpp_status_text(); "" */
	uint8_t mac[KEYRING_MAC_LEN];
	uint8_t sealed[KEYRING_SEALED_LEN];
};
/* Counts and logs what its reader found unreadable: a sealed payload. */
void store_unreadable(struct store *s, const char *what, const struct ident *id);

enum lifecycle_state store_effective_state(const struct store_record *r, int64_t now_ms);
/* ms until a resend is allowed; 0: now; -1: no sends left. */
int64_t store_resend_wait_ms(const struct store_record *r, int64_t now_ms);

/* Idempotency of a request: reqid_tag NULL if the client gave none; args_tag is a hash of what must be equal. */
struct store_once {
	const uint8_t *reqid_tag; /* KEYRING_TAG_LEN octets */
	uint8_t args_tag[KEYRING_TAG_LEN];
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
	uint8_t code_len;
	enum code_alphabet alphabet;
	uint8_t guesses, sends_max;
	uint32_t wait_ms[POLICY_WAITS_MAX];
	uint32_t ttl_ms, hard_ms, deadline_ms; /* durations from now; the store makes times of them */
	int64_t hard_end_ms;                   /* = now + hard_ms as the caller sealed it (additional data) */
	uint8_t mac[KEYRING_MAC_LEN];
	uint8_t sealed[KEYRING_SEALED_LEN];
};
enum store_issue_outcome {
	STORE_ISSUE_CREATED,   /* record written, lease held until lease_end_ms */
	STORE_ISSUE_REPLAYED,  /* same REQID, or equal request within the window: id; nothing written */
	STORE_ISSUE_LIVE,      /* the tuple has a live verification: record; nothing written: call store_resend on it */
	STORE_ISSUE_LIMITED,   /* retry_ms, limited_by */
	STORE_ISSUE_CONFLICT,  /* same REQID, other arguments: id */
	STORE_ISSUE_UNREADABLE /* what is stored of the tuple cannot be read; nothing written */
};
/* What forbids a new verification. */
enum store_limited_by {
	STORE_LIMITED_SENDS,   /* SMS to the number */
	STORE_LIMITED_GUESSES, /* wrong guesses at codes of the number */
	STORE_LIMITED_WAIT /* the wait that a resend of the verification before would have had; it did not end verified
	                    */
};
struct store_issue_rep {
	enum store_issue_outcome outcome;
	enum store_limited_by limited_by;
	struct ident id;
	int64_t retry_ms;
	int64_t lease_end_ms;              /* monotonic; CREATED: nothing may be submitted after it less a margin */
	const struct store_record *record; /* LIVE */
};
typedef void (*store_issue_fn)(void *arg, enum err err, const struct store_issue_rep *rep);
enum err store_issue(struct store *s, const struct store_issue_req *req, store_issue_fn fn, void *arg) ERR_CHECKED;

/* --- resend --- */
struct store_resend_req {
	struct ident id;
	uint32_t tenant_tag;
	struct store_once once;
	/* A resend equal to the last one, without REQID, within this: REPLAYED. 0 for OTP.RESEND. */
	uint32_t equal_window_ms;
	/* NULL, or the limits of a known device: the verification is one of a known device from now on. */
	const struct store_limits *known;
	uint32_t deadline_ms;
	const uint8_t *sealed; /* NULL: keep the payload; else KEYRING_SEALED_LEN octets that replace it */
};
/* Outcomes that several operations share: why an id cannot be used. */
enum store_gone {
	STORE_LIVE,
	STORE_UNKNOWN,
	STORE_DENIED,
	STORE_EXPIRED,
	STORE_USED,
	STORE_EXHAUSTED,
	STORE_CANCELLED,
	STORE_UNREADABLE /* its record was written by another version, or changed */
};

/* gone_ms: EXHAUSTED: until a new verification may be opened; USED: since it was used. */
enum store_resend_outcome {
	STORE_RESEND_GRANTED,
	STORE_RESEND_REPLAYED,
	STORE_RESEND_WAIT /* verification */,
	STORE_RESEND_LIMITED /* number */,
	STORE_RESEND_CONFLICT,
	STORE_RESEND_GONE
};
struct store_resend_rep {
	enum store_resend_outcome outcome;
	enum store_gone gone; /* GONE */
	int64_t gone_ms;
	int64_t retry_ms;                  /* WAIT (no sends left: until the verification ends), LIMITED */
	bool none_left;                    /* WAIT: it has no sends left */
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
	uint8_t typed_len; /* characters that were typed; 255: that or more */
	/* What the guess may be: at most one candidate for each length and alphabet. */
	size_t candidate_count;
	struct store_candidate {
		uint8_t len, alphabets; /* bits 1 << enum code_alphabet */
		uint8_t mac[KEYRING_MAC_LEN];
	} candidates[CODE_SHAPES];
};
enum store_verify_outcome {
	STORE_VERIFY_APPROVED,
	STORE_VERIFY_WRONG,
	STORE_VERIFY_SHAPE, /* it cannot be the code: neither judged nor counted */
	STORE_VERIFY_GONE,
	STORE_VERIFY_CONFLICT
};
enum store_shape { STORE_SHAPE_SHORT, STORE_SHAPE_LONG, STORE_SHAPE_ALPHABET };
struct store_verify_rep {
	enum store_verify_outcome outcome;
	enum store_gone gone;
	int64_t gone_ms;
	uint8_t attempts_left;  /* WRONG, SHAPE */
	bool repeated;          /* WRONG: the same guess was counted before */
	int64_t retry_ms;       /* WRONG with no attempts left: until a new verification may be opened */
	enum store_shape shape; /* SHAPE: why */
	uint8_t want;           /* SHAPE: characters of the code */
};
typedef void (*store_verify_fn)(void *arg, enum err err, const struct store_verify_rep *rep);
enum err store_verify(struct store *s, const struct store_verify_req *req, store_verify_fn fn, void *arg) ERR_CHECKED;

/* --- query and cancel --- */
struct store_query_rep {
	/* LIVE: any record of this generation, ended or not; else UNKNOWN, DENIED, or how it ended */
	enum store_gone gone;
	int64_t gone_ms;
	const struct store_record *record;
};
typedef void (*store_query_fn)(void *arg, enum err err, const struct store_query_rep *rep);
enum err store_query(struct store *s, const struct ident *id, uint32_t tenant_tag, store_query_fn fn,
                     void *arg) ERR_CHECKED;

/* The record of a verification, whoever's it is: for receipts, not for requests. gone: LIVE, EXPIRED (another
 * generation has its place), UNKNOWN. */
enum err store_look(struct store *s, const struct ident *id, store_query_fn fn, void *arg) ERR_CHECKED;

struct store_cancel_rep {
	enum store_gone gone; /* LIVE: it was live and is cancelled now, or was cancelled before */
	int64_t gone_ms;
};
typedef void (*store_cancel_fn)(void *arg, enum err err, const struct store_cancel_rep *rep);
enum err store_cancel(struct store *s, const struct ident *id, uint32_t tenant_tag, store_cancel_fn fn,
                      void *arg) ERR_CHECKED;

/* --- marks: what became of a submit. Only forward; a mark that comes too late is no error. --- */
struct store_mark {
	struct ident id;
	enum lifecycle_delivery delivery; /* ACCEPTED: expiry runs from now; FAILED: reason; UNKNOWN: doubtful */
	enum lifecycle_reason reason;
	const char *smsc;           /* ACCEPTED, and receipts; NULL else */
	const char *message_id;     /* ACCEPTED: bound to the id for receipts, if not NULL or ""; SMSC-normalised */
	const char *error;          /* or NULL */
	uint16_t receipt_partition; /* of the receipt map: keyring_receipt_partition(smsc, message_id) */
	uint32_t receipt_ms;        /* life of the receipt map */
	bool release;               /* the journal entry goes (ZREM) */
	bool doubtful;              /* sets the record's flag */
	bool reroute;               /* FAILED by a receipt: rather send it once more, if that is in time */
	/*
	 * Certainly no SMS came of one send: it is given back (wait, send, share of the number), once, and at most
	 * three times in the number's short window. Without send_deadline_ms another send of the verification took its
	 * place or goes on, and nothing else is marked.
	 */
	bool unsent;
	/* Redis time: its deadline, which names the send that FAILED (0: any), and when it was granted */
	int64_t send_deadline_ms, send_at_ms;
	bool send_known; /* it was counted as one of a known device */
};
enum store_marked {
	STORE_MARK_STALE, /* the record is gone, of another generation, or already further */
	STORE_MARK_MOVED,
	STORE_MARK_REROUTED, /* queued again, for whoever claims it; said once for each SMS that was asked for */
	STORE_MARK_RETURNED, /* moved, and the send was given back */
	STORE_MARK_OVERTAKEN /* the send was given back; the record is another's, or past it, and stays */
};
typedef void (*store_mark_fn)(void *arg, enum err err, enum store_marked marked);
enum err store_mark(struct store *s, const struct store_mark *m, store_mark_fn fn, void *arg) ERR_CHECKED;

/* Whose message is this? *found false: no such receipt map. */
typedef void (*store_receipt_fn)(void *arg, enum err err, bool found, const struct ident *id);
struct store_receipt_req {
	const char *smsc, *message_id; /* SMSC-normalised */
	uint16_t receipt_partition;    /* keyring_receipt_partition(smsc, message_id) */
};
enum err store_receipt(struct store *s, const struct store_receipt_req *req, store_receipt_fn fn,
                       void *arg) ERR_CHECKED;

/* The receipt map lives no longer than keep_ms from now; 0: it goes. No callback: if it fails, it lives on. */
void store_receipt_end(struct store *s, const struct store_receipt_req *req, uint32_t keep_ms);

/* --- the journal of leases --- */

/*
 * Claims up to max entries of one partition whose lease ran out: takes the lease, counts the claim in the record,
 * returns the records. Entries whose record is gone are removed and counted.
 */
struct store_claim_req {
	uint16_t partition;
	unsigned max;
	bool mine; /* first expires every lease that earlier processes of this instance hold */
};
struct store_claim_rep {
	const struct store_record *records;
	size_t count;
	size_t gone;          /* entries removed */
	size_t unreadable;    /* entries left, since their record cannot be read */
	int64_t lease_end_ms; /* monotonic */
};
typedef void (*store_claim_fn)(void *arg, enum err err, const struct store_claim_rep *rep);
enum err store_claim(struct store *s, const struct store_claim_req *req, store_claim_fn fn, void *arg) ERR_CHECKED;

/* Renews the leases of n >= 1 ids, all of one partition. fn gets the new lease end as a claim's (count = renewed). */
enum err store_renew(struct store *s, const struct ident *ids, size_t n, store_claim_fn fn, void *arg) ERR_CHECKED;

/* Hands an entry back, without a mark: at a clean stop, or to who may be able to read it. No callback. */
struct store_handed {
	uint32_t in_ms; /* when it is due; 0: at once */
	bool unsent;    /* its holder never submitted it */
};
void store_release(struct store *s, const struct ident *id, const struct store_handed *how);

#endif
