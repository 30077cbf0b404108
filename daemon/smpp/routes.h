/*
 * routes: which SMSCs a number may go to, and in which order: longest prefix, then the order given or by weight. Pure:
 * SMSCs are indices; whether one can take a message is the caller's to know.
 */
#ifndef SMPP_ROUTES_H
#define SMPP_ROUTES_H

#include "smpp.h"

#define SMPP_PREFIX_CAP 16

struct smpp_route {
	char prefix[SMPP_PREFIX_CAP], sender[22];
	unsigned char smscs[SMPP_SMSC_MAX];
	uint32_t weights[SMPP_SMSC_MAX];
	int64_t credit[SMPP_SMSC_MAX]; /* who is owed how much: the largest is first */
	size_t count;
	uint32_t mask;
	bool weighted;
};

struct smpp_routes {
	struct smpp_route *all;
	size_t count;
};

/* index: of an SMSC's name; -1: unknown. ERR_INVALID (*r is unchanged), ERR_NOMEM. */
typedef int (*smpp_routes_index_fn)(void *arg, const char *name);
enum err smpp_routes_init(struct smpp_routes *r, const struct smpp_opts *o, smpp_routes_index_fn index,
                          void *arg) ERR_CHECKED;
void smpp_routes_clear(struct smpp_routes *r);

/* The route of the longest prefix; -1: none. */
int smpp_routes_find(const struct smpp_routes *r, const struct msisdn *to);

/* The places of the route in the order to try: indices into smscs. Looking changes no weight. */
void smpp_routes_order(const struct smpp_route *r, unsigned char order[SMPP_SMSC_MAX]);

/* A message went to this SMSC; usable: a mask of those that could have had it, which are owed their shares. */
void smpp_routes_used(struct smpp_route *r, unsigned smsc, uint32_t usable);

#endif
