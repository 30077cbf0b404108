/*
 * The words of a test to the fake clock and the fake loop: virtual time moves here and nowhere else.
 * Both live for one process; a test that needs a fresh start takes differences.
 */
#ifndef TESTS_FAKES_LOOP_H
#define TESTS_FAKES_LOOP_H

#include "base/loop.h"

/* The time now; it never goes back. For the fake loop alone. */
void fake_clock_set(int64_t at_ms);

/* The end of a turn: what was deferred runs. After each event that a test makes. */
void fake_loop_turn(struct loop *loop);

/* Moves time to the next timer, calls it, ends the turn. False: none is due until until_ms, and it is that time now. */
bool fake_loop_step(struct loop *loop, int64_t until_ms);

/* All timers of the next ms milliseconds. */
void fake_loop_run(struct loop *loop, int64_t ms);

#endif
