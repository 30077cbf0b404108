/*
 * instance: a lock file with one line: owner, a space, the pid in ten digits, a line feed. Owns the locked descriptor.
 * Never removes the file, because two processes could then lock two files of the same name.
 */
#include "base/instance.h"

#include "base/log.h"
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define TOPIC "instance"
#define PID_LEN 10
#define LINE_LEN (INSTANCE_OWNER_LEN + 1 + PID_LEN + 1)
#define OPEN_TRIES 10

struct instance {
	int fd;
	char owner[INSTANCE_OWNER_LEN + 1];
};

static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyz";

#define LETTERS (sizeof(letters) - 1)

static enum err cannot(const char *path, const char *what)
{
	int why = errno;
	enum err err = err_of_path(why);

	if (err != ERR_NOMEM)
		log_error(TOPIC, "lock not taken path=%s: it cannot be %s: %s", path, what, strerror(why));
	return err;
}

/* Reads the line of the lock file. False: there is none, or the content is something else. */
static bool read_line(int fd, char line[LINE_LEN + 1])
{
	ssize_t n = pread(fd, line, LINE_LEN, 0);

	line[n < 0 ? 0 : n] = '\0';
	return n == LINE_LEN && strspn(line, letters) == INSTANCE_OWNER_LEN && line[INSTANCE_OWNER_LEN] == ' ' &&
	       strspn(line + INSTANCE_OWNER_LEN + 1, "0123456789") == PID_LEN && line[LINE_LEN - 1] == '\n';
}

static void draw_owner(char owner[INSTANCE_OWNER_LEN])
{
	for (size_t i = 0; i < INSTANCE_WHO_LEN; i++)
		owner[i] = letters[secret_random_u32() % LETTERS];
	memset(owner + INSTANCE_WHO_LEN, letters[0], INSTANCE_OWNER_LEN - INSTANCE_WHO_LEN);
}

/*
 * Counts up the process part of the owner name. It repeats after 1296 processes; by then every message of the first one
 * is past its deadline.
 */
static void next_life(char owner[INSTANCE_OWNER_LEN])
{
	for (size_t i = INSTANCE_OWNER_LEN; i-- > INSTANCE_WHO_LEN;) {
		const char *at = strchr(letters, owner[i]);

		owner[i] = at[1] ? at[1] : letters[0];
		if (at[1])
			return;
	}
}

static enum err begin_life(struct instance *in, const char *path)
{
	char line[LINE_LEN + 1], fresh[2 * LINE_LEN];
	bool known = read_line(in->fd, line);
	struct stat st;

	if (fstat(in->fd, &st) != 0)
		return cannot(path, "read");
	/* The path may be that of another file by mistake, for example a key file. */
	if (st.st_size > 0 && !(known && st.st_size == LINE_LEN)) {
		log_error(TOPIC,
		          "lock not taken path=%s: it is no lock file of otpgwd and is left as it is, so name a file "
		          "that is empty or does not exist",
		          path);
		return ERR_INVALID;
	}
	if (known) {
		memcpy(in->owner, line, INSTANCE_OWNER_LEN);
		next_life(in->owner);
	} else {
		draw_owner(in->owner);
	}
	snprintf(fresh, sizeof(fresh), "%s %0*ld\n", in->owner, PID_LEN, (long)getpid());
	ssize_t n = pwrite(in->fd, fresh, LINE_LEN, 0);
	if (n == LINE_LEN)
		return ERR_OK;
	/* An incomplete line must not stay, because the next process would refuse it. */
	if (n > 0 && !known && ftruncate(in->fd, 0) == 0)
		errno = ENOSPC;
	return cannot(path, "written");
}

static enum err held(const struct instance *in, const char *path)
{
	char line[LINE_LEN + 1];
	long pid = 0;

	if (read_line(in->fd, line))
		pid = strtol(line + INSTANCE_OWNER_LEN + 1, NULL, 10);
	if (pid > 0)
		log_error(TOPIC, "lock held by a live process path=%s pid=%ld", path, pid);
	else
		log_error(TOPIC, "lock held by a live process path=%s", path);
	return ERR_BUSY;
}

/*
 * Opens and locks the file. *again is true if another file was put at the path in between, so the lock is on the old
 * file.
 */
static enum err lock_file(struct instance *in, const char *path, bool *again)
{
	struct stat mine, there;

	*again = false;
	in->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (in->fd < 0)
		return cannot(path, "opened");
	if (fstat(in->fd, &mine) != 0 || !S_ISREG(mine.st_mode)) {
		log_error(TOPIC, "lock not taken path=%s: it is no regular file", path);
		return ERR_INVALID;
	}
	if (flock(in->fd, LOCK_EX | LOCK_NB) != 0)
		return errno == EWOULDBLOCK ? held(in, path) : cannot(path, "locked");
	*again = stat(path, &there) != 0 || there.st_dev != mine.st_dev || there.st_ino != mine.st_ino;
	return ERR_OK;
}

enum err instance_take(const char *path, struct instance **out)
{
	struct instance *in = calloc(1, sizeof(*in));
	enum err err = ERR_OK;
	bool again = true;

	if (!in)
		return ERR_NOMEM;
	in->fd = -1;
	for (int i = 0; !err && again && i < OPEN_TRIES; i++) {
		if (in->fd >= 0)
			close(in->fd);
		err = lock_file(in, path, &again);
	}
	if (!err && again) {
		log_error(TOPIC, "lock not taken path=%s: it is replaced again and again", path);
		err = ERR_BUSY;
	}
	if (!err)
		err = begin_life(in, path);
	if (err) {
		instance_free(in);
		return err;
	}
	*out = in;
	return ERR_OK;
}

const char *instance_owner(const struct instance *i)
{
	return i->owner;
}

void instance_free(struct instance *i)
{
	if (!i)
		return;
	if (i->fd >= 0)
		close(i->fd);
	free(i);
}
