/*
 * json: a writer of JSON that appends to a buf. Keys and values are escaped, so any text gives valid JSON; octets above
 * ASCII are written as Latin-1. The first failed append is kept and returned by json_end. The caller must close what it
 * opens.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct json {
	struct buf *out;
	enum err err;
	bool comma;
};

void json_init(struct json *j, struct buf *out);

/* key is NULL inside arrays and at the top level. */
void json_open(struct json *j, const char *key, char bracket); /* '{' or '[' */
void json_close(struct json *j, char bracket);                 /* '}' or ']' */
void json_str(struct json *j, const char *key, const char *value);
/* value: UTF-8, which is written as it is; any other octets give JSON that is not valid. */
void json_text(struct json *j, const char *key, const char *value);
void json_int(struct json *j, const char *key, int64_t value);
void json_num(struct json *j, const char *key, double value);
void json_bool(struct json *j, const char *key, bool value);

/* ERR_OK, or the first error of buf_append. After an error the buffer holds incomplete JSON. */
enum err json_end(struct json *j) ERR_CHECKED;

#endif
