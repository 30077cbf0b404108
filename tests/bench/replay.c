/*
 * replay: sends recorded Redis commands again, as fast as Redis takes them: the ceiling of what a gateway could reach.
 * usage: replay SOCKET FILE WINDOW [batches]. Prints one JSON line: commands, seconds. Up to WINDOW commands are
 * unanswered; with "batches" the next so many are sent when all of those before are answered, which makes Redis' work
 * repeatable.
 */
#include "loader.h"

#include <errno.h>
#include <fcntl.h>
#include <hiredis.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static char *load_file(const char *path, size_t *len)
{
	struct stat st;
	int fd = open(path, O_RDONLY);

	if (fd < 0 || fstat(fd, &st))
		die(path);
	char *mem = malloc((size_t)st.st_size);
	for (*len = 0; mem && *len < (size_t)st.st_size;) {
		ssize_t n = read(fd, mem + *len, (size_t)st.st_size - *len);
		if (n <= 0)
			die(path);
		*len += (size_t)n;
	}
	close(fd);
	return mem;
}

/* Length of the command at p: "*n" and n bulk strings. */
static size_t command_len(const char *p)
{
	const char *at = strchr(p, '\n') + 1;

	for (int n = atoi(p + 1); n > 0; n--)
		at = strchr(at, '\n') + 1 + atoi(at + 1) + 2;
	return (size_t)(at - p);
}

static unsigned long take_replies(int fd, redisReader *reader)
{
	char chunk[65536];
	unsigned long n = 0;
	void *reply;
	ssize_t got = read(fd, chunk, sizeof(chunk));

	if (got < 0 && errno == EAGAIN)
		return 0;
	if (got <= 0)
		die("read");
	redisReaderFeed(reader, chunk, (size_t)got);
	while (redisReaderGetReply(reader, &reply) == REDIS_OK && reply) {
		if (((redisReply *)reply)->type == REDIS_REPLY_ERROR) {
			fprintf(stderr, "replay: %s\n", ((redisReply *)reply)->str);
			exit(1);
		}
		freeReplyObject(reply);
		n++;
	}
	return n;
}

int main(int argc, char **argv)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	size_t len, at = 0, written = 0;
	unsigned long sent = 0, answered = 0, batch = 0, window; /* batch: sent before this one */
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (argc < 4)
		return 2;
	char *file = load_file(argv[2], &len);
	window = strtoul(argv[3], NULL, 10);
	bool batches = argc > 4 && strcmp(argv[4], "batches") == 0;
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", argv[1]);
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)))
		die(argv[1]);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	redisReader *reader = redisReaderCreate();
	double start = now_s();
	while (written < len || answered < sent) {
		while (at < len && sent - (batches ? batch : answered) < window) {
			at += command_len(file + at);
			sent++;
		}
		if (written < at) {
			ssize_t n = write(fd, file + written, at - written);
			if (n < 0 && errno != EAGAIN)
				die("write");
			written += n > 0 ? (size_t)n : 0;
		}
		struct pollfd p = { fd, (short)(POLLIN | (written < at ? POLLOUT : 0)), 0 };
		poll(&p, 1, 1000);
		if (p.revents & POLLIN)
			answered += take_replies(fd, reader);
		if (answered == sent)
			batch = answered;
	}
	printf("{\"commands\": %lu, \"seconds\": %.4f}\n", answered, now_s() - start);
	redisReaderFree(reader);
	return 0;
}
