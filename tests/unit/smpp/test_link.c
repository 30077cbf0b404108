/*
 * A name with several addresses: one that does not answer must not keep the link from the next. The resolver is ours:
 * it tells what a test wants.
 */
#include "smpp/wire/link.h"
#include "base/clock.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define BACKLOG 8

struct resolve_query {
	struct loop_task task;
	resolve_fn fn;
	void *arg;
};

static struct loop *loop;
static struct resolve_query query;
static struct resolve_addr answer[2];
static size_t answers;

static void tell(void *arg)
{
	(void)arg;
	query.fn(query.arg, ERR_OK, answer, answers);
}

struct resolve_query *resolve_start(struct resolver *r, const char *host, uint16_t port, resolve_fn fn, void *arg)
{
	(void)r;
	(void)host;
	(void)port;
	query.fn = fn;
	query.arg = arg;
	loop_task_init(&query.task, tell, NULL);
	loop_defer(loop, &query.task);
	return &query;
}

void resolve_cancel(struct resolve_query *q)
{
	loop_defer_cancel(loop, &q->task);
}

static int listener(struct resolve_addr *a)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*a = (struct resolve_addr){ .len = sizeof in };
	assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof in), 0);
	assert_int_equal(listen(fd, 0), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a->addr, &a->len), 0);
	return fd;
}

/* With its backlog full the kernel answers no further SYN. */
static void fill(const struct resolve_addr *a, int fds[BACKLOG])
{
	for (int i = 0; i < BACKLOG; i++) {
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		(void)connect(fds[i], (const struct sockaddr *)&a->addr, a->len);
	}
}

static const char *ended;
static bool opened;

static void on_open(void *arg)
{
	(void)arg;
	opened = true;
	loop_stop(loop);
}

static void on_data(void *arg, struct buf *in)
{
	(void)arg;
	(void)in;
}

static void on_end(void *arg, enum err err, const char *reason)
{
	(void)arg;
	(void)err;
	ended = reason;
	loop_stop(loop);
}

static void try_addresses(size_t n)
{
	const struct smpp_link_opts o = { .loop = loop,
		                          .host = "smsc",
		                          .port = 1,
		                          .connect_timeout_ms = 200,
		                          .hooks = { .on_open = on_open, .on_data = on_data, .on_end = on_end } };

	answers = n;
	ended = "";
	opened = false;
	struct smpp_link *l = smpp_link_open(&o);
	assert_non_null(l);
	loop_run(loop);
	smpp_link_free(l);
}

static void a_silent_address_is_passed_over(void **state)
{
	int fds[BACKLOG], silent, good;

	(void)state;
	loop = loop_new();
	silent = listener(&answer[0]);
	good = listener(&answer[1]);
	fill(&answer[0], fds);
	int64_t start = clock_mono_ms();
	try_addresses(1);
	assert_false(opened);
	assert_string_equal(ended, "connect timeout");
	assert_true(clock_mono_ms() - start >= 200);
	try_addresses(2);
	assert_true(opened);
	for (int i = 0; i < BACKLOG; i++)
		close(fds[i]);
	close(silent);
	close(good);
	loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_silent_address_is_passed_over) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
