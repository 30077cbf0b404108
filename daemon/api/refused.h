/*
 * refused: keeps refused connections until their clients have read the reason. Private to api.
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
	uint64_t serial;  /* lower: refused earlier */
	bool answered;
	char line[API_REFUSED_LINE_CAP];
};

struct api_refused {
	struct loop *loop;
	struct loop_timer *timer;
	uint64_t last_serial;
	struct api_refused_one ones[API_REFUSED_MAX];
};

/* r must be zeroed. ERR_NOMEM. */
enum err api_refused_init(struct api_refused *r, struct loop *loop) ERR_CHECKED;

/*
 * Owns fd from then on. Replies line (with CR LF, less than API_REFUSED_LINE_CAP octets; copied) to the client's first
 * input, then discards its input until it closes. After API_REFUSED_MS the client gets the reply in any case, and fd is
 * closed. If fd were closed while the client writes, the client would get a signal or lose the reply. If there are more
 * than API_REFUSED_MAX, the oldest connection that has its reply is closed. If none has it, the oldest gets its reply
 * and is closed.
 */
void api_refused_add(struct api_refused *r, int fd, const char *line);

/* Sends the line and closes fd at once, for when no descriptor is left. */
void api_refused_now(int fd, const char *line);

/* Closes all, at once. */
void api_refused_clear(struct api_refused *r);

#endif
