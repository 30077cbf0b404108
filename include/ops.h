/*
 * ops: the operator's doors: the stats socket (HTTP) and the service manager.
 */
#ifndef OPS_H
#define OPS_H

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/loop.h"

#include <stdbool.h>
#include <sys/types.h>

struct statsock;

struct statsock_opts {
	const char *socket_path, *socket_group, *socket_name;
	mode_t socket_mode;
};

struct statsock_hooks {
	void *arg;
	void (*refresh)(void *arg);                   /* set gauges before /metrics is rendered */
	bool (*ready)(void *arg, struct buf *reason); /* /readyz: false = 503; reason: one line each, also warnings */
	void (*status)(void *arg, struct json *j);    /* members of the /status.json object */
};

/*
 * HTTP/1.1 on a Unix socket: GET and HEAD of /metrics, /healthz, /readyz, /status.json, and / (a page for people).
 * Other paths 404, other methods 405. Errors as listener_open.
 */
enum err statsock_start(struct loop *loop, const struct statsock_opts *opts, const struct statsock_hooks *hooks,
                        struct statsock **out) ERR_CHECKED;
void statsock_free(struct statsock *s);

/* --- the service manager (sd_notify); all do nothing without NOTIFY_SOCKET --- */

struct notify;
/* Starts feeding the watchdog, if the unit asks for it, at half its period, from the loop. NULL: no memory. */
struct notify *notify_new(struct loop *loop);
void notify_free(struct notify *n);
void notify_ready(struct notify *n);
void notify_reloading(struct notify *n); /* with MONOTONIC_USEC= */
void notify_stopping(struct notify *n);
/* STATUS=; sent only when it changed. */
void notify_status(struct notify *n, const char *text);
/* STATUS= of a process that cannot start, before there is a struct notify: the unit shows it when it has failed. */
void notify_last_words(const char *text);

#endif
