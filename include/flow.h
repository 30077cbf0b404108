/*
 * flow: the use cases of the gateway: it runs the commands, delivers the messages, and records what became of them.
 * This is what the process calls to create it, connect it to store and smpp, start it, reload it and stop it. flow owns
 * the messages between their acknowledgement and the SMSC's answer. It must never open a connection itself.
 */
#ifndef FLOW_H
#define FLOW_H

#include "api.h"
#include "base/json.h"
#include "otp/keyring.h"
#include "otp/msisdn.h"
#include "otp/policy.h"
#include "otp/proof.h"
#include "smpp.h"
#include "store.h"

/* What is done with a message whose submit was not answered. */
enum flow_ambiguous { FLOW_RESEND_ONCE, FLOW_FAIL, FLOW_WAIT };

/* What signs proofs. keys NULL: nothing, so there are none. */
struct flow_proof {
	const struct proof_keys *keys; /* credentials fills them in */
	const char *issuer;
	uint32_t ttl_s; /* life of a proof */
};

struct flow_opts {
	struct policy_opts policy;
	struct msisdn_plan plan;
	uint32_t queue_max;            /* most messages that are acknowledged and not yet submitted */
	uint32_t redis_in_flight;      /* store_opts.max_in_flight; each kind of request may use a part of it */
	uint32_t send_target_ms;       /* time in which Redis should answer a request; beyond it requests are refused */
	enum flow_ambiguous ambiguous; /* what is done after a submit without a response */
	bool reroute;              /* resend once by another SMSC if a receipt reports early that it did not arrive */
	uint32_t receipt_memory_s; /* how long receipts are awaited beyond the validity; 86400 by default */
	/* SEND and RESEND are refused while the durability is lower. UNKNOWN: no check. */
	enum store_durability require;
	struct flow_proof proof;
	uint16_t partitions;   /* of the key space; fixed for the life of a deployment */
	uint32_t lease_ms;     /* store_opts.lease_ms */
	uint8_t write_version; /* store_numbers.write_version */
};

struct flow;

/*
 * The opts are copied, but they point into the configuration, which must stay valid until the next flow_configure or
 * flow_free. ERR_NOMEM.
 */
enum err flow_new(struct loop *loop, const struct flow_opts *opts, const struct keyring *keys,
                  struct flow **out) ERR_CHECKED;

/*
 * Gives the flow its store and its smpp, and builds the parts that use them. It is a step of its own because store and
 * smpp need the hooks of the flow when they are created. ERR_NOMEM: only flow_free may follow.
 */
enum err flow_connect(struct flow *f, struct store *store, struct smpp *smpp) ERR_CHECKED;
/* Replaces the opts after a reload. smpp must be configured before. On ERR_NOMEM the former opts stay in force. */
enum err flow_configure(struct flow *f, const struct flow_opts *opts) ERR_CHECKED;

/*
 * The hooks that api_start and store_new take, and the listener that smpp_new takes. Pass their arg on unchanged. They
 * are valid until flow_free.
 */
struct api_hooks flow_api_hooks(struct flow *f);
struct store_hooks flow_store_hooks(struct flow *f);
struct smpp_listener flow_smpp_listener(struct flow *f);

/* Starts the delivery of messages, and the claims of messages whose lease ran out. Call it after flow_connect. */
void flow_start(struct flow *f);
/*
 * Submits nothing more, and hands the leases of queued messages back. Calls done once, when all submits in flight are
 * answered and all marks are in Redis, or at deadline_ms (monotonic).
 */
void flow_drain(struct flow *f, int64_t deadline_ms, loop_fn done, void *arg);
void flow_free(struct flow *f);

/* For the stats socket. flow_status adds the queue and the counters to an open object. flow_refresh sets the gauges. */
void flow_status(const struct flow *f, struct json *j);
void flow_refresh(struct flow *f);

#endif
