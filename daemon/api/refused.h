/*
 * refused: connections that are refused, until their clients have read why. Private to api.
 */
#ifndef API_REFUSED_H
#define API_REFUSED_H

#include "base/err.h"
#include "base/loop.h"

#include <stdint.h>

enum { API_REFUSED_MAX = 16, API_REFUSED_LINE_CAP = 128, API_REFUSED_MS = 1000 };

struct api_refused_one {
	struct loop_watch *watch; /* NULL: the place is free */
	int fd;
	int64_t until_ms; /* monotonic */
	uint64_t serial;  /* the order in which they came */
	bool answered;
	char line[API_REFUSED_LINE_CAP];
};

struct api_refused {
	struct loop *loop;
	struct loop_timer *timer;
	uint64_t last_serial;
	struct api_refused_one ones[API_REFUSED_MAX];
};

/* Of a zeroed struct. ERR_NOMEM. */
enum err api_refused_init(struct api_refused *r, struct loop *loop) ERR_CHECKED;

/*
 * Takes fd, whatever comes of it. Its client's first request is read and answered with line (with CR LF, less than
 * API_REFUSED_LINE_CAP octets; copied), and what it still sends is read until it closes, for API_REFUSED_MS in all: a
 * client that had its connection closed under its write would die of a signal or lose the answer. Beyond
 * API_REFUSED_MAX the one that was answered first goes, or the oldest.
 */
void api_refused_add(struct api_refused *r, int fd, const char *line);

/* Without a descriptor to spare: the line is sent, whether it is read or not, and fd closed. */
void api_refused_now(int fd, const char *line);

/* Closes all, at once. */
void api_refused_clear(struct api_refused *r);

#endif
