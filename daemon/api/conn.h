/*
 * conn: one client's connection and the calls read from it. Private to api.
 */
#ifndef API_CONN_H
#define API_CONN_H

#include "api.h"
#include "api/conn_state.h"
#include "api/encode.h"
#include "api/memory.h"
#include "api/proto.h"
#include "api/turn.h"
#include "base/stats.h"

enum { API_CONN_NAME_LEN_MAX = 128, API_CONN_READ_LEN = 16384 };

struct api_user;

struct api_call {
	struct api_conn *conn; /* outlives its calls, even when it is closed */
	union {
		STAILQ_ENTRY(api_call) in_order; /* the calls of one connection, oldest first */
		SLIST_ENTRY(api_call) in_pool;   /* used after the call has ended */
	};
	const struct api_command *command;
	const struct api_request *request; /* valid during run() only */
	size_t argc;
	int64_t begun_us;
	const char *outcome; /* code of the error reply before hooks->error, or "OK" */
	uint64_t note;
	char tag[API_TAG_LEN_MAX + 1];
	int resp;
	bool done;
	bool shown;      /* log a line at level debug when the call ends */
	struct buf held; /* holds the reply while an earlier call is open */
	struct api_encoder encoder;
};

/* What all connections share. Filled by server. */
struct api_conn_env {
	struct loop *loop;
	struct api_opts opts; /* only the limits are used */
	void *arg;            /* for the callbacks */
	void (*on_request)(void *arg, struct api_call *call);
	/* An error is about to be written. It may be changed; room is for what is new. */
	void (*on_error)(void *arg, const struct api_call *call, struct api_error *error, struct api_error_room *room);
	void (*on_closed)(void *arg, struct api_conn *conn); /* conn no longer counts as a client */
	void (*on_released)(void *arg,
	                    struct api_conn *conn); /* conn is closed and its last call has ended, so free it */
	struct api_turns turns;
	struct api_tenants tenants; /* tenants that have a connection */
	size_t buffered;            /* octets of memory in the buffers of all connections */
	struct api_call *running;   /* the call whose run() is on the stack, unless it has ended */
	SLIST_HEAD(, api_call) pool;
	size_t pool_len;
	struct stats_family closed; /* indexed by enum api_close */
	struct stats_counter *protocol_errors;
	struct stats_hist *request_seconds;
	struct api_request request;    /* the request that is being parsed */
	char chunk[API_CONN_READ_LEN]; /* the bytes just read */
};

struct api_conn {
	struct api_conn_env *env;
	LIST_ENTRY(api_conn) in_all; /* the server's list */
	uint64_t id;
	int fd; /* -1: in state API_CONN_CLOSED */
	struct loop_watch *watch;
	struct loop_timer *timer;
	struct loop_task task;
	unsigned events;
	enum api_conn_state state;
	bool waits; /* waits for the next slice of its tenant, because requests are in `in` or in the socket */
	bool left;  /* whole requests may be left in `in` */
	uint64_t waits_since; /* the turn of the loop in which it began to wait */
	TAILQ_ENTRY(api_conn) in_waiting;
	struct api_user *user;     /* NULL: closed */
	struct api_tenant *tenant; /* NULL: closed */
	struct api_memory_place memory;
	enum api_close reason; /* why the connection ends; set from API_CONN_READ_OUT on */
	struct buf in, out;
	STAILQ_HEAD(, api_call) order; /* its calls, the oldest first */
	size_t calls, open_calls;      /* all calls, and those that are not answered */
	size_t held_len, held_bytes;   /* waiting replies: their octets, and the memory of them and of their calls */
	uint32_t tallies[API_TALLIES];
	int64_t request_begun_ms, active_ms, born_ms, timer_at_ms;
	int64_t taken_ms;  /* when the client last took output, or when output began to wait */
	int64_t behind_ms; /* time since which there was always input not yet served; 0: there is none */
	bool socket_empty; /* the last read left nothing in the socket */

	/* The client. */
	int resp;
	bool in_multi;
	uid_t uid;
	gid_t gid;
	pid_t pid;
	gid_t *gids;
	size_t gid_count;
	const void *peer;
	const char *peer_name;
	char name[API_CONN_NAME_LEN_MAX + 1], lib_name[API_CONN_NAME_LEN_MAX + 1], lib_ver[API_CONN_NAME_LEN_MAX + 1];
	const char *last_command;
};

/* Owns fd from then on, and closes it on error. ERR_NOMEM. */
enum err api_conn_new(struct api_conn_env *env, int fd, struct api_conn **out) ERR_CHECKED;

/* Frees c and all its calls at once. Must not be called from one of its callbacks. */
void api_conn_free(struct api_conn *c);

#endif
