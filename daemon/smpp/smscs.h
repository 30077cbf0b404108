/*
 * smscs: all SMSCs and routes of the configuration in force, by index and by name. What the door (smpp.h) hides:
 * private to the files of the room that stand above it.
 */
#ifndef SMPP_SMSCS_H
#define SMPP_SMSCS_H

#include "smpp/binds.h"
#include "smpp/routes.h"

struct smpp {
	struct smpp_bind_env env;
	struct smpp_notifier notifier;
	uint32_t epochs;                         /* sessions ever begun, of all binds */
	struct smpp_binds *binds[SMPP_SMSC_MAX]; /* by index; NULL: free */
	unsigned char configured[SMPP_SMSC_MAX]; /* indices in the order of the configuration */
	size_t configured_count;
	unsigned next_index; /* a free one is taken again as late as possible */
	struct smpp_routes routes;
	struct {
		bool open; /* in this turn the configuration changed: it may be taken back */
		struct smpp_routes routes;
		unsigned char configured[SMPP_SMSC_MAX];
		size_t configured_count;
		uint32_t fresh; /* mask of those that came */
	} former;
	bool started, stopping, stopped;
	struct loop_timer *drain;
	loop_fn done;
	void *done_arg;
};

/* By index, below SMPP_SMSC_MAX. NULL: none, or one that leaves. */
struct smpp_binds *smpp_smscs_at(const struct smpp *p, unsigned smsc);

/* By index of smpp_route. NULL: none. */
struct smpp_route *smpp_smscs_route(const struct smpp *p, int route);

#endif
