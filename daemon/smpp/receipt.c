/*
 * receipt: a delivered message -> is it a receipt, of which id, in which state. Pure.
 * Grammar: "key:value" pairs between spaces in any order, keys in any case, any missing; the "stat" label may be
 * missing too, then a bare known word is the state; "text:" takes the rest.
 */
#include "smpp/receipt.h"

#include <string.h>
#include <strings.h>

static const struct {
	const char *word;
	enum smpp_receipt_state state;
} words[] = {
    {"DELIVRD", SMPP_RECEIPT_DELIVERED},      {"EXPIRED", SMPP_RECEIPT_EXPIRED},
    {"DELETED", SMPP_RECEIPT_DELETED},        {"UNDELIV", SMPP_RECEIPT_UNDELIVERABLE},
    {"REJECTD", SMPP_RECEIPT_REJECTED},       {"ACCEPTD", SMPP_RECEIPT_INTERMEDIATE},
    {"ENROUTE", SMPP_RECEIPT_INTERMEDIATE},   {"BUFFRED", SMPP_RECEIPT_INTERMEDIATE},
    {"BUFFERD", SMPP_RECEIPT_INTERMEDIATE},   {"ACKED", SMPP_RECEIPT_INTERMEDIATE},
    {"SCHEDLD", SMPP_RECEIPT_INTERMEDIATE},   {"UNKNOWN", SMPP_RECEIPT_UNKNOWN},
    {"FAILED", SMPP_RECEIPT_UNDELIVERABLE},   {"SKIPPED", SMPP_RECEIPT_UNDELIVERABLE},
};

/* message_state, SMPP 3.4 section 5.2.28; 0 and 9 of 5.0. */
static const enum smpp_receipt_state states[] = {
    SMPP_RECEIPT_INTERMEDIATE, SMPP_RECEIPT_INTERMEDIATE, SMPP_RECEIPT_DELIVERED,    SMPP_RECEIPT_EXPIRED,
    SMPP_RECEIPT_DELETED,      SMPP_RECEIPT_UNDELIVERABLE, SMPP_RECEIPT_INTERMEDIATE, SMPP_RECEIPT_UNKNOWN,
    SMPP_RECEIPT_REJECTED,     SMPP_RECEIPT_UNDELIVERABLE,
};

struct span {
	const char *at;
	size_t len;
};

struct fields {
	struct span id, stat, err;
	bool bare; /* stat stood without its label */
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0';
}

static bool span_is(struct span s, const char *word)
{
	return s.len == strlen(word) && strncasecmp(s.at, word, s.len) == 0;
}

static int word_index(struct span s)
{
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (span_is(s, words[i].word))
			return (int)i;
	return -1;
}

static struct span next_token(struct span *text)
{
	while (text->len && is_space(*text->at)) {
		text->at++;
		text->len--;
	}
	struct span token = {.at = text->at, .len = 0};
	while (text->len && !is_space(*text->at)) {
		text->at++;
		text->len--;
		token.len++;
	}
	return token;
}

/* The value of "key:value"; of "key: value" (some SMSCs put a space) the next token, unless that has a key itself. */
static struct span value_of(struct span token, size_t key_len, struct span *text)
{
	struct span value = {.at = token.at + key_len + 1, .len = token.len - key_len - 1};
	if (value.len)
		return value;
	struct span ahead = *text, next = next_token(&ahead);
	if (next.len && !memchr(next.at, ':', next.len)) {
		*text = ahead;
		return next;
	}
	return value;
}

static void read_token(struct fields *f, struct span token, struct span *text)
{
	const char *colon = memchr(token.at, ':', token.len);
	if (!colon) {
		if (!f->stat.len && word_index(token) >= 0) {
			f->stat = token;
			f->bare = true;
		}
		return;
	}
	struct span key = {.at = token.at, .len = (size_t)(colon - token.at)};
	if (span_is(key, "id") && !f->id.len) {
		f->id = value_of(token, key.len, text);
	} else if (span_is(key, "stat") && (!f->stat.len || f->bare)) {
		f->stat = value_of(token, key.len, text);
		f->bare = false;
	} else if (span_is(key, "err") && !f->err.len) {
		f->err = value_of(token, key.len, text);
	} else if (span_is(key, "text")) {
		text->at += text->len; /* text to the end: a message's own words are no fields */
		text->len = 0;
	}
}

static void read_fields(const struct smpp_deliver *d, struct fields *f)
{
	struct span text = {.at = (const char *)d->text, .len = d->text ? d->text_len : 0};
	*f = (struct fields){0};
	for (;;) {
		struct span token = next_token(&text);
		if (!token.len)
			return;
		read_token(f, token, &text);
	}
}

/* Never "0x...": so begins the status of a submit that was refused, where both are shown. */
static void copy_error(struct span s, char out[SMPP_ERROR_CAP])
{
	size_t n = 0;
	for (size_t i = 0; i < s.len && n < SMPP_ERROR_CAP - 1; i++) {
		if (s.at[i] <= 0x20 || s.at[i] >= 0x7f)
			continue;
		out[n++] = s.at[i];
		if (n == 2 && out[0] == '0' && (out[1] | 0x20) == 'x')
			n = 0;
	}
	out[n] = '\0';
}

/* Zeros mean that there was none: then the network's own code tells more. */
static void judge_error(const struct smpp_deliver *d, const struct fields *f, struct smpp_receipt_text *out)
{
	copy_error(f->err, out->error);
	if (d->error[0] && !out->error[strspn(out->error, "0")])
		memcpy(out->error, d->error, sizeof out->error);
}

static void note(struct smpp_receipt_text *out, enum smpp_anomaly a)
{
	out->anomalies |= UINT32_C(1) << (unsigned)a;
}

static void judge_state(const struct smpp_deliver *d, const struct fields *f, struct smpp_receipt_text *out)
{
	int word = f->stat.len ? word_index(f->stat) : -1;
	out->state = word >= 0 ? words[word].state : SMPP_RECEIPT_INTERMEDIATE;
	if (f->stat.len && word < 0)
		note(out, SMPP_ANOMALY_STATE);
	if (d->message_state < 0)
		return;
	size_t n = sizeof states / sizeof states[0];
	enum smpp_receipt_state told =
	    (size_t)d->message_state < n ? states[d->message_state] : SMPP_RECEIPT_INTERMEDIATE;
	if ((size_t)d->message_state >= n)
		note(out, SMPP_ANOMALY_STATE);
	else if (word >= 0 && told != out->state)
		note(out, SMPP_ANOMALY_CONFLICT);
	out->state = told;
}

static void judge_id(const struct smpp_deliver *d, const struct fields *f, struct smpp_receipt_text *out)
{
	char raw[SMPP_MESSAGE_ID_CAP] = "", text_id[SMPP_MESSAGE_ID_CAP];
	size_t len = f->id.len < sizeof raw - 1 ? f->id.len : sizeof raw - 1;
	if (len)
		memcpy(raw, f->id.at, len);
	smpp_normalise_id(raw, text_id);
	memcpy(out->id, text_id, sizeof out->id);
	if (!d->receipted_id[0])
		return;
	smpp_normalise_id(d->receipted_id, out->id);
	if (text_id[0] && strcmp(text_id, out->id) != 0)
		note(out, SMPP_ANOMALY_CONFLICT);
}

enum smpp_receipt_kind smpp_receipt_parse(const struct smpp_deliver *d, struct smpp_receipt_text *out)
{
	struct fields f;
	*out = (struct smpp_receipt_text){.state = SMPP_RECEIPT_INTERMEDIATE};
	read_fields(d, &f);
	unsigned kind = d->esm_class & 0x3Cu;
	bool flagged = kind == 0x04 || kind == 0x20 || d->has_receipted_id;
	bool reads_as_one = f.id.len && f.stat.len && word_index(f.stat) >= 0;
	if (!flagged && !reads_as_one)
		return SMPP_RECEIPT_NONE;
	judge_id(d, &f, out);
	judge_state(d, &f, out);
	if (kind == 0x20)
		out->state = SMPP_RECEIPT_INTERMEDIATE;
	judge_error(d, &f, out);
	return out->id[0] ? SMPP_RECEIPT_OK : SMPP_RECEIPT_VAGUE;
}

const char *smpp_receipt_state_name(enum smpp_receipt_state s)
{
	switch (s) {
	case SMPP_RECEIPT_INTERMEDIATE: return "intermediate";
	case SMPP_RECEIPT_DELIVERED: return "delivered";
	case SMPP_RECEIPT_UNDELIVERABLE: return "undeliverable";
	case SMPP_RECEIPT_EXPIRED: return "expired";
	case SMPP_RECEIPT_REJECTED: return "rejected";
	case SMPP_RECEIPT_DELETED: return "deleted";
	case SMPP_RECEIPT_UNKNOWN: return "unknown";
	}
	return "unknown";
}
