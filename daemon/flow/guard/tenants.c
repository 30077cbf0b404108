/*
 * tenants: finds the tenant of a caller, and limits the rate of its SENDs. Owns the tenants, also those that a reload
 * removed. Must never free a tenant before tenants_free, because calls and answers under way point to it.
 */
#include "tenants.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>

#define TOPIC "tenants"

struct tenants {
	const struct flow_opts *opts;
	const struct keyring *keys;
	SLIST_HEAD(, tenant) tenants;
	struct bucket all;
};

struct tenants *tenants_new(const struct flow_opts *opts, const struct keyring *keys)
{
	struct tenants *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->opts = opts;
	s->keys = keys;
	bucket_init(&s->all, opts->policy.global_rate, opts->policy.global_burst, clock_mono_ms());
	return s;
}

void tenants_free(struct tenants *s)
{
	if (!s)
		return;
	while (!SLIST_EMPTY(&s->tenants)) {
		struct tenant *t = SLIST_FIRST(&s->tenants);

		SLIST_REMOVE_HEAD(&s->tenants, in_all);
		free(t);
	}
	free(s);
}

static struct tenant *find(const struct tenants *s, const char *name)
{
	struct tenant *t;

	SLIST_FOREACH(t, &s->tenants, in_all) {
		if (strcmp(t->name, name) == 0)
			return t;
	}
	return NULL;
}

static struct tenant *add(struct tenants *s, const struct policy_tenant *rights)
{
	struct tenant *t = calloc(1, sizeof(*t));
	uint8_t tag[KEYRING_TAG_LEN];
	size_t len = strlen(rights->name);

	if (!t || len >= sizeof(t->name)) {
		free(t);
		return NULL;
	}
	memcpy(t->name, rights->name, len + 1);
	keyring_tag(s->keys, "tenant", rights->name, len, tag);
	memcpy(&t->tag, tag, sizeof(t->tag));
	bucket_init(&t->bucket, rights->rate, rights->burst, clock_mono_ms());
	guessing_init(&t->guessing, clock_mono_ms());
	SLIST_INSERT_HEAD(&s->tenants, t, in_all);
	return t;
}

/* Tells how many test numbers there are, and warns of those whose last day is over. No number is shown. */
static void log_tests(const struct policy_tenant *rights)
{
	const int64_t now = clock_wall_ms();

	for (size_t i = 0; i < rights->test_count; i++) {
		const struct testnumber_group *g = &rights->tests[i];
		const unsigned count = (unsigned)testnumber_count(g);

		if (now >= g->end_ms)
			log_warn(TOPIC,
			         "test_numbers_over tenant=%s count=%u outcome=%s until=%s: they are ordinary numbers "
			         "now, so "
			         "SMS to them are sent",
			         rights->name, count, g->outcome, g->until);
		else
			log_info(TOPIC, "test_numbers tenant=%s count=%u outcome=%s until=%s", rights->name, count,
			         g->outcome, g->until);
	}
}

enum err tenants_configure(struct tenants *s)
{
	const struct policy_opts *o = &s->opts->policy;
	int64_t now = clock_mono_ms();
	struct tenant *t;

	/* New tenants are added first. Only this can fail, and then no rights and no limits have changed. */
	for (size_t i = 0; i < o->tenant_count; i++) {
		if (!find(s, o->tenants[i].name) && !add(s, &o->tenants[i]))
			return ERR_NOMEM;
	}
	bucket_set(&s->all, o->global_rate, o->global_burst, now);
	SLIST_FOREACH(t, &s->tenants, in_all)
		t->rights = NULL;
	for (size_t i = 0; i < o->tenant_count; i++) {
		t = find(s, o->tenants[i].name);
		t->rights = &o->tenants[i];
		bucket_set(&t->bucket, t->rights->rate, t->rights->burst, now);
		log_tests(t->rights);
	}
	return ERR_OK;
}

struct tenant *tenants_first(const struct tenants *s)
{
	return SLIST_FIRST(&s->tenants);
}

struct tenant *tenants_of(const struct api_call *call)
{
	/* on_peer gave api this pointer as const. The tenant belongs to this file, so it may be changed. */
	return (struct tenant *)(uintptr_t)api_call_peer(call);
}

bool tenants_admit(struct tenants *s, struct tenant *t, const char **scope, int64_t *retry_ms)
{
	int64_t now = clock_mono_ms();

	if (bucket_wait_ms(&s->all, 1, now) > 0) {
		*scope = "global";
		*retry_ms = bucket_wait_ms(&s->all, 1, now);
		return false;
	}
	if (!bucket_take(&t->bucket, 1, now)) {
		*scope = "tenant";
		*retry_ms = bucket_wait_ms(&t->bucket, 1, now);
		t->limited++;
		return false;
	}
	return bucket_take(&s->all, 1, now);
}

struct tenant *tenants_peer(const struct tenants *s, uid_t uid, const gid_t *gids, size_t gid_count)
{
	const struct policy_tenant *rights = policy_tenant(&s->opts->policy, uid, gids, gid_count);

	return rights ? find(s, rights->name) : NULL;
}

static int64_t in_flight(const struct tenant *t)
{
	int64_t n = 0;

	for (int kind = 0; kind < OVERLOAD_KINDS; kind++)
		n += t->in_flight[kind];
	return n;
}

void tenants_status(const struct tenants *s, struct json *j)
{
	const struct tenant *t;

	json_open(j, "tenants", '[');
	SLIST_FOREACH(t, &s->tenants, in_all) {
		if (!t->rights)
			continue;
		json_open(j, NULL, '{');
		json_str(j, "name", t->name);
		json_num(j, "rate", t->rights->rate);
		json_int(j, "sends", (int64_t)t->sends);
		json_int(j, "approved", (int64_t)t->approved);
		json_int(j, "wrong", (int64_t)t->wrong);
		json_int(j, "limited", (int64_t)t->limited);
		json_bool(j, "guessing_unusual", t->guessing.unusual);
		json_int(j, "in_flight", in_flight(t));
		json_close(j, '}');
	}
	json_close(j, ']');
}
