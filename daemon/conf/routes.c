/*
 * routes: fills and checks the routes, which say which numbers go to which SMSCs. Checks what smpp relies on: the SMSCs
 * exist, the senders can be encoded, and each prefix occurs once. Owns nothing.
 */
#include "fill.h"
#include "groups.h"

#include <libconfig.h>
#include <string.h>

static bool is_smsc(const struct conf *c, const char *name)
{
	for (size_t i = 0; i < c->smpp.smsc_count; i++)
		if (strcmp(c->smpp.smscs[i].name, name) == 0)
			return true;
	return false;
}

/* One weight per SMSC, or no weights. */
static void fill_weights(struct conf_tree *t, const config_setting_t *g, struct smpp_route_opts *r)
{
	uint32_t *weights = NULL, sum = 0;
	size_t n = 0;

	if (conf_given(g, "routes.weights"))
		weights = conf_alloc(t, SMPP_SMSC_MAX, sizeof(*weights));
	if (weights)
		n = conf_ints(g, "routes.weights", weights, SMPP_SMSC_MAX);
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
	for (size_t i = 0; i < r->smsc_count; i++) {
		if (!is_smsc(c, r->smscs[i]))
			conf_fault(t, g, "smsc", "found \"%s\", allowed the names in smsc", r->smscs[i]);
		for (size_t j = 0; j < i; j++)
			if (strcmp(r->smscs[i], r->smscs[j]) == 0)
				conf_fault(t, g, "smsc", "found \"%s\" a second time, allowed once", r->smscs[i]);
	}
	fill_weights(t, g, r);
	if (!conf_sender_ok(r->sender))
		conf_fault(t, g, "sender", "found \"%s\", allowed at most 11 characters, or at most 15 digits",
		           r->sender);
}

void conf_fill_routes(struct conf_tree *t, struct conf *c)
{
	struct smpp_route_opts *routes = conf_filled(c, "routes");

	for (size_t i = 0; i < c->smpp.route_count; i++)
		fill_route(t, c, conf_item(t->root, "routes", i), &routes[i]);
	conf_unique(t, t->root, "routes", "prefix");
}
