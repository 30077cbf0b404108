/*
 * queue: order, the bound with reservations, removal from the middle.
 */
#include "otp/queue.h"

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
		assert_int_equal(queue_reserve(q), ERR_OK);
		queue_commit(q, &e[i]);
	}
	assert_int_equal(queue_reserve(q), ERR_BUSY);
	for (size_t i = 0; i < ENTRIES; i += 5)
		queue_remove(q, &e[i]);
	while ((got = queue_pop(q))) {
		if (last) {
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

static void counts_reservations(void **state)
{
	struct queue *q = queue_new(1);

	(void)state;
	assert_int_equal(queue_reserve(q), ERR_OK);
	assert_int_equal(queue_reserve(q), ERR_BUSY);
	assert_int_equal(queue_set_cap(q, 2), ERR_OK);
	assert_int_equal(queue_reserve(q), ERR_OK);
	assert_int_equal(queue_reserved(q), 2);
	queue_cancel(q);
	queue_cancel(q);
	assert_int_equal(queue_reserved(q), 0);
	assert_null(queue_pop(q));
	queue_free(q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_order),
		cmocka_unit_test(counts_reservations),
	};

	return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
