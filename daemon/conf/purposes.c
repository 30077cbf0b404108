/*
 * purposes: what codes are for, with the limits over all of them. Checks that a limit is whole and that times agree.
 */
#include "get.h"
#include "groups.h"

#include <libconfig.h>
#include <string.h>

static struct policy_rate fill_rate(struct conf_tree *t, const config_setting_t *g, const char *path)
{
	uint32_t v[3] = { 0 };
	size_t n = conf_ints(g, path, v, 3);

	if (n != 2 || v[0] > UINT8_MAX)
		conf_fault(t, g, strrchr(path, '.') + 1,
		           "found %zu values, the first %u, allowed [count 1..255, seconds]", n, v[0]);
	return (struct policy_rate){ .count = (uint8_t)v[0], .window_s = v[1] };
}

static void fill_waits(struct conf_tree *t, const config_setting_t *g, struct policy_purpose *p)
{
	uint32_t v[POLICY_WAITS_MAX + 1] = { 0 };
	size_t n = conf_ints(g, "purposes.waits_s", v, POLICY_WAITS_MAX + 1);

	if (n > POLICY_WAITS_MAX || (n == 0 && p->resends > 0)) {
		conf_fault(t, g, "waits_s", "found %s values, allowed 1 to %d", n ? "more" : "no", POLICY_WAITS_MAX);
		return;
	}
	memcpy(p->waits_s, v, sizeof(p->waits_s));
	p->wait_count = n;
}

static void fill_times(struct conf_tree *t, const config_setting_t *g, struct policy_purpose *p)
{
	p->ttl_s = conf_u32(g, "purposes.ttl_s");
	p->hard_s = conf_u32(g, "purposes.hard_s");
	p->ttl_max_s = conf_given(g, "purposes.ttl_max_s") ? conf_u32(g, "purposes.ttl_max_s") : p->hard_s;
	p->deadline_s = conf_u32(g, "purposes.deadline_s");
	if (p->ttl_max_s > p->hard_s)
		conf_fault(t, g, "ttl_max_s", "found %u, allowed at most hard_s, %u", p->ttl_max_s, p->hard_s);
	if (p->ttl_s > p->ttl_max_s)
		conf_fault(t, g, "ttl_s", "found %u, allowed at most ttl_max_s, %u", p->ttl_s, p->ttl_max_s);
}

static void fill_purpose(struct conf_tree *t, const config_setting_t *g, struct policy_purpose *p)
{
	p->name = conf_str(t, g, "purposes.name");
	p->template_name = conf_str(t, g, "purposes.template");
	p->brand = conf_str(t, g, "purposes.brand");
	p->sender = conf_str(t, g, "purposes.sender");
	p->alphabet = conf_choice(g, "purposes.alphabet") == 0 ? CODE_DIGITS : CODE_LETTERS;
	p->code_len = (uint8_t)conf_int(g, "purposes.length");
	p->guesses = (uint8_t)conf_int(g, "purposes.guesses");
	p->resends = (uint8_t)conf_int(g, "purposes.resends");
	p->number_sends_short = fill_rate(t, g, "purposes.sends_short");
	p->number_sends_long = fill_rate(t, g, "purposes.sends_long");
	p->number_fails_short = fill_rate(t, g, "purposes.fails_short");
	p->number_fails_long = fill_rate(t, g, "purposes.fails_long");
	p->number_sends_known = fill_rate(t, g, "purposes.sends_known");
	fill_waits(t, g, p);
	fill_times(t, g, p);
}

static void fill_limits(struct conf_tree *t, struct policy_opts *o)
{
	const config_setting_t *g = conf_group(t, "limits");

	o->global_rate = conf_float(g, "limits.global_rate");
	o->global_burst = conf_float(g, "limits.global_burst");
	if (o->global_burst <= 0)
		o->global_burst = o->global_rate > 1 ? o->global_rate : 1;
	o->equal_window_s = conf_u32(g, "limits.equal_window_s");
	o->idempotency_s = conf_u32(g, "limits.idempotency_s");
	o->verdict_s = conf_u32(g, "limits.verdict_s");
	o->tombstone_s = conf_u32(g, "limits.tombstone_s");
	o->guessing = (enum policy_guessing)conf_choice(g, "limits.guessing");
	uint32_t none;
	if (conf_ints(g, "limits.number_sends", &none, 1))
		o->number_sends = fill_rate(t, g, "limits.number_sends");
}

void conf_fill_purposes(struct conf_tree *t, struct conf *c)
{
	struct policy_opts *o = &c->flow.policy;
	size_t n = conf_items(t->root, "purposes");
	struct policy_purpose *p = conf_alloc(t, n, sizeof(*p));
	bool found = n == 0; /* then the list itself is the fault */

	fill_limits(t, o);
	o->charsets = conf_charsets(c);
	o->default_purpose = conf_str(t, t->root, "default_purpose");
	o->default_lang = conf_str(t, t->root, "default_lang");
	for (size_t i = 0; p && i < n; i++) {
		fill_purpose(t, conf_item(t->root, "purposes", i), &p[i]);
		found = found || strcmp(p[i].name, o->default_purpose) == 0;
	}
	o->purposes = p;
	o->purpose_count = p ? n : 0;
	conf_unique(t, t->root, "purposes", "name");
	if (!found && conf_given(t->root, "default_purpose"))
		conf_fault(t, t->root, "default_purpose", "found \"%s\", allowed the names in purposes",
		           o->default_purpose);
}
