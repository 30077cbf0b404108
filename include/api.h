/*
 * api: the door of the clients' socket. Bytes to requests and replies back, in order; flows give the commands.
 * Implements the request protocol: otpgwd-protocol(7). Knows nothing of OTP.
 */
#ifndef API_H
#define API_H

#include "base/buf.h"
#include "base/err.h"
#include "base/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <sys/types.h>

struct api;
struct api_call; /* one request being answered */

struct api_opts {
	const char *socket_path, *socket_group, *socket_name; /* name: of the inherited descriptor */
	mode_t socket_mode;
	int backlog;
	uint32_t max_clients; /* connections in all */
	uint32_t max_clients_per_uid;
	uint32_t max_pending;        /* most unanswered requests per connection; at it the connection is not read */
	uint32_t request_timeout_ms; /* to complete a request once begun, and to take some of the output: 5000 */
	uint32_t idle_timeout_ms;    /* 0: none */
	uint32_t max_output;         /* unsent octets per connection, then it is closed: 1 MiB */
	uint32_t max_buffered;       /* octets of memory in the buffers of all connections; beyond it the largest
	                              * connection of the tenant that holds the most is closed: 32 MiB */
};

enum { API_TALLIES = 3, API_TAG_LEN_MAX = 15 };

/* An argument of a request; not NUL-terminated; valid during the handler's call only. */
struct api_arg {
	const char *ptr;
	size_t len;
};

/* Whether arg is this word, in upper or lower case. */
static inline bool api_arg_is(struct api_arg arg, const char *word)
{
	return arg.len == strlen(word) && !strncasecmp(arg.ptr, word, arg.len);
}

/* How COMMAND DOCS shows an argument, after Redis' own documents. */
struct api_arg_doc {
	const char *name;  /* "number" */
	const char *type;  /* "string", "integer", "key", "oneof", "block", "pure-token" */
	const char *token; /* "PURPOSE", or NULL */
	bool optional, multiple;
};

/*
 * One option of commands, NAME value, behind their arguments. Its row alone parses it, allows it and documents it, and
 * names it where an unknown one is refused.
 */
struct api_option {
	unsigned id;       /* its number, below API_OPTIONS_MAX; the refusal of an unknown option lists by it */
	const char *name;  /* upper case: "TTL" */
	unsigned commands; /* api_command.bit of all that take it */
	const char *value; /* how COMMAND DOCS names its value: "seconds" */
	const char *type;  /* and its type: "integer" */
	size_t len_max;    /* octets of its value, which has at least one */
	bool multiple;     /* may be given more than once */
	/* Puts the value into out. Returns NULL, or a static text that says what would be right. */
	const char *(*take)(const struct api_option *option, struct api_arg value, void *out);
};

enum { API_OPTIONS_MAX = 32 };

/* All options, in the order in which COMMAND DOCS shows them. */
struct api_options {
	const struct api_option *rows; /* static */
	size_t count;
};

/* What is wrong with a request: the name of the argument, and what would be right. */
struct api_fault {
	char arg[33];
	char text[240];
};

struct api_command {
	const char *name; /* upper case: "OTP.SEND" */
	int args_min;     /* arguments after the name, at least; those in front of the options, if it takes options */
	int args_max;     /* at most; -1: no limit but the protocol's */
	/* Answers now or later, exactly once, with one of api_reply_*. */
	void (*run)(void *arg, struct api_call *call);
	const char *summary;
	const char *complexity;
	const struct api_arg_doc *args; /* the options not among them */
	size_t arg_count;
	unsigned bit;    /* the one that marks its options' rows; 0: it has none */
	const void *use; /* run's own, found by api_call_command */
};

struct api_hooks {
	void *arg;
	const struct api_command *commands; /* static; the handshake commands are api's own */
	size_t command_count;
	struct api_options options; /* of these commands */
	/* Names the tenant of a peer. NULL: DENIED reason=peer, and closed. The pointer comes back in api_call_peer;
	 * *name is for logs and INFO. Called again after a reload (api_peers_changed). */
	const void *(*peer)(void *arg, uid_t uid, const gid_t *gids, size_t gid_count, const char **name);
	/* Appends "key:value\r\n" lines to INFO. */
	void (*info)(void *arg, struct buf *out);
};

/* Listens and serves. opts' strings are copied. Errors as listener_open. */
enum err api_start(struct loop *loop, const struct api_opts *opts, const struct api_hooks *hooks,
                   struct api **out) ERR_CHECKED;

/* Leaves connects in the backlog until api_open: for a start whose answers would all be refusals yet. */
void api_hold(struct api *api);
void api_open(struct api *api);

/* New limits apply to new connections and requests; paths do not change while running. */
void api_configure(struct api *api, const struct api_opts *opts);

/* Asks hooks->peer again for every connection; those whose tenant is gone are closed. */
void api_peers_changed(struct api *api);

/* Stops accepting; clients can send no more. done is called (once, never before this returned) when every whole request
 * they had sent is answered and every answer written, or at deadline_ms (monotonic). Then api_free. */
void api_drain(struct api *api, int64_t deadline_ms, loop_fn done, void *arg);
void api_free(struct api *api); /* NULL is fine; no call may be open but those of flows already stopped */

size_t api_clients(const struct api *api);

/* --- one call --- */

size_t api_call_argc(const struct api_call *call); /* arguments after the command's name */
struct api_arg api_call_arg(const struct api_call *call, size_t i);
const struct api_command *api_call_command(const struct api_call *call);
const void *api_call_peer(const struct api_call *call);
uint64_t api_call_client(const struct api_call *call); /* number of the connection, for logs; from 1 */
/* A counter of the flows' own for the call's connection, i < API_TALLIES; 0 at first. It outlives the call until the
 * loop's turn in which the last call of the connection was answered is over. */
uint32_t *api_call_tally(const struct api_call *call, size_t i);
/* What the line about this request in the log shows as id=, at level debug; cut to API_TAG_LEN_MAX octets. */
void api_call_tag(struct api_call *call, const char *tag);
/* How long its connection has had more to be read than was read; 0: this request was the last of all it sent. */
int64_t api_call_behind_ms(const struct api_call *call);

/*
 * Reads the options behind the command's first args_min arguments, by their rows, into out. False: fault tells the
 * first thing that is wrong: an unknown option, one given twice, no value, a value that is too long or that its row
 * refuses. During the handler's call only.
 */
bool api_options_read(const struct api_call *call, const struct api_options *options, void *out,
                      struct api_fault *fault);

/* Replies. Each ends the call: the pointer is dead afterwards. A client that has gone makes them do nothing. */
void api_reply_ok(struct api_call *call); /* $2 OK, as bulk string */
void api_reply_bulk(struct api_call *call, const char *text, size_t len);
void api_reply_null(struct api_call *call);
struct api_pair {
	const char *key, *value;
};
void api_reply_map(struct api_call *call, const struct api_pair *pairs, size_t n); /* RESP2 *2n, RESP3 %n, all bulk */

/* -CODE key=value ... text. code is static text. Fields and text are made safe (no CR, LF, control or space in values;
 * 256 bytes in all). */
struct api_field {
	const char *key;
	const char *value;
};
void api_reply_error(struct api_call *call, const char *code, const struct api_field *fields, size_t n,
                     const char *text);

#endif
