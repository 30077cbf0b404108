/*
 * script: which submit meets which fault: --fault, --mix with its seed, the scenario's lines.
 */
#ifndef SMSC_SCRIPT_H
#define SMSC_SCRIPT_H

#include "faults.h"
#include "options.h"

/* Reads what the options name; ends the process if something in it is unknown. */
void script_open(struct options *options);

/* Adds to the fate of the Nth submit (from 1) what is due to it, and changes options if the scenario says so. */
void script_apply(struct options *options, uint64_t submit, struct fate *fate, uint64_t *made);

void script_help(void);

#endif
