/*
 * smscs: all SMSCs and routes of the configuration in force, by index and by name. Defines struct smpp, which smpp.h
 * leaves opaque; only smpp.c, configure.c, ready.c and smscs.c use it.
 */
#ifndef SMPP_SMSCS_H
#define SMPP_SMSCS_H

#include "smpp/binds.h"
#include "smpp/routes.h"
#include "smpp/tags.h"

struct smpp {
	struct smpp_bind_env env;
	struct smpp_notifier notifier;
	uint32_t epochs;                         /* sessions begun since the start, of all binds */
	struct smpp_binds *binds[SMPP_SMSC_MAX]; /* by index; NULL: free */
	unsigned char configured[SMPP_SMSC_MAX]; /* indices in the order of the configuration */
	size_t configured_count;
	struct smpp_tags tags; /* of the configured ones */
	unsigned next_index;   /* where the search for a free index begins, so that a freed one is reused late */
	struct smpp_routes routes;
	struct {
		bool open; /* the configuration changed in this loop turn and may still be reverted */
		struct smpp_routes routes;
		unsigned char configured[SMPP_SMSC_MAX];
		size_t configured_count;
		struct smsc_set fresh; /* the SMSCs that the change added */
	} former;
	bool started, stopping, stopped;
	struct loop_timer *drain;
	loop_fn done;
	void *done_arg;
};

/* smsc is below SMPP_SMSC_MAX. NULL: no SMSC has this index, or it is leaving. */
struct smpp_binds *smpp_smscs_at(const struct smpp *p, unsigned smsc);

/* route is an index as smpp_route returns it. NULL: none. */
struct smpp_route *smpp_smscs_route(const struct smpp *p, int route);

#endif
