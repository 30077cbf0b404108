/*
 * script: sources of the scripts and the checked reading of what Redis returns. Owns nothing.
 */
#include "script.h"

#include <hiredis.h>

#include "store_lua.h"

#include <stdlib.h>
#include <string.h>

const void *script_source(enum script s, size_t *len)
{
	static const struct {
		const unsigned char *bytes;
		size_t len;
	} sources[SCRIPT_COUNT] = {
		[SCRIPT_ISSUE] = { lua_issue, sizeof(lua_issue) },
		[SCRIPT_RESEND] = { lua_resend, sizeof(lua_resend) },
		[SCRIPT_VERIFY] = { lua_verify, sizeof(lua_verify) },
		[SCRIPT_CANCEL] = { lua_cancel, sizeof(lua_cancel) },
		[SCRIPT_MARK] = { lua_mark, sizeof(lua_mark) },
		[SCRIPT_CLAIM] = { lua_claim, sizeof(lua_claim) },
		[SCRIPT_RELEASE] = { lua_release, sizeof(lua_release) },
	};

	*len = sources[s].len;
	return sources[s].bytes;
}

bool script_is_error(const struct redisReply *r, const char **text)
{
	if (r->type != REDIS_REPLY_ERROR)
		return false;
	*text = r->str ? r->str : "";
	return true;
}

bool script_is_nil(const struct redisReply *r)
{
	return r->type == REDIS_REPLY_NIL;
}

bool script_is_array(const struct redisReply *r)
{
	return r->type == REDIS_REPLY_ARRAY;
}

bool script_int(const struct redisReply *r, int64_t *out)
{
	if (r->type != REDIS_REPLY_INTEGER)
		return false;
	*out = r->integer;
	return true;
}

bool script_str(const struct redisReply *r, const char **out, size_t *len)
{
	if ((r->type != REDIS_REPLY_STRING && r->type != REDIS_REPLY_STATUS) || !r->str)
		return false;
	*out = r->str;
	*len = (size_t)r->len;
	return true;
}

size_t script_len(const struct redisReply *r)
{
	return r->type == REDIS_REPLY_ARRAY ? r->elements : 0;
}

const struct redisReply *script_at(const struct redisReply *r, size_t i)
{
	return i < script_len(r) ? r->element[i] : NULL;
}

bool script_int_at(const struct redisReply *r, size_t i, int64_t *out)
{
	const struct redisReply *e = script_at(r, i);

	return e && script_int(e, out);
}

bool script_str_at(const struct redisReply *r, size_t i, const char **out, size_t *len)
{
	const struct redisReply *e = script_at(r, i);

	return e && script_str(e, out, len);
}

void script_free(struct redisReply *r)
{
	if (!r)
		return;
	for (size_t i = 0; r->element && i < r->elements; i++)
		script_free(r->element[i]);
	free(r->element);
	free(r->str);
	free(r);
}

static bool copy_text(const struct redisReply *from, struct redisReply *to)
{
	if (!from->str)
		return true;
	to->str = malloc((size_t)from->len + 1);
	if (!to->str)
		return false;
	memcpy(to->str, from->str, (size_t)from->len);
	to->str[from->len] = 0;
	to->len = from->len;
	return true;
}

struct redisReply *script_copy(const struct redisReply *r)
{
	struct redisReply *copy = calloc(1, sizeof(*copy));

	if (!copy)
		return NULL;
	copy->type = r->type;
	copy->integer = r->integer;
	bool good = copy_text(r, copy);
	if (good && script_len(r)) {
		copy->element = calloc(r->elements, sizeof(struct redisReply *));
		good = copy->element != NULL;
	}
	for (size_t i = 0; good && i < script_len(r); i++) {
		copy->elements = i + 1;
		copy->element[i] = script_copy(r->element[i]);
		good = copy->element[i] != NULL;
	}
	if (good)
		return copy;
	script_free(copy);
	return NULL;
}
