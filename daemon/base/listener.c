/*
 * listener: a listening Unix socket, inherited or bound, and its accepts. Owns the descriptor, the socket file that it
 * made, and one reserved descriptor for when the process has none left. Must never remove a file that it did not make,
 * except a socket on which no process answers.
 */
#include "base/listener.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define TOPIC "listener"
#define BATCH 64
#define AGAIN_MS 100

struct listener {
	struct loop *loop;
	int fd, reserve;
	struct loop_watch *watch;
	struct loop_timer *again; /* resumes accepting after all descriptors were in use */
	listener_fn fn;
	void *arg;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	dev_t dev;
	ino_t ino;
	bool bound, exhausted;
	const char *why; /* why it cannot listen; NULL: errno has the cause */
};

/* The descriptor that the service manager passed under this name, or -1. */
static int inherited(const char *name)
{
	char **names = NULL;
	int found = -1, n = sd_listen_fds_with_names(0, &names);

	for (int i = 0; i < n; i++) {
		if (found < 0 && strcmp(names[i], name) == 0)
			found = SD_LISTEN_FDS_START + i;
		free(names[i]);
	}
	free(names);
	return found;
}

/* Removes a socket file on which no process answers, as a crash leaves it. */
static enum err clear_stale(struct listener *l, const struct sockaddr_un *sun)
{
	struct stat st;
	int fd;

	if (lstat(sun->sun_path, &st) != 0)
		return errno == ENOENT ? ERR_OK : err_of_path(errno);
	if (!S_ISSOCK(st.st_mode)) {
		l->why = "it is there and is no socket: move it away";
		return ERR_INVALID;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return ERR_IO;
	int rc = connect(fd, (const struct sockaddr *)sun, sizeof(*sun));
	int why = errno;
	close(fd);
	if (rc == 0 || why == EAGAIN || why == EACCES) {
		l->why = "it is in use by a live process";
		return ERR_BUSY;
	}
	return unlink(sun->sun_path) == 0 || errno == ENOENT ? ERR_OK : err_of_path(errno);
}

static enum err set_owner(struct listener *l, const struct listener_opts *o)
{
	if (chmod(o->path, o->mode) != 0)
		return err_of_path(errno);
	if (!o->group || !o->group[0])
		return ERR_OK;
	errno = 0;
	const struct group *g = getgrnam(o->group);
	if (!g && errno && errno != ENOENT)
		return ERR_IO;
	if (!g) {
		l->why = "its group does not exist";
		return ERR_NOTFOUND;
	}
	return chown(o->path, (uid_t)-1, g->gr_gid) == 0 ? ERR_OK : ERR_DENIED;
}

static enum err bind_path(struct listener *l, const struct listener_opts *o)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct stat st;
	size_t len = strlen(o->path);

	if (len == 0 || len >= sizeof(sun.sun_path)) {
		l->why = "it must have 1 to 107 octets";
		return ERR_TOOBIG;
	}
	memcpy(sun.sun_path, o->path, len + 1);
	enum err err = clear_stale(l, &sun);
	if (err)
		return err;
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd < 0)
		return ERR_IO;
	/* No process may connect until mode and group are set. */
	mode_t old = umask(0777);
	int rc = bind(l->fd, (const struct sockaddr *)&sun, sizeof(sun));
	umask(old);
	if (rc != 0)
		return errno == EADDRINUSE ? ERR_BUSY : err_of_path(errno);
	l->bound = true;
	memcpy(l->path, o->path, len + 1);
	if (stat(o->path, &st) != 0)
		return ERR_IO;
	l->dev = st.st_dev;
	l->ino = st.st_ino;
	err = set_owner(l, o);
	if (err)
		return err;
	return listen(l->fd, o->backlog > 0 ? o->backlog : SOMAXCONN) == 0 ? ERR_OK : ERR_IO;
}

static int open_reserve(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void accept_one(struct listener *l, int fd)
{
	l->fn(l->arg, fd);
}

/* No descriptor is left. Accepts one connection on the reserved one, so that it is refused and does not hang. */
static bool accept_on_reserve(struct listener *l)
{
	if (l->reserve < 0)
		return false;
	close(l->reserve);
	int fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	l->exhausted = true;
	if (fd >= 0)
		accept_one(l, fd);
	l->exhausted = false;
	l->reserve = open_reserve();
	return fd >= 0;
}

static void on_readable(void *arg, unsigned events)
{
	struct listener *l = arg;

	(void)events;
	for (int i = 0; i < BATCH; i++) {
		int fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			if (l->reserve < 0)
				l->reserve = open_reserve();
			accept_one(l, fd);
			continue;
		}
		if (errno == EINTR || errno == ECONNABORTED)
			continue;
		if (errno != EMFILE && errno != ENFILE)
			return;
		if (accept_on_reserve(l))
			continue;
		if (l->reserve < 0) {
			/* The reserved descriptor is in use too. To try again at once would only use processor time. */
			listener_pause(l);
			loop_timer_set(l->again, clock_mono_ms() + AGAIN_MS);
		}
		return;
	}
}

static void on_again(void *arg)
{
	listener_resume(arg);
}

/* The library of the service manager has already set close-on-exec. */
static enum err take_inherited(struct listener *l)
{
	if (fcntl(l->fd, F_SETFL, O_NONBLOCK) < 0)
		return ERR_IO;
	if (sd_is_socket_unix(l->fd, SOCK_STREAM, 1, NULL, 0) <= 0) {
		l->why = "the inherited socket is no listening Unix stream socket";
		return ERR_INVALID;
	}
	return ERR_OK;
}

enum err listener_open(struct loop *loop, const struct listener_opts *opts, listener_fn fn, void *arg,
                       struct listener **out)
{
	struct listener *l = calloc(1, sizeof(*l));

	if (!l)
		return ERR_NOMEM;
	l->loop = loop;
	l->fn = fn;
	l->arg = arg;
	l->reserve = open_reserve();
	l->fd = inherited(opts->name);
	enum err err = l->fd >= 0 ? take_inherited(l) : bind_path(l, opts);
	int number = errno;
	l->again = loop_timer_new(loop, on_again, l);
	if (!err && (!l->again || (fn && !(l->watch = loop_watch_new(loop, l->fd, on_readable, l)))))
		err = ERR_NOMEM;
	if (err) {
		if (err != ERR_NOMEM)
			log_error(TOPIC, "cannot listen path=%s reason=\"%s\"", opts->path,
			          l->why ? l->why : strerror(number));
		listener_close(l);
		return err;
	}
	listener_resume(l);
	log_info(TOPIC, "listening name=%s path=%s socket=%s", opts->name, opts->path,
	         l->bound ? "bound" : "inherited");
	*out = l;
	return ERR_OK;
}

bool listener_exhausted(const struct listener *l)
{
	return l->exhausted;
}

int listener_fd(const struct listener *l)
{
	return l->fd;
}

void listener_pause(struct listener *l)
{
	loop_timer_stop(l->again);
	if (l->watch)
		loop_watch_set(l->watch, 0);
}

void listener_resume(struct listener *l)
{
	if (l->watch)
		loop_watch_set(l->watch, LOOP_READ);
}

void listener_close(struct listener *l)
{
	struct stat st;

	if (!l)
		return;
	loop_timer_free(l->again);
	loop_watch_free(l->watch);
	if (l->bound && stat(l->path, &st) == 0 && st.st_dev == l->dev && st.st_ino == l->ino)
		unlink(l->path);
	if (l->fd >= 0)
		close(l->fd);
	if (l->reserve >= 0)
		close(l->reserve);
	free(l);
}
