/*
 * configure: applies another configuration, all of it or nothing, and can revert it within the same loop turn. Never
 * ends a bind that the change does not concern.
 */
#include "smpp/configure.h"

#include "base/clock.h"
#include "base/log.h"

#include <string.h>

#define TOPIC "smpp"

/* A configuration to apply, with the index that each of its SMSCs will have. */
struct plan {
	const struct smpp_opts *opts;
	unsigned char index[SMPP_SMSC_MAX];
	struct smpp_binds *fresh[SMPP_SMSC_MAX]; /* by place in opts; NULL: the SMSC exists already */
	struct smsc_set taken;                   /* indices of SMSCs that exist or are planned */
};

static int planned_index(void *arg, const char *name)
{
	const struct plan *plan = arg;

	for (size_t i = 0; i < plan->opts->smsc_count; i++)
		if (strcmp(plan->opts->smscs[i].name, name) == 0)
			return plan->index[i];
	return -1;
}

/* SMSCs that are no longer configured wait for their submits in flight and unbind. */
void smpp_configure_finish(struct smpp *p)
{
	struct smsc_set stays = { 0 };

	if (!p->former.open)
		return;
	p->former.open = false;
	smpp_routes_clear(&p->former.routes);
	for (size_t i = 0; i < p->configured_count; i++)
		smsc_set_add(&stays, p->configured[i]);
	for (size_t i = 0; i < SMPP_SMSC_MAX; i++)
		if (p->binds[i] && !p->binds[i]->leaving && !smsc_set_has(&stays, (unsigned)i)) {
			log_info(TOPIC, "smsc_removing smsc=%s", p->binds[i]->smsc.name);
			p->binds[i]->smsc.o.password = NULL;
			smpp_binds_stop(p->binds[i], false);
		}
}

/* A free index that the plan has not assigned; -1: none. */
static int free_index(struct smpp *p, struct plan *plan)
{
	for (unsigned n = 0; n < SMPP_SMSC_MAX; n++) {
		unsigned at = (p->next_index + n) % SMPP_SMSC_MAX;

		if (smsc_set_has(&plan->taken, at))
			continue;
		smsc_set_add(&plan->taken, at);
		p->next_index = (at + 1) % SMPP_SMSC_MAX;
		return (int)at;
	}
	return -1;
}

static enum err plan_smsc(struct smpp *p, struct plan *plan, size_t i)
{
	const struct smpp_smsc_opts *o = &plan->opts->smscs[i];
	int here = smpp_smsc_find(p, o->name), index;

	if (here >= 0 && smpp_smsc_same(&p->binds[here]->smsc, o)) {
		plan->index[i] = (unsigned char)here;
		return smpp_smsc_check(o);
	}
	if ((index = free_index(p, plan)) < 0)
		return ERR_BUSY;
	plan->index[i] = (unsigned char)index;
	enum err err = smpp_binds_new(o, (unsigned)index, &p->env, &plan->fresh[i]);
	if (!err && here >= 0)
		smpp_smsc_inherit(&plan->fresh[i]->smsc, &p->binds[here]->smsc, clock_mono_ms());
	return err;
}

/* The options were checked before, so only ERR_NOMEM is possible. The SMSC then keeps its former options or binds. */
static void reconfigure(struct smpp_binds *all, const struct smpp_smsc_opts *o)
{
	if (smpp_binds_configure(all, o) != ERR_OK)
		log_error(TOPIC, "no memory for the new options smsc=%s", all->smsc.name);
	all->smsc.o.password = o->password;
}

static void index_tags(struct smpp *p)
{
	p->tags.count = 0;
	for (size_t i = 0; i < p->configured_count; i++)
		smpp_tags_put(&p->tags, p->binds[p->configured[i]]->smsc.o.tag, p->configured[i]);
}

static void take_plan(struct smpp *p, const struct plan *plan, const struct smpp_routes *routes)
{
	p->former.open = true;
	p->former.routes = p->routes;
	memcpy(p->former.configured, p->configured, sizeof p->configured);
	p->former.configured_count = p->configured_count;
	p->former.fresh = (struct smsc_set){ 0 };
	p->routes = *routes;
	memcpy(p->configured, plan->index, sizeof p->configured);
	p->configured_count = plan->opts->smsc_count;
	for (size_t i = 0; i < p->configured_count; i++) {
		if (plan->fresh[i]) {
			p->binds[p->configured[i]] = plan->fresh[i];
			smsc_set_add(&p->former.fresh, p->configured[i]);
		} else {
			reconfigure(p->binds[p->configured[i]], &plan->opts->smscs[i]);
		}
	}
	index_tags(p);
	smpp_notifier_state(&p->notifier);
	smpp_notifier_room(&p->notifier);
}

enum err smpp_configure(struct smpp *p, const struct smpp_opts *opts)
{
	struct plan plan = { .opts = opts };
	struct smpp_routes routes;
	enum err err = opts->smsc_count <= SMPP_SMSC_MAX ? ERR_OK : ERR_INVALID;

	smpp_configure_finish(p);
	for (unsigned i = 0; i < SMPP_SMSC_MAX; i++)
		if (p->binds[i])
			smsc_set_add(&plan.taken, i);
	for (size_t i = 0; !err && i < opts->smsc_count; i++)
		err = plan_smsc(p, &plan, i);
	if (!err)
		err = smpp_routes_init(&routes, opts, planned_index, &plan);
	if (err) {
		for (size_t i = 0; i < SMPP_SMSC_MAX; i++)
			smpp_binds_free(plan.fresh[i]);
		return err;
	}
	take_plan(p, &plan, &routes);
	return ERR_OK;
}

void smpp_revert(struct smpp *p, const struct smpp_opts *former)
{
	if (!p->former.open)
		return;
	for (size_t i = 0; i < SMPP_SMSC_MAX; i++)
		if (smsc_set_has(&p->former.fresh, (unsigned)i)) {
			smpp_binds_free(p->binds[i]);
			p->binds[i] = NULL;
		}
	smpp_routes_clear(&p->routes);
	p->routes = p->former.routes;
	memcpy(p->configured, p->former.configured, sizeof p->configured);
	p->configured_count = p->former.configured_count;
	p->former.open = false;
	for (size_t i = 0; i < former->smsc_count; i++) {
		int here = smpp_smsc_find(p, former->smscs[i].name);
		if (here >= 0)
			reconfigure(p->binds[here], &former->smscs[i]);
	}
	index_tags(p);
}

enum err smpp_check(const struct smpp_opts *opts)
{
	enum err err = opts->smsc_count <= SMPP_SMSC_MAX ? ERR_OK : ERR_INVALID;

	for (size_t i = 0; i < opts->smsc_count; i++) {
		enum err its = smpp_smsc_check(&opts->smscs[i]);
		err = err ? err : its;
	}
	return err;
}
