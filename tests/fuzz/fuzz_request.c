/*
 * The request parser against hiredis' reader: what ours takes as a RESP request, theirs must read as the same
 * arguments. The reader is fed only what ours accepted: alone it spends memory on counts and stack on nesting. Also:
 * whatever is cut off an accepted request must be incomplete, and no byte past the end is read.
 */
#include "api/proto.h"

#include <hiredis.h>
#include <read.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

static void compare(const char *data, const struct api_request *request)
{
	redisReader *reader = redisReaderCreate();
	redisReply *reply = NULL;

	check(reader != NULL);
	check(redisReaderFeed(reader, data, request->used) == REDIS_OK);
	check(redisReaderGetReply(reader, (void **)&reply) == REDIS_OK && reply);
	check(reply->type == REDIS_REPLY_ARRAY && reply->elements == request->argc);
	for (size_t i = 0; i < request->argc; i++) {
		check(reply->element[i]->type == REDIS_REPLY_STRING);
		check((size_t)reply->element[i]->len == request->argv[i].len);
		check(!memcmp(reply->element[i]->str, request->argv[i].ptr, request->argv[i].len));
	}
	check(reader->pos == reader->len);
	freeReplyObject(reply);
	redisReaderFree(reader);
}

static void check_cut(const char *data, size_t len)
{
	static struct api_request shorter;
	const char *why = NULL;
	char *copy = malloc(len ? len : 1);

	check(copy != NULL);
	memcpy(copy, data, len);
	check(api_proto_parse(copy, len, &shorter, &why) == API_PROTO_MORE);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct api_request request;
	const char *text = (const char *)data, *why = NULL;
	size_t pos = 0;

	while (pos < size) {
		enum api_proto_verdict verdict = api_proto_parse(text + pos, size - pos, &request, &why);

		check((verdict == API_PROTO_BAD) == (why != NULL));
		if (verdict != API_PROTO_REQUEST && verdict != API_PROTO_NOTHING)
			break;
		check(request.used > 0 && request.used <= size - pos);
		check(request.used <= API_PROTO_REQUEST_LEN_MAX);
		check((verdict == API_PROTO_REQUEST) == (request.argc > 0));
		check(request.argc <= API_PROTO_ARGS_MAX);
		if (verdict == API_PROTO_REQUEST && !request.is_inline)
			compare(text + pos, &request);
		check_cut(text + pos, request.used - 1);
		check_cut(text + pos, request.used / 2);
		pos += request.used;
	}
	return 0;
}
