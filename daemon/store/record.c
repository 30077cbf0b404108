/*
 * record: packs and unpacks records. Pure. Does not trust what Redis returns, and checks every enum.
 */
#include "record.h"

#include "base/hex.h"

#include <stdio.h>
#include <string.h>

_Static_assert(KEYRING_MAC_LEN == (int)LEN_MAC && CODE_REF_CAP == (int)LEN_REF + 1 &&
                   (int)LEN_ADDED == 1 + LEN_REF + LEN_MAC && KEYRING_TAG_LEN == (int)LEN_ONCE &&
                   IDENT_KEPT_LEN == (int)LEN_GENERATION &&
                   IDENT_GENERATION_LEN == LEN_GENERATION + (int)LEN_GENERATION_REST &&
                   IDENT_TUPLE_LEN == (int)LEN_TUPLE && POLICY_WAITS_MAX == (int)RECORD_WAITS &&
                   STORE_OWNER_CAP == LEN_OWNER + 1 && STORE_CONFIRMS_LEN == (int)LEN_CONFIRMS &&
                   KEYRING_NUMBER_SEALED_LEN == (int)LEN_NUMBER && KEYRING_ID_SEALED_LEN == (int)LEN_SUCCESSOR &&
                   STORE_RESERVE_LEN == (int)LEN_RESERVE &&
                   TOMBSTONE_REDIRECTED_LEN == (int)AT_SUCCESSOR + (int)LEN_SUCCESSOR,
               "the octets that layout.h gives each");

/* What stands for the number of a reverse verification until one sends the token. */
static const uint8_t no_number[LEN_NUMBER];

static void put(uint8_t *p, uint64_t v, size_t octets)
{
	for (size_t i = 0; i < octets; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t get(const uint8_t *p, size_t octets)
{
	uint64_t v = 0;

	for (size_t i = 0; i < octets; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

static void put_text(uint8_t *p, const char *text, size_t cap)
{
	memcpy(p, text, strnlen(text, cap));
}

/* Reads up to the first octet that is not printable. Such an octet was not written by this code and is never shown. */
static void get_text(char *out, const uint8_t *p, size_t cap)
{
	size_t n = 0;

	memset(out, 0, cap + 1);
	while (n < cap && p[n] >= ' ' && p[n] <= '~') {
		out[n] = (char)p[n];
		n++;
	}
}

/* --- the error: 8 octets of text, or 1 and a command_status in four octets --- */

#define STATUS_DIGITS 8

static bool is_status(const char *error, uint32_t *status)
{
	if (strlen(error) != 2 + STATUS_DIGITS || error[0] != '0' || error[1] != 'x')
		return false;
	*status = 0;
	for (const char *c = error + 2; *c; c++) {
		int digit = hex_digit(*c);

		/* get_error writes capitals, so a text with small letters would come back changed. */
		if (digit < 0 || *c >= 'a')
			return false;
		*status = *status << 4 | (uint32_t)digit;
	}
	return true;
}

void record_pack_error(const char *error, uint8_t out[LEN_ERROR])
{
	uint32_t status;

	memset(out, 0, LEN_ERROR);
	if (!is_status(error, &status)) {
		put_text(out, error, LEN_ERROR);
		return;
	}
	out[0] = STATUS_MARK;
	put(out + 1, status, 4);
}

static void get_error(const uint8_t *p, char out[STORE_ERROR_CAP])
{
	if (p[0] == STATUS_MARK)
		snprintf(out, STORE_ERROR_CAP, "0x%08X", (unsigned)get(p + 1, 4));
	else
		get_text(out, p, LEN_ERROR);
}

/* --- times: in ms since the verification was created; below 0 if Redis' clock was set back --- */

static void put_since(uint8_t *p, const struct store_record *r, int64_t ms)
{
	put(p, (uint64_t)(ms - r->created_ms), 4);
}

/* A time that may not have happened. */
static void put_event(uint8_t *p, const struct store_record *r, int64_t ms)
{
	put(p, ms == 0 ? 0 : ms > r->created_ms ? (uint64_t)(ms - r->created_ms) + 1 : 1, 4);
}

static int64_t get_since(const uint8_t *p, const struct store_record *r)
{
	return r->created_ms + (int32_t)get(p, 4);
}

static int64_t get_event(const uint8_t *p, const struct store_record *r)
{
	return get(p, 4) ? get_since(p, r) - 1 : 0;
}

static void pack_kept(const struct store_record *r, uint8_t *out)
{
	out[AT_VERSION] = r->version;
	out[AT_KID] = r->id.kid;
	out[AT_STATE] = (uint8_t)r->state;
	out[AT_DELIVERY] = (uint8_t)r->delivery;
	out[AT_REASON] = (uint8_t)r->reason;
	out[AT_WRONG] = r->wrong;
	out[AT_GUESSES] = r->guesses;
	out[AT_SENDS] = r->sends;
	out[AT_SENDS_MAX] = r->sends_max;
	out[AT_FLAGS] =
	    (uint8_t)(r->unanswered * FLAG_UNANSWERED | r->rerouted * FLAG_REROUTED | r->cancel * FLAG_CANCEL);
	out[AT_SHAPE] = (uint8_t)(r->code_len | r->alphabet * SHAPE_ALPHABET | r->bound * SHAPE_CONFIRMS);
	out[AT_KNOWN] = r->known;
	out[AT_ORIGIN] = (uint8_t)(r->own_code * ORIGIN_OWN | r->test * ORIGIN_TEST | r->reverse * ORIGIN_REVERSE |
	                           r->similar * ORIGIN_SIMILAR | (r->resend != POLICY_RESEND_SAME) * ORIGIN_CODES |
	                           r->check_digit * ORIGIN_CHECK_DIGIT);
	out[AT_PREV_STATE] = PREV_NONE;
	put(out + AT_TENANT, r->tenant_tag, LEN_TENANT);
	put(out + AT_PURPOSE, r->purpose_tag, LEN_TAG_OF_NAME);
	put(out + AT_SMSC, r->smsc_tag, LEN_TAG_OF_NAME);
	put(out + AT_WAIT, r->wait_s, 2);
	put(out + AT_CREATED, (uint64_t)r->created_ms, 6);
	put_since(out + AT_EXPIRES, r, r->expires_ms);
	put_since(out + AT_SENT, r, r->sent_ms);
	put_event(out + AT_ACCEPTED, r, r->accepted_ms);
	put_event(out + AT_ENDED, r, r->ended_ms);
	memcpy(out + AT_GENERATION, r->id.generation, LEN_GENERATION);
	record_pack_error(r->error, out + AT_ERROR);
	memcpy(out + AT_NUMBER, r->sealed.number, LEN_NUMBER);
}

size_t record_pack(const struct store_record *r, const uint8_t *args_tag, const uint16_t *waits_s,
                   uint8_t out[RECORD_CAP])
{
	memset(out, 0, AT_SEALED);
	pack_kept(r, out);
	record_pack_limits(&r->limits, out + AT_LIMITS);
	put(out + AT_TTL, r->ttl_ms, 4);
	put_since(out + AT_DEADLINE, r, r->deadline_ms);
	put_since(out + AT_HARD_END, r, r->hard_end_ms);
	memcpy(out + AT_GENERATION_REST, r->id.generation + LEN_GENERATION, LEN_GENERATION_REST);
	memcpy(out + AT_MAC, r->mac, LEN_MAC);
	put_text(out + AT_REF, r->ref, LEN_REF);
	out[AT_MACS] = r->resend == POLICY_RESEND_OVERLAP ? MACS_OVERLAP : 0;
	out[AT_RETURNED] = r->returned;
	out[AT_REDIRECTS] = r->redirects;
	out[AT_CLAIMS] = r->claims;
	put_text(out + AT_OWNER, r->owner, LEN_OWNER);
	memcpy(out + AT_ARGS, args_tag, LEN_ARGS);
	for (size_t i = 0; i < RECORD_WAITS; i++)
		put(out + AT_WAITS + 2 * i, waits_s[i], 2);
	memcpy(out + AT_CONFIRMS, r->confirms, LEN_CONFIRMS);
	put(out + AT_SEALED_LEN, r->sealed.len, 2);
	memcpy(out + AT_SEALED, r->sealed.octets, r->sealed.len);
	return AT_SEALED + (size_t)r->sealed.len;
}

static void unpack_limits(const uint8_t *p, struct store_limits *l)
{
	struct policy_rate *const rates[] = { &l->sends_short, &l->sends_long, &l->fails_short, &l->fails_long };

	for (size_t i = 0; i < 4; i++)
		*rates[i] = (struct policy_rate){ p[4 * i], (uint32_t)get(p + 4 * i + 1, 3) };
}

/* The length that a record with these first octets has. 0: no version wrote it. */
static size_t whole_len(const uint8_t *p, size_t len)
{
	if (len < TOMBSTONE_LEN || p[AT_VERSION] < RECORD_OLDEST || p[AT_VERSION] > RECORD_NEWEST ||
	    p[AT_STATE] >= LIFECYCLE_STATES || p[AT_DELIVERY] >= DELIVERY_STATES || p[AT_REASON] >= REASON_COUNT)
		return 0;
	if (p[AT_STATE] == LIFECYCLE_EXHAUSTED)
		return TOMBSTONE_LIMITS_LEN;
	if (p[AT_STATE] != LIFECYCLE_PENDING)
		return p[AT_ORIGIN] & ORIGIN_REDIRECTED ? TOMBSTONE_REDIRECTED_LEN : TOMBSTONE_LEN;
	if (len < AT_SEALED || get(p + AT_SEALED_LEN, 2) > KEYRING_SEALED_CAP)
		return 0;
	return AT_SEALED + (size_t)get(p + AT_SEALED_LEN, 2) + (size_t)LEN_KEPT_MAC * (p[AT_MACS] % MACS_OVERLAP) +
	       (size_t)LEN_FORMER * p[AT_FORMER];
}

static void unpack_kept(const uint8_t *p, struct store_record *r)
{
	r->version = p[AT_VERSION];
	r->id.kid = p[AT_KID];
	r->state = (enum lifecycle_state)p[AT_STATE];
	r->delivery = (enum lifecycle_delivery)p[AT_DELIVERY];
	r->reason = (enum lifecycle_reason)p[AT_REASON];
	r->wrong = p[AT_WRONG];
	r->guesses = p[AT_GUESSES];
	r->sends = p[AT_SENDS];
	r->sends_max = p[AT_SENDS_MAX];
	r->unanswered = p[AT_FLAGS] & FLAG_UNANSWERED;
	r->rerouted = p[AT_FLAGS] & FLAG_REROUTED;
	r->cancel = (enum lifecycle_cancel)(p[AT_FLAGS] / FLAG_CANCEL % CANCEL_COUNT);
	r->code_len = p[AT_SHAPE] % SHAPE_ALPHABET;
	r->alphabet = p[AT_SHAPE] & SHAPE_ALPHABET ? CODE_LETTERS : CODE_DIGITS;
	r->bound = p[AT_SHAPE] & SHAPE_CONFIRMS;
	r->known = p[AT_KNOWN] == 1;
	r->own_code = p[AT_ORIGIN] & ORIGIN_OWN;
	r->test = p[AT_ORIGIN] & ORIGIN_TEST;
	r->reverse = p[AT_ORIGIN] & ORIGIN_REVERSE;
	r->similar = p[AT_ORIGIN] & ORIGIN_SIMILAR;
	r->check_digit = p[AT_ORIGIN] & ORIGIN_CHECK_DIGIT;
	r->tenant_tag = (uint32_t)get(p + AT_TENANT, LEN_TENANT);
	r->purpose_tag = (uint16_t)get(p + AT_PURPOSE, LEN_TAG_OF_NAME);
	r->smsc_tag = (uint16_t)get(p + AT_SMSC, LEN_TAG_OF_NAME);
	r->wait_s = (uint16_t)get(p + AT_WAIT, 2);
	r->created_ms = (int64_t)get(p + AT_CREATED, 6);
	r->expires_ms = get_since(p + AT_EXPIRES, r);
	r->sent_ms = get_since(p + AT_SENT, r);
	r->accepted_ms = get_event(p + AT_ACCEPTED, r);
	r->ended_ms = get_event(p + AT_ENDED, r);
	memcpy(r->id.generation, p + AT_GENERATION, LEN_GENERATION);
	get_error(p + AT_ERROR, r->error);
	memcpy(r->sealed.number, p + AT_NUMBER, LEN_NUMBER);
	r->numberless = r->reverse && memcmp(p + AT_NUMBER, no_number, LEN_NUMBER) == 0;
}

static enum policy_resend resend_of(const uint8_t *p)
{
	if (!(p[AT_ORIGIN] & ORIGIN_CODES))
		return POLICY_RESEND_SAME;
	return p[AT_MACS] & MACS_OVERLAP ? POLICY_RESEND_OVERLAP : POLICY_RESEND_REPLACE;
}

static void unpack_live(const uint8_t *p, struct store_record *r)
{
	unpack_limits(p + AT_LIMITS, &r->limits);
	r->ttl_ms = (uint32_t)get(p + AT_TTL, 4);
	r->deadline_ms = get_since(p + AT_DEADLINE, r);
	r->hard_end_ms = get_since(p + AT_HARD_END, r);
	memcpy(r->id.generation + LEN_GENERATION, p + AT_GENERATION_REST, LEN_GENERATION_REST);
	memcpy(r->mac, p + AT_MAC, LEN_MAC);
	get_text(r->ref, p + AT_REF, LEN_REF);
	r->resend = resend_of(p);
	r->returned = p[AT_RETURNED] == 1;
	r->redirects = p[AT_REDIRECTS];
	r->claims = p[AT_CLAIMS];
	get_text(r->owner, p + AT_OWNER, LEN_OWNER);
	memcpy(r->confirms, p + AT_CONFIRMS, LEN_CONFIRMS);
	r->sealed.len = (uint16_t)get(p + AT_SEALED_LEN, 2);
	memcpy(r->sealed.octets, p + AT_SEALED, r->sealed.len);
}

/* What a tombstone does not tell. */
static void forget_live(struct store_record *r)
{
	memset(&r->limits, 0, sizeof(r->limits));
	r->ttl_ms = 0;
	r->deadline_ms = r->hard_end_ms = 0;
	memset(r->mac, 0, sizeof(r->mac));
	memset(r->ref, 0, sizeof(r->ref));
	r->resend = POLICY_RESEND_SAME;
	r->returned = false;
	r->redirects = 0;
	r->claims = 0;
	memset(r->owner, 0, sizeof(r->owner));
	memset(r->confirms, 0, sizeof(r->confirms));
	r->sealed.len = 0;
}

enum err record_unpack(const void *data, size_t len, struct store_record *r)
{
	const uint8_t *p = data;

	if (len == 0 || whole_len(p, len) != len)
		return ERR_CORRUPT;
	unpack_kept(p, r);
	if (r->state == LIFECYCLE_PENDING)
		unpack_live(p, r);
	else
		forget_live(r);
	r->redirected = r->state != LIFECYCLE_PENDING && p[AT_ORIGIN] & ORIGIN_REDIRECTED;
	if (r->redirected)
		memcpy(r->successor, p + AT_SUCCESSOR, LEN_SUCCESSOR);
	return ERR_OK;
}

enum store_gone record_former(const void *packed, const struct ident *asked, int64_t now_ms, int64_t *ago_ms)
{
	static const enum store_gone ends[LIFECYCLE_STATES] = { STORE_EXPIRED, STORE_USED, STORE_EXPIRED,
		                                                STORE_EXHAUSTED, STORE_CANCELLED };
	const uint8_t *p = packed;

	if (p[AT_PREV_STATE] >= LIFECYCLE_STATES ||
	    memcmp(p + AT_PREV_GENERATION, asked->generation, LEN_GENERATION) != 0)
		return STORE_UNKNOWN;
	if (p[AT_PREV_STATE] == LIFECYCLE_VERIFIED)
		*ago_ms = now_ms - (int64_t)get(p + AT_PREV_ENDED, 4) * 1000;
	return ends[p[AT_PREV_STATE]];
}

void record_pack_limits(const struct store_limits *l, uint8_t out[LEN_LIMITS])
{
	const struct policy_rate *const rates[] = { &l->sends_short, &l->sends_long, &l->fails_short, &l->fails_long };

	for (size_t i = 0; i < 4; i++) {
		out[4 * i] = rates[i]->count;
		put(out + 4 * i + 1, rates[i]->window_s, 3);
	}
}

enum lifecycle_state store_effective_state(const struct store_record *r, int64_t now_ms)
{
	return r->state == LIFECYCLE_PENDING && now_ms >= r->expires_ms ? LIFECYCLE_EXPIRED : r->state;
}

int64_t store_pause_ms(const struct store_record *r, int64_t now_ms)
{
	if (r->returned)
		return 0;
	/* A time in the future counts as now, because Redis' clock was set back. */
	int64_t left = (r->sent_ms < now_ms ? r->sent_ms : now_ms) + r->wait_s * 1000 - now_ms;
	return left > 0 ? left : 0;
}

int64_t store_resend_wait_ms(const struct store_record *r, int64_t now_ms)
{
	return r->sends >= r->sends_max ? -1 : store_pause_ms(r, now_ms);
}
