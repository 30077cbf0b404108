/*
 * resolve: host names through the event library's DNS, numeric addresses at once (but never inside the call).
 * Owns its queries until they have answered or were cancelled.
 */
#include "base/resolve.h"

#include <arpa/inet.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ADDRS_MAX 8

struct resolver {
	struct loop *loop;
	struct evdns_base *dns; /* made at the first name that needs it */
	struct resolve_query *queries;
};

struct resolve_query {
	struct resolve_query *next;
	struct resolver *resolver;
	resolve_fn fn;
	void *arg;
	struct evdns_getaddrinfo_request *request;
	struct loop_task task;
	struct resolve_addr addr; /* of a numeric host */
	enum err err;
	bool calling; /* evdns may answer from inside its call */
};

struct resolver *resolver_new(struct loop *loop)
{
	struct resolver *r = calloc(1, sizeof(*r));

	if (r)
		r->loop = loop;
	return r;
}

static void unlink_query(struct resolve_query *q)
{
	struct resolve_query **at = &q->resolver->queries;

	while (*at != q)
		at = &(*at)->next;
	*at = q->next;
}

void resolver_free(struct resolver *r)
{
	if (!r)
		return;
	while (r->queries)
		resolve_cancel(r->queries);
	if (r->dns)
		evdns_base_free(r->dns, 1);
	free(r);
}

static void on_numeric(void *arg)
{
	struct resolve_query *q = arg;

	unlink_query(q);
	q->fn(q->arg, q->err, &q->addr, q->err ? 0 : 1);
	free(q);
}

static void on_answer(int result, struct evutil_addrinfo *res, void *arg)
{
	struct resolve_query *q = arg;
	struct resolve_addr addrs[ADDRS_MAX];
	size_t n = 0;

	if (!q->fn) {
		/* Cancelled: evdns has let go now. */
		if (res)
			evutil_freeaddrinfo(res);
		free(q);
		return;
	}
	for (struct evutil_addrinfo *i = res; i && n < ADDRS_MAX; i = i->ai_next) {
		memcpy(&addrs[n].addr, i->ai_addr, i->ai_addrlen);
		addrs[n++].len = i->ai_addrlen;
	}
	if (res)
		evutil_freeaddrinfo(res);
	enum err err = n ? ERR_OK : result == EVUTIL_EAI_AGAIN ? ERR_TIMEOUT : ERR_NOTFOUND;
	q->request = NULL;
	if (q->calling) {
		q->err = err;
		if (n)
			q->addr = addrs[0];
		loop_defer(q->resolver->loop, &q->task);
		return;
	}
	unlink_query(q);
	q->fn(q->arg, err, addrs, n);
	free(q);
}

static bool numeric(const char *host, uint16_t port, struct resolve_addr *out)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&out->addr;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&out->addr;

	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		out->len = sizeof(*v4);
		return true;
	}
	if (inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		out->len = sizeof(*v6);
		return true;
	}
	return false;
}

static void ask(struct resolve_query *q, const char *host, uint16_t port)
{
	const struct evutil_addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
	struct resolver *r = q->resolver;
	char service[8];

	if (!r->dns)
		r->dns = evdns_base_new(loop_base(r->loop),
		                        EVDNS_BASE_INITIALIZE_NAMESERVERS | EVDNS_BASE_DISABLE_WHEN_INACTIVE);
	if (!r->dns) {
		q->err = ERR_NOTFOUND;
		loop_defer(r->loop, &q->task);
		return;
	}
	snprintf(service, sizeof(service), "%u", port);
	q->calling = true;
	q->request = evdns_getaddrinfo(r->dns, host, service, &hints, on_answer, q);
	q->calling = false;
}

struct resolve_query *resolve_start(struct resolver *r, const char *host, uint16_t port, resolve_fn fn, void *arg)
{
	struct resolve_query *q = calloc(1, sizeof(*q));

	if (!q)
		return NULL;
	q->resolver = r;
	q->fn = fn;
	q->arg = arg;
	loop_task_init(&q->task, on_numeric, q);
	q->next = r->queries;
	r->queries = q;
	if (numeric(host, port, &q->addr))
		loop_defer(r->loop, &q->task);
	else
		ask(q, host, port);
	return q;
}

void resolve_cancel(struct resolve_query *q)
{
	if (!q)
		return;
	unlink_query(q);
	loop_defer_cancel(q->resolver->loop, &q->task);
	if (!q->request) {
		free(q);
		return;
	}
	/* evdns answers a cancelled request later; on_answer frees it then. */
	q->fn = NULL;
	evdns_getaddrinfo_cancel(q->request);
}
