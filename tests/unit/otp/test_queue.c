/*
 * queue: order, the bound, removal from the middle.
 */
#include "otp/queue.h"

#include "base/invariant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define ENTRIES 200

static void keeps_order(void **state)
{
	static struct queue_entry e[ENTRIES];
	struct queue *q = queue_new(ENTRIES);
	struct queue_entry *last = NULL, *got;
	size_t seen = 0;

	(void)state;
	for (size_t i = 0; i < ENTRIES; i++) {
		e[i].priority = (uint8_t)(i * 7 % 3);
		e[i].deadline_ms = (int64_t)(i * 31 % 17);
		assert_int_equal(queue_push(q, &e[i]), ERR_OK);
	}
	for (size_t i = 0; i < ENTRIES; i += 5)
		queue_remove(&e[i]);
	while ((got = queue_first(q))) {
		queue_remove(got);
		if (last) {
			assert_true(queue_before(last, got));
			assert_true(last->priority <= got->priority);
			if (last->priority == got->priority)
				assert_true(last->deadline_ms <= got->deadline_ms);
			if (last->priority == got->priority && last->deadline_ms == got->deadline_ms)
				assert_true(last->order < got->order);
		}
		last = got;
		seen++;
	}
	assert_int_equal(seen, ENTRIES - ENTRIES / 5);
	queue_free(q);
}

static void is_bounded(void **state)
{
	struct queue_entry one = { .deadline_ms = 2 }, other = { .deadline_ms = 1 };
	struct queue *q = queue_new(1), *none = queue_new(0);

	(void)state;
	assert_null(queue_first(q));
	assert_int_equal(queue_push(none, &one), ERR_BUSY);
	assert_int_equal(queue_push(q, &one), ERR_OK);
	assert_int_equal(queue_push(q, &other), ERR_BUSY);
	assert_null(other.queue);
	assert_ptr_equal(queue_first(q), &one);
	queue_remove(&one);
	assert_null(one.queue);
	assert_int_equal(queue_push(q, &other), ERR_OK);
	assert_int_equal(queue_len(q), 1);
	queue_free(q);
	queue_free(none);
}

/* In a release: whoever takes out what is not in it changes nothing. */
static void what_is_in_no_queue_is_left(void **state)
{
	struct queue_entry one = { .deadline_ms = 1 }, other = { .deadline_ms = 2 };
	uint64_t before = invariant_count();

	(void)state;
	if (INVARIANT_ABORTS)
		skip();
	struct queue *q = queue_new(2);
	assert_int_equal(queue_push(q, &one), ERR_OK);
	assert_int_equal(queue_push(q, &other), ERR_OK);
	queue_remove(&one);
	queue_remove(&one);
	assert_int_equal(invariant_count(), before + 1);
	assert_int_equal(queue_len(q), 1);
	assert_ptr_equal(queue_first(q), &other);
	queue_free(q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_order),
		cmocka_unit_test(is_bounded),
		cmocka_unit_test(what_is_in_no_queue_is_left),
	};

	return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
