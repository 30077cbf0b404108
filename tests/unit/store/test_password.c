/*
 * test_password: after AUTH, to a Redis and to a Sentinel, with a user and without, and after reconnects, the passwords
 * are in the guarded memory of their secrets and nowhere else in this process. The servers live in a process of their
 * own.
 */
#include "scripted.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define PASSWORD_LEN 24
#define LIVES 4
#define REGION_MAX (1UL << 30) /* the shadow of a sanitizer is larger, and holds no text */

/* Never written out: what looks for it must not find itself. */
static char letter(unsigned which, size_t i)
{
	return (char)('a' + (i * 7 + which * 11 + i * i) % 26);
}

static struct secret *password(unsigned which)
{
	char text[PASSWORD_LEN];
	struct secret *s;

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = letter(which, i);
	assert_int_equal(secret_new(text, sizeof(text), &s), ERR_OK);
	secret_wipe(text, sizeof(text));
	return s;
}

/* --- the servers --- */

static char master[64];
static bool known;

static bool is_password(const char *word, unsigned which)
{
	size_t i = 0;

	while (i < PASSWORD_LEN && word[i] == letter(which, i))
		i++;
	return i == PASSWORD_LEN && !word[i];
}

static const char *serve(struct server *s, unsigned which, size_t n, char words[][64])
{
	if (strcmp(words[0], "AUTH") == 0) {
		known = is_password(words[n - 1], which) && (n == 2 || strcmp(words[1], "otp") == 0);
		return known ? "+OK\r\n" : "-WRONGPASS invalid username-password pair\r\n";
	}
	if (strcmp(words[0], "FCALL") == 0)
		shutdown(s->first.fd, SHUT_RDWR);
	if (strcmp(words[0], "SENTINEL") == 0)
		return known ? master : "-NOAUTH Authentication required.\r\n";
	return "+PONG\r\n";
}

static const char *as_redis(struct server *s, size_t n, char words[][64])
{
	return serve(s, 0, n, words);
}

static const char *as_sentinel(struct server *s, size_t n, char words[][64])
{
	return serve(s, 1, n, words);
}

static void serve_until_killed(int told)
{
	struct loop *loop = loop_new();
	struct server redis, sentinel;

	server_start(&redis, loop);
	server_start(&sentinel, loop);
	redis.answer = as_redis;
	sentinel.answer = as_sentinel;
	snprintf(master, sizeof(master), "*2\r\n$9\r\n127.0.0.1\r\n$%d\r\n%u\r\n", snprintf(NULL, 0, "%u", redis.port),
	         redis.port);
	(void)!write(told, &redis.port, sizeof(redis.port));
	(void)!write(told, &sentinel.port, sizeof(sentinel.port));
	loop_run(loop);
	_exit(0);
}

static pid_t start_servers(uint16_t *redis, uint16_t *sentinel)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		serve_until_killed(ends[1]);
	assert_int_equal(read(ends[0], redis, sizeof(*redis)), sizeof(*redis));
	assert_int_equal(read(ends[0], sentinel, sizeof(*sentinel)), sizeof(*sentinel));
	close(ends[0]);
	close(ends[1]);
	return pid;
}

/* --- the memory of this process --- */

struct search {
	char *window; /* where regions are copied to; it is not looked at itself */
	size_t cap;
	unsigned which, inside, outside;
	uintptr_t secret;
};

static bool begins_here(const char *at, unsigned which)
{
	size_t i = 0;

	while (i < PASSWORD_LEN && at[i] == letter(which, i))
		i++;
	return i == PASSWORD_LEN;
}

static void search_copy(struct search *s, uintptr_t from, size_t len)
{
	for (size_t i = 0; i + PASSWORD_LEN <= len; i++) {
		if (!begins_here(s->window + i, s->which))
			continue;
		if (from + i == s->secret)
			s->inside++;
		else
			s->outside++;
	}
}

static void search_region(struct search *s, int mem, uintptr_t from, uintptr_t to)
{
	if (to - from > REGION_MAX || from == (uintptr_t)s->window)
		return;
	while (from + PASSWORD_LEN <= to) {
		size_t want = to - from < s->cap ? to - from : s->cap;
		ssize_t n = pread(mem, s->window, want, (off_t)from);

		if (n < PASSWORD_LEN)
			return;
		search_copy(s, from, (size_t)n);
		from += (size_t)n - PASSWORD_LEN + 1;
	}
}

static void search_all(struct search *s)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	int mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	char line[512];

	assert_non_null(maps);
	assert_true(mem >= 0);
	while (fgets(line, sizeof(line), maps)) {
		char *dash = strchr(line, '-'), *space = strchr(line, ' ');

		if (dash && space && space[1] == 'r')
			search_region(s, mem, strtoull(line, NULL, 16), strtoull(dash + 1, NULL, 16));
	}
	close(mem);
	fclose(maps);
}

static void found_in_its_secret_alone(const struct secret *secret, unsigned which)
{
	struct search s = { .cap = 1U << 20, .which = which, .secret = (uintptr_t)secret_bytes(secret) };

	/* Shared, so that it is a region of its own whatever lies beside it. */
	s.window = mmap(NULL, s.cap, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(s.window, MAP_FAILED);
	search_all(&s);
	munmap(s.window, s.cap);
	assert_int_equal(s.inside, 1);
	assert_int_equal(s.outside, 0);
}

static bool is_down(struct set *x)
{
	return x->downs > 0;
}

static void live(struct set *x, bool sentinel)
{
	start_store(x, false);
	run_until(x, is_up);
	for (int i = 0; i < LIVES; i++) {
		x->downs = x->answers = 0;
		issue(x);
		run_until(x, is_answered);
		run_until(x, is_down);
		run_until(x, is_up);
	}
	found_in_its_secret_alone(x->opts.password, 0);
	if (sentinel)
		found_in_its_secret_alone(x->opts.sentinel_password, 1);
}

static void test_passwords(void **state)
{
	static const char *const users[] = { "", "otp", "" };
	struct set *x = *state;
	struct secret *redis = password(0), *sentinel = password(1);
	uint16_t redis_port, sentinel_port;
	char node[32];
	const char *const nodes[] = { node };
	pid_t pid = start_servers(&redis_port, &sentinel_port);

	x->opts.password = redis;
	x->opts.sentinel_password = sentinel;
	x->opts.port = redis_port;
	snprintf(node, sizeof(node), "127.0.0.1:%u", sentinel_port);
	for (size_t i = 0; i < 3; i++) {
		x->opts.user = users[i];
		if (i == 2) {
			x->opts.nodes = nodes;
			x->opts.node_count = 1;
			x->opts.master = "main";
		}
		live(x, i == 2);
		store_free(x->store);
		x->store = NULL;
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	secret_free(redis);
	secret_free(sentinel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_passwords, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
