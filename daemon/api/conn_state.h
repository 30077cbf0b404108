/*
 * conn_state: the states of a client's connection. Private to api.
 */
#ifndef API_CONN_STATE_H
#define API_CONN_STATE_H

#include <stdbool.h>

/* In the order of a connection's life: it only moves down this list. */
enum api_conn_state {
	API_CONN_OPEN,     /* is read and served */
	API_CONN_DRAINING, /* the client can send nothing more; what it sent is read to its end */
	API_CONN_READ_OUT, /* nothing more is read; what was read is still served */
	API_CONN_CLOSING,  /* nothing more is served; closes when all is answered and written */
	API_CONN_FAILED,   /* given up; what is left is cleared at the end of the loop's turn */
	API_CONN_CLOSED,   /* has no descriptor; is freed when its last call ends */
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

/* Whether the socket is read, and whether requests that were read are run. */
static inline bool api_conn_reads(enum api_conn_state state)
{
	return state <= API_CONN_DRAINING;
}

static inline bool api_conn_serves(enum api_conn_state state)
{
	return state <= API_CONN_READ_OUT;
}

/* What it means if the client does not do in request_timeout what this state waits for; API_CLOSE_COUNT: the state
 * waits for nothing of the client's. */
enum api_close api_conn_late(enum api_conn_state state);

/* Whether a connection may move from one state to the other. */
bool api_conn_may_move(enum api_conn_state from, enum api_conn_state to);

/* The one place where a state changes. A move that the table does not have is a broken invariant, and is not made. */
void api_conn_move(struct api_conn *c, enum api_conn_state to);

/* The one way to give a connection up: logs, counts, closes. Its open calls stay valid and answer nobody. */
void api_conn_fail(struct api_conn *c, enum api_close reason);

/* Answers what was asked so far, then closes. */
void api_conn_finish(struct api_conn *c, enum api_close reason);

/* The client has sent its last; answers what was read, then closes. */
void api_conn_read_out(struct api_conn *c);

/* The client can send no more; answers what it sent, then closes. */
void api_conn_drain(struct api_conn *c);

const char *api_conn_reason(enum api_close reason);

#endif
