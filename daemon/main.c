/*
 * main: reads the arguments and protects the process before it holds secrets. Owns nothing. Must never read the
 * configuration itself. Exit statuses are in app.h.
 */
#include "app.h"

#include "base/secret.h"
#include "otp/keyring.h"
#include "reload.h"

#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static const char usage[] = "usage: otpgwd -c FILE           run with this configuration\n"
			    "       otpgwd --check -c FILE   check it, and the files it names\n"
			    "       otpgwd --reload PID      ask that daemon for a reload, and wait for it\n"
			    "       otpgwd --genkey FILE     make a new key in a new file\n"
			    "       otpgwd --version\n"
			    "otpgwd(8) tells more.\n";

/* Forbids core files, debuggers and files that others may read, because this process holds codes and keys. */
static void close_shutters(void)
{
	const struct rlimit none = { 0, 0 };

	umask(077);
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	signal(SIGPIPE, SIG_IGN);
}

/*
 * Opens /dev/null for each standard descriptor that the parent left closed. Otherwise a socket could get the number of
 * standard error, and the log would be written into it.
 */
static void fill_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static int genkey(const char *path)
{
	enum err err = keyring_write_file(path);

	if (!err)
		return 0;
	fprintf(stderr, "otpgwd: %s: %s\n", path,
	        err == ERR_BUSY ? "the file exists; a key is never overwritten" : "cannot be written");
	return APP_EXIT_FAILED;
}

static int reload(const char *pid)
{
	char *end;
	long number = strtol(pid, &end, 10);

	if (*end || number <= 1 || number > INT_MAX) {
		fprintf(stderr, "otpgwd: --reload found \"%s\", allowed the pid of a daemon\n", pid);
		return APP_EXIT_USAGE;
	}
	return reload_ask((pid_t)number) ? 0 : APP_EXIT_FAILED;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "check", no_argument, NULL, 'k' },        { "reload", required_argument, NULL, 'r' },
		{ "genkey", required_argument, NULL, 'g' }, { "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },         { NULL, 0, NULL, 0 }
	};
	const char *path = NULL;
	bool check = false;
	int opt;

	fill_standard_descriptors();
	close_shutters();
	if (secret_setup() != ERR_OK) {
		fputs("otpgwd: the crypto library does not start\n", stderr);
		return APP_EXIT_FAILED;
	}
	while ((opt = getopt_long(argc, argv, "c:Vh", options, NULL)) != -1) {
		switch (opt) {
		case 'c':
			path = optarg;
			break;
		case 'k':
			check = true;
			break;
		case 'r':
			return reload(optarg);
		case 'g':
			return genkey(optarg);
		case 'V':
			puts("otpgwd " OTPGWD_VERSION);
			return 0;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			fputs(usage, stderr);
			return APP_EXIT_USAGE;
		}
	}
	if (!path || optind != argc) {
		fputs(usage, stderr);
		return APP_EXIT_USAGE;
	}
	if (check)
		return app_check(path) == ERR_OK ? 0 : APP_EXIT_FAILED;
	return app_run(path);
}
