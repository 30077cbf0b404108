/*
 * overload: what the kinds of requests leave each other of Redis. Who calls and what the marks are is ours.
 */
#include "flow/guard/overload.h"

#include "base/stats.h"
#include "ops/funnel.h"
#include "flow/news/marks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Of 800 a SEND gets 100, STATUS and CANCEL 100, VERIFY 200: three quarters are 600. */
enum { IN_FLIGHT = 800, PASSES = 4000 };

static struct flow_opts opts;
static struct overload *overload;
static struct tenant tenant;
static struct overload_pass passes[PASSES];
static size_t passed, marks;
static uint32_t tally;
static const char *refusal; /* what the client is told */

struct tenant *tenants_of(const struct api_call *call)
{
	(void)call;
	return &tenant;
}

uint32_t *api_call_tally(const struct api_call *call, size_t i)
{
	(void)call;
	(void)i;
	return &tally;
}

int64_t api_call_behind_ms(const struct api_call *call)
{
	(void)call;
	return 0;
}

size_t marks_pending(const struct marks *t)
{
	(void)t;
	return marks;
}

void funnel_count(enum funnel_step step)
{
	assert_int_equal(step, FUNNEL_OVERLOADED);
}

static bool enter(enum overload_kind kind, struct overload_pass *pass)
{
	enum overload_reason reason = overload_judge(overload, NULL, kind);

	if (reason == OVERLOAD_NONE)
		overload_follow(overload, NULL, kind, pass);
	else
		refusal = overload_refused(overload, kind, reason);
	return reason == OVERLOAD_NONE;
}

/* Lets in up to `most` of this kind, each of a tenant and a connection that hold nothing; returns how many. */
static size_t let_in(enum overload_kind kind, size_t most)
{
	size_t n = 0;

	for (; n < most; n++) {
		memset(tenant.in_flight, 0, sizeof(tenant.in_flight));
		tally = 0;
		if (!enter(kind, &passes[passed]))
			break;
		passed++;
	}
	if (n < most)
		assert_non_null(strstr(refusal, "too many requests at once"));
	return n;
}

static int setup(void **state)
{
	(void)state;
	opts = (struct flow_opts){ .redis_in_flight = IN_FLIGHT, .send_target_ms = 50 };
	passed = marks = 0;
	tenant = (struct tenant){ .rights = NULL };
	overload = overload_new(&opts, NULL);
	return overload ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	while (passed) {
		tenant.in_flight[passes[--passed].kind] = tally = 1;
		overload_leave(overload, &passes[passed]);
	}
	overload_free(overload);
	stats_clear();
	return 0;
}

/* Four fifths of what each kind may have at first: nothing is known of the store yet. */
static void a_tenant_leaves_a_fifth(void **state)
{
	static const size_t at_first[OVERLOAD_KINDS] = { 1536, 1536, 768 };

	(void)state;
	overload_free(overload);
	opts.redis_in_flight = 12288;
	overload = overload_new(&opts, NULL);
	assert_non_null(overload);
	for (enum overload_kind kind = 0; kind < OVERLOAD_KINDS; kind++) {
		size_t n = 0;

		while (enter(kind, &passes[passed])) {
			passed++;
			n++;
			tally = 0;
		}
		assert_in_range(n, at_first[kind] * 3 / 4, at_first[kind] * 4 / 5 + 1);
	}
	assert_non_null(strstr(refusal, "fair share"));
}

static void each_kind_has_its_part(void **state)
{
	(void)state;
	assert_int_equal(let_in(OVERLOAD_SENDING, PASSES), IN_FLIGHT / 8);
	assert_int_equal(let_in(OVERLOAD_ASKING, PASSES), IN_FLIGHT / 8);
	assert_int_equal(let_in(OVERLOAD_VERIFYING, PASSES), IN_FLIGHT / 4);
}

/* The marks that Redis is owed leave 50 of three quarters: SEND, then STATUS, takes what the other left. */
static void marks_owed_leave_the_others_less(void **state)
{
	(void)state;
	marks = IN_FLIGHT * 3 / 4 - 50;
	assert_int_equal(let_in(OVERLOAD_SENDING, PASSES), 50);
	assert_int_equal(let_in(OVERLOAD_ASKING, PASSES), 0);
	marks -= 30;
	assert_int_equal(let_in(OVERLOAD_ASKING, PASSES), 30);
	assert_int_equal(let_in(OVERLOAD_SENDING, PASSES), 0);
	marks -= 10;
	assert_int_equal(let_in(OVERLOAD_SENDING, PASSES), 10);
}

static void nothing_of_it_is_taken_from_verification(void **state)
{
	(void)state;
	marks = IN_FLIGHT;
	assert_int_equal(let_in(OVERLOAD_SENDING, PASSES), 0);
	assert_int_equal(let_in(OVERLOAD_ASKING, PASSES), 0);
	assert_int_equal(let_in(OVERLOAD_VERIFYING, PASSES), IN_FLIGHT / 4);
}

static void what_is_done_makes_room(void **state)
{
	(void)state;
	marks = IN_FLIGHT * 3 / 4 - 5;
	assert_int_equal(let_in(OVERLOAD_SENDING, PASSES), 5);
	tenant.in_flight[OVERLOAD_SENDING] = tally = 1;
	overload_done(overload, &passes[--passed], ERR_OK);
	assert_int_equal(let_in(OVERLOAD_ASKING, PASSES), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_tenant_leaves_a_fifth, setup, teardown),
		cmocka_unit_test_setup_teardown(each_kind_has_its_part, setup, teardown),
		cmocka_unit_test_setup_teardown(marks_owed_leave_the_others_less, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_of_it_is_taken_from_verification, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_done_makes_room, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
