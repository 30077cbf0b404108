/*
 * routes: keeps the prefixes with their SMSCs. Weighted shares use smooth round robin: each message adds to every
 * usable SMSC its weight as credit, and the SMSC that took the message pays the sum. Thus the shares hold even over a
 * few messages. Owns the routes.
 */
#include "smpp/routes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum err fill_shares(const struct smpp_route_opts *in, struct smpp_route *r, smpp_routes_index_fn index,
                            void *arg)
{
	r->shares = calloc(in->smsc_count, sizeof *r->shares);
	if (!r->shares)
		return ERR_NOMEM;
	for (size_t i = 0; i < in->smsc_count; i++) {
		int smsc = index(arg, in->smscs[i]);
		if (smsc < 0 || smsc >= SMPP_SMSC_MAX)
			return ERR_INVALID;
		if (smsc_set_has(&r->set, (unsigned)smsc))
			continue;
		smsc_set_add(&r->set, (unsigned)smsc);
		r->shares[r->count++] =
		    (struct smpp_share){ .smsc = (unsigned char)smsc, .weight = in->weights ? in->weights[i] : 0 };
	}
	return ERR_OK;
}

static enum err fill(const struct smpp_route_opts *in, struct smpp_route *r, smpp_routes_index_fn index, void *arg)
{
	size_t len = strlen(in->prefix);

	if (len >= SMPP_PREFIX_CAP || strspn(in->prefix, "0123456789") != len || in->smsc_count == 0)
		return ERR_INVALID;
	memcpy(r->prefix, in->prefix, len + 1);
	if (snprintf(r->sender, sizeof r->sender, "%s", in->sender ? in->sender : "") >= (int)sizeof r->sender)
		return ERR_INVALID;
	r->weighted = in->weights != NULL;
	return fill_shares(in, r, index, arg);
}

/* By prefix. Of two routes with one prefix the first in the configuration comes last, so that it is found. */
static int by_prefix(const void *x, const void *y)
{
	const struct smpp_route *const *a = x, *const *b = y;
	int c = strcmp((*a)->prefix, (*b)->prefix);

	return c ? c : *a < *b ? 1 : -1;
}

static bool begins_with(const struct smpp_route *r, const char *prefix)
{
	return strncmp(r->prefix, prefix, strlen(prefix)) == 0;
}

/* The prefixes that a prefix begins with are, in order, its predecessor or some of those that this one begins with. */
static void sort(struct smpp_routes *r)
{
	for (size_t i = 0; i < r->count; i++)
		r->by_prefix[i] = &r->all[i];
	qsort(r->by_prefix, r->count, sizeof *r->by_prefix, by_prefix);
	for (size_t i = 0; i < r->count; i++) {
		int shorter = i ? (int)(r->by_prefix[i - 1] - r->all) : -1;

		while (shorter >= 0 && !begins_with(r->by_prefix[i], r->all[shorter].prefix))
			shorter = r->all[shorter].shorter;
		r->by_prefix[i]->shorter = shorter;
	}
}

enum err smpp_routes_init(struct smpp_routes *r, const struct smpp_opts *o, smpp_routes_index_fn index, void *arg)
{
	size_t n = o->route_count;
	struct smpp_routes made = { .all = calloc(n ? n : 1, sizeof(struct smpp_route)),
		                    .by_prefix = calloc(n ? n : 1, sizeof(struct smpp_route *)) };
	enum err err = made.all && made.by_prefix ? ERR_OK : ERR_NOMEM;

	for (size_t i = 0; !err && i < n; i++) {
		made.count++;
		err = fill(&o->routes[i], &made.all[i], index, arg);
	}
	if (err) {
		smpp_routes_clear(&made);
		return err;
	}
	sort(&made);
	*r = made;
	return ERR_OK;
}

void smpp_routes_clear(struct smpp_routes *r)
{
	for (size_t i = 0; i < r->count; i++)
		free(r->all[i].shares);
	free(r->all);
	free(r->by_prefix);
	*r = (struct smpp_routes){ .count = 0 };
}

int smpp_routes_find(const struct smpp_routes *r, const struct msisdn *to)
{
	size_t low = 0, high = r->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (strcmp(r->by_prefix[middle]->prefix, to->digits) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	int at = low ? (int)(r->by_prefix[low - 1] - r->all) : -1;
	while (at >= 0 && !msisdn_has_prefix(to, r->all[at].prefix))
		at = r->all[at].shorter;
	return at;
}

bool smpp_routes_before(const struct smpp_route *r, size_t a, size_t b)
{
	const struct smpp_share *x = &r->shares[a], *y = &r->shares[b];
	int64_t more = x->credit + x->weight - y->credit - y->weight;

	if (r->weighted && !x->weight != !y->weight)
		return x->weight > 0;
	return r->weighted && more ? more > 0 : a < b;
}

void smpp_routes_used(struct smpp_route *r, unsigned smsc, const struct smsc_set *usable)
{
	int64_t sum = 0;

	for (size_t i = 0; r->weighted && i < r->count; i++)
		if (smsc_set_has(usable, r->shares[i].smsc)) {
			r->shares[i].credit += r->shares[i].weight;
			sum += r->shares[i].weight;
		}
	for (size_t i = 0; i < r->count && sum; i++)
		if (r->shares[i].smsc == smsc)
			r->shares[i].credit -= sum;
}
