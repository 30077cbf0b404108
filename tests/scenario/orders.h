/*
 * orders: the further SMS of one verification in random orders of submit, answer, loss, refusal, receipt, crash and
 * faults of the store, by each policy. After each order no code that a person may hold is refused.
 */
#ifndef SCENARIO_ORDERS_H
#define SCENARIO_ORDERS_H

/* Runs n orders for each policy, each in a process of its own. Returns how many failed. */
unsigned orders_run(unsigned n);

#endif
