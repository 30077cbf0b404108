/*
 * pause: named points where the chaos build stops the process, so that a test can kill it exactly there. With
 * OTPGWD_PAUSE="c1:57" in the environment the process sends itself SIGSTOP once, when it passes c1 the 57th time. One
 * thread. In every other build a point does nothing.
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
