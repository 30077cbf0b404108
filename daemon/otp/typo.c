/*
 * typo: the numbers that are one slip of the finger away from another. This file owns what counts as one edit. It must
 * never hold a table of prefixes, and never print a number.
 */
#include "otp/typo.h"

#include <string.h>

#define CODE_MAX 3    /* digits of a country code */
#define TYPED_MOST 18 /* digits, e.g. 0062 0 812 3456 78901 and one too much */

/* True if `longer` is `shorter` with one digit more. n is the length of shorter. */
static bool is_added(const char *shorter, const char *longer, size_t n)
{
	size_t same = 0;

	while (same < n && shorter[same] == longer[same])
		same++;
	return memcmp(shorter + same, longer + same + 1, n - same) == 0;
}

bool typo_one_edit(const struct msisdn *a, const struct msisdn *b)
{
	size_t m = strnlen(a->digits, MSISDN_CAP), n = strnlen(b->digits, MSISDN_CAP), same = 0;

	if (m + 1 == n)
		return is_added(a->digits, b->digits, m);
	if (n + 1 == m)
		return is_added(b->digits, a->digits, n);
	if (m != n)
		return false;
	while (same < n && a->digits[same] == b->digits[same])
		same++;
	if (same == n)
		return false;
	const char *x = a->digits + same, *y = b->digits + same;
	size_t rest = n - same;
	if (memcmp(x + 1, y + 1, rest - 1) == 0)
		return true;
	return x[0] == y[1] && x[1] == y[0] && memcmp(x + 2, y + 2, rest - 2) == 0;
}

/* The search for similar numbers. */
struct search {
	const struct msisdn_plan *plan;
	struct msisdn *out;
	size_t found; /* TYPO_MOST + 1: too many */
};

/* Keeps the number of these digits if it is accepted and new. */
static void keep(struct search *s, const struct msisdn_typed *typed)
{
	struct msisdn number;

	if (s->found > TYPO_MOST || msisdn_of_typed(s->plan, typed, &number, NULL))
		return;
	for (size_t i = 0; i < s->found; i++) {
		if (strcmp(s->out[i].digits, number.digits) == 0)
			return;
	}
	if (s->found < TYPO_MOST)
		s->out[s->found] = number;
	s->found++;
}

static void try_left_out(struct search *s, const struct msisdn_typed *typed, size_t at)
{
	struct msisdn_typed t = *typed;

	/* Of equal ones behind one another it does not matter which. */
	if (typed->digits[at] == typed->digits[at + 1])
		return;
	memmove(t.digits + at, t.digits + at + 1, t.count - at);
	t.count--;
	keep(s, &t);
}

static void try_swapped(struct search *s, const struct msisdn_typed *typed, size_t at)
{
	struct msisdn_typed t = *typed;

	t.digits[at] = typed->digits[at + 1];
	t.digits[at + 1] = typed->digits[at];
	if (t.digits[at] != t.digits[at + 1])
		keep(s, &t);
}

static void try_added(struct search *s, const struct msisdn_typed *typed, size_t at)
{
	struct msisdn_typed t = *typed;

	memmove(t.digits + at + 1, t.digits + at, t.count - at + 1);
	t.count++;
	for (char digit = '0'; digit <= '9' && s->found <= TYPO_MOST; digit++) {
		t.digits[at] = digit;
		if (digit != typed->digits[at])
			keep(s, &t);
	}
}

static void try_replaced(struct search *s, const struct msisdn_typed *typed, size_t at)
{
	struct msisdn_typed t = *typed;

	for (char digit = '0'; digit <= '9' && s->found <= TYPO_MOST; digit++) {
		t.digits[at] = digit;
		if (digit != typed->digits[at])
			keep(s, &t);
	}
}

/* Takes n digits from `at` on for another country's code, and puts the home country's in their place. */
static void try_code(struct search *s, const struct msisdn_typed *typed, size_t at, size_t n)
{
	const char *code = s->plan->countries[s->plan->home].code;
	struct msisdn_typed t = { .plus = true, .count = strlen(code) + typed->count - at - n };

	memcpy(t.digits, code, strlen(code));
	memcpy(t.digits + strlen(code), typed->digits + at + n, typed->count - at - n);
	keep(s, &t);
}

/* Returns where the country code begins. Without "+" or international prefix there is none: the number of digits. */
static size_t code_at(const struct msisdn_plan *plan, const struct msisdn_typed *typed)
{
	size_t idd = strlen(plan->idd);

	if (typed->plus)
		return 0;
	return idd > 0 && strncmp(typed->digits, plan->idd, idd) == 0 ? idd : typed->count;
}

size_t typo_similar(const struct msisdn_plan *plan, const char *text, size_t len, struct msisdn out[TYPO_MOST])
{
	struct search s = { plan, out, 0 };
	struct msisdn_typed typed;
	struct msisdn number;

	if (!msisdn_typed_read(text, len, &typed) || typed.count > TYPED_MOST ||
	    !msisdn_of_typed(plan, &typed, &number, NULL))
		return 0;
	size_t code = code_at(plan, &typed);
	for (size_t n = 1; n <= CODE_MAX && code + n < typed.count && plan->home < plan->country_count; n++)
		try_code(&s, &typed, code, n);
	for (size_t at = 0; at <= typed.count && s.found <= TYPO_MOST; at++) {
		try_added(&s, &typed, at);
		if (at == typed.count)
			break;
		try_left_out(&s, &typed, at);
		try_replaced(&s, &typed, at);
		if (at + 1 < typed.count)
			try_swapped(&s, &typed, at);
	}
	return s.found <= TYPO_MOST ? s.found : 0;
}
