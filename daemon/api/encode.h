/*
 * encode: writes replies in RESP2 or RESP3. After the first failure nothing more is written.
 */
#ifndef API_ENCODE_H
#define API_ENCODE_H

#include "api.h"

#include <stddef.h>
#include <stdint.h>

enum { API_ENCODE_ERROR_LEN_MAX = 256 }; /* longest line of an error, CRLF included */

struct api_encoder {
	struct buf *out; /* NULL: the client is gone */
	int resp;        /* 2 or 3 */
	enum err err;
};

void api_encode_bulk(struct api_encoder *e, const char *text, size_t len);
void api_encode_text(struct api_encoder *e, const char *text);   /* text as a bulk string */
void api_encode_status(struct api_encoder *e, const char *text); /* +text; text must not come from a client */
void api_encode_integer(struct api_encoder *e, int64_t value);
void api_encode_array(struct api_encoder *e, size_t n);
void api_encode_set(struct api_encoder *e, size_t n); /* RESP2: array */
void api_encode_map(struct api_encoder *e, size_t n); /* n pairs follow */
void api_encode_null(struct api_encoder *e);
void api_encode_null_array(struct api_encoder *e); /* RESP3 has only one kind of null */
void api_encode_error(struct api_encoder *e, const struct api_error *error);

#endif
