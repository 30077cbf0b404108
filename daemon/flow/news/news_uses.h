/*
 * news_uses: what marks and receipts are handed of the rooms below. Filled once, by flow.
 */
#ifndef FLOW_NEWS_NEWS_USES_H
#define FLOW_NEWS_NEWS_USES_H

#include "flow.h"

struct news_uses {
	struct loop *loop;
	const struct flow_opts *opts; /* changes with a reload */
	const struct keyring *keys;
	struct store *store;
	struct smpp *smpp;
};

#endif
