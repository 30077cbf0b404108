/*
 * purposes: fills and checks the purposes and the limits over all of them. Checks that rates are complete, that times
 * fit together and that the default purpose exists. Owns nothing.
 */
#include "fill.h"
#include "groups.h"

#include <libconfig.h>
#include <string.h>

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
	if (!conf_given(g, "purposes.ttl_max_s"))
		p->ttl_max_s = p->hard_s;
	if (p->ttl_max_s > p->hard_s)
		conf_fault(t, g, "ttl_max_s", "found %u, allowed at most hard_s, %u", p->ttl_max_s, p->hard_s);
	if (p->ttl_s > p->ttl_max_s)
		conf_fault(t, g, "ttl_s", "found %u, allowed at most ttl_max_s, %u", p->ttl_s, p->ttl_max_s);
}

static void check_digit(struct conf_tree *t, const config_setting_t *g, struct policy_purpose *p)
{
	if (!p->check_digit)
		return;
	if (p->alphabet != CODE_DIGITS)
		conf_fault(t, g, "check_digit", "found true with letters, allowed only with alphabet = \"digits\"");
	if (p->code_len < CODE_LEN_MAX)
		return;
	conf_fault(t, g, "length", "found %u, allowed at most %d with check_digit, which adds one",
	           (unsigned)p->code_len, CODE_LEN_MAX - 1);
	p->check_digit = false; /* so that no text is measured with a code that long */
}

static void fill_limits(struct conf_tree *t, struct policy_opts *o)
{
	if (o->global_burst <= 0)
		o->global_burst = o->global_rate > 1 ? o->global_rate : 1;
	conf_check_rates(t, conf_group(t, "limits"), "limits");
}

static void fill_tags(struct conf_tree *t, struct policy_purpose *p, size_t n)
{
	struct conf_tagged *all = conf_alloc(t, n, sizeof(*all));

	for (size_t i = 0; all && i < n; i++)
		all[i] = (struct conf_tagged){ .name = p[i].name, .tag = &p[i].tag };
	conf_fill_tags(t, "purposes", all, all ? n : 0);
}

void conf_fill_purposes(struct conf_tree *t, struct conf *c)
{
	struct policy_opts *o = &c->flow.policy;
	struct policy_purpose *p = conf_filled(c, "purposes");
	bool found = o->purpose_count == 0; /* an empty list is already noted as a fault */

	fill_limits(t, o);
	o->charsets = conf_charsets(c);
	for (size_t i = 0; i < o->purpose_count; i++) {
		const config_setting_t *g = conf_item(t->root, "purposes", i);

		conf_check_rates(t, g, "purposes");
		fill_waits(t, g, &p[i]);
		fill_times(t, g, &p[i]);
		check_digit(t, g, &p[i]);
		found = found || strcmp(p[i].name, o->default_purpose) == 0;
	}
	conf_unique(t, t->root, "purposes", "name");
	fill_tags(t, p, o->purpose_count);
	if (!found && conf_given(t->root, "default_purpose"))
		conf_fault(t, t->root, "default_purpose", "found \"%s\", allowed the names in purposes",
		           o->default_purpose);
}
