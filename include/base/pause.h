/*
 * pause: named points where the chaos flavour stops the process, so that a harness can kill it exactly there.
 * OTPGWD_PAUSE="c1:57" in the environment: SIGSTOP to itself at the 57th passing of c1, once. One thread.
 * In every other flavour a point is nothing at all.
 *
 * c0 before the write of a SEND          c1 it is written, its answer has not left
 * c2 an answered message, before submit  c3 octets left for an SMSC, before its response
 * c4 response read, before its mark      c5 receipt read, before its mark
 * c6 a code is consumed, the answer has not left
 */
#ifndef BASE_PAUSE_H
#define BASE_PAUSE_H

#ifdef OTPGWD_PAUSE_POINTS
void pause_point(const char *name);
#else
static inline void pause_point(const char *name)
{
	(void)name;
}
#endif

#endif
