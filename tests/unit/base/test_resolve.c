/*
 * resolver on the real loop, with files and a nameserver of the test's own: what is corrected while the daemon runs
 * counts at the next query.
 */
#include "base/resolve.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { GUARD_MS = 20000, PACKET = 512, HEADER = 12, QUESTION_TAIL = 4, TYPE_A = 1 };

/* Answers each question for an address of IPv4 with one, if it has one; all others with nothing found. */
struct nameserver {
	int fd;
	struct loop_watch *watch;
	char place[32];
	const char *address; /* NULL: it keeps its answers back */
	unsigned asked;
	uint8_t kept[PACKET]; /* the last question for an address of IPv4 */
	size_t kept_len;
	struct sockaddr_in from;
};

static struct loop *loop;
static struct loop_timer *guard;
static struct resolver *resolver;
static char dir[64], resolv_conf[96], hosts[96];
static struct nameserver first, second;
static struct resolve_query *query;

static struct {
	bool done;
	enum err err;
	char address[64];
} answer;

static void on_guard(void *arg)
{
	(void)arg;
	fail_msg("waited %d ms for an answer", GUARD_MS);
}

static void on_answer(void *arg, enum err err, const struct resolve_addr *addrs, size_t n)
{
	const struct sockaddr_in *in = n ? (const void *)&addrs[0].addr : NULL;

	(void)arg;
	query = NULL;
	answer.done = true;
	answer.err = err;
	if (in)
		inet_ntop(AF_INET, &in->sin_addr, answer.address, sizeof(answer.address));
	loop_stop(loop);
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* As editors and packages do: a new file in the place of the old one. */
static void replace_file(const char *path, const char *text)
{
	char beside[128];

	snprintf(beside, sizeof(beside), "%s.new", path);
	write_file(beside, text);
	assert_int_equal(rename(beside, path), 0);
}

static void name_server(const struct nameserver *n)
{
	char line[64];

	snprintf(line, sizeof(line), "nameserver %s\n", n->place);
	replace_file(resolv_conf, line);
}

static void ask(const char *host)
{
	answer.done = false;
	answer.address[0] = '\0';
	query = resolve_start(resolver, host, 2775, on_answer, NULL);
	assert_non_null(query);
	assert_false(answer.done);
}

static void await(void)
{
	loop_timer_set(guard, clock_mono_ms() + GUARD_MS);
	while (!answer.done)
		loop_run(loop);
	loop_timer_stop(guard);
}

static void found(const char *host, const char *address)
{
	ask(host);
	await();
	assert_int_equal(answer.err, ERR_OK);
	assert_string_equal(answer.address, address);
}

/* --- a nameserver --- */

static void reply(const struct nameserver *n, const uint8_t *question, size_t len, const char *address)
{
	static const uint8_t record[] = { 0xC0, HEADER, 0, TYPE_A, 0, 1, 0, 0, 0, 0, 0, 4 };
	uint8_t out[PACKET + sizeof(record) + 4];

	memcpy(out, question, len);
	out[2] = 0x84; /* a response, with authority */
	out[3] = address ? 0 : 3;
	out[7] = address ? 1 : 0;
	if (address) {
		memcpy(out + len, record, sizeof(record));
		assert_int_equal(inet_pton(AF_INET, address, out + len + sizeof(record)), 1);
		len += sizeof(record) + 4;
	}
	assert_int_equal(sendto(n->fd, out, len, 0, (const void *)&n->from, sizeof(n->from)), (ssize_t)len);
}

static void on_question(void *arg, unsigned events)
{
	struct nameserver *n = arg;
	uint8_t in[PACKET];
	socklen_t from_len = sizeof(n->from);
	ssize_t len = recvfrom(n->fd, in, sizeof(in), 0, (void *)&n->from, &from_len);

	(void)events;
	assert_true(len > HEADER + QUESTION_TAIL);
	n->asked++;
	if (in[len - 3] != TYPE_A) {
		reply(n, in, (size_t)len, NULL);
		return;
	}
	memcpy(n->kept, in, (size_t)len);
	n->kept_len = (size_t)len;
	if (n->address)
		reply(n, in, (size_t)len, n->address);
	else
		loop_stop(loop);
}

static void serve(struct nameserver *n, const char *address)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(in);

	memset(n, 0, sizeof(*n));
	n->address = address;
	n->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(n->fd >= 0);
	assert_int_equal(bind(n->fd, (const void *)&in, sizeof(in)), 0);
	assert_int_equal(getsockname(n->fd, (void *)&in, &len), 0);
	snprintf(n->place, sizeof(n->place), "127.0.0.1:%u", ntohs(in.sin_port));
	n->watch = loop_watch_new(loop, n->fd, on_question, n);
	assert_non_null(n->watch);
	loop_watch_set(n->watch, LOOP_READ);
}

static void close_server(struct nameserver *n)
{
	loop_watch_free(n->watch);
	close(n->fd);
}

/* --- tests --- */

static int set_up(void **state)
{
	const struct resolver_files files = { resolv_conf, hosts };

	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/otpgwd-resolve.XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(resolv_conf, sizeof(resolv_conf), "%s/resolv.conf", dir);
	snprintf(hosts, sizeof(hosts), "%s/hosts", dir);
	loop = loop_new();
	guard = loop_timer_new(loop, on_guard, NULL);
	resolver = resolver_new(loop, &files);
	assert_non_null(resolver);
	serve(&first, "192.0.2.1");
	serve(&second, "192.0.2.2");
	name_server(&first);
	write_file(hosts, "198.51.100.1 smsc.test\n");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	close_server(&first);
	close_server(&second);
	resolver_free(resolver);
	loop_timer_free(guard);
	loop_free(loop);
	unlink(resolv_conf);
	unlink(hosts);
	return rmdir(dir);
}

static void numeric_needs_no_file(void **state)
{
	(void)state;
	unlink(resolv_conf);
	unlink(hosts);
	found("192.0.2.9", "192.0.2.9");
	write_file(resolv_conf, "");
	write_file(hosts, "");
}

static void corrected_hosts_count(void **state)
{
	(void)state;
	found("smsc.test", "198.51.100.1");
	write_file(hosts, "198.51.100.22 smsc.test\n");
	found("smsc.test", "198.51.100.22");
	replace_file(hosts, "198.51.100.33 smsc.test\n");
	found("smsc.test", "198.51.100.33");
	assert_int_equal(first.asked, 0);
}

static void hosts_that_come_later_count(void **state)
{
	(void)state;
	unlink(hosts);
	found("smsc.test", "192.0.2.1");
	write_file(hosts, "198.51.100.1 smsc.test\n");
	found("smsc.test", "198.51.100.1");
}

static void a_corrected_nameserver_counts(void **state)
{
	(void)state;
	found("one.test", "192.0.2.1");
	name_server(&second);
	found("one.test", "192.0.2.2");
	found("two.test", "192.0.2.2");
}

static void a_nameserver_that_is_silent_is_left(void **state)
{
	(void)state;
	first.address = NULL;
	ask("one.test");
	loop_run(loop);
	assert_true(first.asked > 0);
	resolve_cancel(query);
	name_server(&second);
	found("one.test", "192.0.2.2");
}

/* What was asked of the former nameserver is answered by it. */
static void queries_under_way_end_as_they_began(void **state)
{
	(void)state;
	first.address = NULL;
	ask("one.test");
	while (!first.kept_len)
		loop_run(loop);
	name_server(&second);
	struct resolve_query *before = query;
	found("two.test", "192.0.2.2");
	query = before;
	answer.done = false;
	reply(&first, first.kept, first.kept_len, "192.0.2.1");
	await();
	assert_int_equal(answer.err, ERR_OK);
	assert_string_equal(answer.address, "192.0.2.1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(numeric_needs_no_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(corrected_hosts_count, set_up, tear_down),
		cmocka_unit_test_setup_teardown(hosts_that_come_later_count, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_corrected_nameserver_counts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_nameserver_that_is_silent_is_left, set_up, tear_down),
		cmocka_unit_test_setup_teardown(queries_under_way_end_as_they_began, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
