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
#define GROUP_MIN 2     /* digits on each side of "." or "/" */
#define AGAIN_MAX 2     /* repetitions of a country code that are looked for */

/* The state of reading one number. A group is a run of digits that no separator interrupts. */
struct reading {
	struct msisdn_typed typed;
	size_t group;        /* number of digits in the last group */
	size_t dots, behind; /* dots: number of "." read; behind: digits since the last one */
	bool open;           /* the next digit belongs to the last group */
	bool joint;          /* the group behind the last "." or "/" is still too short */
};

static bool read_digit(struct reading *r, char digit)
{
	if (r->typed.count == MSISDN_TYPED_MAX)
		return false;
	r->group = r->open ? r->group + 1 : 1;
	r->open = true;
	r->joint = r->joint && r->group < GROUP_MIN;
	r->typed.digits[r->typed.count++] = digit;
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
		if (r->typed.count > 0 || r->typed.plus)
			return false;
		r->typed.plus = true;
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
	const char *behind = r->typed.digits + r->typed.count - r->behind;

	return r->dots == 1 && (r->behind <= 2 || strspn(behind, "0") == r->behind);
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

	*r = (struct reading){ .group = 0 };
	if (len > WRITTEN_MAX)
		return false;
	for (size_t at = tel_prefix(text, len); at < len;) {
		bool good = typed_is_digit(text[at]) ? read_digit(r, text[at++])
		                                     : typed_next(text, len, &at, &c) && read_character(r, &c);

		if (!good)
			return false;
	}
	return r->typed.count > 0 && !r->joint && !is_fraction(r);
}

static bool begins(const char *digits, const char *prefix)
{
	return strncmp(digits, prefix, strlen(prefix)) == 0;
}

static const char *skip_trunk(const struct msisdn_country *c, const char *national)
{
	if (c->trunk[0] && begins(national, c->trunk) && !(c->mobile_count > 0 && plan_is_mobile(c, national)))
		return national + strlen(c->trunk);
	return national;
}

/*
 * Drops a country code that was typed again, but only if the number is mobile without it, because the landlines of some
 * towns begin with the same digits. allowed: how many repetitions are accepted. Returns false if there were more.
 */
static bool skip_codes(const struct msisdn_country *c, unsigned allowed, const char **national)
{
	const char *first = skip_trunk(c, *national), *at = first;
	unsigned again = 0;
	bool mobile = plan_is_mobile(c, at);

	while (!mobile && again < AGAIN_MAX && begins(at, c->code)) {
		at = skip_trunk(c, at + strlen(c->code));
		mobile = plan_is_mobile(c, at);
		again++;
	}
	*national = mobile ? at : first;
	return !mobile || again <= allowed;
}

/* Tells whether a mobile number of the country may have so many digits. m: the range that it is in; NULL: none has it.
 */
static enum msisdn_reason judge_length(const struct msisdn_country *c, const struct msisdn_mobile *m,
                                       const char *national)
{
	size_t len = strlen(national);
	unsigned longer = m ? (unsigned)m->lengths >> (len < 16 ? len : 16) : 0;

	if (len + strlen(c->code) > MSISDN_CAP - 1)
		return MSISDN_TOO_LONG;
	if (!m || !m->lengths)
		return len < c->len_min ? MSISDN_TOO_SHORT : len > c->len_max ? MSISDN_TOO_LONG : MSISDN_OK;
	if (!longer)
		return MSISDN_TOO_LONG;
	return longer & 1 ? MSISDN_OK : MSISDN_TOO_SHORT;
}

static enum msisdn_reason judge(const struct msisdn_country *c, const char *national, struct msisdn *out,
                                struct msisdn_info *info)
{
	const struct msisdn_range *range = plan_range(c, national);
	const struct msisdn_mobile *m = plan_mobile(c, national);
	enum msisdn_reason reason;

	if (range && info) {
		info->brand = range->brand ? range->brand : "";
		info->network = range->network ? range->network : "";
	}
	if (!m && c->mobile_count > 0)
		return plan_may_become_mobile(c, national) ? MSISDN_TOO_SHORT : MSISDN_NOT_MOBILE;
	reason = judge_length(c, m, national);
	if (reason)
		return reason;
	if (c->strict && !range)
		return MSISDN_UNASSIGNED_PREFIX;
	memset(out, 0, sizeof(*out));
	memcpy(out->digits, c->code, strlen(c->code));
	memcpy(out->digits + strlen(c->code), national, strlen(national));
	return MSISDN_OK;
}

/* A way to read the digits: a country, its national digits, and how many repetitions of its code may be dropped. */
struct split {
	const struct msisdn_country *country; /* NULL: it is not served */
	const char *national;
	unsigned allowed;
	bool bare; /* the digits may be a number of the home country, without code or trunk digit */
};

/* Chooses among countries of one code the one that has the number. Without any, it is the first one's. */
static const struct msisdn_country *choose(const struct msisdn_country *first, size_t count, const struct split *s)
{
	for (size_t i = 0; count > 1 && i < count; i++) {
		const char *national = s->national;

		if (skip_codes(&first[i], s->allowed, &national) && plan_is_mobile(&first[i], national))
			return &first[i];
	}
	return first;
}

/* The home country, or one of the same code if only that has the number, because between them no code is dialled. */
static const struct msisdn_country *at_home(const struct msisdn_plan *plan, const struct split *s)
{
	const struct msisdn_country *home = &plan->countries[plan->home], *other;
	const char *national = s->national;
	size_t count;

	if (!plan_shares_code(plan, plan->home))
		return home;
	if (skip_codes(home, 0, &national) && plan_is_mobile(home, national))
		return home;
	other = plan_of_code(plan, home->code, &count);
	other = choose(other, count, s);
	national = s->national;
	return skip_codes(other, 0, &national) && plan_is_mobile(other, national) ? other : home;
}

/* True if the digits are a number of the home country, or its beginning, without anything before it. */
static bool is_bare(const struct msisdn_country *home, const char *digits)
{
	return home->mobile_count > 0 && (plan_is_mobile(home, digits) || plan_may_become_mobile(home, digits));
}

/* Finds the country and the national digits. */
static struct split split(const struct msisdn_plan *plan, const struct msisdn_typed *typed)
{
	const struct msisdn_country *home = plan->home < plan->country_count ? &plan->countries[plan->home] : NULL;
	struct split s = { NULL, typed->digits, 0, false };
	bool abroad = typed->plus;
	size_t count;

	if (!abroad && plan->idd[0] && begins(s.national, plan->idd)) {
		s.national += strlen(plan->idd);
		abroad = true;
	}
	if (!abroad && home && home->trunk[0] && begins(s.national, home->trunk)) {
		s.country = at_home(plan, &s);
		return s;
	}
	/* People leave out the trunk digit where a page already shows the country code. */
	s.bare = !abroad && home && is_bare(home, s.national);
	s.country = plan_of_code(plan, s.national, &count);
	if (s.country) {
		s.national += strlen(s.country->code);
		s.allowed = 1;
		s.country = choose(s.country, count, &s);
	} else if (s.bare) {
		s.country = home;
	}
	return s;
}

static enum msisdn_reason judge_split(struct split s, struct msisdn *out, struct msisdn_info *info)
{
	if (info)
		*info = (struct msisdn_info){ s.country, "", "" };
	if (!s.country)
		return MSISDN_COUNTRY_NOT_SERVED;
	if (!skip_codes(s.country, s.allowed, &s.national))
		return MSISDN_EXTRA_COUNTRY_CODE;
	return judge(s.country, s.national, out, info);
}

enum msisdn_reason msisdn_of_typed(const struct msisdn_plan *plan, const struct msisdn_typed *typed, struct msisdn *out,
                                   struct msisdn_info *info)
{
	const struct split s = split(plan, typed);
	enum msisdn_reason reason = judge_split(s, out, info);
	struct msisdn_info home;

	/* 812... is no number of the country with code 81, but it may be one of the home country. */
	if (!reason || !s.bare ||
	    judge_split((struct split){ &plan->countries[plan->home], typed->digits, 0, false }, out, &home))
		return reason;
	if (info)
		*info = home;
	return MSISDN_OK;
}

bool msisdn_typed_read(const char *text, size_t len, struct msisdn_typed *out)
{
	struct reading r;
	bool read = collect(text, len, &r);

	*out = r.typed;
	return read;
}

enum msisdn_reason msisdn_parse(const struct msisdn_plan *plan, const char *text, size_t len, struct msisdn *out,
                                struct msisdn_info *info)
{
	struct reading r;

	if (collect(text, len, &r))
		return msisdn_of_typed(plan, &r.typed, out, info);
	if (info)
		*info = (struct msisdn_info){ NULL, "", "" };
	return MSISDN_NOT_A_NUMBER;
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

/* Appends the digits as the grouping says: an "x" stands for a digit, what is between them is copied. */
static void group(const char *digits, const char *pattern, char *out, size_t cap)
{
	size_t n = 0;

	for (; *pattern && n + 1 < cap; pattern++)
		out[n++] = *pattern == 'x' && *digits ? *digits++ : *pattern;
	out[n] = '\0';
}

static size_t places(const char *pattern)
{
	size_t n = 0;

	for (; *pattern; pattern++)
		n += *pattern == 'x';
	return n;
}

void msisdn_display(const struct msisdn_country *c, const struct msisdn *m, char out[MSISDN_DISPLAY_CAP])
{
	/* By the number of digits, for countries whose plan does not say it. */
	static const char *const plain[] = {
		"",
		"x",
		"xx",
		"xxx",
		"xxxx",
		"xxxxx",
		"xxx xxx",
		"xxx xxxx",
		"xxxx xxxx",
		"xxx xxx xxx",
		"xxx xxx xxxx",
		"xxx xxxx xxxx",
		"xxxx xxxx xxxx",
		"xxx xxx xxx xxxx",
		"xxx xxx xxxx xxxx",
		"xxx xxxx xxxx xxxx",
	};
	const char *national = m->digits + strlen(c->code), *pattern = plain[strlen(national)];
	size_t len = strlen(c->code);

	for (size_t i = 0; i < c->display_count; i++) {
		if (places(c->display[i]) == strlen(national))
			pattern = c->display[i];
	}
	out[0] = '+';
	memcpy(out + 1, c->code, len);
	out[1 + len] = ' ';
	group(national, pattern, out + 2 + len, MSISDN_DISPLAY_CAP - 2 - len);
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
	const char *at = r.typed.digits + strspn(r.typed.digits, "0");
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
