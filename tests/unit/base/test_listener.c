/*
 * listener on real sockets: bound and inherited, stale files, owners, and a process without descriptors.
 * Calls of the system that would not fail on a test's wish fail here by name.
 * wrap: accept4
 * wrap: bind
 * wrap: calloc
 * wrap: chmod
 * wrap: chown
 * wrap: connect
 * wrap: fcntl
 * wrap: fcntl64
 * wrap: listen
 * wrap: open
 * wrap: open64
 * wrap: unlink
 */
#include "base/listener.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <cmocka.h>

enum { GUARD_MS = 60000, ACCEPTED_MAX = 128, INHERITED_FD = SD_LISTEN_FDS_START };

/* What the next call of a function shall fail with; 0: it is the real one. */
static struct {
	int accept4[8], bind, chmod, chown, connect, fcntl, listen, unlink;
	size_t accepts; /* of accept4[] done */
	int calloc_at;  /* the n-th from now fails; 0: none */
	bool no_open;   /* until it is cleared */
	bool remove_bound;
} fail;

static struct loop *loop;
static struct loop_timer *guard;
static struct listener *l;
static struct listener_opts opts;
static char dir[64], path[96];
static int accepted[ACCEPTED_MAX], clients[ACCEPTED_MAX];
static size_t accepted_count, client_count, wanted, exhausted_count;

int __real_accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags);
int __wrap_accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags);
int __real_bind(int fd, const struct sockaddr *addr, socklen_t len);
int __wrap_bind(int fd, const struct sockaddr *addr, socklen_t len);
void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
int __real_chmod(const char *file, mode_t mode);
int __wrap_chmod(const char *file, mode_t mode);
int __wrap_chown(const char *file, uid_t uid, gid_t gid);
int __real_connect(int fd, const struct sockaddr *addr, socklen_t len);
int __wrap_connect(int fd, const struct sockaddr *addr, socklen_t len);
int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...);
int __wrap_fcntl64(int fd, int command, ...) __attribute__((alias("__wrap_fcntl")));
int __real_listen(int fd, int backlog);
int __wrap_listen(int fd, int backlog);
int __real_open(const char *file, int flags, ...);
int __wrap_open(const char *file, int flags, ...);
int __wrap_open64(const char *file, int flags, ...) __attribute__((alias("__wrap_open")));
int __real_unlink(const char *file);
int __wrap_unlink(const char *file);

/* True, and errno set, when this call shall fail; once. */
static bool fails(int *with)
{
	int why = *with;

	*with = 0;
	errno = why ? why : errno;
	return why != 0;
}

int __wrap_accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags)
{
	if (fail.accepts < 8 && fails(&fail.accept4[fail.accepts++]))
		return -1;
	return __real_accept4(fd, addr, len, flags);
}

int __wrap_bind(int fd, const struct sockaddr *addr, socklen_t len)
{
	if (fails(&fail.bind))
		return -1;
	int rc = __real_bind(fd, addr, len);
	if (fail.remove_bound)
		__real_unlink(((const struct sockaddr_un *)(const void *)addr)->sun_path);
	return rc;
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fail.calloc_at && --fail.calloc_at == 0 ? NULL : __real_calloc(n, size);
}

int __wrap_chmod(const char *file, mode_t mode)
{
	return fails(&fail.chmod) ? -1 : __real_chmod(file, mode);
}

/* Only root may: it is believed. */
int __wrap_chown(const char *file, uid_t uid, gid_t gid)
{
	(void)gid;
	assert_string_equal(file, path);
	assert_int_equal(uid, (uid_t)-1);
	return fails(&fail.chown) ? -1 : 0;
}

int __wrap_connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	return fails(&fail.connect) ? -1 : __real_connect(fd, addr, len);
}

/* What else opens files and controls descriptors, as a coverage library does, is none of this test's business. */
int __wrap_fcntl(int fd, int command, ...)
{
	va_list ap;

	va_start(ap, command);
	void *argument = va_arg(ap, void *);
	va_end(ap);
	return command == F_SETFL && fails(&fail.fcntl) ? -1 : __real_fcntl(fd, command, argument);
}

int __wrap_listen(int fd, int backlog)
{
	return fails(&fail.listen) ? -1 : __real_listen(fd, backlog);
}

int __wrap_open(const char *file, int flags, ...)
{
	va_list ap;

	va_start(ap, flags);
	mode_t mode = va_arg(ap, mode_t);
	va_end(ap);
	return fail.no_open ? -1 : __real_open(file, flags, mode);
}

int __wrap_unlink(const char *file)
{
	return fails(&fail.unlink) ? -1 : __real_unlink(file);
}

/* --- the story's helpers --- */

static void on_guard(void *arg)
{
	(void)arg;
	fail_msg("nothing happened for %d ms", GUARD_MS);
}

static void on_accept(void *arg, int fd)
{
	assert_ptr_equal(arg, &opts);
	assert_true(accepted_count < ACCEPTED_MAX);
	exhausted_count += listener_exhausted(l);
	accepted[accepted_count++] = fd;
	if (accepted_count == wanted)
		loop_stop(loop);
}

static void accept_all(size_t n)
{
	wanted = n;
	if (accepted_count == n)
		return;
	loop_timer_set(guard, clock_mono_ms() + GUARD_MS);
	loop_run(loop);
	loop_timer_stop(guard);
	assert_int_equal(accepted_count, n);
}

static int setup(void **state)
{
	(void)state;
	memset(&fail, 0, sizeof(fail));
	snprintf(dir, sizeof(dir), "/tmp/otpgwd-listen-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/sock", dir);
	opts = (struct listener_opts){ .name = "api", .path = path, .mode = 0600, .backlog = 128 };
	accepted_count = client_count = wanted = exhausted_count = 0;
	loop = loop_new();
	guard = loop ? loop_timer_new(loop, on_guard, NULL) : NULL;
	return guard ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	memset(&fail, 0, sizeof(fail));
	listener_close(l);
	l = NULL;
	for (size_t i = 0; i < accepted_count; i++)
		close(accepted[i]);
	for (size_t i = 0; i < client_count; i++)
		close(clients[i]);
	loop_timer_free(guard);
	loop_free(loop);
	__real_unlink(path);
	return rmdir(dir);
}

static enum err start(void)
{
	return listener_open(loop, &opts, on_accept, &opts, &l);
}

static void client(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	clients[client_count] = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(__real_connect(clients[client_count++], (const struct sockaddr *)&sun, sizeof(sun)), 0);
}

/* A socket file at the path; backlog < 0: nobody listens on it. */
static int socket_file(int backlog)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	assert_int_equal(__real_bind(fd, (const struct sockaddr *)&sun, sizeof(sun)), 0);
	if (backlog >= 0)
		assert_int_equal(__real_listen(fd, backlog), 0);
	return fd;
}

static void refused(enum err err)
{
	assert_int_equal(start(), err);
	assert_null(l);
}

/* --- binding --- */

static void binds_and_accepts(void **state)
{
	struct stat st;

	(void)state;
	opts.backlog = 0;
	opts.group = "";
	assert_int_equal(start(), ERR_OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_true(listener_fd(l) >= 0 && !listener_exhausted(l));
	client();
	accept_all(1);
	listener_pause(l);
	client();
	client();
	listener_resume(l);
	accept_all(3);
	listener_close(l);
	l = NULL;
	assert_int_equal(stat(path, &st), -1);
	listener_close(NULL);
}

/* One turn takes 64; the rest come in the next. */
static void a_crowd_is_accepted(void **state)
{
	(void)state;
	assert_int_equal(start(), ERR_OK);
	for (int i = 0; i < 100; i++)
		client();
	accept_all(100);
}

static void without_a_callback_nothing_is_accepted(void **state)
{
	(void)state;
	assert_int_equal(listener_open(loop, &opts, NULL, NULL, &l), ERR_OK);
	client();
	listener_pause(l);
	listener_resume(l);
	clients[client_count++] = __real_accept4(listener_fd(l), NULL, NULL, 0);
	assert_true(clients[1] >= 0);
}

static void a_path_must_fit(void **state)
{
	char long_path[200];

	(void)state;
	opts.path = "";
	refused(ERR_TOOBIG);
	memset(long_path, 'x', 108);
	long_path[108] = '\0';
	opts.path = long_path;
	refused(ERR_TOOBIG);
}

static void a_stale_file_is_replaced(void **state)
{
	(void)state;
	close(socket_file(-1));
	assert_int_equal(start(), ERR_OK);
	client();
	accept_all(1);
}

static void what_is_alive_or_no_socket_stays(void **state)
{
	struct stat st;
	char inner[160];

	(void)state;
	int fd = socket_file(0);
	refused(ERR_BUSY);
	fail.connect = EAGAIN;
	refused(ERR_BUSY);
	fail.connect = EACCES;
	refused(ERR_BUSY);
	close(fd);
	fail.unlink = EPERM;
	refused(ERR_DENIED);
	__real_unlink(path);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fclose(file);
	refused(ERR_INVALID);
	assert_int_equal(stat(path, &st), 0);
	/* Below a file nothing can be. */
	snprintf(inner, sizeof(inner), "%s/x", path);
	opts.path = inner;
	refused(ERR_INVALID);
}

static void no_descriptor_to_start_with(void **state)
{
	struct rlimit before, none;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = 0;
	fail.no_open = true;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	enum err without_a_file = start();
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	close(socket_file(-1));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	enum err with_one = start();
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(without_a_file, ERR_IO);
	assert_int_equal(with_one, ERR_IO);
}

static void a_bind_that_fails_is_told(void **state)
{
	(void)state;
	fail.bind = EACCES;
	refused(ERR_DENIED);
	fail.bind = EADDRINUSE;
	refused(ERR_BUSY);
	fail.bind = EROFS;
	refused(ERR_DENIED);
	fail.remove_bound = true;
	refused(ERR_IO);
	fail.remove_bound = false;
	fail.listen = EADDRINUSE;
	refused(ERR_IO);
	fail.chmod = EPERM;
	refused(ERR_DENIED);
}

static void the_group_must_be_there(void **state)
{
	const struct group *own = getgrgid(getgid());

	(void)state;
	opts.group = "no-such-group-of-otpgwd";
	refused(ERR_NOTFOUND);
	opts.group = own ? own->gr_name : "root";
	fail.chown = EPERM;
	refused(ERR_DENIED);
	assert_int_equal(start(), ERR_OK);
}

static void no_memory_is_told(void **state)
{
	(void)state;
	for (int at = 1; at <= 3; at++) {
		fail.calloc_at = at;
		refused(ERR_NOMEM);
	}
}

static void a_file_of_another_is_not_removed(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(start(), ERR_OK);
	__real_unlink(path);
	close(socket_file(-1));
	listener_close(l);
	l = NULL;
	assert_int_equal(stat(path, &st), 0);
	__real_unlink(path);
	/* Another file system. */
	assert_int_equal(start(), ERR_OK);
	__real_unlink(path);
	assert_int_equal(symlink("/proc/self/status", path), 0);
	listener_close(l);
	l = NULL;
	assert_int_equal(lstat(path, &st), 0);
	__real_unlink(path);
	/* Nothing is left to remove. */
	assert_int_equal(start(), ERR_OK);
	__real_unlink(path);
}

/* --- inherited --- */

/* The service manager's way: descriptors from 3 on, and their names. */
static void pass(int fd, const char *names, const char *count)
{
	char pid[24];

	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	assert_true(dup2(fd, INHERITED_FD) == INHERITED_FD && dup2(fd, INHERITED_FD + 1) == INHERITED_FD + 1);
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", count, 1);
	setenv("LISTEN_FDNAMES", names, 1);
}

static void pass_no_more(void)
{
	int null = socket(AF_UNIX, SOCK_STREAM, 0);

	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDNAMES");
	/* The numbers stay taken, so that nothing of the test's own is there when the next one is passed. */
	assert_true(dup2(null, INHERITED_FD) >= 0 && dup2(null, INHERITED_FD + 1) >= 0);
	if (null > INHERITED_FD + 1)
		close(null);
}

static void an_inherited_socket_is_used(void **state)
{
	struct stat st;
	int fd = socket_file(16);

	(void)state;
	pass(fd, "stats:api", "2");
	enum err err = start();
	close(fd);
	assert_int_equal(err, ERR_OK);
	assert_int_equal(listener_fd(l), INHERITED_FD + 1);
	client();
	accept_all(1);
	listener_close(l);
	l = NULL;
	pass_no_more();
	/* Whoever bound it removes it. */
	assert_int_equal(stat(path, &st), 0);
}

static void the_first_of_a_name_is_used(void **state)
{
	int fd = socket_file(16);

	(void)state;
	pass(fd, "api:api", "2");
	enum err err = start();
	close(fd);
	assert_int_equal(err, ERR_OK);
	assert_int_equal(listener_fd(l), INHERITED_FD);
	listener_close(l);
	l = NULL;
	pass_no_more();
}

static void an_inherited_socket_must_listen(void **state)
{
	int fd = socket_file(-1);

	(void)state;
	pass(fd, "api", "1");
	refused(ERR_INVALID);
	pass(fd, "api", "1");
	fail.fcntl = EBADF;
	refused(ERR_IO);
	close(fd);
	pass_no_more();
}

/* --- accepts that fail --- */

static void what_passes_is_overcome(void **state)
{
	(void)state;
	assert_int_equal(start(), ERR_OK);
	fail.accept4[0] = EINTR;
	fail.accept4[1] = ECONNABORTED;
	fail.accept4[3] = EPROTO;
	client();
	accept_all(1);
	client();
	accept_all(2);
	assert_int_equal(exhausted_count, 0);
}

static void the_reserve_takes_one_to_refuse(void **state)
{
	(void)state;
	assert_int_equal(start(), ERR_OK);
	fail.accept4[0] = EMFILE;
	client();
	accept_all(1);
	assert_int_equal(exhausted_count, 1);
	assert_false(listener_exhausted(l));
	/* Somebody else took the one that the reserve gave back: the reserve is there again, and the next look helps.
	 */
	memset(&fail, 0, sizeof(fail));
	fail.accept4[0] = ENFILE;
	fail.accept4[1] = ENFILE;
	client();
	accept_all(2);
	assert_int_equal(exhausted_count, 1);
}

/* Without a descriptor and without a reserve it waits, and takes a new reserve as soon as there is one. */
static void without_a_reserve_it_waits(void **state)
{
	(void)state;
	assert_int_equal(start(), ERR_OK);
	fail.no_open = true;
	fail.accept4[0] = EMFILE;
	client();
	accept_all(1);
	assert_int_equal(exhausted_count, 1);
	memset(&fail, 0, sizeof(fail));
	fail.accept4[0] = EMFILE;
	fail.no_open = true;
	client();
	int64_t begun_ms = clock_mono_ms();
	accept_all(2);
	assert_true(clock_mono_ms() - begun_ms >= 90);
	assert_int_equal(exhausted_count, 1);
	memset(&fail, 0, sizeof(fail));
	client();
	accept_all(3);
	fail.accept4[fail.accepts] = EMFILE;
	client();
	accept_all(4);
	assert_int_equal(exhausted_count, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(binds_and_accepts, setup, teardown),
		cmocka_unit_test_setup_teardown(a_crowd_is_accepted, setup, teardown),
		cmocka_unit_test_setup_teardown(without_a_callback_nothing_is_accepted, setup, teardown),
		cmocka_unit_test_setup_teardown(a_path_must_fit, setup, teardown),
		cmocka_unit_test_setup_teardown(a_stale_file_is_replaced, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_alive_or_no_socket_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(no_descriptor_to_start_with, setup, teardown),
		cmocka_unit_test_setup_teardown(a_bind_that_fails_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(the_group_must_be_there, setup, teardown),
		cmocka_unit_test_setup_teardown(no_memory_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(a_file_of_another_is_not_removed, setup, teardown),
		cmocka_unit_test_setup_teardown(an_inherited_socket_is_used, setup, teardown),
		cmocka_unit_test_setup_teardown(the_first_of_a_name_is_used, setup, teardown),
		cmocka_unit_test_setup_teardown(an_inherited_socket_must_listen, setup, teardown),
		cmocka_unit_test_setup_teardown(what_passes_is_overcome, setup, teardown),
		cmocka_unit_test_setup_teardown(the_reserve_takes_one_to_refuse, setup, teardown),
		cmocka_unit_test_setup_teardown(without_a_reserve_it_waits, setup, teardown),
	};

	/* 3 and 4 are the service manager's, in those tests where there is one. */
	pass_no_more();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
