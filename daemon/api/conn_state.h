/*
 * conn_state: the states of a client's connection. Private to api.
 */
#ifndef API_CONN_STATE_H
#define API_CONN_STATE_H

#include <stdbool.h>

/* A connection moves only downwards in this list. */
enum api_conn_state {
	API_CONN_OPEN,     /* the socket is read, requests are served */
	API_CONN_DRAINING, /* the client cannot send any more; what it has sent is still read and served */
	API_CONN_READ_OUT, /* nothing more is read; what was read is still served */
	API_CONN_CLOSING,  /* nothing more is served; it is closed when every reply is written */
	API_CONN_FAILED,   /* it is closed at the end of this turn of the loop */
	API_CONN_CLOSED,   /* it has no descriptor, and is freed when its last call ends */
	API_CONN_STATES
};

/* Why a connection is closed. */
enum api_close {
	API_CLOSE_EOF,
	API_CLOSE_QUIT,
	API_CLOSE_IO,
	API_CLOSE_PROTOCOL,
	API_CLOSE_FOREIGN,
	API_CLOSE_REQUEST_TIMEOUT,
	API_CLOSE_IDLE,
	API_CLOSE_OUTPUT,
	API_CLOSE_INPUT,
	API_CLOSE_STALLED,
	API_CLOSE_PEER,
	API_CLOSE_DRAIN,
	API_CLOSE_NOMEM,
	API_CLOSE_COUNT
};

struct api_conn;

/* api_conn_reads: true if the socket is read. api_conn_serves: true if requests that were read are run. */
static inline bool api_conn_reads(enum api_conn_state state)
{
	return state <= API_CONN_DRAINING;
}

static inline bool api_conn_serves(enum api_conn_state state)
{
	return state <= API_CONN_READ_OUT;
}

/*
 * Returns the reason to close a connection if the client does not do what this state waits for within request_timeout.
 * API_CLOSE_COUNT: the state does not wait for the client.
 */
enum api_close api_conn_late(enum api_conn_state state);

/* True if a connection may move from one state to the other. */
bool api_conn_may_move(enum api_conn_state from, enum api_conn_state to);

/* Changes the state. A move that the table does not have breaks an invariant and is not made. */
void api_conn_move(struct api_conn *c, enum api_conn_state to);

/* Logs and counts the reason, and closes the connection. Its open calls stay valid, and their replies are dropped. */
void api_conn_fail(struct api_conn *c, enum api_close reason);

/* Runs no more requests; closes when those that were run are answered. */
void api_conn_finish(struct api_conn *c, enum api_close reason);

/* The client sends nothing more. Answers the requests that were read, then closes. */
void api_conn_read_out(struct api_conn *c);

/* Stops the client from sending more. Answers the requests that it has sent, then closes. */
void api_conn_drain(struct api_conn *c);

const char *api_conn_reason(enum api_close reason);

#endif
