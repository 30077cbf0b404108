/*
 * scenario: runs stories, each in a process of its own, and tells which are not as they say.
 * usage: scenario FILE.scn ...
 *        scenario --orders N    so many random orders of what may happen; see orders.h
 */
#include "orders.h"
#include "story.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void on_abort(int signo)
{
	(void)signo;
	story_fail("the process aborts here");
}

static bool run(const char *path)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGABRT, on_abort);
		story_run(path);
		exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid) {
		perror("scenario");
		exit(2);
	}
	if (WIFSIGNALED(status))
		fprintf(stderr, "%s: ended by signal %d\n", path, WTERMSIG(status));
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(int argc, char **argv)
{
	int failed = 0;

	if (argc == 3 && strcmp(argv[1], "--orders") == 0)
		return orders_run((unsigned)strtoul(argv[2], NULL, 10)) ? 1 : 0;
	for (int i = 1; i < argc; i++)
		failed += !run(argv[i]);
	printf("scenario: %d stories, %d failed\n", argc - 1, failed);
	return failed || argc == 1 ? 1 : 0;
}
