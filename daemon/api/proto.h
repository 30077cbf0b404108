/*
 * proto: parses one request of a client. Implements "Requests" of otpgwd-protocol(7).
 * Pure: no I/O, no allocation; keeps nothing between calls.
 */
#ifndef API_PROTO_H
#define API_PROTO_H

#include "api.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	API_PROTO_ARGS_MAX = 64, /* includes the name of the command */
	API_PROTO_ARG_LEN_MAX = 4096,
	API_PROTO_REQUEST_LEN_MAX = 65536, /* framing included */
	API_PROTO_INLINE_LEN_MAX = 4096    /* line end not included */
};

/* The arguments point into the parsed bytes, or into words for an inline request. */
struct api_request {
	size_t argc;
	size_t used; /* octets of the input that the result took */
	bool is_inline;
	struct api_arg argv[API_PROTO_ARGS_MAX];
	char words[API_PROTO_INLINE_LEN_MAX];
};

enum api_proto_verdict {
	API_PROTO_REQUEST, /* argc >= 1 */
	API_PROTO_NOTHING, /* *0 or an empty line, which is skipped */
	API_PROTO_MORE,    /* incomplete, with no fault so far */
	API_PROTO_BAD,     /* *why is the fault; reply it and close */
	API_PROTO_FOREIGN  /* a request of another protocol; close without a reply */
};

/* Reads one request at the start of data. *why (static text) is set for API_PROTO_BAD. */
enum api_proto_verdict api_proto_parse(const char *data, size_t len, struct api_request *out, const char **why);

#endif
