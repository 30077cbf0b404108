/*
 * answer: turns outcomes that several commands share into the replies of otpgwd-protocol(7). Owns nothing. Must never
 * decide what is done, and never ask Redis or an SMSC; it only reads what the store knows of Redis at the moment.
 */
#include "answer.h"

#include "base/invariant.h"
#include "base/log.h"
#include "base/secret.h"

#include <inttypes.h>
#include <stdio.h>

#define TOPIC "flow"
/* A record stays unreadable until it expires, or until an instance runs that can read it. */
#define UNREADABLE_RETRY_MS 60000

void answer_tag(struct api_call *call, const struct ident *id)
{
	char text[IDENT_SHORT_LEN + 1];

	/* The tag is shown only in log lines of level debug. */
	if (log_get_level() < LOG_LEVEL_DEBUG)
		return;
	ident_short(id, text);
	api_call_tag(call, text);
}

void answer_id(struct api_call *call, const struct ident *id)
{
	char text[IDENT_TEXT_LEN + 1];

	answer_tag(call, id);
	ident_format(id, text);
	api_reply_bulk(call, text, IDENT_TEXT_LEN);
}

void answer_badarg(struct api_call *call, const char *arg, const char *text)
{
	const struct api_field field = { "arg", arg };

	api_reply_error(call, "BADARG", &field, 1, text);
}

void answer_reason(struct api_call *call, const char *code, const char *reason, const char *text)
{
	const struct api_field field = { "reason", reason };

	api_reply_error(call, code, &field, 1, text);
}

int64_t answer_seconds(int64_t wait_ms)
{
	return wait_ms > 0 ? (wait_ms - 1) / 1000 + 1 : 0;
}

void answer_limited(struct api_call *call, const struct answer_limit *limit)
{
	char seconds[24], id[IDENT_TEXT_LEN + 1];
	struct api_field fields[3];
	size_t n = 0;

	snprintf(seconds, sizeof(seconds), "%" PRId64, answer_seconds(limit->retry_ms));
	fields[n++] = (struct api_field){ "retry_after", seconds };
	if (limit->scope)
		fields[n++] = (struct api_field){ "scope", limit->scope };
	if (limit->id) {
		ident_format(limit->id, id);
		fields[n++] = (struct api_field){ "id", id };
	}
	api_reply_error(call, limit->code, fields, n, limit->text);
}

bool answer_promised(const struct ask_uses *u, struct api_call *call)
{
	const struct answer_limit limit = { .code = "UNAVAILABLE",
		                            .retry_ms = 1000,
		                            .text =
		                                "Redis is less durable than redis.require asks for; nothing was sent" };

	if (store_durability(u->store) >= u->opts->require)
		return true;
	answer_limited(call, &limit);
	return false;
}

void answer_unavailable(const struct ask_uses *u, struct api_call *call)
{
	int64_t retry_ms = store_retry_ms(u->store);
	const struct answer_limit limit = {
		.code = "UNAVAILABLE",
		.retry_ms = retry_ms > 1000 ? retry_ms : 1000,
		.text = "Redis did not answer, or refused; repeat the request with the same REQID"
	};

	answer_limited(call, &limit);
}

void answer_unreadable(struct api_call *call)
{
	const struct answer_limit limit = { .code = "UNAVAILABLE",
		                            .retry_ms = UNREADABLE_RETRY_MS,
		                            .text = "the stored verification cannot be read; nothing was done" };

	answer_limited(call, &limit);
}

void answer_internal(struct api_call *call, const char *what)
{
	char ref[9];
	const struct api_field field = { "ref", ref };

	snprintf(ref, sizeof(ref), "%08" PRIx32, secret_random_u32());
	log_error(TOPIC, "internal ref=%s what=%s client=%" PRIu64, ref, what, api_call_client(call));
	api_reply_error(call, "INTERNAL", &field, 1, "the daemon's log has details under this reference");
}

void answer_conflict(struct api_call *call, const struct ident *id)
{
	char text[IDENT_TEXT_LEN + 1];
	const struct api_field field = { "id", text };

	ident_format(id, text);
	api_reply_error(call, "CONFLICT", &field, 1, "this REQID was used with other arguments");
}

struct answer_limit answer_issue_limit(const struct store_issue_rep *rep, const struct ident *live)
{
	static const struct answer_limit limits[] = {
		[STORE_LIMITED_SENDS] = { .code = "RATELIMITED", .scope = "number", .text = ANSWER_NUMBER_SENDS },
		[STORE_LIMITED_GUESSES] = { .code = "RATELIMITED",
		                            .scope = "guesses",
		                            .text = "too many wrong codes were typed for this number" },
		[STORE_LIMITED_WAIT] = { .code = "RATELIMITED",
		                         .scope = "verification",
		                         .text = "a code was sent a moment ago; wait before the next" },
		[STORE_LIMITED_NONE_LEFT] = { .code = "RATELIMITED",
		                              .scope = "verification",
		                              .text = ANSWER_NONE_LEFT },
	};
	struct answer_limit limit = limits[rep->limited_by];

	limit.retry_ms = rep->retry_ms;
	if (rep->limited_by >= STORE_LIMITED_WAIT)
		limit.id = live;
	return limit;
}

void answer_reserved(struct api_call *call, int64_t retry_ms)
{
	char seconds[24];
	const struct api_field fields[] = { { "reason", "redirect" }, { "retry_after", seconds } };

	snprintf(seconds, sizeof(seconds), "%" PRId64, answer_seconds(retry_ms));
	api_reply_error(call, "CONFLICT", fields, 2, "the number of this verification is being corrected");
}

static void answer_used(struct api_call *call, int64_t ago_ms)
{
	char ago[24];
	const struct api_field field = { "ago", ago };

	snprintf(ago, sizeof(ago), "%" PRId64, ago_ms > 0 ? ago_ms / 1000 : 0);
	api_reply_error(call, "USED", &field, 1, "this code was already used");
}

void answer_gone(struct api_call *call, enum store_gone gone, int64_t ms)
{
	const struct answer_limit exhausted = { .code = "EXHAUSTED",
		                                .retry_ms = ms,
		                                .text = "too many wrong codes; request a new one" };

	switch (gone) {
	case STORE_UNREADABLE:
		answer_reason(call, "UNKNOWNID", "unreadable", "the stored verification of this id cannot be read");
		return;
	case STORE_UNKNOWN:
		api_reply_error(call, "UNKNOWNID", NULL, 0, "this id is not known any more");
		return;
	case STORE_DENIED:
		answer_reason(call, "DENIED", "tenant", "this id belongs to another tenant");
		return;
	case STORE_EXPIRED:
		api_reply_error(call, "EXPIRED", NULL, 0, "the code has expired; request a new one");
		return;
	case STORE_USED:
		answer_used(call, ms);
		return;
	case STORE_EXHAUSTED:
		answer_limited(call, &exhausted);
		return;
	case STORE_CANCELLED:
		api_reply_error(call, "CANCELLED", NULL, 0, "this verification was cancelled");
		return;
	case STORE_RESERVED:
		answer_reserved(call, ms);
		return;
	case STORE_LIVE:
	case STORE_REDIRECTED:
		break;
	}
	invariant(gone != STORE_LIVE && gone != STORE_REDIRECTED);
	answer_internal(call, "gone_but_live");
}

void answer_reverse(struct api_call *call)
{
	answer_reason(call, "DENIED", "reverse",
	              "this verification has no code: the SMS that the person sends verifies it");
}

bool answer_read_id(const struct ask_uses *u, struct api_call *call, struct ident *id)
{
	struct api_arg arg = api_call_arg(call, 0);
	enum err err = ident_parse(arg.ptr, arg.len, id);

	if (!err && !ident_is_complete(id)) {
		answer_reason(call, "UNKNOWNID", "mistyped",
		              "this id was never issued; at least one of its characters was changed");
		return false;
	}
	if (err || id->partition >= u->opts->partitions) {
		answer_badarg(call, "id", "must be an id as OTP.SEND gave it: 52 letters, digits, _ and -");
		return false;
	}
	answer_tag(call, id);
	if (!keyring_has(u->keys, id->kid)) {
		answer_reason(call, "UNKNOWNID", "key", "the key of this id is not loaded");
		return false;
	}
	return true;
}
