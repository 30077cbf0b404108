/*
 * Longest prefix, order, shares by weight.
 */
#include "smpp/routes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *const names[] = { "a", "b", "c" };

static int index_of(void *arg, const char *name)
{
	(void)arg;
	for (int i = 0; i < 3; i++)
		if (strcmp(names[i], name) == 0)
			return i * 120 + 1; /* indices need not be in a row */
	return -1;
}

static enum err make(struct smpp_routes *r, const struct smpp_route_opts *routes, size_t count)
{
	const struct smpp_opts o = { .routes = routes, .route_count = count };
	return smpp_routes_init(r, &o, index_of, NULL);
}

static void the_longest_prefix_wins(void **state)
{
	const struct smpp_route_opts o[] = { { .prefix = "62", .smscs = names, .smsc_count = 1 },
		                             { .prefix = "", .smscs = names, .smsc_count = 2 },
		                             { .prefix = "62811", .smscs = names, .smsc_count = 3, .sender = "ACME" } };
	struct smpp_routes r;
	(void)state;
	assert_int_equal(make(&r, o, 3), ERR_OK);
	assert_int_equal(smpp_routes_find(&r, &(struct msisdn){ "6281234567" }), 0);
	assert_int_equal(smpp_routes_find(&r, &(struct msisdn){ "442079460000" }), 1);
	assert_int_equal(smpp_routes_find(&r, &(struct msisdn){ "6281134567" }), 2);
	assert_string_equal(r.all[2].sender, "ACME");
	assert_true(smsc_set_has(&r.all[2].set, 1) && smsc_set_has(&r.all[2].set, 121) &&
	            smsc_set_has(&r.all[2].set, 241));
	assert_int_equal(smsc_set_count(&r.all[2].set), 3);
	smpp_routes_clear(&r);
	assert_int_equal(make(&r, o, 1), ERR_OK);
	assert_int_equal(smpp_routes_find(&r, &(struct msisdn){ "442079460000" }), -1);
	smpp_routes_clear(&r);
}

/* As a look at every route finds it, for prefixes that begin with each other and such that do not. */
static void any_number_finds_its_longest_prefix(void **state)
{
	static char prefixes[400][SMPP_PREFIX_CAP];
	static struct smpp_route_opts o[400];
	unsigned seed = 1;
	struct smpp_routes r;
	(void)state;
	for (size_t i = 0; i < 400; i++) {
		seed = seed * 1103515245 + 12345;
		snprintf(prefixes[i], SMPP_PREFIX_CAP, "%.*s%u", i % 3 ? (int)(seed >> 20 & 3) : 0, "621",
		         seed >> 16 & 1023);
		prefixes[i][(seed >> 24) % 7] = 0; /* some begin others, some are twice there, one is empty */
		o[i] = (struct smpp_route_opts){ .prefix = prefixes[i], .smscs = names, .smsc_count = 1 };
	}
	for (size_t n = 1; n <= 400; n += 57) {
		assert_int_equal(make(&r, o, n), ERR_OK);
		for (unsigned k = 0; k < 5000; k++) {
			struct msisdn to = { "" };
			int best = -1;
			seed = seed * 1103515245 + 12345;
			snprintf(to.digits, sizeof to.digits, "%.*s%u", (int)(seed >> 20 & 3), "621", seed >> 8);
			for (size_t i = 0; i < n; i++)
				if (msisdn_has_prefix(&to, prefixes[i]) &&
				    (best < 0 || strlen(prefixes[i]) > strlen(prefixes[best])))
					best = (int)i;
			assert_int_equal(smpp_routes_find(&r, &to), best);
		}
		smpp_routes_clear(&r);
	}
}

static void what_is_unknown_is_refused(void **state)
{
	const char *stranger = "d";
	const struct smpp_route_opts bad[] = {
		{ .prefix = "62", .smscs = &stranger, .smsc_count = 1 },
		{ .prefix = "6x", .smscs = names, .smsc_count = 1 },
		{ .prefix = "1234567890123456", .smscs = names, .smsc_count = 1 },
		{ .prefix = "62", .smscs = names, .smsc_count = 0 },
		{ .prefix = "", .smscs = names, .smsc_count = 1, .sender = "a sender of more than 21 octets" }
	};
	struct smpp_routes r;
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(make(&r, &bad[i], 1), ERR_INVALID);
}

/* The place that comes before all others, up to this one. */
static size_t first_place(const struct smpp_route *r)
{
	size_t first = 0;
	for (size_t i = 0; i < r->count; i++) {
		assert_false(smpp_routes_before(r, i, i));
		if (smpp_routes_before(r, i, first))
			first = i;
	}
	return first;
}

static unsigned first_of(const struct smpp_route *r)
{
	return r->shares[first_place(r)].smsc;
}

static void without_weights_the_order_stands(void **state)
{
	const struct smpp_route_opts o = { .prefix = "", .smscs = names, .smsc_count = 3 };
	struct smpp_routes r;
	(void)state;
	assert_int_equal(make(&r, &o, 1), ERR_OK);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(first_place(&r.all[0]), 0);
		assert_true(smpp_routes_before(&r.all[0], 1, 2) && !smpp_routes_before(&r.all[0], 2, 1));
		smpp_routes_used(&r.all[0], 1, &r.all[0].set);
	}
	smpp_routes_clear(&r);
}

/* Shares hold over any few messages; who is away is owed nothing for that time; weight 0 comes last. */
static void weights_are_shares(void **state)
{
	const uint32_t weights[] = { 3, 1, 0 };
	const struct smpp_route_opts o = { .prefix = "", .smscs = names, .smsc_count = 3, .weights = weights };
	struct smpp_routes r;
	unsigned got[SMPP_SMSC_MAX] = { 0 };
	(void)state;
	assert_int_equal(make(&r, &o, 1), ERR_OK);
	struct smpp_route *route = &r.all[0];
	for (int i = 1; i <= 40; i++) {
		unsigned smsc = first_of(route);
		got[smsc]++;
		smpp_routes_used(route, smsc, &route->set);
		if (i % 4 == 0)
			assert_true(got[1] == 3u * (unsigned)i / 4 && got[121] == (unsigned)i / 4);
	}
	struct smsc_set first = { 0 };
	smsc_set_add(&first, 1);
	for (int i = 0; i < 20; i++)
		smpp_routes_used(route, 1, &first); /* the second is away */
	for (int i = 0; i < 8; i++) {
		unsigned smsc = first_of(route);
		got[smsc]++;
		smpp_routes_used(route, smsc, &route->set);
	}
	assert_true(got[1] == 36 && got[121] == 12 && got[241] == 0);
	assert_true(smpp_routes_before(route, 0, 2) && smpp_routes_before(route, 1, 2));
	smpp_routes_clear(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(the_longest_prefix_wins),
		                            cmocka_unit_test(any_number_finds_its_longest_prefix),
		                            cmocka_unit_test(what_is_unknown_is_refused),
		                            cmocka_unit_test(without_weights_the_order_stands),
		                            cmocka_unit_test(weights_are_shares) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
