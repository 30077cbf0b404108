/*
 * record: packs and unpacks records. Pure. Does not trust what Redis returns, and checks every enum.
 */
#include "record.h"

#include "base/hex.h"

#include <stdio.h>
#include <string.h>

_Static_assert((int)AT_SEALED + LEN_SEALED == RECORD_LEN && KEYRING_SEALED_LEN == LEN_SEALED &&
                   KEYRING_MAC_LEN == LEN_MAC && KEYRING_TAG_LEN == LEN_ARGS &&
                   IDENT_GENERATION_LEN == LEN_GENERATION && POLICY_WAITS_MAX == RECORD_WAITS &&
                   STORE_OWNER_CAP == LEN_OWNER + 1 && TEXT_NAME_CAP == LEN_SMSC + 1,
               "the octets that layout.h gives each");

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

void record_pack(const struct store_record *r, const uint8_t *args_tag, uint8_t out[RECORD_LEN])
{
	memset(out, 0, RECORD_LEN);
	out[AT_VERSION] = r->version;
	out[AT_KID] = r->id.kid;
	out[AT_STATE] = (uint8_t)r->state;
	out[AT_DELIVERY] = (uint8_t)r->delivery;
	out[AT_REASON] = (uint8_t)r->reason;
	out[AT_WRONG] = r->wrong;
	out[AT_GUESSES] = r->guesses;
	out[AT_SENDS] = r->sends;
	out[AT_SENDS_MAX] = r->sends_max;
	out[AT_CLAIMS] = r->claims;
	out[AT_FLAGS] = (uint8_t)(r->unanswered * FLAG_UNANSWERED | r->rerouted * FLAG_REROUTED);
	out[AT_PREV_STATE] = PREV_NONE;
	out[AT_KNOWN] = r->known;
	out[AT_SHAPE] = (uint8_t)(r->code_len | r->alphabet * SHAPE_ALPHABET);
	out[AT_RETURNED] = r->returned;
	put(out + AT_TENANT, r->tenant_tag, 4);
	put(out + AT_TTL, r->ttl_ms, 4);
	for (size_t i = 0; i < POLICY_WAITS_MAX; i++)
		put(out + AT_WAITS + 4 * i, r->wait_ms[i], 4);
	put(out + AT_CREATED, (uint64_t)r->created_ms, 8);
	put(out + AT_EXPIRES, (uint64_t)r->expires_ms, 8);
	put(out + AT_HARD_END, (uint64_t)r->hard_end_ms, 8);
	put(out + AT_DEADLINE, (uint64_t)r->deadline_ms, 8);
	put(out + AT_SENT, (uint64_t)r->sent_ms, 8);
	put(out + AT_ACCEPTED, (uint64_t)r->accepted_ms, 8);
	put(out + AT_ENDED, (uint64_t)r->ended_ms, 8);
	put_text(out + AT_OWNER, r->owner, LEN_OWNER);
	put_text(out + AT_SMSC, r->smsc, LEN_SMSC);
	record_pack_error(r->error, out + AT_ERROR);
	memcpy(out + AT_ARGS, args_tag, KEYRING_TAG_LEN);
	memcpy(out + AT_GENERATION, r->id.generation, IDENT_GENERATION_LEN);
	memcpy(out + AT_MAC, r->mac, KEYRING_MAC_LEN);
	record_pack_limits(&r->limits, out + AT_LIMITS);
	memcpy(out + AT_SEALED, r->sealed, KEYRING_SEALED_LEN);
}

static void unpack_limits(const uint8_t *p, struct store_limits *l)
{
	struct policy_rate *const rates[] = { &l->sends_short, &l->sends_long, &l->fails_short, &l->fails_long };

	for (size_t i = 0; i < 4; i++)
		*rates[i] = (struct policy_rate){ p[5 * i], (uint32_t)get(p + 5 * i + 1, 4) };
}

/* Reads seven of the eight octets, so that sums do not overflow even if the record was changed. */
static int64_t get_time(const uint8_t *p)
{
	return (int64_t)get(p, 7);
}

enum err record_unpack(const void *data, size_t len, struct store_record *r)
{
	const uint8_t *p = data;

	if (len != RECORD_LEN || p[AT_VERSION] < RECORD_OLDEST || p[AT_VERSION] > RECORD_NEWEST ||
	    p[AT_STATE] >= LIFECYCLE_STATES || p[AT_DELIVERY] >= DELIVERY_STATES || p[AT_REASON] >= REASON_COUNT)
		return ERR_CORRUPT;
	r->version = p[AT_VERSION];
	r->id.kid = p[AT_KID];
	r->state = (enum lifecycle_state)p[AT_STATE];
	r->delivery = (enum lifecycle_delivery)p[AT_DELIVERY];
	r->reason = (enum lifecycle_reason)p[AT_REASON];
	r->wrong = p[AT_WRONG];
	r->guesses = p[AT_GUESSES];
	r->sends = p[AT_SENDS];
	r->sends_max = p[AT_SENDS_MAX];
	r->claims = p[AT_CLAIMS];
	r->unanswered = p[AT_FLAGS] & FLAG_UNANSWERED;
	r->rerouted = p[AT_FLAGS] & FLAG_REROUTED;
	r->known = p[AT_KNOWN] == 1;
	r->returned = p[AT_RETURNED] == 1;
	r->code_len = p[AT_SHAPE] % SHAPE_ALPHABET;
	r->alphabet = p[AT_SHAPE] / SHAPE_ALPHABET ? CODE_LETTERS : CODE_DIGITS;
	r->tenant_tag = (uint32_t)get(p + AT_TENANT, 4);
	r->ttl_ms = (uint32_t)get(p + AT_TTL, 4);
	for (size_t i = 0; i < POLICY_WAITS_MAX; i++)
		r->wait_ms[i] = (uint32_t)get(p + AT_WAITS + 4 * i, 4);
	r->created_ms = get_time(p + AT_CREATED);
	r->expires_ms = get_time(p + AT_EXPIRES);
	r->hard_end_ms = get_time(p + AT_HARD_END);
	r->deadline_ms = get_time(p + AT_DEADLINE);
	r->sent_ms = get_time(p + AT_SENT);
	r->accepted_ms = get_time(p + AT_ACCEPTED);
	r->ended_ms = get_time(p + AT_ENDED);
	get_text(r->owner, p + AT_OWNER, LEN_OWNER);
	get_text(r->smsc, p + AT_SMSC, LEN_SMSC);
	get_error(p + AT_ERROR, r->error);
	memcpy(r->id.generation, p + AT_GENERATION, IDENT_GENERATION_LEN);
	memcpy(r->mac, p + AT_MAC, KEYRING_MAC_LEN);
	unpack_limits(p + AT_LIMITS, &r->limits);
	memcpy(r->sealed, p + AT_SEALED, KEYRING_SEALED_LEN);
	return ERR_OK;
}

enum store_gone record_former(const void *packed, const struct ident *asked, int64_t now_ms, int64_t *ago_ms)
{
	static const enum store_gone ends[LIFECYCLE_STATES] = { STORE_EXPIRED, STORE_USED, STORE_EXPIRED,
		                                                STORE_EXHAUSTED, STORE_CANCELLED };
	const uint8_t *p = packed;

	if (p[AT_PREV_STATE] >= LIFECYCLE_STATES ||
	    memcmp(p + AT_PREV_GENERATION, asked->generation, LEN_PREV_GENERATION) != 0)
		return STORE_UNKNOWN;
	if (p[AT_PREV_STATE] == LIFECYCLE_VERIFIED)
		*ago_ms = now_ms - (int64_t)get(p + AT_PREV_ENDED, 4) * 1000;
	return ends[p[AT_PREV_STATE]];
}

void record_pack_limits(const struct store_limits *l, uint8_t out[LEN_LIMITS])
{
	const struct policy_rate *const rates[] = { &l->sends_short, &l->sends_long, &l->fails_short, &l->fails_long };

	for (size_t i = 0; i < 4; i++) {
		out[5 * i] = rates[i]->count;
		put(out + 5 * i + 1, rates[i]->window_s, 4);
	}
}

enum lifecycle_state store_effective_state(const struct store_record *r, int64_t now_ms)
{
	return r->state == LIFECYCLE_PENDING && now_ms >= r->expires_ms ? LIFECYCLE_EXPIRED : r->state;
}

int64_t store_resend_wait_ms(const struct store_record *r, int64_t now_ms)
{
	uint32_t wait = 0;

	if (r->sends >= r->sends_max)
		return -1;
	if (r->returned)
		return 0;
	for (size_t i = 0; i < r->sends && i < POLICY_WAITS_MAX; i++)
		wait = r->wait_ms[i] ? r->wait_ms[i] : wait;
	/* A time in the future counts as now, because Redis' clock was set back. */
	int64_t left = (r->sent_ms < now_ms ? r->sent_ms : now_ms) + wait - now_ms;
	return left > 0 ? left : 0;
}
