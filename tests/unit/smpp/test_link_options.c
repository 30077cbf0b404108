/*
 * What each connection to an SMSC asks of the kernel: no waiting for more to send, and to notice a peer that is gone.
 */
#include "smpp/wire/link.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static void on_open(void *arg)
{
	loop_stop(arg);
}

static void on_data(void *arg, struct buf *in)
{
	(void)arg, (void)in;
}

static void on_end(void *arg, enum err err, const char *reason)
{
	(void)arg, (void)err;
	fail_msg("%s", reason);
}

static int listening(uint16_t *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

/* This process' own socket whose peer is that port. */
static int connected_to(uint16_t port)
{
	for (int fd = 0; fd < 1024; fd++) {
		struct sockaddr_in a = { .sin_port = 0 };
		socklen_t len = sizeof a;
		int err = getpeername(fd, (struct sockaddr *)&a, &len);
		if (!err && a.sin_family == AF_INET && ntohs(a.sin_port) == port)
			return fd;
	}
	return -1;
}

static int option(int fd, int level, int name)
{
	int value = -1;
	socklen_t len = sizeof value;
	assert_int_equal(getsockopt(fd, level, name, &value, &len), 0);
	return value;
}

static void options_of_the_socket(void **state)
{
	uint16_t port;
	int listener = listening(&port);
	struct loop *loop = loop_new();
	struct resolver *resolver = resolver_new(loop, NULL);
	struct smpp_link_opts o = { .loop = loop,
		                    .resolver = resolver,
		                    .host = "127.0.0.1",
		                    .port = port,
		                    .connect_timeout_ms = 5000,
		                    .hooks = { loop, on_open, on_data, on_end } };
	struct smpp_link *link = smpp_link_open(&o);
	(void)state;
	loop_run(loop);
	int fd = connected_to(port);
	assert_true(option(fd, IPPROTO_TCP, TCP_NODELAY));
	assert_true(option(fd, SOL_SOCKET, SO_KEEPALIVE));
	assert_int_equal(option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT), 20000);
	smpp_link_free(link);
	resolver_free(resolver);
	loop_free(loop);
	close(listener);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(options_of_the_socket) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
