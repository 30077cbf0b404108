/*
 * resolve: resolves host names with the DNS of the event library. A numeric address is answered in the same turn, but
 * never inside the call. Owns its queries until they are answered or cancelled. The event library reads the files once,
 * so after a change the next query makes a new reading; the former reading is freed after its last query.
 */
#include "base/resolve.h"

#include "base/clock.h"
#include "base/invariant.h"
#include "base/log.h"

#include <arpa/inet.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define TOPIC "resolve"
#define ADDRS_MAX 8
#define SWEEP_MS 1000 /* evdns uses its base once more, in a deferred call, after it has released a query */

/* The metadata that shows that a file was written or replaced. All zero: the file does not exist. */
struct stamp {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec written, changed;
};

/* The nameservers and hosts that one reading of the files gave. */
struct reading {
	LIST_ENTRY(reading) older;
	struct resolver *resolver; /* NULL: the resolver is freed, but a cancelled query is left */
	struct evdns_base *dns;
	struct stamp resolv_conf, hosts;
	size_t queries;  /* queries that evdns has not released */
	bool incomplete; /* no nameserver could be added; the next query reads the files again */
};

struct resolver {
	struct loop *loop;
	struct resolver_files files;
	LIST_HEAD(, reading) readings; /* the one in use is first; made at the first query for a name */
	LIST_HEAD(, resolve_query) queries;
	struct loop_timer *sweep; /* frees former readings without queries */
};

struct resolve_query {
	LIST_ENTRY(resolve_query) in_queries;
	struct resolver *resolver;
	struct reading *reading; /* NULL: a numeric host */
	resolve_fn fn;
	void *arg;
	struct evdns_getaddrinfo_request *request;
	struct loop_task task;
	struct resolve_addr addr; /* the result for a numeric host */
	enum err err;
	bool calling; /* inside the call of evdns, which may answer at once */
};

/* --- readings of the machine's files --- */

static struct stamp stamp_of(const char *path)
{
	struct stat st;
	struct stamp out;

	memset(&out, 0, sizeof(out));
	if (stat(path, &st) != 0)
		return out;
	out.dev = st.st_dev;
	out.ino = st.st_ino;
	out.size = st.st_size;
	out.written = st.st_mtim;
	out.changed = st.st_ctim;
	return out;
}

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool same_stamp(const struct stamp *a, const struct stamp *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size && same_time(a->written, b->written) &&
	       same_time(a->changed, b->changed);
}

static void sweep(void *arg)
{
	struct resolver *r = arg;
	struct reading *now = LIST_FIRST(&r->readings), *old = now ? LIST_NEXT(now, older) : NULL;

	while (old) {
		struct reading *next = LIST_NEXT(old, older);

		if (!old->queries) {
			LIST_REMOVE(old, older);
			evdns_base_free(old->dns, 0);
			free(old);
		}
		old = next;
	}
}

/* The stamps are taken before the files are read, so that a write in between makes the next query read them again. */
static struct reading *read_files(struct resolver *r, const struct stamp *resolv_conf, const struct stamp *hosts)
{
	const int opts = DNS_OPTION_SEARCH | DNS_OPTION_NAMESERVERS | DNS_OPTION_MISC;
	struct reading *reading = calloc(1, sizeof(*reading));

	if (!reading)
		return NULL;
	reading->resolver = r;
	reading->resolv_conf = *resolv_conf;
	reading->hosts = *hosts;
	reading->dns = evdns_base_new(loop_base(r->loop), EVDNS_BASE_DISABLE_WHEN_INACTIVE);
	if (!reading->dns) {
		free(reading);
		return NULL;
	}
	/*
	 * Without a nameserver in the file the event library uses 127.0.0.1. Without a hosts file it still knows
	 * localhost.
	 */
	(void)evdns_base_resolv_conf_parse(reading->dns, opts, r->files.resolv_conf);
	(void)evdns_base_load_hosts(reading->dns, r->files.hosts);
	reading->incomplete = evdns_base_count_nameservers(reading->dns) == 0;
	const struct reading *before = LIST_FIRST(&r->readings);

	if (before && !before->incomplete)
		log_info(TOPIC, "files_read_again resolv_conf=%s hosts=%s", r->files.resolv_conf, r->files.hosts);
	LIST_INSERT_HEAD(&r->readings, reading, older);
	loop_timer_set(r->sweep, clock_mono_ms() + SWEEP_MS);
	return reading;
}

/* The reading to use now: a new one if the files changed, else the last. NULL: no memory, and there is none. */
static struct reading *reading_now(struct resolver *r)
{
	struct stamp resolv_conf = stamp_of(r->files.resolv_conf), hosts = stamp_of(r->files.hosts);
	struct reading *now = LIST_FIRST(&r->readings), *fresh;

	if (now && !now->incomplete && same_stamp(&now->resolv_conf, &resolv_conf) && same_stamp(&now->hosts, &hosts))
		return now;
	fresh = read_files(r, &resolv_conf, &hosts);
	return fresh ? fresh : now;
}

struct resolver *resolver_new(struct loop *loop, const struct resolver_files *files)
{
	static const struct resolver_files machine = { "/etc/resolv.conf", "/etc/hosts" };
	struct resolver *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->loop = loop;
	r->files = files ? *files : machine;
	r->sweep = loop_timer_new(loop, sweep, r);
	if (r->sweep)
		return r;
	free(r);
	return NULL;
}

/* --- queries --- */

static void unlink_query(struct resolve_query *q)
{
	LIST_REMOVE(q, in_queries);
}

void resolver_free(struct resolver *r)
{
	if (!r)
		return;
	while (!LIST_EMPTY(&r->queries))
		resolve_cancel(LIST_FIRST(&r->queries));
	loop_timer_free(r->sweep);
	while (!LIST_EMPTY(&r->readings)) {
		struct reading *gone = LIST_FIRST(&r->readings);

		LIST_REMOVE(gone, older);
		evdns_base_free(gone->dns, 1);
		gone->resolver = NULL;
		if (!gone->queries)
			free(gone);
	}
	free(r);
}

static void on_numeric(void *arg)
{
	struct resolve_query *q = arg;

	unlink_query(q);
	q->fn(q->arg, q->err, &q->addr, q->err ? 0 : 1);
	free(q);
}

/* evdns has released one query of this reading. */
static void let_go(struct reading *reading)
{
	struct resolver *r = reading->resolver;

	reading->queries -= invariant(reading->queries > 0);
	if (reading->queries)
		return;
	if (!r)
		free(reading);
	else if (reading != LIST_FIRST(&r->readings))
		loop_timer_set(r->sweep, clock_mono_ms() + SWEEP_MS);
}

static void on_answer(int result, struct evutil_addrinfo *res, void *arg)
{
	struct resolve_query *q = arg;
	struct resolve_addr addrs[ADDRS_MAX];
	size_t n = 0;

	let_go(q->reading);
	if (!q->fn) {
		/* The query was cancelled, and evdns releases it now. */
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

	q->reading = reading_now(r);
	if (!q->reading) {
		q->err = ERR_NOTFOUND;
		loop_defer(r->loop, &q->task);
		return;
	}
	q->reading->queries++;
	snprintf(service, sizeof(service), "%u", port);
	q->calling = true;
	q->request = evdns_getaddrinfo(q->reading->dns, host, service, &hints, on_answer, q);
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
	LIST_INSERT_HEAD(&r->queries, q, in_queries);
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
