/*
 * receipt: reads the id and the state of a delivered message, if it is a receipt. The text has "key:value" pairs
 * between spaces, in any order. The case of keys is ignored, and any key may be missing. Without a "stat" label a known
 * word alone is the state. Everything behind "text:" is the message. Pure.
 */
#include "smpp/codec/receipt.h"
#include "base/secret.h"
#include "smpp/codec/coding.h"

#include <string.h>
#include <strings.h>

/* bare: the word counts as a state even without the label "stat:". The other words also occur in messages of people. */
static const struct {
	const char *word;
	enum smpp_receipt_state state;
	bool bare;
} words[] = {
	{ "DELIVRD", SMPP_RECEIPT_DELIVERED, true },         { "DELIVERED", SMPP_RECEIPT_DELIVERED, true },
	{ "EXPIRED", SMPP_RECEIPT_EXPIRED, true },           { "DELETED", SMPP_RECEIPT_DELETED, true },
	{ "CANCELED", SMPP_RECEIPT_DELETED, false },         { "CANCELLED", SMPP_RECEIPT_DELETED, false },
	{ "UNDELIV", SMPP_RECEIPT_UNDELIVERABLE, true },     { "UNDELIVERABLE", SMPP_RECEIPT_UNDELIVERABLE, true },
	{ "UNDELIVERED", SMPP_RECEIPT_UNDELIVERABLE, true }, { "UNDELIVRD", SMPP_RECEIPT_UNDELIVERABLE, true },
	{ "FAILED", SMPP_RECEIPT_UNDELIVERABLE, true },      { "SKIPPED", SMPP_RECEIPT_UNDELIVERABLE, true },
	{ "REJECTD", SMPP_RECEIPT_REJECTED, true },          { "REJECTED", SMPP_RECEIPT_REJECTED, true },
	{ "ACCEPTD", SMPP_RECEIPT_INTERMEDIATE, true },      { "ACCEPTED", SMPP_RECEIPT_INTERMEDIATE, true },
	{ "ENROUTE", SMPP_RECEIPT_INTERMEDIATE, true },      { "EN_ROUTE", SMPP_RECEIPT_INTERMEDIATE, true },
	{ "EN-ROUTE", SMPP_RECEIPT_INTERMEDIATE, true },     { "BUFFRED", SMPP_RECEIPT_INTERMEDIATE, true },
	{ "BUFFERD", SMPP_RECEIPT_INTERMEDIATE, true },      { "BUFFERED", SMPP_RECEIPT_INTERMEDIATE, true },
	{ "ACKED", SMPP_RECEIPT_INTERMEDIATE, true },        { "ACKNOWLEDGED", SMPP_RECEIPT_INTERMEDIATE, true },
	{ "SCHEDLD", SMPP_RECEIPT_INTERMEDIATE, true },      { "SCHEDULED", SMPP_RECEIPT_INTERMEDIATE, true },
	{ "SUBMITTED", SMPP_RECEIPT_INTERMEDIATE, false },   { "QUEUED", SMPP_RECEIPT_INTERMEDIATE, false },
	{ "PENDING", SMPP_RECEIPT_INTERMEDIATE, false },     { "SENT", SMPP_RECEIPT_INTERMEDIATE, false },
	{ "UNKNOWN", SMPP_RECEIPT_UNKNOWN, true },
};

/*
 * Indexed by message_state: SMPP 3.4 section 5.2.28, and state 9 of SMPP 5.0. In 5.0 the value 0 means "scheduled", but
 * SMSCs that do not set the field send it too, so it is ignored.
 */
static const enum smpp_receipt_state states[] = {
	SMPP_RECEIPT_INTERMEDIATE, SMPP_RECEIPT_INTERMEDIATE,  SMPP_RECEIPT_DELIVERED,    SMPP_RECEIPT_EXPIRED,
	SMPP_RECEIPT_DELETED,      SMPP_RECEIPT_UNDELIVERABLE, SMPP_RECEIPT_INTERMEDIATE, SMPP_RECEIPT_UNKNOWN,
	SMPP_RECEIPT_REJECTED,     SMPP_RECEIPT_UNDELIVERABLE,
};
#define STATES ((int)(sizeof states / sizeof states[0]))

/* The keys of a receipt. A text with KEYS_OF_A_RECEIPT of them is a receipt even if the id or the state is missing. */
enum key { KEY_ID = 1, KEY_STAT = 2, KEY_ERR = 4, KEY_SUB = 8, KEY_DLVRD = 16, KEY_DATE = 32 };
#define KEYS_OF_A_RECEIPT 3

struct span {
	const char *at;
	size_t len;
};

struct fields {
	struct span id, stat, err;
	bool bare;     /* stat is a bare word, without its label */
	unsigned keys; /* the keys present, as bits of enum key */
};

/* The state that one source, the text or the TLV, gives. */
struct testimony {
	bool told, known; /* told: the source has a state; known: its word or number has a meaning */
	enum smpp_receipt_state state;
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0';
}

static bool span_is(struct span s, const char *word)
{
	/* Most words differ in the first letter already. */
	return s.len && (s.at[0] | 0x20) == (word[0] | 0x20) && strncasecmp(s.at, word, s.len) == 0 && !word[s.len];
}

static int word_index(struct span s)
{
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (span_is(s, words[i].word))
			return (int)i;
	return -1;
}

/* Drops punctuation at the end, as in "DELIVRD,". */
static struct span without_comma(struct span s)
{
	while (s.len && memchr(",;.\"", s.at[s.len - 1], 4))
		s.len--;
	return s;
}

static struct span next_token(struct span *text)
{
	const char *at = text->at, *end = at + text->len;
	while (at < end && is_space(*at))
		at++;
	struct span token = { .at = at };
	while (at < end && !is_space(*at))
		at++;
	token.len = (size_t)(at - token.at);
	*text = (struct span){ .at = at, .len = (size_t)(end - at) };
	return token;
}

/*
 * Returns the value of "key:value". Some SMSCs write "key: value". Then the value is the next token, unless that is
 * itself a "key:value".
 */
static struct span value_of(struct span token, size_t key_len, struct span *text)
{
	struct span value = { .at = token.at + key_len + 1, .len = token.len - key_len - 1 };
	if (value.len)
		return value;
	struct span ahead = *text, next = next_token(&ahead);
	if (next.len && !memchr(next.at, ':', next.len)) {
		*text = ahead;
		return next;
	}
	return value;
}

static unsigned key_of(struct span s)
{
	static const struct {
		const char *name;
		enum key key;
	} keys[] = {
		{ "id", KEY_ID },   { "stat", KEY_STAT }, { "status", KEY_STAT }, { "state", KEY_STAT },
		{ "err", KEY_ERR }, { "sub", KEY_SUB },   { "dlvrd", KEY_DLVRD }, { "date", KEY_DATE },
	};
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (span_is(s, keys[i].name))
			return keys[i].key;
	return 0;
}

static void read_token(struct fields *f, struct span token, struct span *text)
{
	const char *colon = memchr(token.at, ':', token.len);
	if (!colon) {
		token = without_comma(token);
		int word = word_index(token);
		if (!f->stat.len && word >= 0 && words[word].bare) {
			f->stat = token;
			f->bare = true;
		}
		return;
	}
	struct span key = { .at = token.at, .len = (size_t)(colon - token.at) };
	unsigned known = key_of(key);
	f->keys |= known;
	if (span_is(key, "id") && !f->id.len) {
		f->id = without_comma(value_of(token, key.len, text));
	} else if (known == KEY_STAT && (!f->stat.len || f->bare)) {
		f->stat = without_comma(value_of(token, key.len, text));
		f->bare = false;
	} else if (span_is(key, "err") && !f->err.len) {
		f->err = value_of(token, key.len, text);
	} else if (span_is(key, "text")) {
		text->at += text->len; /* the rest is the message text, which has no fields */
		text->len = 0;
	}
}

static void read_fields(struct span text, struct fields *f)
{
	*f = (struct fields){ 0 };
	for (;;) {
		struct span token = next_token(&text);
		if (!token.len)
			return;
		read_token(f, token, &text);
	}
}

/* Drops a leading "0x", because in reports "0x" marks the command_status of a refused submit. */
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

/* Zeros mean that the text has no error. Then the network error code of the TLV is used. */
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

static struct testimony text_told(const struct fields *f)
{
	int word = f->stat.len ? word_index(f->stat) : -1;
	return (struct testimony){ .told = f->stat.len > 0,
		                   .known = word >= 0,
		                   .state = word >= 0 ? words[word].state : SMPP_RECEIPT_INTERMEDIATE };
}

static struct testimony tlv_told(const struct smpp_deliver *d)
{
	bool known = d->message_state > 0 && d->message_state < STATES;
	return (struct testimony){ .told = d->message_state >= 0,
		                   .known = known,
		                   .state = known ? states[d->message_state] : SMPP_RECEIPT_INTERMEDIATE };
}

/* Chooses between two sources for one message: the first, unless the other is known and the first is unknown or
 * intermediate. */
static enum smpp_receipt_state weigh(struct testimony first, struct testimony other)
{
	bool overruled = other.known && (!first.known || first.state == SMPP_RECEIPT_INTERMEDIATE);
	return overruled ? other.state : first.state;
}

/* Each id gets the state of its own source, or that of the other source if its own has none. */
static void judge_state(const struct smpp_deliver *d, const struct fields *f, struct smpp_receipt_text *out)
{
	struct testimony text = text_told(f), tlv = tlv_told(d);
	bool two = out->text_id[0];
	out->state = two && tlv.known ? tlv.state : weigh(tlv, text);
	out->text_state = text.known ? text.state : weigh(tlv, text);
	if ((text.told && !text.known) || d->message_state >= STATES)
		note(out, SMPP_ANOMALY_STATE);
	if (text.known && tlv.known && text.state != tlv.state)
		note(out, SMPP_ANOMALY_CONFLICT);
}

static void judge_id(const struct smpp_deliver *d, const struct fields *f, struct smpp_receipt_text *out)
{
	char raw[SMPP_MESSAGE_ID_CAP] = "", text_id[SMPP_MESSAGE_ID_CAP];
	size_t len = f->id.len < sizeof raw - 1 ? f->id.len : sizeof raw - 1;
	if (len)
		memcpy(raw, f->id.at, len);
	smpp_normalise_id(raw, text_id);
	smpp_normalise_id(d->receipted_id, out->id);
	if (!out->id[0]) {
		memcpy(out->id, text_id, sizeof out->id);
	} else if (text_id[0] && strcmp(text_id, out->id) != 0) {
		memcpy(out->text_id, text_id, sizeof out->text_id);
		note(out, SMPP_ANOMALY_CONFLICT);
	}
}

/* True for a delivery receipt or an intermediate notification; false for an acknowledgement by a mobile. */
static bool says_it_is_one(const struct smpp_deliver *d)
{
	unsigned type = d->esm_class & 0x3Cu;
	return type == 0x04 || type == 0x20 || type == 0x24 || d->has_receipted_id || d->message_state >= 0;
}

static bool reads_like_one(const struct fields *f)
{
	unsigned count = 0;
	for (unsigned keys = f->keys; keys; keys &= keys - 1)
		count++;
	return count >= KEYS_OF_A_RECEIPT || (f->stat.len && !f->bare && word_index(f->stat) >= 0);
}

static enum smpp_receipt_kind judge(const struct smpp_deliver *d, const struct fields *f, struct smpp_receipt_text *out)
{
	bool flagged = says_it_is_one(d), intermediate = d->esm_class & 0x20u && !(d->esm_class & 0x18u);
	if (!flagged && !(f->id.len && f->stat.len) && !reads_like_one(f))
		return SMPP_RECEIPT_NONE;
	judge_id(d, f, out);
	judge_state(d, f, out);
	judge_error(d, f, out);
	if (intermediate)
		out->state = out->text_state = SMPP_RECEIPT_INTERMEDIATE;
	if (out->id[0] && (f->stat.len || d->message_state >= 0 || intermediate))
		return SMPP_RECEIPT_OK;
	note(out, SMPP_ANOMALY_UNREADABLE);
	return SMPP_RECEIPT_VAGUE;
}

enum smpp_receipt_kind smpp_receipt_parse(const struct smpp_deliver *d, struct smpp_receipt_text *out)
{
	char text[SMPP_CODING_CAP];
	struct span all = { .at = text, .len = smpp_coding_text(d, text) };
	struct fields f;
	*out = (struct smpp_receipt_text){ .state = SMPP_RECEIPT_INTERMEDIATE };
	read_fields(all, &f);
	enum smpp_receipt_kind kind = judge(d, &f, out);
	secret_wipe(text, all.len);
	return kind;
}

const char *smpp_receipt_state_name(enum smpp_receipt_state s)
{
	switch (s) {
	case SMPP_RECEIPT_INTERMEDIATE:
		return "intermediate";
	case SMPP_RECEIPT_DELIVERED:
		return "delivered";
	case SMPP_RECEIPT_UNDELIVERABLE:
		return "undeliverable";
	case SMPP_RECEIPT_EXPIRED:
		return "expired";
	case SMPP_RECEIPT_REJECTED:
		return "rejected";
	case SMPP_RECEIPT_DELETED:
		return "deleted";
	case SMPP_RECEIPT_UNKNOWN:
		return "unknown";
	}
	return "unknown";
}
