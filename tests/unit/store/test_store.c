/*
 * test_store: the door of Redis before servers that say what no Redis should, or what a cluster says while it moves.
 * The servers are scripted here and listen on loopback; the store, its loop and its sockets are the real ones.
 */
#include "base/clock.h"
#include "base/loop.h"
#include "base/secret.h"
#include "base/stats.h"
#include "store.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define WORDS_MAX 40
#define SHA "0123456789012345678901234567890123456789"

/* --- a scripted server --- */

struct server;
typedef const char *(*answer_fn)(struct server *s, size_t n, char words[][64]);

struct server {
	struct loop *loop;
	int listening, fd;
	uint16_t port;
	struct loop_watch *accepts, *reads;
	char in[65536];
	size_t len;
	answer_fn answer; /* of what is no greeting; NULL or a NULL answer: silence */
	const char *state; /* of CONFIG GET appendonly */
	const char *probe; /* of the greeting's write */
	char slots[512];
	unsigned scripts, waits, askings, greetings;
};

static void hang_up(struct server *s)
{
	if (s->fd < 0)
		return;
	loop_watch_free(s->reads);
	close(s->fd);
	s->fd = -1;
	s->len = 0;
}

/* One whole command at the start of the input: its words (cut to 63 octets) and its length; 0: more is needed. */
static size_t parse(const struct server *s, size_t *n, char words[][64])
{
	const char *at = s->in, *end = s->in + s->len;
	const char *lf = memchr(at, '\n', s->len);

	if (!lf)
		return 0;
	*n = strtoul(at + 1, NULL, 10);
	at = lf + 1;
	for (size_t i = 0; i < *n; i++) {
		lf = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
		if (!lf)
			return 0;
		size_t len = strtoul(at + 1, NULL, 10);
		if ((size_t)(end - lf - 1) < len + 2)
			return 0;
		if (i < WORDS_MAX)
			snprintf(words[i], 64, "%.*s", (int)(len < 63 ? len : 63), lf + 1);
		at = lf + 1 + len + 2;
	}
	return (size_t)(at - s->in);
}

static const char *config(const struct server *s, const char *name)
{
	if (strcmp(name, "appendonly") == 0)
		return s->state;
	return strcmp(name, "maxmemory-policy") == 0 ? "*2\r\n$1\r\nx\r\n$10\r\nnoeviction\r\n"
	                                             : "*2\r\n$1\r\nx\r\n$1\r\n1\r\n";
}

static const char *greeting(struct server *s, char words[][64])
{
	if (strcmp(words[0], "TIME") == 0) {
		s->greetings++;
		return "*2\r\n$10\r\n1800000000\r\n$1\r\n0\r\n";
	}
	if (strcmp(words[0], "SCRIPT") == 0)
		return "$40\r\n" SHA "\r\n";
	if (strcmp(words[0], "CONFIG") == 0)
		return config(s, words[2]);
	if (strcmp(words[0], "INFO") == 0)
		return strcmp(words[1], "replication") == 0 ? "$32\r\nslave0:ip=x,state=online,lag=0\r\n\r\n" : "$2\r\n#\n\r\n";
	if (strcmp(words[0], "ZREM") == 0)
		return s->probe;
	if (strcmp(words[0], "CLUSTER") == 0)
		return s->slots;
	return NULL;
}

static const char *reply_to(struct server *s, size_t n, char words[][64])
{
	const char *out = greeting(s, words);

	s->scripts += strcmp(words[0], "EVALSHA") == 0;
	s->waits += strcmp(words[0], "WAIT") == 0;
	s->askings += strcmp(words[0], "ASKING") == 0;
	if (!out && strcmp(words[0], "ASKING") == 0)
		return "+OK\r\n";
	return out || !s->answer ? out : s->answer(s, n, words);
}

static void on_bytes(void *arg, unsigned events)
{
	struct server *s = arg;
	char words[WORDS_MAX][64];
	size_t used, n;

	(void)events;
	ssize_t got = read(s->fd, s->in + s->len, sizeof(s->in) - s->len);
	if (got <= 0) {
		hang_up(s);
		return;
	}
	s->len += (size_t)got;
	while ((used = parse(s, &n, words)) > 0) {
		const char *out = reply_to(s, n, words);

		memmove(s->in, s->in + used, s->len - used);
		s->len -= used;
		if (out)
			(void)!send(s->fd, out, strlen(out), MSG_NOSIGNAL);
	}
}

static void on_connection(void *arg, unsigned events)
{
	struct server *s = arg;

	(void)events;
	hang_up(s);
	s->fd = accept(s->listening, NULL, NULL);
	s->reads = loop_watch_new(s->loop, s->fd, on_bytes, s);
	loop_watch_set(s->reads, LOOP_READ);
}

static void server_start(struct server *s, struct loop *loop)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sin);

	*s = (struct server){ .loop = loop, .fd = -1, .state = "*2\r\n$1\r\nx\r\n$3\r\nyes\r\n", .probe = ":0\r\n" };
	s->listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s->listening, (struct sockaddr *)&sin, sizeof(sin)), 0);
	assert_int_equal(listen(s->listening, 8), 0);
	assert_int_equal(getsockname(s->listening, (struct sockaddr *)&sin, &len), 0);
	s->port = ntohs(sin.sin_port);
	s->accepts = loop_watch_new(loop, s->listening, on_connection, s);
	loop_watch_set(s->accepts, LOOP_READ);
}

static void server_stop(struct server *s)
{
	hang_up(s);
	loop_watch_free(s->accepts);
	close(s->listening);
}

/* --- a store before two of them --- */

struct set {
	struct loop *loop;
	struct resolver *resolver;
	struct loop_timer *guard, *look;
	struct server a, b;
	struct store *store;
	struct store_opts opts;
	char seed[32];
	const char *nodes[1];
	bool (*until)(struct set *);
	unsigned answers, unavailable, ups, downs;
	bool late;
};

static void on_up(void *arg)
{
	((struct set *)arg)->ups++;
}

static void on_down(void *arg)
{
	((struct set *)arg)->downs++;
}

static void on_guard(void *arg)
{
	struct set *x = arg;

	x->late = true;
	loop_stop(x->loop);
}

static void on_look(void *arg)
{
	struct set *x = arg;

	if (x->until(x))
		loop_stop(x->loop);
	else
		loop_timer_set(x->look, clock_mono_ms() + 1);
}

static void run_until(struct set *x, bool (*until)(struct set *))
{
	x->until = until;
	loop_timer_set(x->guard, clock_mono_ms() + 10000);
	loop_timer_set(x->look, clock_mono_ms());
	loop_run(x->loop);
	assert_false(x->late);
}

static bool is_up(struct set *x)
{
	return store_up(x->store);
}

static bool is_down(struct set *x)
{
	return x->downs > 0;
}

static bool is_answered(struct set *x)
{
	return x->answers > 0;
}

static bool all_answered(struct set *x)
{
	return x->answers == 100;
}

static void open_store(struct set *x, bool cluster)
{
	const struct store_hooks hooks = { x, on_up, on_down };

	if (cluster) {
		snprintf(x->seed, sizeof(x->seed), "127.0.0.1:%u", x->a.port);
		x->nodes[0] = x->seed;
		x->opts.nodes = x->nodes;
		x->opts.node_count = 1;
	}
	assert_int_equal(store_new(x->loop, x->resolver, &x->opts, &hooks, &x->store), ERR_OK);
	store_start(x->store);
	run_until(x, is_up);
}

static int set_up(void **state)
{
	struct set *x = calloc(1, sizeof(*x));

	assert_int_equal(secret_setup(), ERR_OK);
	x->loop = loop_new();
	x->resolver = resolver_new(x->loop);
	x->guard = loop_timer_new(x->loop, on_guard, x);
	x->look = loop_timer_new(x->loop, on_look, x);
	server_start(&x->a, x->loop);
	server_start(&x->b, x->loop);
	x->opts = (struct store_opts){ .socket_path = "", .host = "127.0.0.1", .port = x->a.port, .user = "", .master = "",
		                       .connect_timeout_ms = 2000, .command_timeout_ms = 1000, .max_in_flight = 1000,
		                       .partitions = 256, .lease_ms = 5000, .owner = "me", .key_prefix = "",
		                       .ack_timeout_ms = 100 };
	*state = x;
	return 0;
}

static int tear_down(void **state)
{
	struct set *x = *state;

	store_free(x->store);
	server_stop(&x->a);
	server_stop(&x->b);
	loop_timer_free(x->guard);
	loop_timer_free(x->look);
	resolver_free(x->resolver);
	loop_free(x->loop);
	stats_clear();
	free(x);
	return 0;
}

static void count(struct set *x, enum err err)
{
	x->answers++;
	x->unavailable += err == ERR_UNAVAILABLE;
	assert_true(err == ERR_OK || err == ERR_UNAVAILABLE);
}

static void on_issued(void *arg, enum err err, const struct store_issue_rep *rep)
{
	assert_int_equal(rep != NULL, err == ERR_OK);
	count(arg, err);
}

static void on_cancelled(void *arg, enum err err, const struct store_cancel_rep *rep)
{
	(void)rep;
	count(arg, err);
}

static void on_queried(void *arg, enum err err, const struct store_query_rep *rep)
{
	(void)rep;
	count(arg, err);
}

static void on_claimed(void *arg, enum err err, const struct store_claim_rep *rep)
{
	(void)rep;
	count(arg, err);
}

static void on_receipt(void *arg, enum err err, bool found, const struct ident *id)
{
	(void)found;
	(void)id;
	count(arg, err);
}

static void on_marked(void *arg, enum err err, bool applied)
{
	(void)applied;
	count(arg, err);
}

static void on_verified(void *arg, enum err err, const struct store_verify_rep *rep)
{
	(void)rep;
	count(arg, err);
}

static void issue(struct set *x)
{
	static const struct store_issue_req req = { .guesses = 5, .sends_max = 1, .ttl_ms = 1, .hard_ms = 1, .deadline_ms = 1 };

	assert_int_equal(store_issue(x->store, &req, on_issued, x), ERR_OK);
}

/* --- one server --- */

static const char *rubbish;

static const char *say_rubbish(struct server *s, size_t n, char words[][64])
{
	(void)s;
	(void)n;
	(void)words;
	return rubbish;
}

static void ask_one(struct set *x, int which)
{
	static const struct ident id = { .partition = 3 };
	static const struct store_mark mark = { .smsc = "" };
	static const struct store_verify_req verify = { .id = { .partition = 3 } };
	const struct store_claim_req claim = { .partition = 3, .max = 4 };
	const struct store_receipt_req receipt = { "main", "1", 3 };
	enum err err = ERR_OK;

	if (which == 0)
		issue(x);
	else if (which == 1)
		err = store_cancel(x->store, &id, 0, on_cancelled, x);
	else if (which == 2)
		err = store_query(x->store, &id, 0, on_queried, x);
	else if (which == 3)
		err = store_claim(x->store, &claim, on_claimed, x);
	else if (which == 4)
		err = store_receipt(x->store, &receipt, on_receipt, x);
	else if (which == 5)
		err = store_mark(x->store, &mark, on_marked, x);
	else if (which == 6)
		err = store_verify(x->store, &verify, on_verified, x);
	else
		err = store_renew(x->store, &id, 1, on_claimed, x);
	assert_int_equal(err, ERR_OK);
}

static void test_answers_of_the_wrong_type(void **state)
{
	static const char *const kinds[] = { "+HELLO\r\n",         "$3\r\nabc\r\n",           "*0\r\n",     "*1\r\n*0\r\n",
		                             "*2\r\n:9\r\n:1\r\n", "*2\r\n:1\r\n$1\r\nx\r\n", "*1\r\n:-1\r\n" };
	struct set *x = *state;

	x->a.answer = say_rubbish;
	open_store(x, false);
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		for (int which = 0; which < 8; which++) {
			/* To a claim this says that so many entries went, and none came. */
			if (which == 3 && kinds[k][0] == '*' && kinds[k][4] == ':' && kinds[k][5] != '-')
				continue;
			rubbish = kinds[k];
			x->answers = x->unavailable = x->downs = 0;
			ask_one(x, which);
			run_until(x, is_answered);
			assert_int_equal(x->answers, 1);
			assert_int_equal(x->unavailable, 1);
			run_until(x, is_down);
			run_until(x, is_up);
		}
	}
}

static void test_freed_with_requests_in_flight(void **state)
{
	struct set *x = *state;

	open_store(x, false);
	for (int i = 0; i < 100; i++)
		issue(x);
	store_free(x->store);
	x->store = NULL;
	assert_int_equal(x->answers, 100);
	assert_int_equal(x->unavailable, 100);
}

static void test_silence_ends_at_the_timeout(void **state)
{
	struct set *x = *state;
	int64_t start = clock_mono_ms();

	open_store(x, false);
	issue(x);
	run_until(x, is_answered);
	assert_int_equal(x->unavailable, 1);
	assert_true(clock_mono_ms() - start >= 1000);
	assert_int_equal(x->downs, 1);
}

static const char *say_readonly(struct server *s, size_t n, char words[][64])
{
	(void)n;
	(void)words;
	s->probe = "-READONLY You can't write against a read only replica.\r\n";
	return s->probe;
}

static bool is_refused_again(struct set *x)
{
	return x->a.greetings >= 4;
}

/* Away until it takes writes again, however often it is greeted meanwhile. */
static void test_a_server_that_takes_no_writes(void **state)
{
	struct set *x = *state;

	x->a.answer = say_readonly;
	open_store(x, false);
	issue(x);
	run_until(x, is_down);
	assert_int_equal(x->unavailable, 1);
	run_until(x, is_refused_again);
	assert_false(store_up(x->store));
	assert_int_equal(x->ups, 1);
	x->a.probe = ":0\r\n";
	run_until(x, is_up);
}

/* --- answers that wait for a replica --- */

static int replicas;

static const char *say_created(struct server *s, size_t n, char words[][64])
{
	(void)s;
	(void)n;
	if (strcmp(words[0], "WAIT") == 0)
		return replicas < 0 ? NULL : replicas ? ":1\r\n" : ":0\r\n";
	return "*1\r\n:0\r\n";
}

static void test_one_wait_for_a_turn(void **state)
{
	struct set *x = *state;

	replicas = 1;
	x->a.answer = say_created;
	x->opts.ack_replica = true;
	open_store(x, false);
	assert_int_equal(store_durability(x->store), STORE_DUR_FAILOVER);
	for (int i = 0; i < 100; i++)
		issue(x);
	run_until(x, all_answered);
	assert_int_equal(x->unavailable, 0);
	assert_int_equal(x->a.scripts, 100);
	assert_int_equal(x->a.waits, 1);
}

static void test_no_replica_in_time(void **state)
{
	struct set *x = *state;

	replicas = 0;
	x->a.answer = say_created;
	x->opts.ack_replica = true;
	open_store(x, false);
	for (int i = 0; i < 100; i++)
		issue(x);
	run_until(x, all_answered);
	assert_int_equal(x->unavailable, 100);
	/* The server itself is well: it stays. */
	assert_int_equal(x->downs, 0);
	replicas = 1;
	x->answers = x->unavailable = 0;
	issue(x);
	run_until(x, is_answered);
	assert_int_equal(x->unavailable, 0);
}

static bool is_held(struct set *x)
{
	return x->a.waits > 0;
}

static void test_a_server_that_dies_before_the_replica_has_it(void **state)
{
	struct set *x = *state;

	replicas = -1;
	x->a.answer = say_created;
	x->opts.ack_replica = true;
	open_store(x, false);
	issue(x);
	run_until(x, is_held);
	assert_int_equal(x->answers, 0);
	hang_up(&x->a);
	run_until(x, is_answered);
	assert_int_equal(x->answers, 1);
	assert_int_equal(x->unavailable, 1);
}

/* --- a cluster --- */

static char redirect[96];
static unsigned redirects;

static const char *send_elsewhere(struct server *s, size_t n, char words[][64])
{
	(void)s;
	(void)n;
	if (strcmp(words[0], "EVALSHA") != 0)
		return "+OK\r\n";
	if (redirects == 0)
		return "*1\r\n:0\r\n";
	redirects--;
	return redirect;
}

static void one_master(struct server *s, const struct server *master)
{
	snprintf(s->slots, sizeof(s->slots), "*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:%u\r\n",
	         master->port);
}

/* {0} lies in slot 13907. */
static void follow(struct set *x, const char *word, unsigned times)
{
	redirects = times;
	x->a.answer = send_elsewhere;
	x->b.answer = say_created;
	one_master(&x->a, &x->a);
	open_store(x, true);
	/* What is moved is the other's from now on, in the map of both. */
	one_master(&x->a, strcmp(word, "MOVED") == 0 ? &x->b : &x->a);
	one_master(&x->b, strcmp(word, "MOVED") == 0 ? &x->b : &x->a);
	snprintf(redirect, sizeof(redirect), "-%s 13907 127.0.0.1:%u\r\n", word, x->b.port);
	issue(x);
	run_until(x, is_answered);
	assert_int_equal(x->answers, 1);
	assert_int_equal(x->unavailable, 0);
}

static void test_moved_is_followed_and_remembered(void **state)
{
	struct set *x = *state;

	follow(x, "MOVED", 1000);
	assert_int_equal(x->b.scripts, 1);
	assert_int_equal(x->b.askings, 0);
	x->answers = 0;
	issue(x);
	run_until(x, is_answered);
	assert_int_equal(x->b.scripts, 2);
}

static void test_ask_is_followed_once(void **state)
{
	struct set *x = *state;

	follow(x, "ASK", 1);
	assert_int_equal(x->b.scripts, 1);
	assert_int_equal(x->b.askings, 1);
	x->answers = 0;
	issue(x);
	run_until(x, is_answered);
	assert_int_equal(x->a.scripts, 2);
	assert_int_equal(x->b.scripts, 1);
}

static void test_try_again_is_tried_again(void **state)
{
	struct set *x = *state;

	follow(x, "TRYAGAIN", 5);
	assert_int_equal(x->a.scripts, 6);
	assert_int_equal(x->b.scripts, 0);
}

static const char *send_back(struct server *s, size_t n, char words[][64])
{
	(void)s;
	(void)n;
	return strcmp(words[0], "EVALSHA") == 0 ? redirect : "+OK\r\n";
}

/* A node that names itself: an end is found, and told. */
static void test_a_node_that_sends_in_circles(void **state)
{
	struct set *x = *state;

	x->a.answer = x->b.answer = send_back;
	one_master(&x->a, &x->a);
	open_store(x, true);
	snprintf(redirect, sizeof(redirect), "-ASK 13907 127.0.0.1:%u\r\n", x->a.port);
	issue(x);
	run_until(x, is_answered);
	assert_int_equal(x->unavailable, 1);
	assert_true(x->a.scripts <= 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_answers_of_the_wrong_type, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_freed_with_requests_in_flight, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_silence_ends_at_the_timeout, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_server_that_takes_no_writes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_one_wait_for_a_turn, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_replica_in_time, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_server_that_dies_before_the_replica_has_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_moved_is_followed_and_remembered, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_ask_is_followed_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_try_again_is_tried_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_node_that_sends_in_circles, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
