/*
 * fakes: clock loop link telco
 * The states of a bind: which may follow which, how long each may last, and that an illegal move changes nothing.
 */
#include "../../fakes/telco.h"

#include "base/clock.h"
#include "base/invariant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define TO(s) (1u << SMPP_STATE_##s)

/* SMPP 3.4, figure 2-1, with the connection before it. */
static const unsigned legal[SMPP_STATE_MAX] = {
	[SMPP_STATE_CLOSED] = TO(CONNECTING) | TO(CLOSED),
	[SMPP_STATE_CONNECTING] = TO(BINDING) | TO(CLOSED),
	[SMPP_STATE_BINDING] = TO(BOUND) | TO(CLOSED),
	[SMPP_STATE_BOUND] = TO(UNBINDING) | TO(CLOSED),
	[SMPP_STATE_UNBINDING] = TO(CLOSED),
};

static void place(struct smpp_bind *b, enum smpp_bind_state s)
{
	b->state = s;
	b->smsc->standing = s == SMPP_STATE_BOUND;
}

static void one_move(struct smpp_bind *b, enum smpp_bind_state from, enum smpp_bind_state to)
{
	bool allowed = legal[from] >> to & 1;
	uint64_t broken = invariant_count();

	place(b, from);
	smpp_bind_enter(b, to);
	assert_int_equal(b->state, allowed ? to : from);
	assert_int_equal(b->smsc->standing, b->state == SMPP_STATE_BOUND);
	assert_int_equal(invariant_count() - broken, !allowed);
}

static void only_legal_moves_are_made(void **state)
{
	struct telco t;

	(void)state;
	telco_init(&t);
	telco_start(&t);
	for (unsigned from = 0; from < SMPP_STATE_MAX; from++)
		for (unsigned to = 0; to < SMPP_STATE_MAX; to++)
			if (legal[from] >> to & 1 || !INVARIANT_ABORTS)
				one_move(t.binds->bind[0], (enum smpp_bind_state)from, (enum smpp_bind_state)to);
	place(t.binds->bind[0], SMPP_STATE_CLOSED);
	telco_clear(&t);
}

static void a_state_with_a_time_says_why_it_ends(void **state)
{
	struct telco t;

	(void)state;
	telco_init(&t);
	telco_start(&t);
	for (unsigned s = 0; s < SMPP_STATE_MAX; s++) {
		place(t.binds->bind[0], (enum smpp_bind_state)s);
		const char *late = smpp_bind_late(t.binds->bind[0]);
		assert_int_equal(late != NULL, s == SMPP_STATE_BINDING || s == SMPP_STATE_UNBINDING);
	}
	place(t.binds->bind[0], SMPP_STATE_CLOSED);
	telco_clear(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_legal_moves_are_made),
		cmocka_unit_test(a_state_with_a_time_says_why_it_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
