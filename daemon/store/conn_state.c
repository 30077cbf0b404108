/*
 * conn_state: the table of the states. Owns nothing.
 */
#include "conn_state.h"

#define TO(s) (1u << CONN_##s)

static const struct {
	const char *name;
	unsigned next; /* the states that may follow */
	bool timed;    /* connect_timeout_ms runs, once for the whole try; commands have a timeout of their own */
} states[CONN_STATES] = {
	/* A try that fails at once goes from IDLE to IDLE. */
	[CONN_IDLE] = { "idle", TO(IDLE) | TO(RESOLVING) | TO(CONNECTING), false },
	[CONN_RESOLVING] = { "resolving", TO(CONNECTING) | TO(IDLE), true },
	[CONN_CONNECTING] = { "connecting", TO(GREETING) | TO(CLOSING) | TO(IDLE), true },
	[CONN_GREETING] = { "greeting", TO(UP) | TO(CLOSING) | TO(IDLE), false },
	[CONN_UP] = { "up", TO(CLOSING) | TO(IDLE), false },
	[CONN_CLOSING] = { "closing", TO(IDLE), false },
};

const char *conn_state_name(enum conn_state s)
{
	return states[s].name;
}

bool conn_state_may(enum conn_state from, enum conn_state to)
{
	return states[from].next & 1u << to;
}

bool conn_state_timed(enum conn_state s)
{
	return states[s].timed;
}
