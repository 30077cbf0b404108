/*
 * slow_fsync: preloaded into redis-server, it makes every fsync and fdatasync last SLOW_FSYNC_MS longer, as a disk
 * under pressure does; with SLOW_FSYNC_FILE, as long as that file is there. What was written before is in the page
 * cache and outlives a kill of the process; what waits is not.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

typedef int (*sync_fn)(int fd);

static void wait_long(void)
{
	const char *text = getenv("SLOW_FSYNC_MS");
	const char *file = getenv("SLOW_FSYNC_FILE");
	long ms = text && (!file || access(file, F_OK) == 0) ? strtol(text, NULL, 10) : 0;
	struct timespec left = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	while (ms > 0 && nanosleep(&left, &left) != 0) {
	}
}

static int sync_late(const char *name, int fd)
{
	union {
		void *object;
		sync_fn function;
	} real = { .object = dlsym(RTLD_NEXT, name) };

	wait_long();
	return real.function(fd);
}

int fsync(int fd)
{
	return sync_late("fsync", fd);
}

int fdatasync(int fd)
{
	return sync_late("fdatasync", fd);
}
