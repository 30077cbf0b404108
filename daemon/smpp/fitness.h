/*
 * fitness: whether an SMSC would take an SMS now, in a word; and its refusals, told to the log once in a while.
 */
#ifndef SMPP_FITNESS_H
#define SMPP_FITNESS_H

#include <stdint.h>

#define SMPP_FITNESS_STATUSES 32 /* as SMPP_STATUS_COUNTERS */

struct smpp_smsc;
struct smpp_binds;

/* Of one SMSC, from its counters of responses. Begin with a zeroed one. */
struct smpp_fitness {
	uint64_t told[SMPP_FITNESS_STATUSES]; /* of each counter: what the log knows of */
	uint64_t seen[SMPP_FITNESS_STATUSES]; /* what the last look saw */
	uint64_t row;                         /* refused since the last that was accepted, as looks see it */
	uint32_t status;                      /* the last refusal's */
	int64_t refused_ms, told_ms;          /* monotonic; 0: never */
};

/* To be called once a second: a line for each status that was refused, at most once a minute. */
void smpp_fitness_look(struct smpp_smsc *smsc, int64_t now_ms);

#define SMPP_FITNESS_CAP 160

/* Why no SMS would go out by it now: "not bound: connection refused", "breaker_open" ...; "" if one would. */
void smpp_fitness_reason(const struct smpp_binds *all, int64_t now_ms, char out[SMPP_FITNESS_CAP]);

#endif
