/*
 * sentence_cases: the one list of the codes and reasons that an answer to an OTP command can have, of the states that
 * OTP.STATUS tells in words, and of lengths of time. Every row needs a sentence in conf/sentences.conf in each language
 * there; tests/lint/sentences.py and tests/unit/otp/test_sentences.c find what is missing on either side. Owns nothing.
 */
#include "otp/sentence_cases.h"

/* The longest values of fields. */
#define ID "id=----------------------------------------------------"
#define RETRY "retry_after=2592000"
#define LEFT "attempts_left=10"
#define WANT "want=10"

/* A case that is named first is tried first. */
static const struct sentences_case cases[] = {
	/* A fault of the backend; the person can do nothing about it, whatever it is. */
	{ "BADARG", "arg=--------------------------------", "" },
	{ "BADTEMPLATE reason", "reason=unknown_template", "" },

	{ "BADNUMBER reason=too_short", "reason=too_short", "" },
	{ "BADNUMBER reason=too_long", "reason=too_long", "" },
	{ "BADNUMBER reason=not_mobile", "reason=not_mobile", "" },
	{ "BADNUMBER reason=unassigned_prefix", "reason=unassigned_prefix", "" },
	{ "BADNUMBER reason=extra_country_code", "reason=extra_country_code", "" },
	{ "BADNUMBER reason=not_a_number", "reason=not_a_number", "" },
	{ "BADNUMBER reason=country_not_served", "reason=country_not_served", "" },
	{ "BADNUMBER reason=same", "reason=same", "" },
	{ "BADNUMBER reason=former", "reason=former", "" },

	{ "RATELIMITED scope=verification", RETRY " scope=verification " ID, "retry_after" },
	{ "RATELIMITED scope=number", RETRY " scope=number", "retry_after" },
	{ "RATELIMITED scope=guesses", RETRY " scope=guesses", "retry_after" },
	{ "RATELIMITED scope=redirects", RETRY " scope=redirects " ID, "retry_after" },
	{ "RATELIMITED scope=tenant", RETRY " scope=tenant", "retry_after" },
	{ "RATELIMITED scope=global", RETRY " scope=global", "retry_after" },

	/* With an id the SEND or RESEND was done; only its map could not be read. */
	{ "OVERLOADED id", RETRY " " ID, "retry_after" },
	{ "OVERLOADED", RETRY, "retry_after" },
	{ "UNAVAILABLE", RETRY, "retry_after" },
	{ "INTERNAL", "ref=--------", "" },
	{ "BLOCKED reason=no_route", "reason=no_route", "" },
	{ "BLOCKED reason=no_mo", "reason=no_mo", "" },
	{ "BLOCKED reason=no_proof_key", "reason=no_proof_key", "" },
	{ "CONFLICT", ID, "" },
	{ "CONFLICT reason=redirect", "reason=redirect " RETRY, "retry_after" },
	{ "CONFLICT reason=redirected", "reason=redirected " ID, "" },
	{ "CONFLICT reason=live", "reason=live", "" },

	{ "UNKNOWNID reason=mistyped", "reason=mistyped", "" },
	{ "UNKNOWNID reason=key", "reason=key", "" },
	{ "UNKNOWNID reason=unreadable", "reason=unreadable", "" },
	{ "UNKNOWNID", "", "" },
	{ "EXPIRED", "", "" },
	{ "EXPIRED reason=too_old", "reason=too_old", "" },
	{ "CANCELLED", "", "" },
	{ "USED", "ago=2592000", "ago" },
	{ "EXHAUSTED", RETRY, "retry_after" },

	{ "INCORRECT reason=too_short", "reason=too_short " WANT " " LEFT, "want" },
	{ "INCORRECT reason=too_long", "reason=too_long " WANT " " LEFT, "want" },
	{ "INCORRECT reason=alphabet", "reason=alphabet " WANT " " LEFT, "want" },
	{ "INCORRECT reason=mistyped", "reason=mistyped " WANT " " LEFT, "" },
	{ "INCORRECT reason=binding", "reason=binding " LEFT " " RETRY, "" },
	{ "INCORRECT attempts_left=0", "attempts_left=0 repeated=1 " RETRY, "retry_after" },
	{ "INCORRECT repeated=1 attempts_left", LEFT " repeated=1", "attempts_left" },
	{ "INCORRECT attempts_left", LEFT, "attempts_left" },
	{ "INCORRECT", "", "" },

	{ "DENIED reason=tenant", "reason=tenant", "" },
	{ "DENIED reason=purpose", "reason=purpose", "" },
	{ "DENIED reason=right", "reason=right", "" },
	{ "DENIED reason=redirect", "reason=redirect", "" },
	{ "DENIED reason=reverse", "reason=reverse", "" },
	{ "DENIED reason=unverified", "reason=unverified", "" },
	{ "DENIED reason=subject", "reason=subject", "" },
	{ "DENIED reason=audience", "reason=audience", "" },
	{ "DENIED reason=transaction", "reason=transaction", "" },

	/* What happened: the first part of the field say of OTP.STATUS. */
	{ "STATUS state=verified", NULL, "" },
	/* Of OTP.REVERSE, where the person sends the SMS. */
	{ "STATUS reverse state=pending", NULL, "" },
	{ "STATUS reverse", NULL, "" },
	{ "STATUS state=expired", NULL, "" },
	{ "STATUS state=exhausted", NULL, "" },
	{ "STATUS state=cancelled", NULL, "" },
	{ "STATUS delivery=queued reason=template", NULL, "" },
	{ "STATUS delivery=queued reason", NULL, "" }, /* it goes out once more */
	{ "STATUS delivery=queued", NULL, "" },
	{ "STATUS delivery=submitted", NULL, "" },
	{ "STATUS delivery=unknown", NULL, "" },
	{ "STATUS delivery=accepted", NULL, "" },
	{ "STATUS delivery=delivered", NULL, "" },
	{ "STATUS delivery=failed reason=deadline", NULL, "" },
	{ "STATUS delivery=failed reason=refused", NULL, "" },
	{ "STATUS delivery=failed reason=no_route", NULL, "" },
	{ "STATUS delivery=failed reason=undeliverable", NULL, "" },
	{ "STATUS delivery=failed reason=rejected", NULL, "" },
	{ "STATUS delivery=failed reason=expired", NULL, "" },
	{ "STATUS delivery=failed reason=unknown", NULL, "" },
	{ "STATUS delivery=failed reason=deleted", NULL, "" },
	{ "STATUS delivery=failed reason=poison", NULL, "" },
	{ "STATUS delivery=failed reason=ambiguous", NULL, "" },
	{ "STATUS delivery=failed reason=template", NULL, "" },
	{ "STATUS delivery=failed", NULL, "" },

	/* What the person can do about it, and from when: the second part. */
	{ "RESEND resend_after=0", NULL, "" },
	{ "RESEND resend_after", NULL, "resend_after" },

	/* Lengths of time, which the other sentences use. */
	{ "SECONDS", NULL, "n" },
	{ "MINUTES", NULL, "n" },
	{ "HOURS", NULL, "n" },
};

const struct sentences_case *sentence_cases_all(size_t *n)
{
	*n = sizeof(cases) / sizeof(cases[0]);
	return cases;
}
