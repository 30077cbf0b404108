/*
 * fitness: gives a short text that says why an SMSC would not take an SMS now, and logs its refusals from time to time.
 */
#ifndef SMPP_FITNESS_H
#define SMPP_FITNESS_H

#include <stdint.h>

#define SMPP_FITNESS_STATUSES 32 /* as SMPP_STATUS_COUNTERS */

struct smpp_smsc;
struct smpp_binds;

/* The state for one SMSC, computed from its response counters. It must start zeroed. */
struct smpp_fitness {
	uint64_t told[SMPP_FITNESS_STATUSES]; /* value of each counter at its last log line */
	uint64_t seen[SMPP_FITNESS_STATUSES]; /* value of each counter at the last smpp_fitness_look */
	uint64_t row;                         /* submits refused since the last second in which one was accepted */
	uint32_t status;                      /* command_status of the last refusal */
	int64_t refused_ms, told_ms;          /* monotonic; 0: never */
};

/* To be called once per second. Logs one line per refused command_status, at most once per minute. */
void smpp_fitness_look(struct smpp_smsc *smsc, int64_t now_ms);

#define SMPP_FITNESS_CAP 160

/* Why this SMSC takes no SMS now: "not bound: connection refused", "breaker_open" ...; "" if it takes one. */
void smpp_fitness_reason(const struct smpp_binds *all, int64_t now_ms, char out[SMPP_FITNESS_CAP]);

#endif
