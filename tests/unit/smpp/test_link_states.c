/*
 * The states of a link: which may follow which, which have a time that runs out, and that an illegal move changes
 * nothing.
 */
#include "../../../daemon/smpp/wire/link.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* A link goes forward only, and may be closed at any time. */
static const unsigned legal[STATE_MAX] = {
	[STATE_RESOLVING] = TO(CONNECTING) | TO(ENDED) | TO(CLOSED),
	[STATE_CONNECTING] = TO(HANDSHAKING) | TO(OPEN) | TO(ENDED) | TO(CLOSED),
	[STATE_HANDSHAKING] = TO(OPEN) | TO(ENDED) | TO(CLOSED),
	[STATE_OPEN] = TO(ENDED) | TO(CLOSED),
	[STATE_ENDED] = TO(CLOSED),
	[STATE_CLOSED] = 0,
};

static void on_timer(void *arg)
{
	(void)arg;
}

static void one_move(struct smpp_link *l, enum state from, enum state to)
{
	bool allowed = legal[from] >> to & 1;
	uint64_t broken = invariant_count();

	l->state = from;
	set_state(l, to);
	assert_int_equal(l->state, allowed ? to : from);
	assert_int_equal(invariant_count() - broken, !allowed);
}

static void only_legal_moves_are_made(void **state)
{
	struct loop *loop = loop_new();
	struct smpp_link l = { .fd = -1, .timeout_ms = 1000, .timer = loop_timer_new(loop, on_timer, NULL) };

	(void)state;
	for (unsigned from = 0; from < STATE_MAX; from++)
		for (unsigned to = 0; to < STATE_MAX; to++)
			if (legal[from] >> to & 1 || !INVARIANT_ABORTS)
				one_move(&l, (enum state)from, (enum state)to);
	loop_timer_free(l.timer);
	loop_free(loop);
}

/* Resolving and connecting share one time; the handshake has its own; an open link waits for ever. */
static void each_wait_has_an_end(void **state)
{
	struct loop *loop = loop_new();
	struct smpp_link l = { .fd = -1, .timeout_ms = 1000, .timer = loop_timer_new(loop, on_timer, NULL) };

	(void)state;
	for (unsigned s = 0; s < STATE_MAX; s++)
		assert_int_equal(states[s].late != NULL, states[s].timed);
	set_state(&l, STATE_CONNECTING);
	assert_false(loop_timer_armed(l.timer));
	set_state(&l, STATE_HANDSHAKING);
	assert_true(loop_timer_armed(l.timer));
	set_state(&l, STATE_OPEN);
	assert_false(loop_timer_armed(l.timer));
	loop_timer_free(l.timer);
	loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_legal_moves_are_made),
		cmocka_unit_test(each_wait_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
