/*
 * routes: keeps the prefixes with their SMSCs. Weighted shares use smooth round robin: each message adds to every
 * usable SMSC its weight as credit, and the SMSC that took the message pays the sum. Thus the shares hold even over a
 * few messages. Owns the routes.
 */
#include "smpp/routes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum err fill(const struct smpp_route_opts *in, struct smpp_route *r, smpp_routes_index_fn index, void *arg)
{
	size_t len = strlen(in->prefix);

	if (len >= SMPP_PREFIX_CAP || strspn(in->prefix, "0123456789") != len || in->smsc_count == 0)
		return ERR_INVALID;
	memcpy(r->prefix, in->prefix, len + 1);
	if (snprintf(r->sender, sizeof r->sender, "%s", in->sender ? in->sender : "") >= (int)sizeof r->sender)
		return ERR_INVALID;
	r->weighted = in->weights != NULL;
	for (size_t i = 0; i < in->smsc_count; i++) {
		int smsc = index(arg, in->smscs[i]);
		if (smsc < 0 || smsc >= SMPP_SMSC_MAX)
			return ERR_INVALID;
		if (r->mask & UINT32_C(1) << smsc)
			continue;
		r->mask |= UINT32_C(1) << smsc;
		r->weights[r->count] = in->weights ? in->weights[i] : 0;
		r->smscs[r->count++] = (unsigned char)smsc;
	}
	return ERR_OK;
}

enum err smpp_routes_init(struct smpp_routes *r, const struct smpp_opts *o, smpp_routes_index_fn index, void *arg)
{
	struct smpp_route *all = calloc(o->route_count ? o->route_count : 1, sizeof *all);
	enum err err = all ? ERR_OK : ERR_NOMEM;

	for (size_t i = 0; !err && i < o->route_count; i++)
		err = fill(&o->routes[i], &all[i], index, arg);
	if (err) {
		free(all);
		return err;
	}
	*r = (struct smpp_routes){ .all = all, .count = o->route_count };
	return ERR_OK;
}

void smpp_routes_clear(struct smpp_routes *r)
{
	free(r->all);
	*r = (struct smpp_routes){ .count = 0 };
}

int smpp_routes_find(const struct smpp_routes *r, const struct msisdn *to)
{
	int best = -1;
	size_t best_len = 0;

	for (size_t i = 0; i < r->count; i++) {
		size_t len = strlen(r->all[i].prefix);
		if (msisdn_has_prefix(to, r->all[i].prefix) && (best < 0 || len > best_len)) {
			best = (int)i;
			best_len = len;
		}
	}
	return best;
}

/*
 * True if a goes before b. More credit goes first. An SMSC without weight goes last. Equal ones keep the configured
 * order.
 */
static bool before(const struct smpp_route *r, size_t a, size_t b)
{
	if (!r->weights[a] != !r->weights[b])
		return r->weights[a] > 0;
	return r->credit[a] + r->weights[a] > r->credit[b] + r->weights[b];
}

void smpp_routes_order(const struct smpp_route *r, unsigned char order[SMPP_SMSC_MAX])
{
	for (size_t i = 0; i < r->count; i++) {
		size_t at = i;
		for (; r->weighted && at > 0 && before(r, i, order[at - 1]); at--)
			order[at] = order[at - 1];
		order[at] = (unsigned char)i;
	}
}

void smpp_routes_used(struct smpp_route *r, unsigned smsc, uint32_t usable)
{
	int64_t sum = 0;

	for (size_t i = 0; r->weighted && i < r->count; i++)
		if (usable >> r->smscs[i] & 1) {
			r->credit[i] += r->weights[i];
			sum += r->weights[i];
		}
	for (size_t i = 0; i < r->count && sum; i++)
		if (r->smscs[i] == smsc)
			r->credit[i] -= sum;
}
