/*
 * fakes: clock loop link telco
 * What a bind does with each answer to it, and how it comes back, in virtual time: the table "bind_resp policy".
 */
#include "../../fakes/telco.h"

#include "base/clock.h"
#include "base/json.h"
#include "smpp/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define HOUR_MS 3600000

/* From the close of l to the next connection of its only bind, which is left open. */
static int64_t retry_ms(struct telco *t, const struct smpp_link *l, struct smpp_link **next)
{
	assert_true(fake_link_closed_ms(l) >= 0);
	*next = telco_await(t, HOUR_MS);
	assert_non_null(*next);
	return fake_link_opened_ms(*next) - fake_link_closed_ms(l);
}

/* The link that waits is taken and its bind refused. */
static void refuse(struct telco *t, struct smpp_link *l, uint32_t status)
{
	struct telco_pdu bind;

	fake_link_accept(l);
	assert_true(telco_read(l, &bind));
	telco_say(t, l, &(struct telco_head){ SMPP_BIND_TRANSCEIVER_RESP, status, bind.sequence }, NULL);
	assert_int_equal(fake_link_closed_ms(l), clock_mono_ms());
}

static void accept_bind(struct telco *t, struct smpp_link *l)
{
	struct telco_pdu bind;

	fake_link_accept(l);
	assert_true(telco_read(l, &bind));
	telco_say(t, l, &(struct telco_head){ SMPP_BIND_TRANSCEIVER_RESP, 0, bind.sequence }, "telco");
	assert_int_equal(fake_link_closed_ms(l), -1);
}

static struct smpp_link *hang_up(struct telco *t, struct smpp_link *l)
{
	fake_link_end(l, ERR_CLOSED, "closed by peer");
	fake_loop_turn(t->loop);
	return l;
}

static void assert_near(int64_t ms, int64_t nominal_ms)
{
	assert_in_range(ms, nominal_ms / 2, nominal_ms * 3 / 2);
}

static void the_back_off_doubles_to_its_cap_and_is_spread(void **state)
{
	static const int64_t nominal_s[] = { 1, 2, 4, 8, 16, 32, 60, 60 };
	struct telco t;
	unsigned early = 0, late = 0;
	(void)state;
	telco_init(&t);
	telco_start(&t);
	struct smpp_link *l = telco_await(&t, 0);
	for (size_t i = 0; i < 60; i++) {
		int64_t nominal_ms = nominal_s[i < 8 ? i : 7] * 1000, ms = retry_ms(&t, hang_up(&t, l), &l);
		assert_near(ms, nominal_ms);
		early += ms < nominal_ms * 9 / 10;
		late += ms > nominal_ms * 11 / 10;
	}
	assert_true(early > 0 && late > 0);
	telco_clear(&t);
}

static void only_sixty_seconds_bound_reset_the_back_off(void **state)
{
	struct telco t;
	(void)state;
	telco_init(&t);
	t.o.enquire_interval_ms = 300000;
	t.o.inactivity_ms = 0;
	telco_start(&t);
	struct smpp_link *l = telco_await(&t, 0);
	for (int i = 0; i < 4; i++)
		(void)retry_ms(&t, hang_up(&t, l), &l);
	accept_bind(&t, l);
	fake_loop_run(t.loop, 59999);
	assert_near(retry_ms(&t, hang_up(&t, l), &l), 16000);
	accept_bind(&t, l);
	fake_loop_run(t.loop, 60000);
	assert_near(retry_ms(&t, hang_up(&t, l), &l), 1000);
	telco_clear(&t);
}

static void already_bound_waits_and_is_never_bound(void **state)
{
	static const int64_t delays_s[] = { 30, 60, 120, 120, 120 };
	struct telco t;
	struct telco_sent *s;
	(void)state;
	telco_init(&t);
	telco_start(&t);
	struct smpp_link *l = telco_await(&t, 0);
	for (size_t i = 0; i < 5; i++) {
		refuse(&t, l, 0x05);
		assert_int_equal(smpp_binds_bound(t.binds), 0);
		assert_int_equal(telco_try_submit(&t, &s), ERR_BUSY);
		assert_int_equal(retry_ms(&t, l, &l), delays_s[i] * 1000);
	}
	accept_bind(&t, l);
	hang_up(&t, l);
	l = telco_await(&t, HOUR_MS);
	refuse(&t, l, 0x05);
	assert_int_equal(retry_ms(&t, l, &l), 30000);
	telco_clear(&t);
}

static bool page_says(struct telco *t, const char *what)
{
	struct json j;
	struct buf page;

	buf_init(&page, 65536);
	json_init(&j, &page);
	smpp_report_smsc(t->binds, &j, clock_mono_ms());
	assert_int_equal(json_end(&j), ERR_OK);
	bool found = memmem(buf_data(&page), buf_len(&page), what, strlen(what)) != NULL;
	buf_clear(&page);
	return found;
}

static void already_bound_lowers_the_effective_binds_while_others_are_up(void **state)
{
	struct telco t;
	(void)state;
	telco_init(&t);
	t.o.binds = 2;
	telco_start(&t);
	struct smpp_link *l = telco_answer_bind(&t, 0, 0);
	(void)telco_answer_bind(&t, 1000, 0x05);
	assert_int_equal(smpp_binds_bound(t.binds), 1);
	assert_true(page_says(&t, "\"binds_effective\":1"));
	hang_up(&t, l);
	assert_true(page_says(&t, "\"binds_effective\":2"));
	telco_clear(&t);
}

static void bind_failed_is_an_error_of_credentials_at_its_third(void **state)
{
	struct telco t;
	(void)state;
	telco_init(&t);
	telco_start(&t);
	struct smpp_link *l = telco_await(&t, 0);
	refuse(&t, l, 0x0D);
	assert_near(retry_ms(&t, l, &l), 1000);
	refuse(&t, l, 0x0D);
	assert_false(page_says(&t, "auth_failed"));
	assert_near(retry_ms(&t, l, &l), 2000);
	refuse(&t, l, 0x0D);
	assert_true(page_says(&t, "auth_failed"));
	assert_int_equal(retry_ms(&t, l, &l), 60000);
	refuse(&t, l, 0x0D);
	assert_int_equal(retry_ms(&t, l, &l), 300000);
	telco_clear(&t);
}

static void another_answer_between_begins_the_count_anew(void **state)
{
	static const uint32_t answers[] = { 0x0D, 0x0D, 0x08, 0x0D, 0x0D };
	struct telco t;
	(void)state;
	telco_init(&t);
	telco_start(&t);
	struct smpp_link *l = telco_await(&t, 0);
	for (size_t i = 0; i < 5; i++) {
		refuse(&t, l, answers[i]);
		assert_false(page_says(&t, "auth_failed"));
		assert_in_range(retry_ms(&t, l, &l), 500, 3000);
	}
	telco_clear(&t);
}

/* What the log says goes to a file while it is open. */
static bool alarms_of(struct telco *t, struct smpp_link *l, uint32_t status)
{
	char text[4096];
	FILE *log = tmpfile();
	int saved = dup(STDERR_FILENO);

	assert_non_null(log);
	dup2(fileno(log), STDERR_FILENO);
	refuse(t, l, status);
	dup2(saved, STDERR_FILENO);
	close(saved);
	rewind(log);
	text[fread(text, 1, sizeof text - 1, log)] = '\0';
	fclose(log);
	const char *line = strstr(text, "<3>");
	return line && strstr(line, "auth_failed") != NULL;
}

static void credentials_refused_alarm_and_are_tried_rarely_for_ever(void **state)
{
	static const uint32_t answers[] = { 0x0E, 0x0F, 0x53 };
	static const int64_t delays_s[] = { 60, 300, 900, 900, 900, 900 };
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct telco t;
		telco_init(&t);
		telco_start(&t);
		struct smpp_link *l = telco_await(&t, 0);
		for (size_t n = 0; n < 2; n++) {
			assert_false(alarms_of(&t, l, answers[i]));
			assert_near(retry_ms(&t, l, &l), 1000 << n);
		}
		for (size_t n = 0; n < 6; n++) {
			assert_true(alarms_of(&t, l, answers[i]));
			assert_true(page_says(&t, "auth_failed"));
			assert_int_equal(retry_ms(&t, l, &l), delays_s[n] * 1000);
		}
		accept_bind(&t, l);
		assert_false(page_says(&t, "auth_failed"));
		hang_up(&t, l);
		l = telco_await(&t, HOUR_MS);
		for (size_t n = 0; n < 2; n++) {
			refuse(&t, l, answers[i]);
			(void)retry_ms(&t, l, &l);
		}
		refuse(&t, l, answers[i]);
		assert_int_equal(retry_ms(&t, l, &l), 60000);
		telco_clear(&t);
	}
}

/* Twice refused, by whichever bind tries: the link of the third try. */
static struct smpp_link *twice_refused(struct telco *t, struct smpp_link *l, uint32_t status)
{
	for (int i = 0; i < 2; i++) {
		refuse(t, l, status);
		l = telco_await(t, 20000);
		assert_non_null(l);
		assert_null(telco_await(t, 400));
	}
	return l;
}

static void one_bind_tries_refused_credentials_for_all(void **state)
{
	struct telco t;
	(void)state;
	telco_init(&t);
	t.o.binds = 4;
	telco_start(&t);
	struct smpp_link *l = telco_await(&t, 0);
	assert_null(telco_await(&t, 2000));
	l = twice_refused(&t, l, 0x0E);
	refuse(&t, l, 0x0E);
	int64_t from_ms = clock_mono_ms();
	l = telco_await(&t, HOUR_MS);
	assert_int_equal(clock_mono_ms() - from_ms, 60000);
	assert_null(telco_await(&t, 4000));
	refuse(&t, l, 0x0E);
	from_ms = clock_mono_ms();
	l = telco_await(&t, HOUR_MS);
	assert_int_equal(clock_mono_ms() - from_ms, 300000);
	accept_bind(&t, l);
	for (int i = 0; i < 3; i++)
		(void)telco_answer_bind(&t, 1000, 0);
	assert_int_equal(smpp_binds_bound(t.binds), 4);
	telco_clear(&t);
}

static void binds_under_way_do_not_spend_further_attempts(void **state)
{
	struct smpp_link *l[4];
	struct telco_pdu bind;
	struct telco t;
	(void)state;
	telco_init(&t);
	t.o.binds = 4;
	telco_start(&t);
	for (int i = 0; i < 4; i++)
		l[i] = telco_answer_bind(&t, 1000, 0);
	for (int i = 0; i < 4; i++)
		hang_up(&t, l[i]);
	for (int i = 0; i < 4; i++)
		assert_non_null(l[i] = telco_await(&t, 2000));
	fake_link_accept(l[1]);
	assert_true(telco_read(l[1], &bind));
	refuse(&t, l[0], 0x0E);
	int64_t from_ms = clock_mono_ms();
	telco_say(&t, l[1], &(struct telco_head){ SMPP_BIND_TRANSCEIVER_RESP, 0x0E, bind.sequence }, NULL);
	for (int i = 2; i < 4; i++) {
		fake_link_accept(l[i]);
		assert_false(telco_read(l[i], &bind));
		assert_true(fake_link_closed_ms(l[i]) >= 0);
	}
	l[0] = telco_await(&t, HOUR_MS);
	assert_in_range(clock_mono_ms() - from_ms, 500, 3000); /* the back-off's first or second step */
	refuse(&t, l[0], 0x0E);                                /* the second of the account, not the fifth */
	l[0] = telco_await(&t, HOUR_MS);
	refuse(&t, l[0], 0x0E);
	assert_null(telco_await(&t, 59999));
	assert_non_null(telco_await(&t, 1));
	telco_clear(&t);
}

static void credentials_taken_after_all_forget_the_refusal(void **state)
{
	struct smpp_link *l[2];
	struct telco_pdu bind;
	struct telco t;
	(void)state;
	telco_init(&t);
	t.o.binds = 2;
	telco_start(&t);
	for (int i = 0; i < 2; i++)
		l[i] = telco_answer_bind(&t, 1000, 0);
	for (int i = 0; i < 2; i++)
		hang_up(&t, l[i]);
	for (int i = 0; i < 2; i++)
		assert_non_null(l[i] = telco_await(&t, 2000));
	fake_link_accept(l[1]);
	assert_true(telco_read(l[1], &bind));
	refuse(&t, l[0], 0x0E);
	telco_say(&t, l[1], &(struct telco_head){ SMPP_BIND_TRANSCEIVER_RESP, 0, bind.sequence }, "telco");
	assert_int_equal(smpp_binds_bound(t.binds), 1);
	hang_up(&t, l[1]);
	l[0] = telco_await(&t, HOUR_MS);
	l[0] = twice_refused(&t, l[0], 0x0E);
	assert_false(page_says(&t, "auth_failed"));
	refuse(&t, l[0], 0x0E);
	assert_true(page_says(&t, "auth_failed"));
	telco_clear(&t);
}

/* --- the evidence of the other binds --- */

static void a_bind_refused_beside_another_waits_alone(void **state)
{
	static const uint32_t answers[] = { 0x0D, 0x0E, 0x0F, 0x53 };
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct smpp_link *first, *second;
		struct telco t;
		telco_init(&t);
		t.o.binds = 2;
		telco_start(&t);
		first = telco_answer_bind(&t, 0, 0);
		second = telco_await(&t, 1000);
		for (int n = 0; n < 5; n++) {
			int64_t wait_ms = n < 2 ? 30000 << n : 120000;
			assert_false(alarms_of(&t, second, answers[i]));
			assert_true(page_says(&t, "\"binds_effective\":1"));
			assert_true(page_says(&t, "bind_limit"));
			int64_t from_ms = clock_mono_ms();
			telco_plain(&t, first, SMPP_ENQUIRE_LINK, 1); /* it lives */
			for (int64_t left = wait_ms; left > 20000; left -= 20000) {
				assert_null(telco_await(&t, 20000));
				telco_plain(&t, first, SMPP_ENQUIRE_LINK, 1);
			}
			second = telco_await(&t, 20000);
			assert_int_equal(clock_mono_ms() - from_ms, wait_ms);
		}
		refuse(&t, second, answers[i]);
		int64_t from_ms = clock_mono_ms();
		hang_up(&t, first); /* the account is as good as ever: both binds try within seconds */
		first = telco_await(&t, 2000);
		assert_near(clock_mono_ms() - from_ms, 1000);
		accept_bind(&t, first);
		assert_int_equal(smpp_binds_bound(t.binds), 1);
		assert_non_null(telco_await(&t, 20000));
		telco_clear(&t);
	}
}

static void half_a_pair_refused_leaves_the_other_half(void **state)
{
	uint32_t sequence;
	struct telco_pdu bind;
	struct telco t;
	(void)state;
	telco_init(&t);
	t.o.bind_type = SMPP_BIND_PAIRS;
	telco_start(&t);
	struct smpp_link *transmitter = telco_await(&t, 0);
	fake_link_accept(transmitter);
	assert_true(telco_read(transmitter, &bind));
	assert_int_equal(bind.command, SMPP_BIND_TRANSMITTER);
	telco_say(&t, transmitter, &(struct telco_head){ SMPP_BIND_TRANSMITTER_RESP, 0, bind.sequence }, "telco");
	for (int n = 0; n < 4; n++) {
		struct smpp_link *receiver = telco_await(&t, 29000);
		for (int64_t waited = 0; !receiver && waited < 150000; waited += 29000) {
			telco_plain(&t, transmitter, SMPP_ENQUIRE_LINK, 1);
			receiver = telco_await(&t, 29000);
		}
		assert_non_null(receiver);
		fake_link_accept(receiver);
		assert_true(telco_read(receiver, &bind));
		assert_int_equal(bind.command, SMPP_BIND_RECEIVER);
		telco_say(&t, receiver, &(struct telco_head){ SMPP_BIND_RECEIVER_RESP, 0x0D, bind.sequence }, NULL);
		assert_false(page_says(&t, "auth_failed"));
		struct telco_pdu old;
		while (telco_read(transmitter, &old))
			assert_int_equal(old.command, SMPP_ENQUIRE_LINK_RESP);
		(void)telco_submit(&t, transmitter, &sequence);
		telco_answer_submit(&t, transmitter, 0, sequence);
	}
	telco_clear(&t);
}

/* Until the transmitter's bind is read and taken, all of the receiver's are refused: how many. */
static unsigned refused_before_the_transmitter(struct telco *t)
{
	for (unsigned refused = 0;; refused++) {
		struct telco_pdu bind;
		struct smpp_link *l = telco_await(t, HOUR_MS);
		assert_non_null(l);
		fake_link_accept(l);
		assert_true(telco_read(l, &bind));
		uint32_t status = bind.command == SMPP_BIND_TRANSMITTER ? 0 : 0x0D;
		telco_say(t, l, &(struct telco_head){ bind.command | SMPP_RESPONSE_BIT, status, bind.sequence }, NULL);
		if (!status || refused == 20)
			return refused;
	}
}

/* The transmitter had no connection at first, so that the receiver, which may not be, is refused before it tries. */
static void the_bind_that_was_refused_lets_the_others_try_first(void **state)
{
	(void)state;
	for (int round = 0; round < 20; round++) {
		struct telco t;
		telco_init(&t);
		t.o.bind_type = SMPP_BIND_PAIRS;
		telco_start(&t);
		(void)hang_up(&t, telco_await(&t, 0));
		assert_in_range(refused_before_the_transmitter(&t), 0, 2);
		assert_false(page_says(&t, "auth_failed"));
		assert_true(smpp_binds_can_send(t.binds));
		telco_clear(&t);
	}
}

static void three_refusals_with_none_bound_are_the_account_s_whatever_worked_before(void **state)
{
	struct telco t;
	(void)state;
	telco_init(&t);
	telco_start(&t);
	struct smpp_link *l = telco_await(&t, 0);
	accept_bind(&t, l);
	hang_up(&t, l);
	l = twice_refused(&t, telco_await(&t, HOUR_MS), 0x0D);
	assert_true(alarms_of(&t, l, 0x0D));
	assert_true(page_says(&t, "auth_failed"));
	telco_clear(&t);
}

static void a_reload_tries_at_once_whoever_waits(void **state)
{
	struct telco t;
	(void)state;
	telco_init(&t);
	telco_start(&t);
	struct smpp_link *l = twice_refused(&t, telco_await(&t, 0), 0x0E);
	refuse(&t, l, 0x0E);
	assert_null(telco_await(&t, 30000));
	assert_int_equal(smpp_binds_configure(t.binds, &t.o), ERR_OK);
	l = telco_await(&t, 0); /* the password was set right, or the name in hosts */
	assert_non_null(l);
	accept_bind(&t, l);
	telco_clear(&t);
}

/* --- the back-off grows by failures --- */

static void a_session_that_carried_traffic_is_followed_at_once(void **state)
{
	uint32_t sequence;
	struct telco t;
	(void)state;
	telco_init(&t);
	telco_start(&t);
	struct smpp_link *l = telco_await(&t, 0);
	for (int i = 0; i < 20; i++) {
		accept_bind(&t, l);
		fake_loop_run(t.loop, 5000);
		(void)telco_submit(&t, l, &sequence);
		telco_answer_submit(&t, l, 0, sequence);
		assert_int_equal(retry_ms(&t, hang_up(&t, l), &l), 1);
	}
	accept_bind(&t, l);
	(void)telco_submit(&t, l, &sequence);
	telco_answer_submit(&t, l, 0, sequence);
	assert_int_equal(retry_ms(&t, hang_up(&t, l), &l), 1000); /* one a second at most */
	accept_bind(&t, l);
	(void)telco_submit(&t, l, &sequence);
	telco_answer_submit(&t, l, 0x08, sequence); /* a refusal is no traffic */
	assert_near(retry_ms(&t, hang_up(&t, l), &l), 1000);
	assert_near(retry_ms(&t, hang_up(&t, l), &l), 2000);
	telco_clear(&t);
}

static void anything_else_backs_off(void **state)
{
	static const uint32_t answers[] = { 0x58, 0x14, 0x08, 0x45, 0x400, 0xFFFFFFFF };
	struct telco t;
	(void)state;
	telco_init(&t);
	telco_start(&t);
	struct smpp_link *l = telco_await(&t, 0);
	for (size_t i = 0; i < 6; i++) {
		refuse(&t, l, answers[i]);
		assert_false(page_says(&t, "auth_failed"));
		assert_near(retry_ms(&t, l, &l), 1000 << i);
	}
	telco_clear(&t);
}

static void a_nack_is_an_answer_too(void **state)
{
	struct telco_head nack = { .command = SMPP_GENERIC_NACK, .status = 0x0E };
	struct telco t;
	(void)state;
	telco_init(&t);
	telco_start(&t);
	struct smpp_link *l = telco_await_bind(&t, 0, &nack.sequence);
	for (int i = 0; i < 2; i++) {
		telco_say(&t, l, &nack, NULL);
		l = telco_await_bind(&t, 5000, &nack.sequence);
	}
	telco_say(&t, l, &nack, NULL);
	assert_int_equal(retry_ms(&t, l, &l), 60000);
	telco_clear(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_back_off_doubles_to_its_cap_and_is_spread),
		cmocka_unit_test(only_sixty_seconds_bound_reset_the_back_off),
		cmocka_unit_test(already_bound_waits_and_is_never_bound),
		cmocka_unit_test(already_bound_lowers_the_effective_binds_while_others_are_up),
		cmocka_unit_test(bind_failed_is_an_error_of_credentials_at_its_third),
		cmocka_unit_test(another_answer_between_begins_the_count_anew),
		cmocka_unit_test(credentials_refused_alarm_and_are_tried_rarely_for_ever),
		cmocka_unit_test(one_bind_tries_refused_credentials_for_all),
		cmocka_unit_test(binds_under_way_do_not_spend_further_attempts),
		cmocka_unit_test(credentials_taken_after_all_forget_the_refusal),
		cmocka_unit_test(a_bind_refused_beside_another_waits_alone),
		cmocka_unit_test(half_a_pair_refused_leaves_the_other_half),
		cmocka_unit_test(the_bind_that_was_refused_lets_the_others_try_first),
		cmocka_unit_test(three_refusals_with_none_bound_are_the_account_s_whatever_worked_before),
		cmocka_unit_test(a_reload_tries_at_once_whoever_waits),
		cmocka_unit_test(a_session_that_carried_traffic_is_followed_at_once),
		cmocka_unit_test(anything_else_backs_off),
		cmocka_unit_test(a_nack_is_an_answer_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
