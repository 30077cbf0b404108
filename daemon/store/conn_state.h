/*
 * conn_state: the states of a connection to a server, and which may follow which. Pure. Private to store.
 */
#ifndef STORE_CONN_STATE_H
#define STORE_CONN_STATE_H

#include <stdbool.h>

enum conn_state {
	CONN_IDLE,      /* waits for its next try to connect */
	CONN_RESOLVING, /* looks up the name of the server */
	CONN_CONNECTING,
	CONN_GREETING, /* authenticates, loads the library, asks for time and durability */
	CONN_UP,       /* the only state in which commands of the store are sent */
	CONN_CLOSING,  /* answers the commands in flight */
	CONN_STATES
};

const char *conn_state_name(enum conn_state s);

/* True if a connection may go from state from to state to. */
bool conn_state_may(enum conn_state from, enum conn_state to);

/* True in the states in which connect_timeout_ms runs: from the beginning of a try until the connection is open. */
bool conn_state_timed(enum conn_state s);

#endif
