/*
 * msisdn: turns what people write as a telephone number into E.164, by the numbering plan of the configuration. This
 * file owns the rules of reading only. It must never hold a table of prefixes, and never print a whole number.
 */
#include "otp/msisdn.h"

#include "otp/typed.h"

#include <string.h>
#include <strings.h>

#define WRITTEN_MAX 128 /* octets of text; a digit or space of another script has up to 4 */
#define TAIL_MIN 6      /* digits; fewer are the end of several people's numbers */
#define DIGITS_MAX 32   /* digits: 15 of E.164 and the prefixes that people put before them */
#define GROUP_MIN 2     /* digits on each side of "." or "/" */

/* The state of reading one number. A group is a run of digits that no separator interrupts. */
struct reading {
	char digits[DIGITS_MAX + 1];
	size_t count;        /* of digits[] */
	size_t group;        /* number of digits in the last group */
	size_t dots, behind; /* dots: number of "." read; behind: digits since the last one */
	bool open;           /* the next digit belongs to the last group */
	bool joint;          /* the group behind the last "." or "/" is still too short */
	bool plus;
};

static bool read_digit(struct reading *r, char digit)
{
	if (r->count == DIGITS_MAX)
		return false;
	r->group = r->open ? r->group + 1 : 1;
	r->open = true;
	r->joint = r->joint && r->group < GROUP_MIN;
	r->digits[r->count++] = digit;
	r->behind++;
	return true;
}

/*
 * Reads "." or "/", which may only stand between groups. Beside a single digit it would be part of a fraction, a list
 * or an extension.
 */
static bool read_joint(struct reading *r, bool dot)
{
	if (r->joint || r->group < GROUP_MIN)
		return false;
	r->group = 0;
	r->open = false;
	r->joint = true;
	if (dot) {
		r->dots++;
		r->behind = 0;
	}
	return true;
}

static bool read_character(struct reading *r, const struct typed *c)
{
	switch (c->kind) {
	case TYPED_DIGIT:
		return read_digit(r, c->ascii);
	case TYPED_INVISIBLE:
		return true;
	case TYPED_SEPARATOR:
		r->open = false;
		return !r->joint || r->group == 0;
	case TYPED_DOT:
	case TYPED_SLASH:
		return read_joint(r, c->kind == TYPED_DOT);
	case TYPED_PLUS:
		if (r->count > 0 || r->plus)
			return false;
		r->plus = true;
		return true;
	case TYPED_LATIN:
	case TYPED_LETTER:
	case TYPED_MARK:
	case TYPED_OTHER:
		break;
	}
	return false;
}

/*
 * True for one dot with two digits or only zeros behind it, which is how a spreadsheet writes a number with decimal
 * places.
 */
static bool is_fraction(const struct reading *r)
{
	return r->dots == 1 && (r->behind <= 2 || strspn(r->digits + r->count - r->behind, "0") == r->behind);
}

/*
 * Returns the length in octets of a leading "tel:", including the separators and invisible characters before it.
 * Returns 0 if the text does not begin with "tel:".
 */
static size_t tel_prefix(const char *text, size_t len)
{
	static const char tel[] = "tel:";
	const size_t n = sizeof(tel) - 1;
	size_t at = 0, next = 0;
	struct typed c;

	if (len > 0 && typed_is_digit(text[0]))
		return 0;
	while (next < len && typed_next(text, len, &next, &c) &&
	       (c.kind == TYPED_SEPARATOR || c.kind == TYPED_INVISIBLE))
		at = next;
	return len - at > n && strncasecmp(text + at, tel, n) == 0 ? at + n : 0;
}

/* Reads the digits of the text. Returns false if the text is not written like a number. */
static bool collect(const char *text, size_t len, struct reading *r)
{
	struct typed c;

	*r = (struct reading){ .count = 0 };
	if (len > WRITTEN_MAX)
		return false;
	for (size_t at = tel_prefix(text, len); at < len;) {
		bool good = typed_is_digit(text[at]) ? read_digit(r, text[at++])
		                                     : typed_next(text, len, &at, &c) && read_character(r, &c);

		if (!good)
			return false;
	}
	return r->count > 0 && !r->joint && !is_fraction(r);
}

static bool begins(const char *digits, const char *prefix)
{
	return strncmp(digits, prefix, strlen(prefix)) == 0;
}

static const struct msisdn_country *by_code(const struct msisdn_plan *plan, const char *digits)
{
	const struct msisdn_country *best = NULL;

	for (size_t i = 0; i < plan->country_count; i++) {
		const struct msisdn_country *c = &plan->countries[i];

		if (c->code[0] && begins(digits, c->code) && (!best || strlen(c->code) > strlen(best->code)))
			best = c;
	}
	return best;
}

static bool is_mobile(const struct msisdn_country *c, const char *national)
{
	for (size_t i = 0; i < c->mobile_count; i++) {
		if (begins(national, c->mobile[i]))
			return true;
	}
	return c->mobile_count == 0;
}

/* True if further digits could make the number mobile, e.g. "8" where "81" is mobile. */
static bool may_become_mobile(const struct msisdn_country *c, const char *national)
{
	for (size_t i = 0; i < c->mobile_count; i++) {
		if (begins(c->mobile[i], national))
			return true;
	}
	return false;
}

static const char *skip_trunk(const struct msisdn_country *c, const char *national)
{
	if (c->trunk[0] && begins(national, c->trunk) && !(c->mobile_count > 0 && is_mobile(c, national)))
		return national + strlen(c->trunk);
	return national;
}

/*
 * Drops a country code that was typed again, but only if the number is mobile without it, because the landlines of some
 * towns begin with the same digits. allowed: how many repetitions are accepted. Returns false if there were more.
 */
static bool skip_codes(const struct msisdn_country *c, unsigned allowed, const char **national)
{
	const char *at = skip_trunk(c, *national);
	unsigned again = 0;

	while (c->mobile_count > 0 && !is_mobile(c, at) && begins(at, c->code)) {
		at = skip_trunk(c, at + strlen(c->code));
		again++;
	}
	if (again == 0 || !is_mobile(c, at)) {
		*national = skip_trunk(c, *national);
		return true;
	}
	*national = at;
	return again <= allowed;
}

static const struct msisdn_range *find_range(const struct msisdn_country *c, const char *national)
{
	for (size_t i = 0; i < c->range_count; i++) {
		const struct msisdn_range *r = &c->ranges[i];
		size_t n = strlen(r->from);

		if (strlen(national) >= n && strncmp(national, r->from, n) >= 0 && strncmp(national, r->to, n) <= 0)
			return r;
	}
	return NULL;
}

static enum msisdn_reason judge(const struct msisdn_country *c, const char *national, struct msisdn *out,
                                struct msisdn_info *info)
{
	size_t len = strlen(national), code_len = strlen(c->code);
	const struct msisdn_range *range = find_range(c, national);

	if (range && info && range->operator_name)
		info->operator_name = range->operator_name;
	if (!is_mobile(c, national))
		return may_become_mobile(c, national) ? MSISDN_TOO_SHORT : MSISDN_NOT_MOBILE;
	if (len < c->len_min)
		return MSISDN_TOO_SHORT;
	if (len > c->len_max || code_len + len > MSISDN_CAP - 1)
		return MSISDN_TOO_LONG;
	if (c->range_count > 0 && !range)
		return MSISDN_UNASSIGNED_PREFIX;
	memset(out, 0, sizeof(*out));
	memcpy(out->digits, c->code, code_len);
	memcpy(out->digits + code_len, national, len);
	return MSISDN_OK;
}

/*
 * Finds the country and the national digits. allowed gets the number of repeated country codes that skip_codes may
 * drop. Returns NULL if the country is not served.
 */
static const struct msisdn_country *split(const struct msisdn_plan *plan, const char *digits, bool plus,
                                          const char **national, unsigned *allowed)
{
	const struct msisdn_country *home = plan->home < plan->country_count ? &plan->countries[plan->home] : NULL;
	const struct msisdn_country *c;
	bool abroad = plus;

	*allowed = 0;
	if (!plus && plan->idd[0] && begins(digits, plan->idd)) {
		digits += strlen(plan->idd);
		abroad = true;
	}
	*national = digits;
	if (!abroad && home && home->trunk[0] && begins(digits, home->trunk))
		return home;
	c = by_code(plan, digits);
	if (c) {
		*national = digits + strlen(c->code);
		*allowed = 1;
		return c;
	}
	/* People leave out the trunk digit where a page already shows the country code. */
	if (!abroad && home && home->mobile_count > 0 && (is_mobile(home, digits) || may_become_mobile(home, digits)))
		return home;
	return NULL;
}

enum msisdn_reason msisdn_parse(const struct msisdn_plan *plan, const char *text, size_t len, struct msisdn *out,
                                struct msisdn_info *info)
{
	struct reading r;
	const struct msisdn_country *c;
	const char *national;
	unsigned allowed;

	if (info)
		*info = (struct msisdn_info){ NULL, "" };
	if (!collect(text, len, &r))
		return MSISDN_NOT_A_NUMBER;
	c = split(plan, r.digits, r.plus, &national, &allowed);
	if (!c)
		return MSISDN_COUNTRY_NOT_SERVED;
	if (info)
		info->country = c;
	if (!skip_codes(c, allowed, &national))
		return MSISDN_EXTRA_COUNTRY_CODE;
	return judge(c, national, out, info);
}

static const struct {
	const char *name, *text;
} reasons[] = {
	[MSISDN_OK] = { "ok", "The number is good." },
	[MSISDN_TOO_SHORT] = { "too_short", "The number has fewer digits than numbers of this country have." },
	[MSISDN_TOO_LONG] = { "too_long", "The number has more digits than numbers of this country have." },
	[MSISDN_NOT_MOBILE] = { "not_mobile", "The number is not a mobile number and cannot receive an SMS." },
	[MSISDN_UNASSIGNED_PREFIX] = { "unassigned_prefix", "No operator has numbers that begin like this one." },
	[MSISDN_EXTRA_COUNTRY_CODE] = { "extra_country_code", "The country code stands in the number more than once." },
	[MSISDN_NOT_A_NUMBER] = { "not_a_number", "This is not a telephone number: write its digits only, without a "
	                                          "word, an extension or a fraction." },
	[MSISDN_COUNTRY_NOT_SERVED] = { "country_not_served", "Numbers of this country are not served." },
};

const char *msisdn_reason_name(enum msisdn_reason reason)
{
	return (size_t)reason < sizeof(reasons) / sizeof(reasons[0]) ? reasons[reason].name : "unknown";
}

const char *msisdn_reason_text(enum msisdn_reason reason)
{
	return (size_t)reason < sizeof(reasons) / sizeof(reasons[0]) ? reasons[reason].text : "";
}

void msisdn_mask(const struct msisdn *m, char out[MSISDN_MASK_CAP])
{
	size_t len = strnlen(m->digits, MSISDN_CAP - 1), head = 0, tail = 0, at = 0;

	if (len >= 11) {
		head = 5;
		tail = 3;
	} else if (len >= 7) {
		head = 2;
		tail = 2;
	}
	out[at++] = '+';
	memcpy(out + at, m->digits, head);
	at += head;
	memcpy(out + at, "****", 4);
	at += 4;
	memcpy(out + at, m->digits + len - tail, tail);
	out[at + tail] = '\0';
}

bool msisdn_has_prefix(const struct msisdn *m, const char *prefix)
{
	return begins(m->digits, prefix);
}

bool msisdn_tail(const char *written, char tail[MSISDN_TAIL_CAP])
{
	struct reading r;

	tail[0] = '\0';
	if (!collect(written, strlen(written), &r))
		return false;
	const char *at = r.digits + strspn(r.digits, "0");
	size_t n = strlen(at);
	if (n < TAIL_MIN)
		return false;
	if (n > MSISDN_TAIL_CAP - 1)
		at += n - (MSISDN_TAIL_CAP - 1);
	memcpy(tail, at, strlen(at) + 1);
	return true;
}

bool msisdn_ends(const struct msisdn *m, const char *tail)
{
	size_t have = strlen(m->digits), want = strlen(tail), n = have < want ? have : want;

	return n >= TAIL_MIN && memcmp(m->digits + have - n, tail + want - n, n) == 0;
}

void msisdn_wipe(struct msisdn *m)
{
	explicit_bzero(m, sizeof(*m));
}
