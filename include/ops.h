/*
 * ops: the interfaces to the operator: the stats socket (HTTP) and the service manager. What is shown comes from the
 * caller's hooks. ops must never show more than these give it.
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
	void (*refresh)(void *arg);                   /* sets the gauges before /metrics is written */
	bool (*ready)(void *arg, struct buf *reason); /* for /readyz; false: 503. Appends causes and warnings */
	void (*status)(void *arg, struct json *j);    /* adds members to the object of /status.json */
	void (*keys)(void *arg, struct json *j);      /* adds members to the object of /jwks.json */
};

/*
 * Serves HTTP/1.1 on a Unix socket: GET and HEAD of /metrics, /healthz, /readyz, /status.json, /jwks.json, and / (a
 * page for people). Other paths are answered 404, other methods 405. ERR_NOMEM, ERR_IO, or another error of
 * listener_open.
 */
enum err statsock_start(struct loop *loop, const struct statsock_opts *opts, const struct statsock_hooks *hooks,
                        struct statsock **out) ERR_CHECKED;
void statsock_free(struct statsock *s);

/* --- the service manager (sd_notify). Without NOTIFY_SOCKET nothing is sent. --- */

struct notify;
/* If the unit has a watchdog, notifies it from the loop at half its period. NULL: no memory. */
struct notify *notify_new(struct loop *loop);
void notify_free(struct notify *n);
/* Sends READY=1: the start or a reload has ended. It does not say whether an SMS could be sent now; see smpp_ready. */
void notify_ready(struct notify *n);
void notify_reloading(struct notify *n); /* sends RELOADING=1 with MONOTONIC_USEC= */
void notify_stopping(struct notify *n);  /* sends STOPPING=1 */
/* Sends STATUS= if the text differs from the last one. It is cut to 511 octets. */
void notify_status(struct notify *n, const char *text);
/* Sends the STATUS= of a process that cannot start, before there is a struct notify. The failed unit shows it. */
void notify_last_words(const char *text);

#endif
