/*
 * pause: named points where the chaos build stops the process, so that a test can kill it exactly there. With
 * OTPGWD_PAUSE="c1:57" in the environment the process sends itself SIGSTOP once, when it passes c1 the 57th time. In
 * every other build a point does nothing.
 *
 * c0: before a SEND is written to Redis
 * c1: a SEND is written, and its answer is not sent yet
 * c2: a message was answered, and its submit is not written yet
 * c3: octets were written to an SMSC, and its response is not read yet
 * c4: a response was read, and its mark is not sent yet
 * c5: a receipt was read, and its mark is not sent yet
 * c6: a code is consumed, and the answer is not sent yet
 * d0: before a verification is reserved for a corrected number
 * d1: it is reserved, and its successor is not written yet
 * d2: its successor is written, and it has not ended yet
 * d3: it has ended, and the answer is not sent yet
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
