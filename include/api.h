/*
 * api: the clients' socket. Reads requests, runs their commands and writes the replies in the order of the requests.
 * The caller gives the commands. Implements the request protocol of otpgwd-protocol(7). Knows nothing of OTP.
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
	const char *socket_path, *socket_group, *socket_name; /* socket_name: name of the inherited descriptor */
	mode_t socket_mode;
	int backlog;
	uint32_t max_clients;   /* most connections in all */
	uint32_t smsc_sessions; /* connections to SMSCs; clients leave descriptors for them */
	uint32_t max_clients_per_uid;
	uint32_t max_pending; /* most unanswered requests per connection; at this number it is not read */
	uint32_t
	    request_timeout_ms; /* longest time for the client to complete a request, and to read some of the output */
	uint32_t idle_timeout_ms; /* 0: none */
	uint32_t max_output;      /* most unsent octets per connection; a connection with more is closed */
	uint32_t max_buffered;    /* most octets of memory in the buffers of all connections; with more the largest
	                           * connection of the tenant that holds the most is closed */
};

enum { API_TALLIES = 3, API_TAG_LEN_MAX = 15, API_ERROR_FIELDS_MAX = 8 };

/* An argument of a request. It is not NUL-terminated, and it is valid only until the handler returns. */
struct api_arg {
	const char *ptr;
	size_t len;
};

/* True if arg is this word, in upper or lower case. */
static inline bool api_arg_is(struct api_arg arg, const char *word)
{
	return arg.len == strlen(word) && !strncasecmp(arg.ptr, word, arg.len);
}

/* How COMMAND DOCS shows an argument. The fields are those of Redis. */
struct api_arg_doc {
	const char *name;  /* "number" */
	const char *type;  /* "string", "integer", "key", "oneof", "block", "pure-token" */
	const char *token; /* "PURPOSE", or NULL */
	bool optional, multiple;
};

/*
 * An option, "NAME value", which a command takes behind its arguments. This row is the only description of the option:
 * it is used to parse and to document it, and to list it when an unknown option is refused.
 */
struct api_option {
	unsigned id;       /* below API_OPTIONS_MAX; the order in which the refusal of an unknown option lists it */
	const char *name;  /* upper case: "TTL" */
	unsigned commands; /* api_command.bit of all commands that take it */
	const char *value; /* name of its value in COMMAND DOCS: "seconds" */
	const char *type;  /* type of its value in COMMAND DOCS: "integer" */
	size_t len_max;    /* most octets of its value; the least is 1 */
	bool multiple;     /* may be given more than once */
	/* Puts the value into out. Returns NULL, or a static text that says which values are allowed. */
	const char *(*take)(const struct api_option *option, struct api_arg value, void *out);
};

enum { API_OPTIONS_MAX = 32 };

/* All options, in the order in which COMMAND DOCS shows them. */
struct api_options {
	const struct api_option *rows; /* static */
	size_t count;
};

/* What is wrong with a request: the name of the argument, and a text that says what is allowed. */
struct api_fault {
	char arg[33];
	char text[240];
};

struct api_command {
	const char *name; /* upper case: "OTP.SEND" */
	int args_min;     /* least arguments after the name; if it takes options, the number of arguments before them */
	int args_max;     /* most arguments after the name; -1: only the protocol's limit */
	/* Answers the call exactly once, now or later, with one of api_reply_*. */
	void (*run)(void *arg, struct api_call *call);
	const char *summary;
	const char *complexity;
	const struct api_arg_doc *args; /* without the options */
	size_t arg_count;
	unsigned bit;    /* bit of this command in api_option.commands; 0: it takes no options */
	const void *use; /* only for run, which reads it by api_call_command */
};

/* A field of an error reply. */
struct api_field {
	const char *key;
	const char *value;
};
/* An error reply before it is written. */
struct api_error {
	const char *code; /* static */
	const struct api_field *fields;
	size_t n;
	const char *text;
	bool is_utf8; /* the text is UTF-8 without control characters, and is written as it is */
};
/* Where the hook that changes an error puts what is new. */
struct api_error_room {
	struct api_field fields[API_ERROR_FIELDS_MAX];
	char text[256];
};

struct api_hooks {
	void *arg;
	const struct api_command *commands; /* static; api adds the commands that it answers itself */
	size_t command_count;
	struct api_options options; /* of these commands */
	/*
	 * Finds the tenant of a peer. NULL: the client gets DENIED reason=peer, and the connection is closed.
	 * api_call_peer returns the same pointer. *name is for logs and INFO. Called again by api_peers_changed.
	 */
	const void *(*peer)(void *arg, uid_t uid, const gid_t *gids, size_t gid_count, const char **name);
	/* Appends "key:value\r\n" lines to INFO. */
	void (*info)(void *arg, struct buf *out);
	/*
	 * May change the error that answers a call of one of these commands; what it points to then is static, or in
	 * room. NULL: no error is changed. Logs and metrics have the code as it was before.
	 */
	void (*error)(void *arg, const struct api_call *call, struct api_error *error, struct api_error_room *room);
};

/* Listens and serves. The strings of opts need not stay valid. ERR_NOMEM, or an error of listener_open. */
enum err api_start(struct loop *loop, const struct api_opts *opts, const struct api_hooks *hooks,
                   struct api **out) ERR_CHECKED;

/*
 * Accepts no connection until api_open. New connections wait in the backlog. This is for a start, while every request
 * would be refused.
 */
void api_hold(struct api *api);
void api_open(struct api *api);

/* Replaces the limits. The new ones hold for all that is read or accepted from now on. The socket stays as it is. */
void api_configure(struct api *api, const struct api_opts *opts);

/* Calls hooks->peer again for every connection, and closes those that no longer belong to a tenant. */
void api_peers_changed(struct api *api);

/*
 * Stops accepting connections, and stops clients from sending more. Calls done once, after this returned: when every
 * complete request is answered and every reply is written, or at deadline_ms (monotonic). api_free follows.
 */
void api_drain(struct api *api, int64_t deadline_ms, loop_fn done, void *arg);
/* NULL is fine. Calls that are still open must not be answered any more. */
void api_free(struct api *api);

size_t api_clients(const struct api *api);

/* --- one call --- */

size_t api_call_argc(const struct api_call *call); /* arguments after the command's name */
struct api_arg api_call_arg(const struct api_call *call, size_t i);
const struct api_command *api_call_command(const struct api_call *call);
const void *api_call_peer(const struct api_call *call);
uint64_t api_call_client(const struct api_call *call); /* number of the connection, for logs; the first is 1 */
/*
 * A counter of the call's connection, i < API_TALLIES. It begins at 0, and only the caller changes it. The pointer
 * stays valid until the end of the turn of the loop in which the last call of the connection is answered.
 */
uint32_t *api_call_tally(const struct api_call *call, size_t i);
/* Sets id= of the debug log line about this request. tag is cut to API_TAG_LEN_MAX octets. */
void api_call_tag(struct api_call *call, const char *tag);
/* A number that the caller keeps with the call; 0 at first. */
void api_call_note(struct api_call *call, uint64_t note);
uint64_t api_call_noted(const struct api_call *call);
/* How long the connection has had input that is not yet served; 0: all input was served. */
int64_t api_call_behind_ms(const struct api_call *call);

/*
 * Reads the options behind the command's first args_min arguments into out. Returns false at the first fault: an
 * unknown option, one given twice, one without a value, or a value that is too long or not allowed. Call it only before
 * the handler returns.
 */
bool api_options_read(const struct api_call *call, const struct api_options *options, void *out,
                      struct api_fault *fault);

/* Replies. Each ends the call, whose pointer is invalid afterwards. If the client is gone, nothing is written. */
void api_reply_ok(struct api_call *call); /* "OK" as a bulk string */
void api_reply_bulk(struct api_call *call, const char *text, size_t len);
void api_reply_null(struct api_call *call);
struct api_pair {
	const char *key, *value;
};
/* n pairs of bulk strings: an array in RESP2, a map in RESP3. */
void api_reply_map(struct api_call *call, const struct api_pair *pairs, size_t n);

/*
 * Writes "-CODE key=value ... text", after hooks->error. code is static. Whatever is not printable ASCII is replaced,
 * and so are spaces in fields. The line is cut to 256 octets.
 */
void api_reply_error(struct api_call *call, const char *code, const struct api_field *fields, size_t n,
                     const char *text);

#endif
