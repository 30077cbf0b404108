/*
 * flow: the door of the use cases, for app. The flows themselves talk through daemon/flow/ headers.
 */
#ifndef FLOW_H
#define FLOW_H

#include "api.h"
#include "base/json.h"
#include "otp/keyring.h"
#include "otp/msisdn.h"
#include "otp/policy.h"
#include "smpp.h"
#include "store.h"

enum flow_ambiguous { FLOW_RESEND_ONCE, FLOW_FAIL, FLOW_WAIT };

struct flow_opts {
	struct policy_opts policy;
	struct msisdn_plan plan;
	uint32_t queue_max;            /* messages taken and not yet submitted */
	uint32_t redis_in_flight;      /* what the store takes at once: SENDs get at most an eighth of it */
	uint32_t send_target_ms;       /* a SEND's answer from Redis may take so long under any load */
	enum flow_ambiguous ambiguous; /* a submit without an answer */
	bool reroute;                  /* once to another SMSC, if a receipt says early that it did not arrive */
	uint32_t receipt_memory_s;     /* life of a receipt map beyond the validity: 86400 */
	enum store_durability require; /* SEND and RESEND are refused while Redis promises less; UNKNOWN: never */
	uint16_t partitions;
	uint32_t lease_ms;
};

struct flow;

/* opts point into the configuration and must outlive the flow, or the next flow_configure. */
enum err flow_new(struct loop *loop, const struct flow_opts *opts, const struct keyring *keys,
                  struct flow **out) ERR_CHECKED;

/* Gives the doors below, once they exist, and builds the parts above them: store and smpp take the hooks of the flow
 * when they are made, and start later. ERR_NOMEM: nothing but flow_free may follow. */
enum err flow_connect(struct flow *f, struct store *store, struct smpp *smpp) ERR_CHECKED;
enum err flow_configure(struct flow *f, const struct flow_opts *opts) ERR_CHECKED;

/* Hooks for the edges, and the listener of smpp. The arg of each says what it needs: pass it on as it is. */
struct api_hooks flow_api_hooks(struct flow *f);
struct store_hooks flow_store_hooks(struct flow *f);
struct smpp_listener flow_smpp_listener(struct flow *f);

void flow_start(struct flow *f);
/* Hands back what was never written; after it nothing is submitted. Marks still in flight are written: done when they
 * are. */
void flow_drain(struct flow *f, int64_t deadline_ms, loop_fn done, void *arg);
void flow_free(struct flow *f);

/* For the stats socket: queue, counters; gauges of now. */
void flow_status(const struct flow *f, struct json *j);
void flow_refresh(struct flow *f);

#endif
