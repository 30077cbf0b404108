/*
 * statsock: serves HTTP on a Unix socket for monitoring and for people, with the server of the event library. Owns the
 * server. Shows only metrics and status. Must never show a code, a whole number or a password.
 */
#include "ops.h"

#include "base/listener.h"
#include "base/log.h"
#include "base/stats.h"
#include "statsock_limit.h"
#include "statsock_page.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TOPIC "stats"
#define ANSWER_CAP (24 * 1024 * 1024) /* the metrics of 256 SMSCs with 16 pairs of binds each have about 16 MiB */
#define TIMEOUT_S 10
#define REST_S 1
#define HEADERS_MAX 8192

struct statsock {
	struct listener *listener;
	struct evhttp *http;
	struct statsock_limit *limit;
	struct statsock_hooks hooks;
};

static void answer(struct evhttp_request *req, int code, const char *type, struct buf *body)
{
	struct evbuffer *out = evbuffer_new();
	struct evkeyvalq *headers = evhttp_request_get_output_headers(req);
	bool head = evhttp_request_get_command(req) == EVHTTP_REQ_HEAD;
	char len[24];

	snprintf(len, sizeof(len), "%zu", buf_len(body));
	if (!out || (!head && evbuffer_add(out, buf_data(body), buf_len(body)) != 0)) {
		evhttp_send_error(req, 500, NULL);
	} else {
		/* Set here, because the server would set the length of what it sends, which is 0 for HEAD. */
		evhttp_add_header(headers, "Content-Length", len);
		evhttp_add_header(headers, "Content-Type", type);
		evhttp_add_header(headers, "Cache-Control", "no-store");
		evhttp_send_reply(req, code, NULL, out);
	}
	if (out)
		evbuffer_free(out);
}

/* False: the request was refused. */
static bool may_read(struct evhttp_request *req)
{
	enum evhttp_cmd_type method = evhttp_request_get_command(req);

	if (method == EVHTTP_REQ_GET || method == EVHTTP_REQ_HEAD)
		return true;
	evhttp_add_header(evhttp_request_get_output_headers(req), "Allow", "GET, HEAD");
	evhttp_send_reply(req, HTTP_BADMETHOD, NULL, NULL);
	return false;
}

static void on_metrics(struct evhttp_request *req, void *arg)
{
	struct statsock *s = arg;
	struct buf body;

	if (!may_read(req))
		return;
	buf_init(&body, ANSWER_CAP);
	s->hooks.refresh(s->hooks.arg);
	if (stats_render(&body) == ERR_OK)
		answer(req, 200, "text/plain; version=0.0.4; charset=utf-8", &body);
	else
		evhttp_send_error(req, 500, NULL);
	buf_clear(&body);
}

static void on_health(struct evhttp_request *req, void *arg)
{
	struct buf body;

	(void)arg;
	if (!may_read(req))
		return;
	buf_init(&body, 64);
	if (buf_append(&body, "ok\n", 3) == ERR_OK)
		answer(req, 200, "text/plain; charset=utf-8", &body);
	else
		evhttp_send_error(req, 500, NULL);
	buf_clear(&body);
}

static void on_ready(struct evhttp_request *req, void *arg)
{
	struct statsock *s = arg;
	struct buf body, reasons;

	if (!may_read(req))
		return;
	buf_init(&body, 24576);
	buf_init(&reasons, 16384);
	bool ready = s->hooks.ready(s->hooks.arg, &reasons);
	enum err err = buf_printf(&body, "%s\n", ready ? "ready" : "not ready");
	if (!err)
		err = buf_append(&body, buf_data(&reasons), buf_len(&reasons));
	if (err)
		evhttp_send_error(req, 500, NULL);
	else
		answer(req, ready ? 200 : 503, "text/plain; charset=utf-8", &body);
	buf_clear(&reasons);
	buf_clear(&body);
}

/* Answers with the object whose members write adds. */
static void answer_object(struct evhttp_request *req, const char *type, void (*write)(void *arg, struct json *j),
                          void *arg)
{
	struct buf body;
	struct json j;

	if (!may_read(req))
		return;
	buf_init(&body, ANSWER_CAP);
	json_init(&j, &body);
	json_open(&j, NULL, '{');
	write(arg, &j);
	json_close(&j, '}');
	if (json_end(&j) == ERR_OK)
		answer(req, 200, type, &body);
	else
		evhttp_send_error(req, 500, NULL);
	buf_clear(&body);
}

static void on_status(struct evhttp_request *req, void *arg)
{
	struct statsock *s = arg;

	answer_object(req, "application/json", s->hooks.status, s->hooks.arg);
}

static void on_keys(struct evhttp_request *req, void *arg)
{
	struct statsock *s = arg;

	answer_object(req, "application/jwk-set+json", s->hooks.keys, s->hooks.arg);
}

static void on_page(struct evhttp_request *req, void *arg)
{
	struct buf body;

	(void)arg;
	if (!may_read(req))
		return;
	buf_init(&body, ANSWER_CAP);
	if (buf_append(&body, statsock_page(), strlen(statsock_page())) == ERR_OK)
		answer(req, 200, "text/html; charset=utf-8", &body);
	else
		evhttp_send_error(req, 500, NULL);
	buf_clear(&body);
}

static void on_other(struct evhttp_request *req, void *arg)
{
	(void)arg;
	evhttp_send_error(req, HTTP_NOTFOUND, NULL);
}

static void on_rested(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	evconnlistener_enable(arg);
}

/* No descriptor is left. The connection stays in the backlog, and trying again at once would only use the processor. */
static void on_accept_failed(struct evconnlistener *listener, void *arg)
{
	const struct timeval rest = { .tv_sec = REST_S };

	(void)arg;
	if (event_base_once(evconnlistener_get_base(listener), -1, EV_TIMEOUT, on_rested, listener, &rest) == 0)
		evconnlistener_disable(listener);
}

/* The server closes the descriptor on which it accepts, so it gets a duplicate of the listener's. */
static enum err serve(struct statsock *s, struct loop *loop)
{
	int fd = fcntl(listener_fd(s->listener), F_DUPFD_CLOEXEC, 3);

	if (fd < 0) {
		log_error(TOPIC, "cannot serve reason=\"%s\"", strerror(errno));
		return ERR_IO;
	}
	struct evhttp_bound_socket *bound = NULL;
	s->http = evhttp_new(loop_base(loop));
	if (s->http)
		bound = evhttp_accept_socket_with_handle(s->http, fd);
	if (!bound) {
		close(fd);
		return ERR_NOMEM;
	}
	evconnlistener_set_error_cb(evhttp_bound_socket_get_listener(bound), on_accept_failed);
	s->limit = statsock_limit_new(loop, s->http, evhttp_bound_socket_get_listener(bound));
	if (!s->limit)
		return ERR_NOMEM;
	/* The server lets all methods pass, so that a wrong one is answered 405 and not 501. */
	evhttp_set_allowed_methods(s->http, UINT16_MAX);
	evhttp_set_max_headers_size(s->http, HEADERS_MAX);
	evhttp_set_max_body_size(s->http, 0);
	evhttp_set_timeout(s->http, TIMEOUT_S);
	evhttp_set_cb(s->http, "/metrics", on_metrics, s);
	evhttp_set_cb(s->http, "/healthz", on_health, s);
	evhttp_set_cb(s->http, "/readyz", on_ready, s);
	evhttp_set_cb(s->http, "/status.json", on_status, s);
	evhttp_set_cb(s->http, "/jwks.json", on_keys, s);
	evhttp_set_cb(s->http, "/", on_page, s);
	evhttp_set_gencb(s->http, on_other, s);
	return ERR_OK;
}

enum err statsock_start(struct loop *loop, const struct statsock_opts *opts, const struct statsock_hooks *hooks,
                        struct statsock **out)
{
	const struct listener_opts listen = { .name = opts->socket_name,
		                              .path = opts->socket_path,
		                              .mode = opts->socket_mode,
		                              .group = opts->socket_group,
		                              .backlog = 256 };
	struct statsock *s = calloc(1, sizeof(*s));

	if (!s)
		return ERR_NOMEM;
	s->hooks = *hooks;
	enum err err = listener_open(loop, &listen, NULL, NULL, &s->listener);
	if (!err)
		err = serve(s, loop);
	if (err) {
		statsock_free(s);
		return err;
	}
	*out = s;
	return ERR_OK;
}

void statsock_free(struct statsock *s)
{
	if (!s)
		return;
	statsock_limit_free(s->limit);
	if (s->http)
		evhttp_free(s->http);
	listener_close(s->listener);
	free(s);
}
