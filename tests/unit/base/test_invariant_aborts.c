/*
 * invariant, as the builds that are for finding faults have it: the process ends where the fault is, and says where.
 */
#undef OTPGWD_INVARIANTS_ABORT
#define OTPGWD_INVARIANTS_ABORT 1
#include "base/invariant.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* What a process does that counts down from there. */
static void child(int log, unsigned open)
{
	const struct rlimit no_core = { 0, 0 };

	setrlimit(RLIMIT_CORE, &no_core);
	signal(SIGABRT, SIG_DFL);
	dup2(log, STDERR_FILENO);
	open -= invariant(open > 0);
	_exit((int)open);
}

/* How it ended; its log in text. */
static int end_of(unsigned open, char *text, size_t cap)
{
	int ends[2], status = 0;
	size_t len = 0;
	ssize_t n;

	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		child(ends[1], open);
	close(ends[1]);
	while (len < cap - 1 && (n = read(ends[0], text + len, cap - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = 0;
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void what_holds_goes_on(void **state)
{
	char log[512];
	int status = end_of(8, log, sizeof(log));

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
	assert_string_equal(log, "");
}

static void what_does_not_aborts(void **state)
{
	char log[512];
	int status = end_of(0, log, sizeof(log));

	(void)state;
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	assert_non_null(strstr(log, "<3>invariant: broken file="));
	assert_non_null(strstr(log, "test_invariant_aborts.c line=27 expression=\"open > 0\"\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_holds_goes_on),
		cmocka_unit_test(what_does_not_aborts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
