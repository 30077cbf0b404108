/*
 * test_reply_bounds: replies that are too large, nested too deeply, without an end, or of a kind that nobody asked for,
 * in the greeting and in operation: refused before memory is spent on them, told, counted, and the store comes back.
 * And the largest that are legitimate are read.
 */
#include "../../../daemon/store/reply_bounds.h"
#include "base/buf.h"
#include "scripted.h"

#include <hiredis.h>

#define ENDLESS 100000000U
#define TEXT "0123456789012345678901234567890123456789"
#define MEMORY_KIB_MAX (64UL * 1024)

/* What a server says: head, and then the same again and again. */
static const struct hostile {
	const char *head, *again;
	size_t times;
	enum reply_refusal why; /* REPLY_GOOD: hiredis 0.14 has words of its own for it */
} hostiles[] = {
	{ "*2147483647\r\n", "", 0, REPLY_ELEMENTS },
	{ "*8193\r\n", "", 0, REPLY_ELEMENTS },
	{ "*2\r\n*8191\r\n", "", 0, REPLY_ELEMENTS },
	{ "*4\r\n*2147483647\r\n", "", 0, REPLY_ELEMENTS },
	{ "*4000\r\n", "*1\r\n:1\r\n", ENDLESS, REPLY_GOOD },
	{ "*8000\r\n", "*1\r\n:1\r\n", ENDLESS, REPLY_ELEMENTS },
	{ "$2147483647\r\n", "", 0, REPLY_OCTETS },
	{ "$65537\r\n", "", 0, REPLY_OCTETS },
	{ "$65537", "", 0, REPLY_OCTETS },
	{ "$9223372036854775807\r\nx", "", 0, REPLY_OCTETS },
	{ "*4\r\n:1\r\n$99999999\r\nx", "", 0, REPLY_OCTETS },
	{ "$65536\r\n", "x", ENDLESS, REPLY_GOOD },
	{ "$0", "0", ENDLESS, REPLY_OCTETS },
	{ "$x", "x", ENDLESS, REPLY_OCTETS },
	{ "+", "OK", ENDLESS, REPLY_OCTETS },
	{ "-", "ERR", ENDLESS, REPLY_OCTETS },
	{ ":", "1", ENDLESS, REPLY_OCTETS },
	{ "*", "1", ENDLESS, REPLY_OCTETS },
	{ "*8192\r\n", "$160\r\n" TEXT TEXT TEXT TEXT "\r\n", ENDLESS, REPLY_OCTETS },
	{ "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n", "", 0, REPLY_DEPTH },
	{ "", "*1\r\n", ENDLESS, REPLY_DEPTH },
	{ "%1\r\n", "", 0, REPLY_GOOD },
	{ "~1\r\n", "", 0, REPLY_GOOD },
	{ ">2\r\n", "", 0, REPLY_GOOD },
	{ ",1.5\r\n", "", 0, REPLY_GOOD },
	{ "#t\r\n", "", 0, REPLY_GOOD },
	{ "(12345678901234567890\r\n", "", 0, REPLY_GOOD },
	{ "=8\r\ntxt:abcd\r\n", "", 0, REPLY_GOOD },
	{ "*2\r\n%1\r\n", "", 0, REPLY_GOOD },
};

/* --- a hostile server --- */

static const struct hostile *said;
static unsigned saying; /* on this connection */
static size_t offset;

static const char *say_it(struct server *s, size_t n, char words[][64])
{
	(void)n;
	(void)words;
	saying = s->connections;
	offset = 0;
	return said->head;
}

/* As much of its endless words as the socket takes: the daemon reads them in this thread. */
static void go_on(const struct server *s)
{
	static char again[8192];
	size_t unit = said ? strlen(said->again) : 0, len = unit ? sizeof(again) / unit * unit : 0;

	if (s->first.fd < 0 || saying != s->connections || !unit || offset >= said->times * unit)
		return;
	for (size_t i = 0; i < len; i++)
		again[i] = said->again[i % unit];
	ssize_t n = send(s->first.fd, again + offset % unit, len - offset % unit, MSG_NOSIGNAL | MSG_DONTWAIT);
	offset += n > 0 ? (size_t)n : 0;
}

static bool is_answered_at_last(struct set *x)
{
	go_on(&x->a);
	return is_answered(x);
}

static bool is_down(struct set *x)
{
	go_on(&x->a);
	return x->downs > 0;
}

/* --- what is seen --- */

static uint64_t refused(enum reply_refusal why)
{
	char label[32];

	snprintf(label, sizeof(label), "kind=\"%s\"", reply_refusal_name(why));
	return stats_value(stats_counter("otpgwd_redis_replies_refused_total", "", label));
}

static unsigned greetings_said;
static uint64_t refused_before;

/* A reply beyond a bound was refused, or the greeting with a reply within the bounds failed twice. */
static bool is_over(struct set *x)
{
	if (x->a.greetings != greetings_said)
		(void)say_it(&x->a, 0, NULL);
	greetings_said = x->a.greetings;
	go_on(&x->a);
	return said->why != REPLY_GOOD ? refused(said->why) > refused_before : greetings_said > 2;
}

/* Not of a type, which depends on the version of hiredis, nor of what follows a whole reply. */
static uint64_t refused_for_size(void)
{
	return refused(REPLY_DEPTH) + refused(REPLY_ELEMENTS) + refused(REPLY_OCTETS);
}

/* The most address space that the process ever had: memory that was only asked for is in it too. */
static unsigned long peak_kib(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	unsigned long kib = 0;
	char line[128];

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, "VmPeak:", 7) == 0)
			kib = strtoul(line + 7, NULL, 10);
	}
	fclose(f);
	assert_true(kib > 0);
	return kib;
}

/* A bound that is reached comes before any time: a busy machine sends its octets late. */
static int set_up_patient(void **state)
{
	int rc = set_up(state);

	((struct set *)*state)->opts.command_timeout_ms = 60000;
	return rc;
}

/* A reply within the bounds that never ends is ended by the time of a command, a reply of RESP3 by hiredis. */
static int set_up_impatient(void **state)
{
	int rc = set_up(state);

	((struct set *)*state)->opts.command_timeout_ms = 1000;
	return rc;
}

static void in_operation(struct set *x, bool bounded)
{
	unsigned long peak;

	x->a.answer = say_it;
	open_store(x, false);
	peak = peak_kib();
	for (size_t i = 0; i < sizeof(hostiles) / sizeof(hostiles[0]); i++) {
		if ((hostiles[i].why != REPLY_GOOD) != bounded)
			continue;
		uint64_t before = refused_for_size();

		said = &hostiles[i];
		x->answers = x->unavailable = x->downs = 0;
		issue(x);
		run_until(x, is_answered_at_last);
		assert_int_equal(x->unavailable, 1);
		run_until(x, is_down);
		assert_int_equal(refused_for_size() - before, bounded ? 1 : 0);
		run_until(x, is_up);
		assert_int_equal(x->answers, 1);
	}
	assert_true(peak_kib() - peak < MEMORY_KIB_MAX);
}

static void test_bounds_in_operation(void **state)
{
	in_operation(*state, true);
}

static void test_unbounded_in_operation(void **state)
{
	in_operation(*state, false);
}

static void in_the_greeting(struct set *x, bool bounded)
{
	const char *good = x->a.time;
	unsigned long peak = peak_kib();

	start_store(x, false);
	run_until(x, is_up);
	for (size_t i = 0; i < sizeof(hostiles) / sizeof(hostiles[0]); i++) {
		if ((hostiles[i].why != REPLY_GOOD) != bounded)
			continue;
		uint64_t before = refused_for_size();

		refused_before = refused(hostiles[i].why);
		greetings_said = 0;
		said = &hostiles[i];
		x->a.time = said->head[0] ? said->head : said->again;
		x->a.greetings = x->downs = 0;
		hang_up(&x->a);
		run_until(x, is_over);
		assert_false(store_up(x->store));
		assert_true(bounded || refused_for_size() == before);
		x->a.time = good;
		said = NULL;
		run_until(x, is_up);
	}
	assert_true(peak_kib() - peak < MEMORY_KIB_MAX);
}

static void test_bounds_in_the_greeting(void **state)
{
	in_the_greeting(*state, true);
}

static void test_unbounded_in_the_greeting(void **state)
{
	in_the_greeting(*state, false);
}

/* No command waits, and the server begins to speak. */
static const char *const unasked[] = { ":",      "+OK\r\n", "+",      "$5\r\n", "*1\r\n", "*1000000\r\n",
	                               ":1\r\n", "$-1\r\n", "*-1\r\n" };

static void test_nobody_asked(void **state)
{
	struct set *x = *state;

	open_store(x, false);
	for (size_t i = 0; i < sizeof(unasked) / sizeof(unasked[0]); i++) {
		uint64_t before = refused(REPLY_UNASKED);

		x->downs = 0;
		(void)!send(x->a.first.fd, unasked[i], strlen(unasked[i]), MSG_NOSIGNAL);
		run_until(x, is_down);
		assert_int_equal(refused(REPLY_UNASKED) - before, 1);
		run_until(x, is_up);
	}
}

/* A server with too many clients says so before it closes: the connection ends by that, not as a refused reply. */
static void test_an_error_needs_no_question(void **state)
{
	static const char full[] = "-ERR max number of clients reached\r\n";
	struct set *x = *state;
	uint64_t before = refused(REPLY_UNASKED);

	said = NULL;
	open_store(x, false);
	(void)!send(x->a.first.fd, full, sizeof(full) - 1, MSG_NOSIGNAL);
	run_until(x, is_down);
	assert_int_equal(refused(REPLY_UNASKED), before);
	run_until(x, is_up);
}

/* --- the largest that are legitimate --- */

struct reading {
	redisReader *reader;
	struct reply_bounds bounds;
	struct command_list flight;
	struct command command;
};

static void begin_reading(struct reading *r, enum command_reply size)
{
	*r = (struct reading){ .command.reply_size = size, .reader = redisReaderCreate() };
	assert_non_null(r->reader);
	command_list_init(&r->flight);
	command_list_push(&r->flight, &r->command);
	reply_bounds_guard(&r->bounds, &r->flight, r->reader);
}

/* In pieces as they come from a socket. NULL: refused. */
static redisReply *read_all(struct reading *r, const struct buf *in)
{
	const char *at = (const char *)buf_data(in);
	redisReply *reply = NULL;

	for (size_t left = buf_len(in); left && !reply;) {
		size_t n = left < 16384 ? left : 16384;

		assert_int_equal(redisReaderFeed(r->reader, at, n), REDIS_OK);
		if (redisReaderGetReply(r->reader, (void **)&reply) != REDIS_OK ||
		    !reply_bounds_hold(&r->bounds, r->reader))
			break;
		at += n;
		left -= n;
	}
	redisReaderFree(r->reader);
	return reply;
}

static void add_node(struct buf *b, unsigned i)
{
	assert_int_equal(buf_printf(b, "*4\r\n$12\r\n10.11.12.1%02u\r\n:6379\r\n$40\r\n" TEXT "\r\n*2\r\n", i), ERR_OK);
	assert_int_equal(buf_printf(b, "$8\r\nhostname\r\n$24\r\nredis-0000.redis.example\r\n"), ERR_OK);
}

static void test_a_map_of_single_slots(void **state)
{
	struct reading r;
	struct buf b;

	(void)state;
	buf_init(&b, 16U << 20);
	assert_int_equal(buf_printf(&b, "*16384\r\n"), ERR_OK);
	for (unsigned slot = 0; slot < 16384; slot++) {
		assert_int_equal(buf_printf(&b, "*5\r\n:%u\r\n:%u\r\n", slot, slot), ERR_OK);
		for (unsigned i = 0; i < 3; i++)
			add_node(&b, i);
	}
	begin_reading(&r, COMMAND_REPLY_MAP);
	redisReply *reply = read_all(&r, &b);
	assert_non_null(reply);
	assert_int_equal(reply->elements, 16384);
	freeReplyObject(reply);
	begin_reading(&r, COMMAND_REPLY_USUAL);
	assert_null(read_all(&r, &b));
	assert_int_equal(r.bounds.refused, REPLY_ELEMENTS);
	buf_clear(&b);
}

/* 32 records that have become half as large again, with their tuples. */
static void test_a_full_claim(void **state)
{
	struct reading r;
	struct buf b;

	(void)state;
	buf_init(&b, 1U << 20);
	assert_int_equal(buf_printf(&b, "*65\r\n:0\r\n"), ERR_OK);
	for (unsigned i = 0; i < 32; i++)
		assert_int_equal(buf_printf(&b, "$16\r\n0123456789abcdef\r\n$960\r\n%960u\r\n", i), ERR_OK);
	begin_reading(&r, COMMAND_REPLY_USUAL);
	redisReply *reply = read_all(&r, &b);
	assert_non_null(reply);
	assert_int_equal(reply->elements, 65);
	freeReplyObject(reply);
	buf_clear(&b);
}

/* As Redis 7.0 replies FUNCTION LIST: the flags of a function are at depth five. */
static void test_a_thousand_libraries(void **state)
{
	struct reading r;
	struct buf b;

	(void)state;
	buf_init(&b, 4U << 20);
	assert_int_equal(buf_printf(&b, "*1024\r\n"), ERR_OK);
	for (unsigned i = 0; i < 1024; i++) {
		assert_int_equal(buf_printf(&b, "*6\r\n$12\r\nlibrary_name\r\n$23\r\notpgwd_%016u\r\n", i), ERR_OK);
		assert_int_equal(buf_printf(&b, "$6\r\nengine\r\n$3\r\nLUA\r\n$9\r\nfunctions\r\n*16\r\n"), ERR_OK);
		for (unsigned f = 0; f < 16; f++) {
			assert_int_equal(buf_printf(&b, "*6\r\n$4\r\nname\r\n$26\r\notpgwd_%016u_%02u\r\n", i, f),
			                 ERR_OK);
			assert_int_equal(buf_printf(&b, "$11\r\ndescription\r\n$-1\r\n$5\r\nflags\r\n*0\r\n"), ERR_OK);
		}
	}
	begin_reading(&r, COMMAND_REPLY_LIBRARIES);
	redisReply *reply = read_all(&r, &b);
	assert_non_null(reply);
	assert_int_equal(reply->elements, 1024);
	freeReplyObject(reply);
	begin_reading(&r, COMMAND_REPLY_MAP);
	assert_null(read_all(&r, &b));
	assert_int_equal(r.bounds.refused, REPLY_DEPTH);
	buf_clear(&b);
	begin_reading(&r, COMMAND_REPLY_LIBRARIES);
	buf_init(&b, 1U << 10);
	assert_int_equal(buf_printf(&b, "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n"), ERR_OK);
	assert_null(read_all(&r, &b));
	assert_int_equal(r.bounds.refused, REPLY_DEPTH);
	buf_clear(&b);
}

/* A line has no length in front: it may wait whole, and is refused when its end is read. */
static void test_a_line_a_little_too_long(void **state)
{
	struct reading r;
	struct buf b;

	(void)state;
	buf_init(&b, 1U << 20);
	assert_int_equal(buf_append(&b, "+", 1), ERR_OK);
	for (unsigned i = 0; i < REPLY_STRING_MAX + 3; i++)
		assert_int_equal(buf_append(&b, "x", 1), ERR_OK);
	assert_int_equal(buf_append(&b, "\r\n", 2), ERR_OK);
	begin_reading(&r, COMMAND_REPLY_USUAL);
	assert_null(read_all(&r, &b));
	assert_int_equal(r.bounds.refused, REPLY_OCTETS);
	buf_clear(&b);
}

static void test_nothing_is_a_reply_too(void **state)
{
	struct reading r;
	struct buf b;

	(void)state;
	buf_init(&b, 1U << 10);
	assert_int_equal(buf_printf(&b, "*3\r\n$-1\r\n*-1\r\n:0\r\n"), ERR_OK);
	begin_reading(&r, COMMAND_REPLY_USUAL);
	redisReply *reply = read_all(&r, &b);
	assert_non_null(reply);
	assert_int_equal(reply->element[0]->type, REDIS_REPLY_NIL);
	assert_int_equal(reply->element[1]->type, REDIS_REPLY_NIL);
	freeReplyObject(reply);
	buf_clear(&b);
}

static void test_the_longest_string(void **state)
{
	struct reading r;
	struct buf b;
	redisReply *reply;

	(void)state;
	for (unsigned len = REPLY_STRING_MAX; len <= REPLY_STRING_MAX + 1; len++) {
		buf_init(&b, 1U << 20);
		assert_int_equal(buf_printf(&b, "$%u\r\n", len), ERR_OK);
		for (unsigned i = 0; i < len + 2; i++)
			assert_int_equal(buf_append(&b, "x", 1), ERR_OK);
		begin_reading(&r, COMMAND_REPLY_USUAL);
		reply = read_all(&r, &b);
		assert_int_equal(reply != NULL, len == REPLY_STRING_MAX);
		if (reply)
			freeReplyObject(reply);
		buf_clear(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_bounds_in_operation, set_up_patient, tear_down),
		cmocka_unit_test_setup_teardown(test_unbounded_in_operation, set_up_impatient, tear_down),
		cmocka_unit_test_setup_teardown(test_bounds_in_the_greeting, set_up_patient, tear_down),
		cmocka_unit_test_setup_teardown(test_unbounded_in_the_greeting, set_up_impatient, tear_down),
		cmocka_unit_test_setup_teardown(test_nobody_asked, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_an_error_needs_no_question, set_up, tear_down),
		cmocka_unit_test(test_a_line_a_little_too_long),
		cmocka_unit_test(test_nothing_is_a_reply_too),
		cmocka_unit_test(test_a_map_of_single_slots),
		cmocka_unit_test(test_a_thousand_libraries),
		cmocka_unit_test(test_a_full_claim),
		cmocka_unit_test(test_the_longest_string),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
