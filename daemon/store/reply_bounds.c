/*
 * reply_bounds: wraps the functions by which hiredis' reader makes objects, to check each object first. Checks the
 * input that the reader has not parsed yet, too. Owns nothing. Never allocates.
 */
#include "reply_bounds.h"

#include <hiredis.h>

#if HIREDIS_MAJOR >= 1
typedef size_t elements;
#define TASK(reader) ((reader)->task[(reader)->ridx])
#else
typedef int elements;
#define TASK(reader) (&(reader)->rstack[(reader)->ridx])
#endif

static const redisReplyObjectFunctions *own; /* hiredis' own functions */

static bool refuse(struct reply_bounds *b, enum reply_refusal why)
{
	b->refused = why;
	return false;
}

static const struct bounds {
	unsigned depth;
	size_t elements, octets;
} bounds[] = {
	[COMMAND_REPLY_USUAL] = { REPLY_DEPTH_MAX, REPLY_ELEMENTS_MAX, REPLY_OCTETS_MAX },
	[COMMAND_REPLY_MAP] = { REPLY_DEPTH_MAX, REPLY_MAP_ELEMENTS_MAX, REPLY_MAP_OCTETS_MAX },
	[COMMAND_REPLY_LIBRARIES] = { REPLY_LIBRARIES_DEPTH_MAX, REPLY_LIBRARIES_ELEMENTS_MAX, REPLY_OCTETS_MAX },
};

/* The bounds of the reply that is being read. */
static const struct bounds *of_reply(const struct reply_bounds *b)
{
	const struct command *first = STAILQ_FIRST(&b->flight->commands);

	return &bounds[first ? first->reply_size : COMMAND_REPLY_USUAL];
}

/* An error may come without a command, because a server with too many clients sends one before it closes. */
static bool is_type_good(struct reply_bounds *b, int type)
{
#if HIREDIS_MAJOR >= 1
	if (type > REDIS_REPLY_ERROR)
		return refuse(b, REPLY_TYPE);
#endif
	if (b->flight->count == 0 && type != REDIS_REPLY_ERROR)
		return refuse(b, REPLY_UNASKED);
	return true;
}

/* Called before each object of a reply. */
static bool begin(const redisReadTask *task)
{
	struct reply_bounds *b = task->privdata;

	if (!task->parent)
		b->elements = b->octets = 0;
	return is_type_good(b, task->type);
}

static bool is_text_good(struct reply_bounds *b, size_t len)
{
	if (len > REPLY_STRING_MAX || len > of_reply(b)->octets - b->octets)
		return refuse(b, REPLY_OCTETS);
	b->octets += len;
	return true;
}

static bool is_array_good(struct reply_bounds *b, const redisReadTask *task, size_t n)
{
	const struct bounds *max = of_reply(b);
	unsigned depth = 1;

	for (const redisReadTask *t = task->parent; t; t = t->parent)
		depth++;
	if (depth > max->depth)
		return refuse(b, REPLY_DEPTH);
	if (n > max->elements - b->elements)
		return refuse(b, REPLY_ELEMENTS);
	b->elements += n;
	return true;
}

static void *make_string(const redisReadTask *task, char *text, size_t len)
{
	return begin(task) && is_text_good(task->privdata, len) ? own->createString(task, text, len) : NULL;
}

static void *make_array(const redisReadTask *task, elements n)
{
	return begin(task) && is_array_good(task->privdata, task, (size_t)n) ? own->createArray(task, n) : NULL;
}

static void *make_integer(const redisReadTask *task, long long v)
{
	return begin(task) ? own->createInteger(task, v) : NULL;
}

static void *make_nil(const redisReadTask *task)
{
	return begin(task) ? own->createNil(task) : NULL;
}

#if HIREDIS_MAJOR >= 1
/* Doubles and booleans are types of RESP3, which begin refuses. */
static void *make_double(const redisReadTask *task, double v, char *text, size_t len)
{
	return begin(task) ? own->createDouble(task, v, text, len) : NULL;
}

static void *make_bool(const redisReadTask *task, int v)
{
	return begin(task) ? own->createBool(task, v) : NULL;
}
#endif

void reply_bounds_guard(struct reply_bounds *b, const struct command_list *flight, struct redisReader *reader)
{
	static redisReplyObjectFunctions guarded = {
		.createString = make_string,
		.createArray = make_array,
		.createInteger = make_integer,
		.createNil = make_nil,
#if HIREDIS_MAJOR >= 1
		.createDouble = make_double,
		.createBool = make_bool,
#endif
	};

	*b = (struct reply_bounds){ .flight = flight };
	own = reader->fn;
	guarded.freeObject = own->freeObject;
	reader->fn = &guarded;
	reader->privdata = b;
}

/* The length of a bulk string from the digits that have arrived, or the first value beyond the bound. */
static size_t announced(const char *at, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len && at[i] >= '0' && at[i] <= '9' && n <= REPLY_STRING_MAX; i++)
		n = n * 10 + (size_t)(at[i] - '0');
	return n;
}

bool reply_bounds_hold(struct reply_bounds *b, const struct redisReader *reader)
{
	size_t waiting = reader->len - reader->pos;

	if (reader->ridx < 0 || TASK(reader)->type < 0)
		return true;
	if (!is_type_good(b, TASK(reader)->type))
		return false;
	if (TASK(reader)->type == REDIS_REPLY_STRING &&
	    announced(reader->buf + reader->pos, waiting) > REPLY_STRING_MAX)
		return refuse(b, REPLY_OCTETS);
	/* The digits of the length and two line ends may be in the buffer too. */
	if (waiting > REPLY_STRING_MAX + 32)
		return refuse(b, REPLY_OCTETS);
	return true;
}

const char *reply_refusal_text(enum reply_refusal why)
{
	static const char *const texts[] = { "",
		                             "a reply that was not asked for",
		                             "a reply of a type that was not asked for",
		                             "reply too large: arrays nested too deeply",
		                             "reply too large: too many elements",
		                             "reply too large: too many octets" };

	return texts[why];
}

const char *reply_refusal_name(enum reply_refusal why)
{
	static const char *const names[] = { "", "unasked", "type", "depth", "elements", "octets" };

	return names[why];
}
