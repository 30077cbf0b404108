/*
 * conn_state: the states of a connection to a server, and which may follow which. Pure. Private to store.
 */
#ifndef STORE_CONN_STATE_H
#define STORE_CONN_STATE_H

#include <stdbool.h>

enum conn_state {
	CONN_IDLE,      /* waits for its next try */
	CONN_RESOLVING, /* the name of the server is looked up */
	CONN_CONNECTING,
	CONN_GREETING, /* authenticates, loads scripts, asks for time and durability */
	CONN_UP,       /* the only state in which commands of others are sent */
	CONN_CLOSING,  /* what is in flight is being answered */
	CONN_STATES
};

const char *conn_state_name(enum conn_state s);

/* Whether a connection in state from may go to state to. */
bool conn_state_may(enum conn_state from, enum conn_state to);

/* Whether connect_timeout_ms runs: from the beginning of a try until the connection stands. */
bool conn_state_timed(enum conn_state s);

#endif
