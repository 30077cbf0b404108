/*
 * fakes: clock loop link telco
 * Submits and their answers in virtual time: the time of a response, silence and its probe, late answers, generic_nack.
 */
#include "../../fakes/telco.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define HOUR_MS 3600000

static const char *reason(const struct telco *t)
{
	return t->binds->bind[0]->reason;
}

static struct smpp_link *bound(struct telco *t)
{
	telco_start(t);
	return telco_answer_bind(t, 0, 0);
}

/* So much time passes; each enquire_link is answered. How many came. */
static unsigned stay(struct telco *t, struct smpp_link *l, int64_t ms)
{
	int64_t until_ms = clock_mono_ms() + ms;
	unsigned asked = 0;
	struct telco_pdu pdu;

	while (telco_writes_in(t, l, until_ms - clock_mono_ms()) >= 0) {
		assert_true(telco_read(l, &pdu));
		assert_int_equal(pdu.command, SMPP_ENQUIRE_LINK);
		telco_plain(t, l, SMPP_ENQUIRE_LINK_RESP, pdu.sequence);
		asked++;
	}
	return asked;
}

static void nack(struct telco *t, struct smpp_link *l, uint32_t sequence)
{
	telco_say(t, l, &(struct telco_head){ SMPP_GENERIC_NACK, 0x03, sequence }, NULL);
}

static bool takes(struct telco *t)
{
	return smpp_binds_room(t->binds, clock_mono_ms());
}

/* --- the time of a response --- */

static void the_time_of_a_response_counts_from_the_write(void **state)
{
	uint32_t sequence;
	struct telco t;
	(void)state;
	telco_init(&t);
	struct smpp_link *l = bound(&t);
	fake_loop_run(t.loop, 7000);
	int64_t from_ms = clock_mono_ms();
	struct telco_sent *first = telco_submit(&t, l, &sequence);
	fake_loop_run(t.loop, 3000);
	struct telco_sent *second = telco_submit(&t, l, &sequence);
	(void)stay(&t, l, 26999);
	assert_int_equal(first->results, 0);
	(void)stay(&t, l, 10000);
	assert_int_equal(first->result.outcome, SMPP_AMBIGUOUS);
	assert_false(first->result.ended);
	assert_int_equal(first->result_ms - from_ms, 30000); /* three times response_timeout */
	assert_int_equal(second->result.outcome, SMPP_AMBIGUOUS);
	assert_int_equal(second->result_ms - from_ms, 33000);
	assert_int_equal(first->results, 1);
	assert_int_equal(fake_link_closed_ms(l), -1);
	telco_clear(&t);
}

static void an_answer_just_in_time_is_in_time(void **state)
{
	uint32_t sequence;
	struct telco t;
	(void)state;
	telco_init(&t);
	struct smpp_link *l = bound(&t);
	struct telco_sent *s = telco_submit(&t, l, &sequence);
	(void)stay(&t, l, 9999);
	telco_answer_submit(&t, l, 0, sequence);
	assert_int_equal(s->results, 1);
	assert_int_equal(s->result.outcome, SMPP_ACCEPTED);
	assert_int_equal(s->result.answer_us, 9999000);
	(void)stay(&t, l, 60000);
	assert_int_equal(s->results, 1);
	assert_int_equal(s->lates, 0);
	telco_clear(&t);
}

static void a_full_window_means_stop(void **state)
{
	uint32_t sequence, last;
	struct telco_sent *s;
	struct telco t;
	(void)state;
	telco_init(&t);
	t.o.window = 2;
	struct smpp_link *l = bound(&t);
	(void)telco_submit(&t, l, &sequence);
	(void)telco_submit(&t, l, &last);
	assert_int_equal(telco_try_submit(&t, &s), ERR_BUSY);
	assert_false(takes(&t));
	unsigned rooms = t.rooms;
	telco_answer_submit(&t, l, 0, sequence);
	assert_true(t.rooms > rooms);
	(void)telco_submit(&t, l, &sequence);
	assert_int_equal(telco_try_submit(&t, &s), ERR_BUSY);
	telco_clear(&t);
}

static void a_peer_that_does_not_read_gets_nothing_more(void **state)
{
	struct telco_sent *s;
	struct telco t;
	(void)state;
	telco_init(&t);
	struct smpp_link *l = bound(&t);
	fake_link_choke(l, 65536);
	assert_false(takes(&t));
	assert_int_equal(telco_try_submit(&t, &s), ERR_BUSY);
	fake_link_choke(l, 0);
	assert_true(takes(&t));
	telco_clear(&t);
}

static void without_an_answer_a_kept_place_is_held_to_the_end(void **state)
{
	uint32_t sequence;
	struct telco t;
	(void)state;
	telco_init(&t);
	t.keep = true;
	struct smpp_link *l = bound(&t);
	struct telco_sent *s = telco_submit(&t, l, &sequence);
	(void)stay(&t, l, HOUR_MS);
	assert_int_equal(s->results, 0);
	fake_link_end(l, ERR_CLOSED, "closed by peer");
	assert_int_equal(s->results, 1);
	assert_int_equal(s->result.outcome, SMPP_AMBIGUOUS);
	assert_true(s->result.ended);
	telco_clear(&t);
}

static void kept_places_never_fill_the_window_for_ever(void **state)
{
	uint32_t sequence;
	struct telco_sent *kept[5];
	struct telco t;
	(void)state;
	telco_init(&t);
	t.keep = true;
	struct smpp_link *l = bound(&t); /* a window of 10 */
	for (int i = 0; i < 5; i++) {
		kept[i] = telco_submit(&t, l, &sequence);
		(void)telco_submit(&t, l, &sequence);
		fake_loop_run(t.loop, 1);
		telco_answer_submit(&t, l, 0, sequence); /* every other one is answered: it is not silent */
	}
	(void)stay(&t, l, 29994);
	assert_int_equal(fake_link_closed_ms(l), -1);
	(void)telco_closes_in(&t, l, 10);
	assert_true(fake_link_closed_ms(l) >= 0);
	assert_string_equal(reason(&t), "half of the window without answers");
	for (int i = 0; i < 5; i++) {
		assert_int_equal(kept[i]->result.outcome, SMPP_AMBIGUOUS);
		assert_true(kept[i]->result.ended);
	}
	telco_clear(&t);
}

static void a_kept_place_whose_time_is_over_is_no_reason_to_ask(void **state)
{
	uint32_t sequence;
	struct telco_pdu pdu;
	struct telco t;
	(void)state;
	telco_init(&t);
	t.keep = true;
	struct smpp_link *l = bound(&t);
	struct telco_sent *kept = telco_submit(&t, l, &sequence);
	assert_int_equal(stay(&t, l, 10000), 2); /* at 4 and at 8 seconds: its answer may come yet */
	(void)telco_submit(&t, l, &sequence);
	telco_answer_submit(&t, l, 0, sequence);
	assert_int_equal(telco_writes_in(&t, l, HOUR_MS), 30000);
	assert_true(telco_read(l, &pdu));
	assert_int_equal(pdu.command, SMPP_ENQUIRE_LINK);
	assert_true(takes(&t));
	assert_true(smpp_binds_can_send(t.binds));
	telco_plain(&t, l, SMPP_ENQUIRE_LINK_RESP, pdu.sequence);
	(void)telco_submit(&t, l, &sequence); /* one that waits is asked about as ever */
	assert_int_equal(telco_writes_in(&t, l, HOUR_MS), 4000);
	assert_false(smpp_binds_can_send(t.binds));
	assert_int_equal(kept->results, 0);
	telco_clear(&t);
}

/* --- silence --- */

/* Three submits are written, and their time is over. */
static void three_unanswered(struct telco *t, struct smpp_link *l)
{
	uint32_t sequence;

	for (int i = 0; i < 3; i++)
		(void)telco_submit(t, l, &sequence);
	(void)stay(t, l, 9999);
	assert_int_equal(telco_writes_in(t, l, 1), 1);
}

static void three_unanswered_submits_are_probed_and_end_the_session(void **state)
{
	struct telco_pdu probe;
	struct telco t;
	(void)state;
	telco_init(&t);
	struct smpp_link *l = bound(&t);
	three_unanswered(&t, l);
	assert_true(telco_read(l, &probe));
	assert_int_equal(probe.command, SMPP_ENQUIRE_LINK);
	assert_false(takes(&t));
	assert_int_equal(telco_closes_in(&t, l, HOUR_MS), 5000);
	assert_string_equal(reason(&t), "enquire_link not answered");
	telco_clear(&t);
}

static void an_answered_probe_lets_the_session_go_on(void **state)
{
	uint32_t sequence;
	struct telco_pdu probe;
	struct telco t;
	(void)state;
	telco_init(&t);
	struct smpp_link *l = bound(&t);
	three_unanswered(&t, l);
	assert_true(telco_read(l, &probe));
	fake_loop_run(t.loop, 4999);
	unsigned rooms = t.rooms;
	telco_plain(&t, l, SMPP_ENQUIRE_LINK_RESP, probe.sequence);
	assert_true(t.rooms > rooms);
	(void)telco_submit(&t, l, &sequence);
	(void)stay(&t, l, 10000);
	assert_int_equal(fake_link_closed_ms(l), -1);
	telco_clear(&t);
}

static void two_unanswered_submits_are_not_probed(void **state)
{
	uint32_t sequence;
	struct telco t;
	(void)state;
	telco_init(&t);
	struct smpp_link *l = bound(&t);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 2; i++)
			(void)telco_submit(&t, l, &sequence);
		assert_int_equal(stay(&t, l, 9999), 2); /* silence while submits wait: at 4 and at 8 seconds */
		assert_int_equal(telco_writes_in(&t, l, 1), -1);
		assert_true(takes(&t));
		(void)telco_submit(&t, l, &sequence);
		telco_answer_submit(&t, l, 0, sequence); /* the row is broken */
	}
	telco_clear(&t);
}

/* The peer shows life by itself, so that silence is no reason to ask. */
static void chat(struct telco *t, struct smpp_link *l, int64_t ms)
{
	struct telco_pdu pdu;

	for (int64_t left = ms; left > 0; left -= 1000) {
		fake_loop_run(t->loop, 1000);
		telco_plain(t, l, SMPP_ENQUIRE_LINK, 1);
		while (telco_read(l, &pdu))
			assert_int_equal(pdu.command, SMPP_ENQUIRE_LINK_RESP);
	}
}

static void an_answered_submit_breaks_the_row(void **state)
{
	uint32_t sequence;
	(void)state;
	for (int answered = 0; answered < 2; answered++) {
		struct telco_pdu pdu;
		struct telco t;
		telco_init(&t);
		struct smpp_link *l = bound(&t);
		(void)telco_submit(&t, l, &sequence);
		(void)telco_submit(&t, l, &sequence);
		chat(&t, l, 5000);
		(void)telco_submit(&t, l, &sequence);
		chat(&t, l, 6000); /* two are over, the third is not */
		(void)telco_submit(&t, l, &sequence);
		if (answered)
			telco_answer_submit(&t, l, 0, sequence);
		chat(&t, l, 3000);
		fake_loop_run(t.loop, 1000);
		bool probed = telco_read(l, &pdu) && pdu.command == SMPP_ENQUIRE_LINK;
		assert_int_equal(probed, !answered);
		telco_clear(&t);
	}
}

static void nothing_more_goes_to_a_peer_in_doubt(void **state)
{
	uint32_t sequence;
	struct telco_sent *s;
	struct telco_pdu pdu;
	struct telco t;
	(void)state;
	telco_init(&t);
	struct smpp_link *l = bound(&t);
	(void)telco_submit(&t, l, &sequence);
	assert_int_equal(telco_writes_in(&t, l, HOUR_MS), 4000);
	assert_true(telco_read(l, &pdu));
	assert_int_equal(telco_try_submit(&t, &s), ERR_BUSY);
	assert_false(smpp_binds_can_send(t.binds));
	telco_plain(&t, l, SMPP_ENQUIRE_LINK, 5);
	assert_true(smpp_binds_can_send(t.binds));
	telco_clear(&t);
}

/* --- late answers --- */

static uint64_t late_answers(void)
{
	return stats_value(stats_counter("otpgwd_smpp_late_responses_total", "", "smsc=\"telco\""));
}

static void a_late_answer_is_told_once_with_its_message(void **state)
{
	uint32_t first, second;
	struct telco t;
	(void)state;
	telco_init(&t);
	struct smpp_link *l = bound(&t);
	uint64_t before = late_answers();
	struct telco_sent *a = telco_submit(&t, l, &first), *b = telco_submit(&t, l, &second);
	(void)stay(&t, l, 30000);
	assert_int_equal(b->results, 1);
	telco_answer_submit(&t, l, 0, second);
	assert_int_equal(b->lates, 1);
	assert_int_equal(b->late_id.partition, b->number);
	assert_int_equal(b->late_outcome, SMPP_ACCEPTED);
	assert_string_equal(b->late_message_id, "0A1B");
	telco_answer_submit(&t, l, 0, second);
	assert_int_equal(b->lates, 1);
	assert_int_equal(b->results, 1);
	assert_int_equal(a->lates, 0);
	assert_int_equal(late_answers(), before + 1);
	telco_clear(&t);
}

static void a_late_error_is_told_as_one(void **state)
{
	uint32_t sequence;
	struct telco t;
	(void)state;
	telco_init(&t);
	struct smpp_link *l = bound(&t);
	struct telco_sent *s = telco_submit(&t, l, &sequence);
	(void)stay(&t, l, 30000);
	telco_answer_submit(&t, l, 0x45, sequence);
	assert_int_equal(s->lates, 1);
	assert_int_equal(s->late_status, 0x45);
	assert_true(s->late_outcome != SMPP_ACCEPTED);
	assert_string_equal(s->late_message_id, "");
	telco_answer_submit(&t, l, 0x45, sequence);
	assert_int_equal(s->lates, 1);
	assert_int_equal(s->results, 1);
	telco_clear(&t);
}

static void a_late_nack_names_a_submit_and_ends_no_session(void **state)
{
	uint32_t sequence;
	struct telco t;
	(void)state;
	telco_init(&t);
	struct smpp_link *l = bound(&t);
	struct telco_sent *s = telco_submit(&t, l, &sequence);
	(void)stay(&t, l, 30000);
	nack(&t, l, sequence);
	assert_int_equal(fake_link_closed_ms(l), -1);
	assert_true(takes(&t));
	assert_int_equal(s->lates, 1);
	assert_int_equal(s->late_status, 0x03);
	assert_true(s->late_outcome != SMPP_ACCEPTED);
	telco_clear(&t);
}

static void tombs_do_not_outlive_their_session(void **state)
{
	uint32_t sequence;
	struct telco t;
	(void)state;
	telco_init(&t);
	struct smpp_link *l = bound(&t);
	struct telco_sent *s = telco_submit(&t, l, &sequence);
	(void)stay(&t, l, HOUR_MS); /* as long as it lives */
	fake_link_end(l, ERR_CLOSED, "closed by peer");
	telco_answer_submit(&t, l, 0, sequence);
	l = telco_answer_bind(&t, HOUR_MS, 0);
	telco_answer_submit(&t, l, 0, sequence);
	assert_int_equal(s->lates, 0);
	assert_int_equal(s->results, 1);
	telco_clear(&t);
}

static void a_tomb_is_found_as_long_as_its_session_lives(void **state)
{
	uint32_t sequence;
	struct telco t;
	(void)state;
	telco_init(&t);
	struct smpp_link *l = bound(&t);
	struct telco_sent *s = telco_submit(&t, l, &sequence);
	(void)stay(&t, l, HOUR_MS);
	telco_answer_submit(&t, l, 0, sequence);
	assert_int_equal(s->lates, 1);
	telco_clear(&t);
}

/* --- generic_nack --- */

/* A submit of ours was not processed: it comes back, at no cost. */
static void nack_one(struct telco *t, struct smpp_link *l)
{
	uint32_t sequence;
	struct telco_sent *s = telco_submit(t, l, &sequence);

	nack(t, l, sequence);
	assert_int_equal(s->results, 1);
	assert_int_equal(s->result.outcome, SMPP_LATER);
	assert_false(s->result.costs);
}

static void the_third_nack_in_a_minute_ends_the_session(void **state)
{
	struct telco t;
	(void)state;
	telco_init(&t);
	struct smpp_link *l = bound(&t);
	nack_one(&t, l);
	(void)stay(&t, l, 30000);
	nack_one(&t, l);
	assert_int_equal(fake_link_closed_ms(l), -1);
	(void)stay(&t, l, 29999);
	nack_one(&t, l);
	assert_int_equal(telco_closes_in(&t, l, 0), 0);
	assert_string_equal(reason(&t), "third generic_nack in a minute");
	telco_clear(&t);
}

static void three_nacks_in_more_than_a_minute_end_nothing(void **state)
{
	struct telco t;
	(void)state;
	telco_init(&t);
	struct smpp_link *l = bound(&t);
	for (int i = 0; i < 6; i++) {
		nack_one(&t, l);
		(void)stay(&t, l, 30000);
	}
	assert_int_equal(fake_link_closed_ms(l), -1);
	telco_clear(&t);
}

static void nacks_are_counted_for_each_session(void **state)
{
	struct telco t;
	(void)state;
	telco_init(&t);
	struct smpp_link *l = bound(&t);
	nack_one(&t, l);
	nack_one(&t, l);
	fake_link_end(l, ERR_CLOSED, "closed by peer");
	l = telco_answer_bind(&t, HOUR_MS, 0);
	nack_one(&t, l);
	assert_int_equal(fake_link_closed_ms(l), -1);
	telco_clear(&t);
}

static void a_nack_of_nothing_waits_two_seconds_for_the_answers(void **state)
{
	static const uint32_t numbers[] = { 0, 4711 };
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		uint32_t answered, open;
		struct telco_sent *s;
		struct telco t;
		telco_init(&t);
		struct smpp_link *l = bound(&t);
		struct telco_sent *a = telco_submit(&t, l, &answered), *b = telco_submit(&t, l, &open);
		nack(&t, l, numbers[i]);
		assert_int_equal(telco_try_submit(&t, &s), ERR_BUSY);
		assert_int_equal(telco_writes_in(&t, l, 1999), -1);
		telco_answer_submit(&t, l, 0, answered);
		assert_int_equal(a->result.outcome, SMPP_ACCEPTED);
		assert_int_equal(b->results, 0);
		assert_int_equal(telco_closes_in(&t, l, HOUR_MS), 1);
		assert_int_equal(b->results, 1);
		assert_int_equal(b->result.outcome, SMPP_AMBIGUOUS);
		assert_string_equal(reason(&t), "generic_nack: framing may be lost");
		telco_clear(&t);
	}
}

static void a_nack_of_nothing_ends_a_session_that_waits_for_nothing(void **state)
{
	uint32_t sequence;
	struct telco t;
	(void)state;
	telco_init(&t);
	struct smpp_link *l = bound(&t);
	struct telco_sent *s = telco_submit(&t, l, &sequence);
	nack(&t, l, 0);
	fake_loop_run(t.loop, 500);
	telco_answer_submit(&t, l, 0, sequence);
	assert_int_equal(s->result.outcome, SMPP_ACCEPTED);
	assert_int_equal(telco_closes_in(&t, l, 0), 0);
	telco_clear(&t);
}

static void what_we_do_not_know_is_nacked_and_ends_nothing(void **state)
{
	struct telco_pdu answer;
	struct telco t;
	(void)state;
	telco_init(&t);
	struct smpp_link *l = bound(&t);
	telco_plain(&t, l, 0x00000112, 4000000000);
	assert_true(telco_read(l, &answer));
	assert_int_equal(answer.command, SMPP_GENERIC_NACK);
	assert_int_equal(answer.status, 0x03);
	assert_int_equal(answer.sequence, 4000000000);
	telco_plain(&t, l, 0x80000112, 9); /* a response is not */
	assert_false(telco_read(l, &answer));
	assert_int_equal(fake_link_closed_ms(l), -1);
	telco_clear(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_time_of_a_response_counts_from_the_write),
		cmocka_unit_test(an_answer_just_in_time_is_in_time),
		cmocka_unit_test(a_full_window_means_stop),
		cmocka_unit_test(a_peer_that_does_not_read_gets_nothing_more),
		cmocka_unit_test(without_an_answer_a_kept_place_is_held_to_the_end),
		cmocka_unit_test(kept_places_never_fill_the_window_for_ever),
		cmocka_unit_test(a_kept_place_whose_time_is_over_is_no_reason_to_ask),
		cmocka_unit_test(three_unanswered_submits_are_probed_and_end_the_session),
		cmocka_unit_test(an_answered_probe_lets_the_session_go_on),
		cmocka_unit_test(two_unanswered_submits_are_not_probed),
		cmocka_unit_test(an_answered_submit_breaks_the_row),
		cmocka_unit_test(nothing_more_goes_to_a_peer_in_doubt),
		cmocka_unit_test(a_late_answer_is_told_once_with_its_message),
		cmocka_unit_test(a_late_error_is_told_as_one),
		cmocka_unit_test(a_late_nack_names_a_submit_and_ends_no_session),
		cmocka_unit_test(tombs_do_not_outlive_their_session),
		cmocka_unit_test(a_tomb_is_found_as_long_as_its_session_lives),
		cmocka_unit_test(the_third_nack_in_a_minute_ends_the_session),
		cmocka_unit_test(three_nacks_in_more_than_a_minute_end_nothing),
		cmocka_unit_test(nacks_are_counted_for_each_session),
		cmocka_unit_test(a_nack_of_nothing_waits_two_seconds_for_the_answers),
		cmocka_unit_test(a_nack_of_nothing_ends_a_session_that_waits_for_nothing),
		cmocka_unit_test(what_we_do_not_know_is_nacked_and_ends_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
