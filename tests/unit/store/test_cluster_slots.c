/*
 * cluster_slots: hash slots as the specification's examples have them, what CLUSTER SLOTS and MOVED say, and the map
 * that is made of it.
 */
#include "../../../daemon/store/partitions.h"
#include "../../../daemon/store/cluster_slots.h"

#include <hiredis.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct address asked = { "10.0.0.9", 7000 };

/* --- arithmetic --- */

static void test_slots_of_the_specification(void **state)
{
	(void)state;
	assert_int_equal(cluster_slots_of_tag("123456789", 9), 0x31c3);
	assert_int_equal(cluster_slots_of_tag("foo", 3), 12182);
	assert_int_equal(cluster_slots_of_tag("", 0), 0);
}

static void test_a_partition_is_its_digits(void **state)
{
	(void)state;
	assert_int_equal(cluster_slots_of_partition(0), cluster_slots_of_tag("0", 1));
	assert_int_equal(cluster_slots_of_partition(255), cluster_slots_of_tag("255", 3));
	assert_int_equal(cluster_slots_of_partition(4095), cluster_slots_of_tag("4095", 4));
}

/* --- CLUSTER SLOTS --- */

static redisReply number(long long n)
{
	return (redisReply){ .type = REDIS_REPLY_INTEGER, .integer = n };
}

static redisReply text(const char *s)
{
	return (redisReply){ .type = REDIS_REPLY_STRING, .str = (char *)(uintptr_t)s, .len = strlen(s) };
}

/* {{first, last, {host, port}}} */
struct answer {
	redisReply host, port, first, last, node, range, top;
	redisReply *node_parts[2], *range_parts[3], *top_parts[1];
};

static void fill(struct answer *a, long long first, long long last, const char *host, long long port)
{
	*a = (struct answer){ .host = text(host), .port = number(port), .first = number(first), .last = number(last) };
	a->node_parts[0] = &a->host;
	a->node_parts[1] = &a->port;
	a->node = (redisReply){ .type = REDIS_REPLY_ARRAY, .elements = 2, .element = a->node_parts };
	a->range_parts[0] = &a->first;
	a->range_parts[1] = &a->last;
	a->range_parts[2] = &a->node;
	a->range = (redisReply){ .type = REDIS_REPLY_ARRAY, .elements = 3, .element = a->range_parts };
	a->top_parts[0] = &a->range;
	a->top = (redisReply){ .type = REDIS_REPLY_ARRAY, .elements = 1, .element = a->top_parts };
}

struct seen {
	unsigned count;
	uint16_t first, last;
	struct address master;
};

static void on_range(void *arg, uint16_t first, uint16_t last, const struct address *master)
{
	struct seen *seen = arg;

	*seen = (struct seen){ seen->count + 1, first, last, *master };
}

static void test_a_range_and_its_master(void **state)
{
	struct answer a;
	struct seen seen = { 0 };

	(void)state;
	fill(&a, 0, 16383, "10.0.0.1", 6379);
	assert_int_equal(cluster_slots_read(&a.top, &asked, on_range, &seen), ERR_OK);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.first, 0);
	assert_int_equal(seen.last, 16383);
	assert_string_equal(seen.master.host, "10.0.0.1");
	assert_int_equal(seen.master.port, 6379);
}

static void test_a_node_without_a_name_is_the_one_asked(void **state)
{
	static const char *const names[] = { "", "?" };
	struct answer a;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct seen seen = { 0 };

		fill(&a, 1, 2, names[i], 6380);
		assert_int_equal(cluster_slots_read(&a.top, &asked, on_range, &seen), ERR_OK);
		assert_string_equal(seen.master.host, "10.0.0.9");
		assert_int_equal(seen.master.port, 6380);
	}
}

static void test_answers_that_are_none(void **state)
{
	static const struct {
		long long first, last, port;
	} bad[] = { { -1, 5, 1 }, { 5, 4, 1 }, { 0, 16384, 1 }, { 0, 5, 0 }, { 0, 5, 65536 } };
	struct answer a;
	struct seen seen = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		fill(&a, bad[i].first, bad[i].last, "h", bad[i].port);
		assert_int_equal(cluster_slots_read(&a.top, &asked, on_range, &seen), ERR_CORRUPT);
	}
	fill(&a, 0, 5, "h", 1);
	a.range.elements = 2;
	assert_int_equal(cluster_slots_read(&a.top, &asked, on_range, &seen), ERR_CORRUPT);
	assert_int_equal(cluster_slots_read(&a.host, &asked, on_range, &seen), ERR_CORRUPT);
	assert_int_equal(seen.count, 0);
}

/* A part that is of another type, and a name that no address can be. */
static void test_parts_of_another_type(void **state)
{
	static char name[ADDRESS_HOST_CAP + 1];
	redisReply nil = { .type = REDIS_REPLY_NIL };
	struct answer a;
	struct seen seen = { 0 };

	(void)state;
	fill(&a, 0, 5, "h", 1);
	a.range_parts[0] = &nil;
	assert_int_equal(cluster_slots_read(&a.top, &asked, on_range, &seen), ERR_CORRUPT);
	fill(&a, 0, 5, "h", 1);
	a.range_parts[1] = &a.host;
	assert_int_equal(cluster_slots_read(&a.top, &asked, on_range, &seen), ERR_CORRUPT);
	fill(&a, 0, 5, "h", 1);
	a.range_parts[2] = &nil;
	assert_int_equal(cluster_slots_read(&a.top, &asked, on_range, &seen), ERR_CORRUPT);
	fill(&a, 0, 5, "h", 1);
	a.node_parts[1] = &a.host;
	assert_int_equal(cluster_slots_read(&a.top, &asked, on_range, &seen), ERR_CORRUPT);
	memset(name, 'h', sizeof(name) - 1);
	fill(&a, 0, 5, name, 1);
	assert_int_equal(cluster_slots_read(&a.top, &asked, on_range, &seen), ERR_CORRUPT);
	assert_int_equal(seen.count, 0);
	/* Redis 7 says nil where it knows no name. */
	fill(&a, 0, 5, "h", 1);
	a.node_parts[0] = &nil;
	assert_int_equal(cluster_slots_read(&a.top, &asked, on_range, &seen), ERR_OK);
	assert_string_equal(seen.master.host, "10.0.0.9");
	fill(&a, 0, 5, "h", 1);
	assert_int_equal(cluster_slots_read(&a.top, &asked, on_range, &seen), ERR_OK);
	assert_string_equal(seen.master.host, "h");
}

/* --- MOVED and ASK --- */

static void test_redirections(void **state)
{
	struct address to;
	uint16_t slot;

	(void)state;
	assert_int_equal(cluster_slots_redirect("MOVED 3999 127.0.0.1:6381", &asked, &slot, &to), ERR_OK);
	assert_int_equal(slot, 3999);
	assert_string_equal(to.host, "127.0.0.1");
	assert_int_equal(to.port, 6381);
	assert_int_equal(cluster_slots_redirect("ASK 1 fe80::1:6381", &asked, &slot, &to), ERR_OK);
	assert_string_equal(to.host, "fe80::1");
	assert_int_equal(cluster_slots_redirect("ASK 1 :6382", &asked, &slot, &to), ERR_OK);
	assert_string_equal(to.host, "10.0.0.9");
	assert_int_equal(to.port, 6382);
}

static void test_redirections_to_nowhere(void **state)
{
	static const char *const bad[] = { "MOVED",           "MOVED ",          "MOVED x h:1", "MOVED /1 h:1",
		                           "MOVED 16384 h:1", "MOVED 1",         "MOVED 1 h",   "MOVED 1 h:",
		                           "MOVED 1 h:0",     "MOVED 1 h:65536", "MOVED 1 h:1x" };
	struct address to;
	uint16_t slot;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(cluster_slots_redirect(bad[i], &asked, &slot, &to), ERR_INVALID);
}

/* --- the map --- */

static void test_a_map_is_whole_or_not_at_all(void **state)
{
	struct partitions m;

	(void)state;
	assert_int_equal(partitions_init(&m, 256), ERR_OK);
	for (unsigned p = 0; p < 256; p++)
		assert_int_equal(m.of[p], PARTITIONS_NONE);
	partitions_begin(&m);
	partitions_range(&m, 0, 8191, 0);
	partitions_range(&m, 8192, CLUSTER_SLOTS_COUNT - 1, 1);
	assert_int_equal(m.of[7], PARTITIONS_NONE);
	assert_true(partitions_commit(&m));
	for (unsigned p = 0; p < 256; p++)
		assert_int_equal(m.of[p], cluster_slots_of_partition((uint16_t)p) > 8191);
	partitions_clear(&m);
}

static void test_a_slot_moves_alone(void **state)
{
	struct partitions m;
	uint16_t slot = cluster_slots_of_partition(42);

	(void)state;
	assert_int_equal(partitions_init(&m, 256), ERR_OK);
	partitions_all(&m, 0);
	partitions_slot(&m, slot, 5);
	for (unsigned p = 0; p < 256; p++)
		assert_int_equal(m.of[p], cluster_slots_of_partition((uint16_t)p) == slot ? 5 : 0);
	partitions_swap(&m, 5, 2);
	assert_int_equal(m.of[42], 2);
	assert_true(partitions_wants(&m, slot, slot));
	partitions_clear(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slots_of_the_specification),
		cmocka_unit_test(test_a_partition_is_its_digits),
		cmocka_unit_test(test_a_range_and_its_master),
		cmocka_unit_test(test_a_node_without_a_name_is_the_one_asked),
		cmocka_unit_test(test_answers_that_are_none),
		cmocka_unit_test(test_parts_of_another_type),
		cmocka_unit_test(test_redirections),
		cmocka_unit_test(test_redirections_to_nowhere),
		cmocka_unit_test(test_a_map_is_whole_or_not_at_all),
		cmocka_unit_test(test_a_slot_moves_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
