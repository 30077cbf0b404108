/*
 * routes: finds the SMSCs for a number and their order. The longest prefix selects the route; its SMSCs are ordered as
 * configured or by weight. Pure: an SMSC is only an index here. The caller knows whether it can take a message.
 */
#ifndef SMPP_ROUTES_H
#define SMPP_ROUTES_H

#include "smpp.h"

#define SMPP_PREFIX_CAP 16

/* One SMSC of a route. */
struct smpp_share {
	unsigned char smsc;
	uint32_t weight;
	int64_t credit; /* of the weighted round robin; the largest goes first */
};

struct smpp_route {
	char prefix[SMPP_PREFIX_CAP], sender[22];
	struct smpp_share *shares; /* in the order of the configuration */
	size_t count;
	struct smsc_set set;
	bool weighted;
	int shorter; /* index of the route with the longest prefix that this prefix begins with; -1: none */
};

struct smpp_routes {
	struct smpp_route *all;
	struct smpp_route **by_prefix; /* all in the order of their prefixes */
	size_t count;
};

/* index returns the index of an SMSC's name, or -1 if it is unknown. ERR_INVALID, ERR_NOMEM: *r is unchanged. */
typedef int (*smpp_routes_index_fn)(void *arg, const char *name);
enum err smpp_routes_init(struct smpp_routes *r, const struct smpp_opts *o, smpp_routes_index_fn index,
                          void *arg) ERR_CHECKED;
void smpp_routes_clear(struct smpp_routes *r);

/* Returns the index of the route with the longest matching prefix; -1: none. Its cost hardly grows with the routes. */
int smpp_routes_find(const struct smpp_routes *r, const struct msisdn *to);

/*
 * True if the SMSC at place a of r->shares is to be tried before that at place b. With weights, more credit goes first,
 * and an SMSC without weight last. Otherwise, and among equal ones, the order of the configuration decides.
 */
bool smpp_routes_before(const struct smpp_route *r, size_t a, size_t b);

/* Records that a message went to this SMSC. usable: the SMSCs that could have taken it; each gains its weight as
 * credit. */
void smpp_routes_used(struct smpp_route *r, unsigned smsc, const struct smsc_set *usable);

#endif
