/*
 * reload: the metrics of the last reload, and its result as a file with one word, which "otpgwd --reload" waits for.
 * Owns that file. Must never read a configuration.
 */
#include "reload.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/stats.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TOPIC "app"
#define PATH_CAP 4096
#define WAIT_MS 30000
#define LOOK_EVERY_MS 20

static const char taken[] = "taken\n", refused[] = "refused\n";

void reload_told(bool good)
{
	stats_set(stats_gauge("otpgwd_config_last_reload_successful",
	                      "1 if the last reload, or the start, took the configuration.", NULL),
	          good ? 1 : 0);
	stats_set(
	    stats_gauge("otpgwd_config_last_reload_timestamp_seconds", "When that was, in seconds since 1970.", NULL),
	    (double)(clock_wall_ms() / 1000));
}

/* The path of the result's file. False: RUNTIME_DIRECTORY is not usable, so no process waits for a result. */
static bool verdict_path(char path[PATH_CAP])
{
	const char *dir = getenv("RUNTIME_DIRECTORY");
	int n = dir && dir[0] == '/' ? snprintf(path, PATH_CAP, "%s/reload", dir) : -1;

	return n > 0 && n < PATH_CAP;
}

void reload_answer(bool good)
{
	const char *word = good ? taken : refused;
	char path[PATH_CAP];

	if (!verdict_path(path))
		return;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (fd < 0 || write(fd, word, strlen(word)) != (ssize_t)strlen(word))
		log_warn(TOPIC, "reload verdict not written path=%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
}

/* Reads the word of the result; "" while there is none. */
static void read_verdict(const char *path, char word[16])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	ssize_t n = fd >= 0 ? read(fd, word, 15) : 0;

	word[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		close(fd);
}

bool reload_ask(pid_t pid)
{
	char path[PATH_CAP], word[16] = "";
	int64_t until_ms = clock_mono_ms() + WAIT_MS;

	if (!verdict_path(path)) {
		log_error(TOPIC, "reload not requested: RUNTIME_DIRECTORY is not set, as the service manager sets it");
		return false;
	}
	if ((unlink(path) != 0 && errno != ENOENT) || kill(pid, SIGHUP) != 0) {
		log_error(TOPIC, "reload not requested pid=%ld verdict=%s: %s", (long)pid, path, strerror(errno));
		return false;
	}
	while (!strchr(word, '\n') && clock_mono_ms() < until_ms && kill(pid, 0) == 0) {
		poll(NULL, 0, LOOK_EVERY_MS);
		read_verdict(path, word);
	}
	if (strcmp(word, taken) == 0)
		return true;
	if (strcmp(word, refused) != 0)
		log_error(TOPIC, "reload without an answer pid=%ld", (long)pid);
	return false;
}
