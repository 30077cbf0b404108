/*
 * The door against a peer that speaks over a real loopback connection on the same loop: bind, submit, receipt,
 * refusals, silence, failover, stop.
 * fakes: tcp_smsc
 */
#include "base/clock.h"
#include "base/loop.h"
#include "base/secret.h"
#include "base/stats.h"
#include "../../fakes/tcp_smsc.h"
#include "smpp.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

struct scene {
	struct loop *loop;
	struct resolver *resolver;
	struct smpp *pool;
	struct smpp_listener listener;
	struct peer peers[2];
	struct loop_timer *guard;
	struct smpp_result result;
	char id[SMPP_MESSAGE_ID_CAP];
	unsigned results, wanted, receipts, rooms;
	struct smpp_receipt receipt;
	char receipt_id[SMPP_MESSAGE_ID_CAP];
	bool stopped;
	bool (*until)(struct scene *);
};

static struct scene *now;

static void check_goal(void)
{
	if (now->until && now->until(now))
		loop_stop(now->loop);
}

static void too_late(void *arg)
{
	(void)arg;
	fail_msg("the awaited event did not come");
}

static void run_until(struct scene *s, bool (*goal)(struct scene *))
{
	s->until = goal;
	if (goal(s))
		return;
	loop_timer_set(s->guard, clock_mono_ms() + 30000);
	loop_run(s->loop);
	loop_timer_stop(s->guard);
	s->until = NULL;
}

static void on_room(void *arg)
{
	((struct scene *)arg)->rooms++;
	check_goal();
}

static void on_state(void *arg)
{
	(void)arg;
	check_goal();
}

static void on_receipt(void *arg, const struct smpp_receipt *r)
{
	struct scene *s = arg;
	s->receipts++;
	s->receipt = *r;
	memcpy(s->receipt_id, r->readings[0].id, strlen(r->readings[0].id) + 1);
	check_goal();
}

static void on_result(void *arg, const struct smpp_result *r)
{
	struct scene *s = arg;
	s->results++;
	s->result = *r;
	memcpy(s->id, r->message_id, strlen(r->message_id) + 1);
	check_goal();
}

static struct smpp_smsc_opts smsc(const char *name, const uint16_t *port)
{
	static struct smpp_endpoint hosts[4];
	static unsigned next;
	struct smpp_endpoint *host = &hosts[next++ % 4];
	*host = (struct smpp_endpoint){ "127.0.0.1", *port };
	return (struct smpp_smsc_opts){ .name = name,
		                        .hosts = host,
		                        .host_count = 1,
		                        .binds = 1,
		                        .system_id = "esme",
		                        .system_type = "",
		                        .sender = "ACME",
		                        .service_type = "",
		                        .rate = 100,
		                        .window = 10,
		                        .receipts = true,
		                        .connect_timeout_ms = 20000,
		                        .bind_timeout_ms = 20000,
		                        .response_timeout_ms = 20000,
		                        .enquire_interval_ms = 30000,
		                        .enquire_timeout_ms = 20000,
		                        .inactivity_ms = 90000,
		                        .pdu_timeout_ms = 20000,
		                        .reconnect_min_ms = 20,
		                        .reconnect_max_ms = 100,
		                        .throttle_pause_ms = 5000 };
}

static struct smpp_smsc_opts smscs[2];

/* One for all numbers, with the other after it; the other alone for a prefix. */
static const char *const both[2] = { "one", "two" }, *const second[1] = { "two" };
static const struct smpp_route_opts two_routes[2] = { { .prefix = "", .smscs = both, .smsc_count = 2 },
	                                              { .prefix = "6281", .smscs = second, .smsc_count = 1 } };

static struct smpp_opts two_smscs(struct scene *s)
{
	smscs[0] = smsc("one", &s->peers[0].port);
	smscs[1] = smsc("two", &s->peers[1].port);
	return (struct smpp_opts){ smscs, 2, two_routes, 2 };
}

static int setup(void **state)
{
	struct scene *s = calloc(1, sizeof *s);
	now = s;
	assert_int_equal(secret_setup(), ERR_OK);
	s->loop = loop_new();
	s->resolver = resolver_new(s->loop, NULL);
	s->guard = loop_timer_new(s->loop, too_late, s);
	peer_open(&s->peers[0], s->loop, check_goal);
	peer_open(&s->peers[1], s->loop, check_goal);
	struct smpp_opts o = two_smscs(s);
	s->listener = (struct smpp_listener){ s, on_room, on_receipt, on_state, NULL };
	assert_int_equal(smpp_new(s->loop, s->resolver, &o, &s->listener, &s->pool), ERR_OK);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct scene *s = *state;
	smpp_free(s->pool);
	peer_close(&s->peers[0]);
	peer_close(&s->peers[1]);
	loop_timer_free(s->guard);
	resolver_free(s->resolver);
	loop_free(s->loop);
	stats_clear();
	free(s);
	return 0;
}

static bool both_bound(struct scene *s)
{
	return smpp_bound(s->pool) == 2;
}
static bool one_bound(struct scene *s)
{
	return smpp_bound(s->pool) == 1;
}
static bool has_wanted(struct scene *s)
{
	return s->results == s->wanted;
}
static bool has_result(struct scene *s)
{
	return s->results > 0;
}
static bool has_receipt(struct scene *s)
{
	return s->receipts > 0;
}
static bool delivery_answered(struct scene *s)
{
	return s->peers[0].delivery_answers > 0;
}
static bool is_stopped(struct scene *s)
{
	return s->stopped;
}
static bool nacked(struct scene *s)
{
	return s->peers[0].nacks > 0;
}
static bool bound_again(struct scene *s)
{
	return s->peers[0].binds >= 2 && smpp_bound(s->pool) == 2;
}

static void await_results(struct scene *s, unsigned n)
{
	s->wanted = n;
	run_until(s, has_wanted);
}

/* The sets of the two SMSCs, by the bits of their indices. */
static const struct smsc_set sets[4] = { { { 0 } }, { { 1 } }, { { 2 } }, { { 3 } } };

static enum err submit(struct scene *s, const char *digits, unsigned avoid, unsigned *chosen)
{
	struct msisdn to = { "" };
	memcpy(to.digits, digits, strlen(digits) + 1);
	const struct smpp_message m = { .to = &to, .sender = "", .text = "ACME: 123456", .validity_s = 61 };
	const struct smpp_ask ask = { .to = &to, .excluded = &sets[avoid], .left_ms = INT64_MAX };
	struct smpp_choice choice;
	enum err err = smpp_choose(s->pool, smpp_route(s->pool, &to), &ask, &choice);
	if (!err)
		err = smpp_submit(s->pool, &choice, &m, on_result, s);
	if (!err)
		*chosen = choice.smsc;
	return err;
}

static void start(struct scene *s)
{
	smpp_start(s->pool);
	run_until(s, both_bound);
}

static void a_message_is_accepted(void **state)
{
	struct scene *s = *state;
	unsigned chosen = 9;
	start(s);
	assert_int_equal(submit(s, "442079460000", 0, &chosen), ERR_OK);
	assert_int_equal(s->results, 0);
	run_until(s, has_result);
	assert_int_equal(chosen, 0);
	assert_int_equal(s->result.outcome, SMPP_ACCEPTED);
	assert_string_equal(s->id, "0A1B");
	static const char body[] = "\0\5\0ACME\0\1\1"
				   "442079460000\0\0\0\0\0"
				   "000000000200000R\0\1\0\0\0\14ACME: 123456";
	assert_int_equal(s->peers[0].last_len, 16 + sizeof body - 1);
	assert_memory_equal(s->peers[0].last + 16, body, sizeof body - 1);
}

static void the_longest_prefix_chooses(void **state)
{
	struct scene *s = *state;
	unsigned chosen = 9;
	start(s);
	assert_int_equal(submit(s, "628123456789", 0, &chosen), ERR_OK);
	assert_int_equal(chosen, 1);
	assert_int_equal(submit(s, "442079460000", 1, &chosen), ERR_OK);
	assert_int_equal(chosen, 1);
}

static void an_unbound_smsc_is_passed_over(void **state)
{
	struct scene *s = *state;
	unsigned chosen = 9;
	s->peers[0].bind_status = 0x0E;
	smpp_start(s->pool);
	run_until(s, one_bound);
	assert_int_equal(submit(s, "442079460000", 0, &chosen), ERR_OK);
	assert_int_equal(chosen, 1);
}

static void nothing_bound_is_unavailable(void **state)
{
	struct scene *s = *state;
	unsigned chosen;
	assert_int_equal(submit(s, "442079460000", 0, &chosen), ERR_UNAVAILABLE);
}

static unsigned chosen_by(struct scene *s, const struct smpp_ask *ask)
{
	struct smpp_choice choice;
	assert_int_equal(smpp_choose(s->pool, 0, ask, &choice), ERR_OK);
	assert_int_equal(choice.route, 0);
	assert_true(choice.fit);
	return choice.smsc;
}

/* The same question has the same answer: looking changes nothing. A route has two SMSCs, at 100 a second each. */
static void what_is_asked_decides_the_choice(void **state)
{
	struct scene *s = *state;
	struct smpp_choice choice;
	start(s);
	assert_int_equal(smpp_choose(s->pool, 7, &(struct smpp_ask){ .left_ms = INT64_MAX }, &choice), ERR_NOTFOUND);
	assert_int_equal(smpp_choose(s->pool, -1, &(struct smpp_ask){ .left_ms = INT64_MAX }, &choice), ERR_NOTFOUND);
	for (unsigned twice = 0; twice < 2; twice++) {
		assert_int_equal(chosen_by(s, &(struct smpp_ask){ .left_ms = INT64_MAX }), 0);
		assert_int_equal(chosen_by(s, &(struct smpp_ask){ .excluded = &sets[1], .left_ms = INT64_MAX }), 1);
		assert_int_equal(chosen_by(s, &(struct smpp_ask){ .avoid_soft = &sets[1], .left_ms = INT64_MAX }), 1);
		/* No other is left: who was to be avoided is better than nobody. */
		assert_int_equal(chosen_by(s, &(struct smpp_ask){ .excluded = &sets[3], .left_ms = INT64_MAX }), 0);
		assert_int_equal(chosen_by(s, &(struct smpp_ask){ .avoid_soft = &sets[3], .left_ms = INT64_MAX }), 0);
		assert_int_equal(
		    chosen_by(s,
		              &(struct smpp_ask){ .excluded = &sets[2], .avoid_soft = &sets[1], .left_ms = INT64_MAX }),
		    0);
	}
	smscs[0].rate = 1;
	assert_int_equal(smpp_configure(s->pool, &(struct smpp_opts){ smscs, 2, two_routes, 2 }), ERR_OK);
	/* Four messages wait 4 s at one a second, or not at all at the other. */
	assert_int_equal(chosen_by(s, &(struct smpp_ask){ .waiting = 4, .left_ms = INT64_MAX }), 1);
	assert_int_equal(chosen_by(s, &(struct smpp_ask){ .waiting = 2, .left_ms = INT64_MAX }), 0);
}

static void throttling_pauses_and_fails_over(void **state)
{
	struct scene *s = *state;
	unsigned chosen;
	start(s);
	s->peers[0].submit_status = 0x58;
	assert_int_equal(submit(s, "442079460000", 0, &chosen), ERR_OK);
	run_until(s, has_result);
	assert_int_equal(s->result.outcome, SMPP_LATER);
	assert_int_equal(submit(s, "442079460000", 0, &chosen), ERR_OK);
	assert_int_equal(chosen, 1);
	assert_int_equal(s->peers[0].submits, 1);
}

/* The same two SMSCs, the first at 1,000 a second; it answers no submit, which is noticed after 100 ms. */
static void silence_the_fast_first(struct scene *s)
{
	struct smpp_opts o = two_smscs(s);
	smscs[0].rate = 1000;
	smscs[0].response_timeout_ms = 100;
	assert_int_equal(smpp_configure(s->pool, &o), ERR_OK);
	s->peers[0].mute = true;
}

/* The first SMSC has let a submit time out, and its answer to an enquire_link has been read since. */
static bool first_is_slow(struct scene *s)
{
	return s->results > 0 && smpp_route_pace(s->pool, 0, SIZE_MAX).per_s > 100;
}

/* What a route takes: the throttle's rate, or the window over the time that answers take. */
static void the_pace_is_measured(void **state)
{
	struct scene *s = *state;
	unsigned chosen;
	assert_true(smpp_route_pace(s->pool, 0, SIZE_MAX).per_s == 100);
	assert_true(smpp_route_pace(s->pool, 7, SIZE_MAX).per_s == 0);
	start(s);
	silence_the_fast_first(s);
	assert_true(smpp_route_pace(s->pool, 0, SIZE_MAX).per_s == 1100);
	assert_true(smpp_route_pace(s->pool, 0, 2).per_s == 1100);
	assert_true(smpp_route_pace(s->pool, 0, 1).per_s == 1000);
	assert_int_equal(submit(s, "442079460000", 0, &chosen), ERR_OK);
	run_until(s, first_is_slow);
	/* A window of 10, held for 100 ms or longer; and the second's 100. */
	assert_true(smpp_route_pace(s->pool, 0, SIZE_MAX).per_s <= 200);
	assert_true(smpp_route_pace(s->pool, 0, SIZE_MAX).pause_ms == 0);
	s->results = 0;
	s->peers[1].submit_status = 0x58;
	assert_int_equal(submit(s, "628123456789", 0, &chosen), ERR_OK);
	run_until(s, has_result);
	assert_true(smpp_route_pace(s->pool, 1, SIZE_MAX).per_s == 50);
	assert_in_range(smpp_route_pace(s->pool, 1, SIZE_MAX).pause_ms, 1, 5000);
}

static void a_full_window_tells_by_its_age(void **state)
{
	struct scene *s = *state;
	unsigned chosen;
	start(s);
	silence_the_fast_first(s);
	for (int i = 0; i < 10; i++)
		assert_int_equal(submit(s, "442079460000", 0, &chosen), ERR_OK);
	usleep(30000);
	assert_in_range((int)smpp_route_pace(s->pool, 0, SIZE_MAX).per_s, 101, 434);
	assert_int_equal(s->results, 0);
}

static bool ten_at_the_first(struct scene *s)
{
	return s->peers[0].submits == 10;
}

static unsigned submit_many(struct scene *s, int n)
{
	unsigned chosen, firsts = 0;
	while (n--) {
		assert_int_equal(submit(s, "442079460000", 0, &chosen), ERR_OK);
		firsts += chosen == 0;
	}
	return firsts;
}

/* Equal shares, but the first's window is full for a while: what it could not take then is not made up for. */
static void who_has_no_room_is_owed_nothing(void **state)
{
	struct scene *s = *state;
	const uint32_t weights[2] = { 1, 1 };
	struct smpp_opts o = two_smscs(s);
	struct smpp_route_opts route = o.routes[0];
	route.weights = weights;
	o.routes = &route;
	o.route_count = 1;
	smscs[0].rate = smscs[1].rate = 1000;
	smscs[1].window = 100;
	start(s);
	assert_int_equal(smpp_configure(s->pool, &o), ERR_OK);
	s->peers[0].mute = true;
	usleep(50000); /* both buckets fill */
	assert_int_equal(submit_many(s, 20), 10);
	await_results(s, 10); /* a session begins with ten in flight */
	assert_int_equal(submit_many(s, 10), 0);
	await_results(s, 20);
	assert_int_equal(submit_many(s, 10), 0);
	run_until(s, ten_at_the_first);
	for (uint32_t sequence = 2; sequence <= 11; sequence++)
		peer_say(&s->peers[0], (struct peer_head){ 0x80000004, 0, sequence }, "0A1B", 5);
	await_results(s, 40);
	assert_int_equal(submit_many(s, 10), 5);
}

static void silence_is_ambiguous_once(void **state)
{
	struct scene *s = *state;
	unsigned chosen;
	start(s);
	silence_the_fast_first(s);
	assert_int_equal(submit(s, "442079460000", 0, &chosen), ERR_OK);
	run_until(s, has_result);
	assert_int_equal(s->result.outcome, SMPP_AMBIGUOUS);
	peer_say(&s->peers[0], (struct peer_head){ 0x80000004, 0, peer_u32(s->peers[0].last + 12) }, "late", 5);
	peer_say(&s->peers[0], (struct peer_head){ 0x12345, 0, 7 }, NULL, 0);
	run_until(s, nacked);
	assert_int_equal(s->results, 1);
	assert_int_equal(stats_value(stats_counter("otpgwd_smpp_late_responses_total", "", "smsc=\"one\"")), 1);
}

static void a_cut_in_flight_is_ambiguous_and_rebinds(void **state)
{
	struct scene *s = *state;
	unsigned chosen;
	start(s);
	s->peers[0].mute = true;
	assert_int_equal(submit(s, "442079460000", 0, &chosen), ERR_OK);
	shutdown(s->peers[0].fd, SHUT_RDWR);
	run_until(s, has_result);
	assert_int_equal(s->result.outcome, SMPP_AMBIGUOUS);
	run_until(s, bound_again);
}

static void deliver(struct peer *p)
{
	static const char body[] = "\0\1\1"
				   "442079460000\0\5\0ACME\0\4\0\0\0\0\0\0\0\0\41id:000A1B stat:DELIVRD err:000 ab";
	peer_say(p, (struct peer_head){ 5, 0, 0x80000001 }, body, sizeof body - 1);
}

static void a_receipt_is_answered_only_when_stored(void **state)
{
	struct scene *s = *state;
	start(s);
	deliver(&s->peers[0]);
	run_until(s, has_receipt);
	assert_string_equal(s->receipt_id, "a1b");
	assert_int_equal(s->receipt.readings[0].state, SMPP_RECEIPT_DELIVERED);
	assert_int_equal(s->peers[0].delivery_answers, 0);
	smpp_receipt_done(s->pool, s->receipt.token, false);
	run_until(s, delivery_answered);
	assert_int_equal(s->peers[0].delivery_status, 0x64);
	assert_int_equal(peer_u32(s->peers[0].last + 12), 0x80000001);
}

static void a_token_outlives_its_session(void **state)
{
	struct scene *s = *state;
	start(s);
	deliver(&s->peers[0]);
	run_until(s, has_receipt);
	shutdown(s->peers[0].fd, SHUT_RDWR);
	run_until(s, bound_again);
	smpp_receipt_done(s->pool, s->receipt.token, true);
	peer_say(&s->peers[0], (struct peer_head){ 0x12345, 0, 7 }, NULL, 0);
	run_until(s, nacked);
	assert_int_equal(s->peers[0].delivery_answers, 0);
}

/* A reload may give an SMSC another tag, and what is reverted has its former one again. No bind ends for it. */
static void a_tag_follows_the_configuration(void **state)
{
	struct scene *s = *state;
	struct smpp_opts former = two_smscs(s), o = former;
	struct smpp_smsc_opts others[2] = { smscs[0], smscs[1] };
	smscs[0].tag = 300;
	smscs[1].tag = 7;
	others[0].tag = 7;
	others[1].tag = 65535;
	o.smscs = others;
	assert_int_equal(smpp_configure(s->pool, &former), ERR_OK);
	start(s);
	assert_int_equal(smpp_smsc_of_tag(s->pool, 300), 0);
	assert_int_equal(smpp_smsc_of_tag(s->pool, 7), 1);
	assert_int_equal(smpp_smsc_of_tag(s->pool, 8), -1);
	assert_int_equal(smpp_smsc_tag(s->pool, 1), 7);
	assert_int_equal(smpp_smsc_tag(s->pool, 2), 0);
	assert_int_equal(smpp_configure(s->pool, &o), ERR_OK);
	assert_int_equal(smpp_smsc_of_tag(s->pool, 7), 0);
	assert_int_equal(smpp_smsc_of_tag(s->pool, 65535), 1);
	assert_int_equal(smpp_smsc_of_tag(s->pool, 300), -1);
	assert_int_equal(smpp_smsc_tag(s->pool, 0), 7);
	smpp_revert(s->pool, &former);
	assert_int_equal(smpp_smsc_of_tag(s->pool, 300), 0);
	assert_int_equal(smpp_smsc_of_tag(s->pool, 65535), -1);
	assert_int_equal(smpp_bound(s->pool), 2);
}

static void on_stopped(void *arg)
{
	((struct scene *)arg)->stopped = true;
	check_goal();
}

static void a_stop_waits_and_unbinds(void **state)
{
	struct scene *s = *state;
	unsigned chosen;
	start(s);
	assert_int_equal(submit(s, "442079460000", 0, &chosen), ERR_OK);
	smpp_stop(s->pool, clock_mono_ms() + 20000, on_stopped, s);
	assert_int_equal(submit(s, "442079460000", 0, &chosen), ERR_UNAVAILABLE);
	run_until(s, is_stopped);
	assert_int_equal(s->result.outcome, SMPP_ACCEPTED);
	assert_true(s->peers[0].unbind_seen && s->peers[1].unbind_seen);
	assert_int_equal(smpp_bound(s->pool), 0);
}

static void a_lie_about_length_closes(void **state)
{
	struct scene *s = *state;
	start(s);
	assert_int_equal(send(s->peers[0].fd, "\xff\xff\xff\xff", 4, MSG_NOSIGNAL), 4);
	run_until(s, bound_again);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = { T(a_message_is_accepted),
		                            T(the_longest_prefix_chooses),
		                            T(an_unbound_smsc_is_passed_over),
		                            T(nothing_bound_is_unavailable),
		                            T(what_is_asked_decides_the_choice),
		                            T(throttling_pauses_and_fails_over),
		                            T(the_pace_is_measured),
		                            T(a_full_window_tells_by_its_age),
		                            T(who_has_no_room_is_owed_nothing),
		                            T(silence_is_ambiguous_once),
		                            T(a_cut_in_flight_is_ambiguous_and_rebinds),
		                            T(a_receipt_is_answered_only_when_stored),
		                            T(a_token_outlives_its_session),
		                            T(a_tag_follows_the_configuration),
		                            T(a_stop_waits_and_unbinds),
		                            T(a_lie_about_length_closes) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
