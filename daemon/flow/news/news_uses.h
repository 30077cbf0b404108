/*
 * news_uses: the modules and settings that marks and receipts use. flow fills it once and owns all that it points to.
 * marks and receipts must never keep or free any of it beyond their own life.
 */
#ifndef FLOW_NEWS_NEWS_USES_H
#define FLOW_NEWS_NEWS_USES_H

#include "flow.h"

struct news_uses {
	struct loop *loop;
	const struct flow_opts *opts; /* a reload overwrites them in place */
	const struct keyring *keys;
	struct store *store;
	struct smpp *smpp;
};

#endif
