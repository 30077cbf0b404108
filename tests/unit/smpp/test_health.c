/*
 * When an SMSC takes no messages, and for how long: the breaker, refusals in a row, full queues, and the whole.
 */
#include "smpp/health/health.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Answers to a message written a millisecond before. */
static struct smpp_verdict answer(struct smpp_health *h, uint32_t status, uint32_t destination, int64_t now_ms)
{
	struct smpp_answer a = { .action = smpp_status_action(NULL, status),
		                 .destination = destination,
		                 .sent_ms = now_ms - 1,
		                 .now_ms = now_ms };
	return smpp_health_note(h, &a);
}

static void answers(struct smpp_health *h, unsigned n, uint32_t status, int64_t now_ms)
{
	while (n--)
		(void)answer(h, status, 1, now_ms);
}

static void five_in_a_row_open_it(void **state)
{
	struct smpp_health h;
	(void)state;
	smpp_health_init(&h);
	answers(&h, 4, 0x08, 1000);
	answers(&h, 1, 0x00, 1000);
	answers(&h, 4, 0x08, 1000);
	assert_true(smpp_health_open(&h, 1000));
	assert_string_equal(smpp_health_reason(&h, 1000), "");
	assert_string_equal(answer(&h, 0x45, 1, 1000).alarm, "breaker_open");
	assert_false(smpp_health_open(&h, 10999));
	assert_int_equal(smpp_health_out_ms(&h, 1000), 10000);
	assert_string_equal(smpp_health_reason(&h, 1000), "breaker_open");
	assert_string_equal(smpp_health_reason(&h, 11000), "breaker_half_open");
	assert_true(smpp_health_open(&h, 11000));
}

static void more_than_half_of_the_last_twenty_open_it(void **state)
{
	struct smpp_breaker b;
	(void)state;
	smpp_breaker_init(&b);
	for (unsigned i = 0; i < 20; i++)
		assert_false(smpp_breaker_note(&b, i % 2 == 0, 0, 0));
	assert_false(smpp_breaker_note(&b, false, 0, 0));
	assert_false(smpp_breaker_note(&b, true, 0, 0));
	assert_false(smpp_breaker_note(&b, true, 0, 0)); /* ten again */
	assert_true(smpp_breaker_note(&b, true, 0, 0));
}

/* A breaker that opened at 0. */
static void opened(struct smpp_breaker *b)
{
	smpp_breaker_init(b);
	for (unsigned i = 0; i < 5; i++)
		(void)smpp_breaker_note(b, true, 0, 0);
}

static void one_probe_at_a_time_and_doubling(void **state)
{
	static const int64_t waits_ms[] = { 10000, 20000, 40000, 80000, 120000, 120000 };
	struct smpp_breaker b;
	int64_t now_ms = 0;
	(void)state;
	opened(&b);
	for (size_t i = 0; i < sizeof waits_ms / sizeof waits_ms[0]; i++) {
		assert_int_equal(smpp_breaker_left_ms(&b, now_ms), waits_ms[i]);
		assert_false(smpp_breaker_takes(&b, now_ms + waits_ms[i] - 1));
		now_ms += waits_ms[i];
		assert_true(smpp_breaker_takes(&b, now_ms));
		smpp_breaker_sent(&b, now_ms);
		assert_false(smpp_breaker_takes(&b, now_ms + 5000));
		assert_true(smpp_breaker_note(&b, true, now_ms, now_ms));
	}
	now_ms += 120000;
	smpp_breaker_sent(&b, now_ms);
	assert_false(smpp_breaker_note(&b, false, now_ms, now_ms + 1));
	assert_true(smpp_breaker_takes(&b, now_ms + 1));
	for (unsigned i = 0; i < 4; i++)
		assert_false(smpp_breaker_note(&b, true, now_ms + 1, now_ms + 1));
	assert_true(smpp_breaker_note(&b, true, now_ms + 1, now_ms + 1));
	assert_int_equal(smpp_breaker_left_ms(&b, now_ms + 1), 10000);
}

static void answers_to_older_submits_are_no_probe(void **state)
{
	struct smpp_breaker b;
	(void)state;
	opened(&b);
	assert_false(smpp_breaker_note(&b, false, 0, 9000));
	assert_false(smpp_breaker_takes(&b, 9000));
	smpp_breaker_sent(&b, 10000);
	assert_false(smpp_breaker_note(&b, false, 9999, 10001));
	assert_false(smpp_breaker_note(&b, true, 9999, 10001));
	assert_false(smpp_breaker_takes(&b, 10001));
	smpp_breaker_void(&b, 9999);
	assert_false(smpp_breaker_takes(&b, 10001));
	smpp_breaker_void(&b, 10000);
	assert_true(smpp_breaker_takes(&b, 10001));
}

static void a_lost_probe_has_failed(void **state)
{
	struct smpp_health h;
	(void)state;
	smpp_health_init(&h);
	answers(&h, 9, 0x00, 0);
	for (unsigned i = 0; i < 9; i++)
		smpp_health_lost(&h, 0, 0);
	assert_true(smpp_health_open(&h, 0));
	opened(&h.breaker);
	smpp_health_sent(&h, 10000);
	smpp_health_lost(&h, 0, 10000);
	assert_int_equal(smpp_health_out_ms(&h, 10000), 0);
	smpp_health_lost(&h, 10000, 20000);
	assert_int_equal(smpp_health_out_ms(&h, 20000), 20000);
}

static void profile_faults_in_a_row(void **state)
{
	struct smpp_health h;
	(void)state;
	smpp_health_init(&h);
	answers(&h, 4, 0x0A, 0);
	answers(&h, 1, 0x00, 0);
	answers(&h, 3, 0x48, 0);
	answers(&h, 1, 0x58, 0); /* tells nothing of it */
	answers(&h, 1, 0xC2, 0);
	assert_true(smpp_health_open(&h, 0));
	assert_string_equal(answer(&h, 0x15, 1, 0).alarm, "profile_fault");
	assert_null(answer(&h, 0x15, 1, 0).alarm);
	assert_int_equal(smpp_health_out_ms(&h, 0), 60000);
	assert_string_equal(smpp_health_reason(&h, 59999), "profile_fault");
	assert_false(smpp_health_open(&h, 59999));
	assert_true(smpp_health_open(&h, 60000));
	assert_string_equal(smpp_health_reason(&h, 60000), "");
	assert_string_equal(answer(&h, 0x0A, 1, 60000).alarm, "profile_fault"); /* the row goes on */
}

static void forbidden_in_a_row(void **state)
{
	static const uint32_t codes[] = { 0x65, 0x66, 0x02, 0x03, 0x53 };
	struct smpp_health h;
	(void)state;
	smpp_health_init(&h);
	for (unsigned i = 0; i < 4; i++)
		assert_null(answer(&h, codes[i], 1, 0).alarm);
	assert_string_equal(answer(&h, codes[4], 1, 0).alarm, "forbidden");
	assert_int_equal(smpp_health_out_ms(&h, 0), 300000);
	assert_string_equal(smpp_health_reason(&h, 0), "forbidden");
	smpp_health_reload(&h);
	assert_true(smpp_health_open(&h, 0));
}

static void no_credit_is_out_at_once(void **state)
{
	struct smpp_health h;
	struct smpp_answer a = { .action = smpp_class_action(SMPP_CLASS_ACCOUNT) };
	(void)state;
	smpp_health_init(&h);
	assert_string_equal(smpp_health_note(&h, &a).alarm, "credit");
	assert_int_equal(smpp_health_out_ms(&h, 0), 300000);
	assert_string_equal(smpp_health_reason(&h, 0), "credit");
}

static void validity_refused_is_left_out_until_reload(void **state)
{
	struct smpp_health h;
	(void)state;
	smpp_health_init(&h);
	assert_false(h.bare);
	assert_string_equal(answer(&h, 0x62, 1, 0).alarm, "validity_refused");
	assert_null(answer(&h, 0x62, 1, 0).alarm);
	assert_true(h.bare);
	assert_true(smpp_health_open(&h, 0));
	smpp_health_reload(&h);
	assert_false(h.bare);
}

static void a_full_queue_of_one_number_cools_it_down(void **state)
{
	struct smpp_health h;
	uint32_t one = smpp_queue_full_hash("6281234567890");
	(void)state;
	smpp_health_init(&h);
	assert_int_equal(answer(&h, 0x14, one, 1000).action->class, SMPP_CLASS_QUEUE_FULL);
	assert_int_equal(answer(&h, 0x14, one, 2000).action->class, SMPP_CLASS_QUEUE_FULL);
	assert_true(smpp_health_cooling(&h, one, 31999));
	assert_false(smpp_health_cooling(&h, one + SMPP_QUEUE_FULL_SLOTS, 2000)); /* of the same place */
	assert_false(smpp_health_cooling(&h, one, 32000));
	assert_false(smpp_health_cooling(&h, smpp_queue_full_hash("6281234567891"), 2000));
	assert_true(smpp_health_open(&h, 2000));
}

static void full_queues_of_two_numbers_are_the_smscs(void **state)
{
	struct smpp_health h;
	(void)state;
	smpp_health_init(&h);
	assert_int_equal(answer(&h, 0x14, 7, 1000).action->class, SMPP_CLASS_QUEUE_FULL);
	assert_int_equal(answer(&h, 0x14, 8, 11001).action->class, SMPP_CLASS_QUEUE_FULL);
	assert_int_equal(answer(&h, 0x14, 9, 20000).action->class, SMPP_CLASS_THROTTLE);
	assert_int_equal(answer(&h, 0x14, 9, 21001).action->class, SMPP_CLASS_THROTTLE);
	assert_false(smpp_health_cooling(&h, 9, 21001));
	assert_int_equal(answer(&h, 0x14, 9, 21002).action->class, SMPP_CLASS_QUEUE_FULL);
}

static void what_is_the_messages_fault_is_not_the_smscs(void **state)
{
	struct smpp_health h;
	(void)state;
	smpp_health_init(&h);
	answers(&h, 30, 0x0B, 0);
	answers(&h, 30, 0x0C, 0);
	answers(&h, 30, 0x58, 0);
	answers(&h, 30, 0x04, 0);
	assert_true(smpp_health_open(&h, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(five_in_a_row_open_it),
		cmocka_unit_test(more_than_half_of_the_last_twenty_open_it),
		cmocka_unit_test(one_probe_at_a_time_and_doubling),
		cmocka_unit_test(answers_to_older_submits_are_no_probe),
		cmocka_unit_test(a_lost_probe_has_failed),
		cmocka_unit_test(profile_faults_in_a_row),
		cmocka_unit_test(forbidden_in_a_row),
		cmocka_unit_test(no_credit_is_out_at_once),
		cmocka_unit_test(validity_refused_is_left_out_until_reload),
		cmocka_unit_test(a_full_queue_of_one_number_cools_it_down),
		cmocka_unit_test(full_queues_of_two_numbers_are_the_smscs),
		cmocka_unit_test(what_is_the_messages_fault_is_not_the_smscs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
