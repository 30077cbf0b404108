/*
 * tenants: fills and checks the tenants. Looks up their users and groups once, at load. A name that the system does not
 * know is a fault, because no process could then be this tenant. Owns nothing.
 */
#include "fill.h"
#include "groups.h"

#include <grp.h>
#include <libconfig.h>
#include <pwd.h>
#include <string.h>

static bool lookup(const char *name, bool group, uint32_t *id)
{
	if (group) {
		const struct group *g = getgrnam(name);

		if (g)
			*id = g->gr_gid;
		return g != NULL;
	}
	const struct passwd *p = getpwnam(name);

	if (p)
		*id = p->pw_uid;
	return p != NULL;
}

static size_t fill_ids(struct conf_tree *t, const config_setting_t *g, const char *path, const uint32_t **out)
{
	const char *name = strrchr(path, '.') + 1;
	bool group = strcmp(name, "gid") == 0;
	const config_setting_t *list = conf_given(g, path) ? config_setting_get_member(g, name) : NULL;
	size_t n = list ? (size_t)config_setting_length(list) : 0;
	uint32_t *ids = conf_alloc(t, n, sizeof(*ids));

	for (size_t i = 0; ids && i < n; i++) {
		const config_setting_t *e = config_setting_get_elem(list, (unsigned)i);
		const char *text = config_setting_get_string(e);

		if (!text)
			ids[i] = (uint32_t)config_setting_get_int64(e);
		else if (!lookup(text, group, &ids[i]))
			conf_fault(t, g, name, "found \"%s\", allowed a number, or a %s of this system", text,
			           group ? "group" : "user");
	}
	*out = ids;
	return ids ? n : 0;
}

static bool is_purpose(const struct policy_opts *o, const char *name)
{
	for (size_t i = 0; i < o->purpose_count; i++)
		if (strcmp(o->purposes[i].name, name) == 0)
			return true;
	return false;
}

/* True if the key exists but does not fit, which tree has noted as a fault already. */
static bool is_faulty(const config_setting_t *g, const char *name)
{
	return config_setting_get_member(g, name) &&
	       !conf_given(g, strcmp(name, "uid") == 0 ? "tenants.uid" : "tenants.gid");
}

static void fill_tenant(struct conf_tree *t, const struct policy_opts *o, const config_setting_t *g,
                        struct policy_tenant *x)
{
	x->uid_count = fill_ids(t, g, "tenants.uid", &x->uids);
	x->gid_count = fill_ids(t, g, "tenants.gid", &x->gids);
	if (x->burst <= 0)
		x->burst = x->rate > 1 ? x->rate : 1;
	for (size_t i = 0; i < x->purpose_count; i++)
		if (!is_purpose(o, x->purposes[i]))
			conf_fault(t, g, "purposes", "found \"%s\", allowed the names in purposes", x->purposes[i]);
	if (x->uid_count == 0 && x->gid_count == 0 && !is_faulty(g, "uid") && !is_faulty(g, "gid"))
		conf_fault(t, g, "uid", "found neither uid nor gid, allowed at least one user or group");
}

static void check_uids(struct conf_tree *t, const struct policy_tenant *all, size_t i)
{
	for (size_t k = 0; k < all[i].uid_count; k++)
		for (size_t j = 0; j < i; j++)
			for (size_t l = 0; l < all[j].uid_count; l++)
				if (all[i].uids[k] == all[j].uids[l])
					conf_fault(t, conf_item(t->root, "tenants", i), "uid",
					           "found user %u, allowed none that tenant %s has", all[i].uids[k],
					           all[j].name);
}

void conf_fill_tenants(struct conf_tree *t, struct conf *c)
{
	const struct policy_opts *o = &c->flow.policy;
	struct policy_tenant *x = conf_filled(c, "tenants");

	for (size_t i = 0; i < o->tenant_count; i++) {
		fill_tenant(t, o, conf_item(t->root, "tenants", i), &x[i]);
		check_uids(t, x, i);
	}
	conf_unique(t, t->root, "tenants", "name");
}
