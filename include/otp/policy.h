/*
 * policy: finds the limits and rights that apply to a request. The values come from the configuration. This module and
 * the functions in Lua apply them. Pure.
 */
#ifndef OTP_POLICY_H
#define OTP_POLICY_H

#include "base/err.h"
#include "otp/code.h"
#include "otp/sentences.h"
#include "otp/testnumber.h"
#include "otp/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POLICY_WAITS_MAX 8

/*
 * Which code a further SMS of a live verification brings, and which codes are then valid. SAME: the same code. OVERLAP:
 * a new one, beside the codes of the two SMS before. REPLACE: a new one, which ends the others once an SMSC accepted
 * its SMS. Until then, and if its submit is never answered, all are valid. A verification keeps what it began with.
 */
enum policy_resend { POLICY_RESEND_SAME, POLICY_RESEND_OVERLAP, POLICY_RESEND_REPLACE };

/* At most count in window_s seconds. count: 1..255. */
struct policy_rate {
	uint8_t count;
	uint32_t window_s;
};

/* Whether the number of a verification may be corrected while it is pending. The order is that of the words in conf. */
enum policy_redirect { POLICY_REDIRECT_NEVER, POLICY_REDIRECT_UNTIL_VERIFIED };

/* One purpose with all its limits. */
struct policy_purpose {
	const char *name;
	uint16_t tag;              /* stands for the name in Redis, 1..65535; no other purpose has it */
	const char *template_name; /* default template */
	const char *brand;
	const char *sender; /* "": the default sender of the SMSC */
	enum code_alphabet alphabet;
	uint8_t code_len; /* characters that are random: 4..10, with a check digit 4..9 */
	bool check_digit; /* a digit more, which tells a typing error (otp/damm.h); CODE_DIGITS only */
	uint8_t guesses;  /* wrong guesses per verification, 1..10 */
	uint8_t resends;  /* sends beyond the first, 0..8 */
	uint32_t waits_s[POLICY_WAITS_MAX]; /* wait before each resend; the last value repeats */
	size_t wait_count;
	uint32_t ttl_s;      /* life of the code from the SMSC's accept */
	uint32_t ttl_max_s;  /* largest TTL that a request may ask for */
	uint32_t hard_s;     /* life of the code from its creation */
	uint32_t deadline_s; /* longest time from the answer to SEND until the submit; TTL / 2 if that is less */
	/* Limits per tenant and number. */
	struct policy_rate number_sends_short, number_sends_long; /* 5 in 600 s, 10 in 86400 s */
	struct policy_rate number_fails_short,
	    number_fails_long; /* wrong guesses; then no verification is opened: 10 in 3600 s, 20 in 86400 s */
	enum policy_redirect redirect;
	bool similar;                          /* whether a number one edit away from the one before is told */
	struct policy_rate number_sends_known; /* sends of known devices, counted separately: 10 in 600 s */
	enum policy_resend resend;
	bool reverse; /* OTP.REVERSE is allowed */
};

struct policy_tenant {
	const char *name;
	const uint32_t *uids;
	size_t uid_count;
	const uint32_t *gids;
	size_t gid_count;
	const char *const *purposes; /* purposes that it may use; none: all */
	size_t purpose_count;
	double rate; /* SENDs per second; 0: no limit for this tenant */
	double burst;
	bool known;                   /* may say KNOWN 1: the device has proof of an earlier verification */
	bool require_subject;         /* a SEND without SUBJECT is refused */
	bool own_codes;               /* may give the code itself: SEND with CODE */
	bool uniform;                 /* errors do not tell how a verification ended, and no counts */
	const char *const *audiences; /* whom its proofs may be for, the default first; none: it gets no proofs */
	size_t audience_count;
	const struct testnumber_group *tests; /* numbers that are played for this tenant */
	size_t test_count;
};

/*
 * What happens while wrong guesses are far above usual. WARN: only a log line. SLOW: in addition INCORRECT is answered
 * one second later.
 */
enum policy_guessing { POLICY_GUESSING_WARN, POLICY_GUESSING_SLOW };

struct policy_opts {
	const struct policy_purpose *purposes;
	size_t purpose_count;
	const struct policy_tenant *tenants;
	size_t tenant_count;
	const struct text_template *templates;
	size_t template_count;
	const struct sentences_lang *langs; /* the languages of SAY */
	size_t lang_count;
	const char *default_purpose;
	const char *default_lang;
	double global_rate; /* SENDs per second over all tenants; 0: no limit */
	double global_burst;
	struct policy_rate number_sends; /* sends per number over all tenants; count 0: no such limit */
	struct policy_rate
	    mo_wrong; /* wrong tokens that one number may send; further ones are not looked up: 10 in 3600 s */
	enum policy_guessing guessing;
	unsigned charsets;       /* bits 1 << enum charset, of all SMSCs; every text must fit each of them */
	uint32_t equal_window_s; /* an equal SEND without REQID in this time is a repetition: 10 */
	uint32_t idempotency_s;  /* how long a REQID is remembered: 86400 */
	uint32_t verdict_s;      /* how long VERIFY repeats its verdict for the same REQID: 60 */
	uint32_t tombstone_s;    /* how long spent ids are remembered: 7200 */
};

/* What the request asks for. A pointer is NULL where the request gives nothing. Strings need not be NUL-terminated. */
struct policy_ask {
	const char *purpose, *template_name, *lang;
	size_t purpose_len, template_len, lang_len;
	int64_t ttl_s, length; /* -1: not given */
};

/* The terms that apply. The pointers point into the options and are valid until the next reload. */
struct policy_terms {
	const struct policy_purpose *purpose;
	const struct text_template *text;
	uint8_t code_len; /* characters of the code, with its check digit */
	uint32_t ttl_s, hard_s, deadline_s;
};

enum policy_verdict {
	POLICY_OK = 0,
	POLICY_BAD_PURPOSE,  /* unknown purpose: BADARG arg=PURPOSE */
	POLICY_NOT_ALLOWED,  /* the tenant may not use this purpose: DENIED reason=purpose */
	POLICY_BAD_TTL,      /* BADARG arg=TTL */
	POLICY_BAD_LENGTH,   /* BADARG arg=LENGTH */
	POLICY_BAD_TEMPLATE, /* BADTEMPLATE reason=unknown_template */
	POLICY_BAD_LANG      /* BADTEMPLATE reason=unknown_lang */
};

enum policy_verdict policy_terms(const struct policy_opts *o, const struct policy_tenant *t,
                                 const struct policy_ask *ask, struct policy_terms *out);

/* Characters of a code of this purpose, with its check digit, if a request asks for no other length. */
uint8_t policy_code_len(const struct policy_purpose *p);

/*
 * True if the name of a purpose says that it guards what a person has already: a part of it is "login" or "payment".
 * Whoever changes or adds the number of such an account takes it over.
 */
bool policy_guards_account(const struct policy_purpose *p);

/* Returns the purpose that has this tag. NULL: none has. */
const struct policy_purpose *policy_purpose_of_tag(const struct policy_opts *o, uint16_t tag);

/* The same, or the default purpose, or else the first, if the configuration has none. o has at least one. */
const struct policy_purpose *policy_purpose(const struct policy_opts *o, uint16_t tag);

/*
 * Returns the longest window of any limit per number, in seconds. Sends and wrong guesses must be remembered that long.
 */
uint32_t policy_longest_window_s(const struct policy_opts *o);

/*
 * Returns the tenant of a peer: the first whose uid list has uid, otherwise the first whose gid list has one of gids.
 * NULL: none.
 */
const struct policy_tenant *policy_tenant(const struct policy_opts *o, uint32_t uid, const uint32_t *gids,
                                          size_t gid_count);

/* The smallest TTL that a request may ask for. The largest is ttl_max_s of the purpose. */
#define POLICY_TTL_MIN_S 30

#endif
