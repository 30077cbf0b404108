/*
 * conf_smpp: the SMSCs and the routes of the configuration.
 * Checks what the pool takes for granted: names that exist, senders that can be packed, prefixes once each.
 */
#include "conf_fill.h"

#include <libconfig.h>
#include <string.h>

static bool sender_ok(const char *s)
{
	size_t digits = strspn(s + (s[0] == '+'), "0123456789");
	size_t len = strlen(s);

	if (digits > 0 && digits + (s[0] == '+') == len)
		return digits <= 15;
	return len <= 11;
}

static void fill_timers(struct conf_tree *t, const config_setting_t *g, struct smpp_smsc_opts *o)
{
	o->connect_timeout_ms = conf_u32(g, "smsc.connect_timeout_ms");
	o->bind_timeout_ms = conf_u32(g, "smsc.bind_timeout_ms");
	o->response_timeout_ms = conf_u32(g, "smsc.response_timeout_ms");
	o->enquire_interval_ms = conf_u32(g, "smsc.enquire_interval_ms");
	o->enquire_timeout_ms = conf_u32(g, "smsc.enquire_timeout_ms");
	o->inactivity_ms = conf_u32(g, "smsc.inactivity_ms");
	o->pdu_timeout_ms = conf_u32(g, "smsc.pdu_timeout_ms");
	o->reconnect_min_ms = conf_u32(g, "smsc.reconnect_min_ms");
	o->reconnect_max_ms = conf_u32(g, "smsc.reconnect_max_ms");
	o->throttle_pause_ms = conf_u32(g, "smsc.throttle_pause_ms");
	if (o->reconnect_min_ms > o->reconnect_max_ms)
		conf_fault(t, g, "reconnect_min_ms", "found %u, allowed at most reconnect_max_ms, %u",
		           o->reconnect_min_ms, o->reconnect_max_ms);
	if (o->inactivity_ms && o->inactivity_ms <= o->enquire_interval_ms)
		conf_fault(t, g, "inactivity_ms", "found %u, allowed 0 or more than enquire_interval_ms, %u",
		           o->inactivity_ms, o->enquire_interval_ms);
}

static void fill_smsc(struct conf_tree *t, const config_setting_t *g, struct smpp_smsc_opts *o)
{
	o->name = conf_str(t, g, "smsc.name");
	o->sender = conf_str(t, g, "smsc.sender");
	o->rate = conf_float(g, "smsc.rate");
	o->window = conf_u32(g, "smsc.window");
	conf_fill_message(t, g, o);
	fill_timers(t, g, o);
	if (!sender_ok(o->sender))
		conf_fault(t, g, "sender", "found \"%s\", allowed at most 11 characters, or at most 15 digits",
		           o->sender);
}

static void fill_smscs(struct conf_tree *t, struct conf *c)
{
	size_t n = conf_items(t->root, "smsc");
	struct smpp_smsc_opts *o = conf_alloc(t, n, sizeof(*o));
	struct conf_file *files = conf_alloc(t, n, sizeof(*files)), *key_files = conf_alloc(t, n, sizeof(*files));

	if (n > SMPP_SMSC_MAX)
		conf_fault(t, t->root, "smsc", "found %zu SMSCs, allowed at most %d", n, SMPP_SMSC_MAX);
	if (!o || !files || !key_files)
		return;
	for (size_t i = 0; i < n; i++) {
		const config_setting_t *g = conf_item(t->root, "smsc", i);

		fill_smsc(t, g, &o[i]);
		conf_fill_binds(t, g, &o[i], &key_files[i]);
		files[i] = conf_named_file(t, g, "smsc.password_file");
	}
	c->smscs = o;
	c->smpp.smscs = o;
	c->smpp.smsc_count = n;
	c->smsc_password_files = files;
	c->smsc_key_files = key_files;
	conf_unique(t, t->root, "smsc", "name");
}

static bool is_smsc(const struct conf *c, const char *name)
{
	for (size_t i = 0; i < c->smpp.smsc_count; i++)
		if (strcmp(c->smpp.smscs[i].name, name) == 0)
			return true;
	return false;
}

/* One weight an SMSC, or none at all. */
static void fill_weights(struct conf_tree *t, const config_setting_t *g, struct smpp_route_opts *r)
{
	uint32_t *weights = conf_alloc(t, SMPP_SMSC_MAX, sizeof(*weights)), sum = 0;
	size_t n = weights ? conf_ints(g, "routes.weights", weights, SMPP_SMSC_MAX) : 0;

	if (n == 0)
		return;
	if (n != r->smsc_count)
		conf_fault(t, g, "weights", "found %zu, allowed one for each of the %zu SMSCs", n, r->smsc_count);
	for (size_t i = 0; i < n; i++)
		sum += weights[i];
	if (sum == 0)
		conf_fault(t, g, "weights", "found nothing but 0, allowed with one that is more");
	r->weights = weights;
}

static void fill_route(struct conf_tree *t, const struct conf *c, const config_setting_t *g, struct smpp_route_opts *r)
{
	const char **names;

	r->prefix = conf_str(t, g, "routes.prefix");
	r->smsc_count = conf_strings(t, g, "routes.smsc", &names);
	r->smscs = names;
	for (size_t i = 0; i < r->smsc_count; i++) {
		if (!is_smsc(c, names[i]))
			conf_fault(t, g, "smsc", "found \"%s\", allowed the names in smsc", names[i]);
		for (size_t j = 0; j < i; j++)
			if (strcmp(names[i], names[j]) == 0)
				conf_fault(t, g, "smsc", "found \"%s\" a second time, allowed once", names[i]);
	}
	fill_weights(t, g, r);
	r->sender = conf_str(t, g, "routes.sender");
	if (!sender_ok(r->sender))
		conf_fault(t, g, "sender", "found \"%s\", allowed at most 11 characters, or at most 15 digits",
		           r->sender);
}

static void fill_routes(struct conf_tree *t, struct conf *c)
{
	size_t n = conf_items(t->root, "routes");
	struct smpp_route_opts *r = conf_alloc(t, n, sizeof(*r));

	if (!r)
		return;
	for (size_t i = 0; i < n; i++)
		fill_route(t, c, conf_item(t->root, "routes", i), &r[i]);
	c->smpp.routes = r;
	c->smpp.route_count = n;
	conf_unique(t, t->root, "routes", "prefix");
}

void conf_fill_smpp(struct conf_tree *t, struct conf *c)
{
	fill_smscs(t, c);
	fill_routes(t, c);
}
