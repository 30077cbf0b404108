/*
 * scripted: servers that say what a test tells them to, on loopback, and a store before them with its real loop and
 * sockets. Each test that needs them includes it once.
 */
#ifndef TESTS_STORE_SCRIPTED_H
#define TESTS_STORE_SCRIPTED_H

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
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

/* --- a scripted server --- */

struct server;
typedef const char *(*answer_fn)(struct server *s, size_t n, char words[][64]);

struct peer {
	struct server *server;
	int fd;
	struct loop_watch *reads;
	char in[65536];
	size_t len;
};

/* The store connects twice. What is counted is of the first connection, but for marked and marks_connections. */
struct server {
	struct loop *loop;
	int listening;
	uint16_t port;
	struct loop_watch *accepts;
	struct peer first, marks;
	answer_fn answer;  /* of what is no greeting; NULL or a NULL answer: silence */
	const char *state; /* of CONFIG GET appendonly */
	const char *probe; /* of the greeting's write */
	const char *time;
	const char *rights; /* that are missing */
	const char *load;   /* of FUNCTION LOAD; NULL: it loads the library */
	char slots[131072];
	unsigned marks_connections, marked; /* marked: commands on the connection for marks, but for its greeting */
	unsigned connections, calls, waits, askings, greetings, maps, lists;
};

static void peer_close(struct peer *p)
{
	if (p->fd < 0)
		return;
	loop_watch_free(p->reads);
	close(p->fd);
	p->fd = -1;
	p->len = 0;
}

static void hang_up(struct server *s)
{
	peer_close(&s->first);
	peer_close(&s->marks);
}

/* One whole command at the start of the input: its words (cut to 63 octets) and its length; 0: more is needed. */
static size_t parse(const struct peer *p, size_t *n, char words[][64])
{
	const char *at = p->in, *end = p->in + p->len;
	const char *lf = memchr(at, '\n', p->len);

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
	return (size_t)(at - p->in);
}

static const char *config(const struct server *s, const char *name)
{
	if (strcmp(name, "appendonly") == 0)
		return s->state;
	return strcmp(name, "maxmemory-policy") == 0 ? "*2\r\n$1\r\nx\r\n$10\r\nnoeviction\r\n"
	                                             : "*2\r\n$1\r\nx\r\n$1\r\n1\r\n";
}

static bool asks_rights(char words[][64])
{
	return strcmp(words[0], "FCALL") == 0 && strstr(words[1], "_rights") != NULL;
}

static const char *greeting(struct server *s, char words[][64])
{
	if (strcmp(words[0], "TIME") == 0) {
		s->greetings++;
		return s->time;
	}
	/* What library_age asks for and writes. */
	if (strcmp(words[0], "FUNCTION") == 0 && strcmp(words[1], "LIST") == 0) {
		s->lists++;
		return "*0\r\n";
	}
	if (asks_rights(words))
		return s->rights;
	if (strcmp(words[0], "SET") == 0 && strncmp(words[1], "l{", 2) == 0)
		return "+OK\r\n";
	if (strcmp(words[0], "FUNCTION") == 0)
		return s->load ? s->load : "+otpgwd\r\n";
	if (strcmp(words[0], "CONFIG") == 0)
		return config(s, words[2]);
	if (strcmp(words[0], "INFO") == 0)
		return words[1][0] == 'r' ? "$32\r\nslave0:ip=x,state=online,lag=0\r\n\r\n" : "$2\r\n#\n\r\n";
	if (strcmp(words[0], "ZADD") == 0 && strcmp(words[4], "-") == 0)
		return s->probe;
	if (strcmp(words[0], "CLUSTER") == 0)
		return s->slots;
	return NULL;
}

static const char *reply_to(struct server *s, size_t n, char words[][64])
{
	const char *out = greeting(s, words);

	s->calls += strcmp(words[0], "FCALL") == 0 && !asks_rights(words);
	s->waits += strcmp(words[0], "WAIT") == 0;
	s->askings += strcmp(words[0], "ASKING") == 0;
	s->maps += strcmp(words[0], "CLUSTER") == 0;
	if (!out && strcmp(words[0], "ASKING") == 0)
		return "+OK\r\n";
	return out || !s->answer ? out : s->answer(s, n, words);
}

static const char *reply_to_mark(struct server *s, size_t n, char words[][64])
{
	if (strcmp(words[0], "TIME") == 0)
		return s->time;
	if (strcmp(words[0], "AUTH") == 0 || strcmp(words[0], "ASKING") == 0)
		return "+OK\r\n";
	s->marked++;
	return s->answer ? s->answer(s, n, words) : NULL;
}

static void on_bytes(void *arg, unsigned events)
{
	struct peer *p = arg;
	char words[WORDS_MAX][64];
	size_t used, n;

	(void)events;
	ssize_t got = read(p->fd, p->in + p->len, sizeof(p->in) - p->len);
	if (got <= 0) {
		peer_close(p);
		return;
	}
	p->len += (size_t)got;
	while ((used = parse(p, &n, words)) > 0) {
		const char *out =
		    p == &p->server->first ? reply_to(p->server, n, words) : reply_to_mark(p->server, n, words);

		memmove(p->in, p->in + used, p->len - used);
		p->len -= used;
		if (out)
			(void)!send(p->fd, out, strlen(out), MSG_NOSIGNAL);
	}
}

static void on_connection(void *arg, unsigned events)
{
	struct server *s = arg;

	(void)events;
	struct peer *p = s->first.fd < 0 ? &s->first : &s->marks;

	peer_close(p);
	p->fd = accept(s->listening, NULL, NULL);
	s->connections += p == &s->first;
	s->marks_connections += p == &s->marks;
	p->reads = loop_watch_new(s->loop, p->fd, on_bytes, p);
	loop_watch_set(p->reads, LOOP_READ);
}

static void server_start(struct server *s, struct loop *loop)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sin);

	*s = (struct server){ .loop = loop,
		              .first = { .server = s, .fd = -1 },
		              .marks = { .server = s, .fd = -1 },
		              .state = "*2\r\n$1\r\nx\r\n$3\r\nyes\r\n",
		              .probe = ":0\r\n",
		              .rights = "*0\r\n",
		              .time = "*2\r\n$10\r\n1800000000\r\n$1\r\n0\r\n" };
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
	loop_timer_set(x->guard, clock_mono_ms() + 60000);
	loop_timer_set(x->look, clock_mono_ms());
	loop_run(x->loop);
	assert_false(x->late);
}

static bool is_up(struct set *x)
{
	return store_up(x->store);
}

/* Each node has its connection for marks. */
static inline bool has_marks(struct set *x)
{
	struct buf text;
	struct json j;

	buf_init(&text, 65536);
	json_init(&j, &text);
	json_open(&j, NULL, '{');
	store_status(x->store, &j);
	json_close(&j, '}');
	assert_int_equal(json_end(&j), ERR_OK);
	assert_int_equal(buf_append(&text, "", 1), ERR_OK);
	bool all = store_up(x->store) && !strstr((const char *)buf_data(&text), "\"marks\":false");
	buf_clear(&text);
	return all;
}

static bool is_answered(struct set *x)
{
	return x->answers > 0;
}

static void start_store(struct set *x, bool cluster)
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
}

/* Its library was looked at too, which happens soon and then not for an hour: what follows is what the test asks for.
 */
static bool is_open(struct set *x)
{
	return is_up(x) && x->a.lists + x->b.lists > 0;
}

__attribute__((unused)) static void open_store(struct set *x, bool cluster)
{
	start_store(x, cluster);
	run_until(x, is_open);
}

static int set_up(void **state)
{
	struct set *x = calloc(1, sizeof(*x));

	assert_int_equal(secret_setup(), ERR_OK);
	x->loop = loop_new();
	x->resolver = resolver_new(x->loop, NULL);
	x->guard = loop_timer_new(x->loop, on_guard, x);
	x->look = loop_timer_new(x->loop, on_look, x);
	server_start(&x->a, x->loop);
	server_start(&x->b, x->loop);
	x->opts = (struct store_opts){ .socket_path = "",
		                       .host = "127.0.0.1",
		                       .port = x->a.port,
		                       .user = "",
		                       .master = "",
		                       .connect_timeout_ms = 2000,
		                       .command_timeout_ms = 5000,
		                       .max_in_flight = 1000,
		                       .partitions = 256,
		                       .lease_ms = 5000,
		                       .owner = "me",
		                       .key_prefix = "",
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

__attribute__((unused)) static void issue(struct set *x)
{
	static const struct store_issue_req req = {
		.guesses = 5, .sends_max = 1, .ttl_ms = 1, .hard_ms = 1, .deadline_ms = 1
	};

	assert_int_equal(store_issue(x->store, &req, on_issued, x), ERR_OK);
}

#endif
