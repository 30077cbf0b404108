/*
 * status: what a command_status means for a submit and for a bind, in const tables. Pure. An unknown value has the
 * class VENDOR.
 */
#include "smpp/codec/status.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const struct {
	uint32_t status;
	enum smpp_class class;
} statuses[] = {
	{ 0x00, SMPP_CLASS_ACCEPTED },    { 0x01, SMPP_CLASS_PROFILE }, /* invalid message length */
	{ 0x02, SMPP_CLASS_PROTOCOL },                                  /* invalid command length */
	{ 0x03, SMPP_CLASS_PROTOCOL },                                  /* invalid command id */
	{ 0x04, SMPP_CLASS_SESSION },                                   /* incorrect bind status */
	{ 0x06, SMPP_CLASS_PROFILE },                                   /* priority */
	{ 0x07, SMPP_CLASS_PROFILE },                                   /* registered delivery */
	{ 0x08, SMPP_CLASS_TRANSIENT },                                 /* system error */
	{ 0x0A, SMPP_CLASS_PROFILE },                                   /* source address */
	{ 0x0B, SMPP_CLASS_DESTINATION },                               /* destination address */
	{ 0x0C, SMPP_CLASS_DUPLICATE },                                 /* message id */
	{ 0x14, SMPP_CLASS_QUEUE_FULL },                                /* message queue full */
	{ 0x15, SMPP_CLASS_PROFILE },                                   /* service type */
	{ 0x33, SMPP_CLASS_DESTINATION },                               /* number of destinations */
	{ 0x34, SMPP_CLASS_DESTINATION },                               /* distribution list */
	{ 0x40, SMPP_CLASS_DESTINATION },                               /* destination flag */
	{ 0x42, SMPP_CLASS_PROFILE },                                   /* submit with replace */
	{ 0x43, SMPP_CLASS_PROFILE },                                   /* esm_class */
	{ 0x44, SMPP_CLASS_DESTINATION },                               /* cannot submit to list */
	{ 0x45, SMPP_CLASS_VAGUE },                                     /* submit failed */
	{ 0x48, SMPP_CLASS_PROFILE },                                   /* source TON */
	{ 0x49, SMPP_CLASS_PROFILE },                                   /* source NPI */
	{ 0x4A, SMPP_CLASS_PROFILE },                                   /* as 0x48 at some */
	{ 0x4B, SMPP_CLASS_PROFILE },                                   /* as 0x49 at some */
	{ 0x50, SMPP_CLASS_PROFILE },                                   /* destination TON */
	{ 0x51, SMPP_CLASS_PROFILE },                                   /* destination NPI */
	{ 0x53, SMPP_CLASS_FORBIDDEN },                                 /* system type, in a submit */
	{ 0x54, SMPP_CLASS_PROFILE },                                   /* replace flag */
	{ 0x55, SMPP_CLASS_PROFILE },                                   /* number of messages */
	{ 0x58, SMPP_CLASS_THROTTLE },                                  /* throttled */
	{ 0x61, SMPP_CLASS_PROFILE },                                   /* schedule */
	{ 0x62, SMPP_CLASS_EXPIRY },                                    /* validity */
	{ 0x63, SMPP_CLASS_PROFILE },                                   /* predefined message */
	{ 0x64, SMPP_CLASS_TRANSIENT },                                 /* temporary application error */
	{ 0x65, SMPP_CLASS_FORBIDDEN },                                 /* permanent application error */
	{ 0x66, SMPP_CLASS_FORBIDDEN },                                 /* rejected */
	{ 0xC0, SMPP_CLASS_PROFILE },                                   /* optional part */
	{ 0xC1, SMPP_CLASS_PROFILE },                                   /* optional parameter not allowed */
	{ 0xC2, SMPP_CLASS_PROFILE },                                   /* parameter length */
	{ 0xC3, SMPP_CLASS_PROFILE },                                   /* parameter missing */
	{ 0xC4, SMPP_CLASS_PROFILE },                                   /* parameter value */
	{ 0xFE, SMPP_CLASS_TRANSIENT },                                 /* delivery failure */
	{ 0xFF, SMPP_CLASS_TRANSIENT },                                 /* unknown error */
	{ 0x100, SMPP_CLASS_FORBIDDEN },                                /* not authorised (5.0) */
	{ 0x101, SMPP_CLASS_FORBIDDEN },                                /* wrong use of the account (5.0) */
	{ 0x102, SMPP_CLASS_TRANSIENT },                                /* temporarily unavailable (5.0) */
	{ 0x103, SMPP_CLASS_FORBIDDEN },                                /* prohibited (5.0) */
	{ 0x104, SMPP_CLASS_PROFILE },                                  /* unsupported (5.0) */
};

#define AGAIN_MS 2000
#define COOL_MS 30000 /* equals SMPP_QUEUE_FULL_COOL_MS, the cool-down of a full mailbox */

#define ROW(c, ...) [SMPP_CLASS_##c] = { SMPP_CLASS_##c, __VA_ARGS__ }

/*
 * Columns: class, name, outcome, whether the same SMSC is tried again, after how many ms, whether it costs an attempt,
 * effect on the SMSC.
 */
static const struct smpp_action actions[SMPP_CLASS_MAX] = {
	ROW(ACCEPTED, "accepted", SMPP_ACCEPTED, SMPP_SAME_NEVER, 0, false, SMPP_EFFECT_NONE),
	ROW(THROTTLE, "throttle", SMPP_LATER, SMPP_SAME_HEAD, 0, false, SMPP_EFFECT_THROTTLE),
	ROW(QUEUE_FULL, "queue_full", SMPP_OTHER, SMPP_SAME_ONCE, COOL_MS, true, SMPP_EFFECT_QUEUE_FULL),
	ROW(TRANSIENT, "transient", SMPP_OTHER, SMPP_SAME_ONCE, AGAIN_MS, true, SMPP_EFFECT_BREAKER),
	ROW(VAGUE, "vague", SMPP_OTHER, SMPP_SAME_NEVER, 0, true, SMPP_EFFECT_BREAKER),
	ROW(SESSION, "session", SMPP_LATER, SMPP_SAME_HEAD, 0, false, SMPP_EFFECT_CLOSE),
	ROW(DESTINATION, "destination", SMPP_OTHER, SMPP_SAME_NEVER, 0, true, SMPP_EFFECT_NONE),
	ROW(PROFILE, "profile", SMPP_OTHER, SMPP_SAME_NEVER, 0, true, SMPP_EFFECT_PROFILE),
	ROW(EXPIRY, "expiry", SMPP_OTHER, SMPP_SAME_BARE, 1, true, SMPP_EFFECT_EXPIRY),
	ROW(FORBIDDEN, "forbidden", SMPP_OTHER, SMPP_SAME_NEVER, 0, true, SMPP_EFFECT_FORBIDDEN),
	ROW(ACCOUNT, "account", SMPP_OTHER, SMPP_SAME_NEVER, 0, false, SMPP_EFFECT_CREDIT),
	ROW(DUPLICATE, "duplicate", SMPP_REFUSED, SMPP_SAME_NEVER, 0, true, SMPP_EFFECT_NONE),
	ROW(PROTOCOL, "protocol", SMPP_OTHER, SMPP_SAME_NEVER, 0, true, SMPP_EFFECT_FORBIDDEN),
	ROW(VENDOR, "vendor", SMPP_OTHER, SMPP_SAME_NEVER, 0, true, SMPP_EFFECT_BREAKER),
};

static const struct {
	uint32_t status;
	enum smpp_bind_policy policy;
} binds[] = {
	{ 0x00, SMPP_BIND_BOUND },       { 0x05, SMPP_BIND_ALREADY }, /* already bound */
	{ 0x0D, SMPP_BIND_CREDENTIALS }, /* bind failed: often a list of allowed addresses */
	{ 0x0E, SMPP_BIND_CREDENTIALS }, /* password */
	{ 0x0F, SMPP_BIND_CREDENTIALS }, /* system_id */
	{ 0x53, SMPP_BIND_CREDENTIALS }, /* system_type */
};

/* The reason of a refusal and the waits before the next tries. The last wait repeats. 0: the usual back-off. */
static const struct {
	const char *reason;
	uint32_t delays_ms[3];
	bool alarm;
} refusals[] = {
	[SMPP_BIND_ALREADY] = { "already_bound", { 30000, 60000, 120000 }, false },
	[SMPP_BIND_LIMIT] = { "bind_limit", { 30000, 60000, 120000 }, false },
	[SMPP_BIND_CREDENTIALS] = { "auth_failed", { 60000, 300000, 900000 }, true },
	[SMPP_BIND_BACKOFF] = { "bind_refused", { 0, 0, 0 }, false },
};
#define CREDENTIALS_PATIENCE 2 /* refusals that only back off, before "auth_failed" */

const struct smpp_action *smpp_class_action(enum smpp_class c)
{
	return &actions[(unsigned)c < SMPP_CLASS_MAX ? c : SMPP_CLASS_VENDOR];
}

static enum smpp_class class_of(uint32_t status)
{
	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
		if (statuses[i].status == status)
			return statuses[i].class;
	return SMPP_CLASS_VENDOR;
}

const struct smpp_action *smpp_status_action(const struct smpp_overrides *o, uint32_t status)
{
	for (size_t i = 0; o && i < o->count; i++)
		if (o->rows[i].status == status)
			return smpp_class_action(o->rows[i].class);
	return smpp_class_action(class_of(status));
}

static bool class_named(const char *name, enum smpp_class *out)
{
	for (unsigned c = 0; c < SMPP_CLASS_MAX; c++)
		if (strcmp(actions[c].name, name) == 0) {
			*out = (enum smpp_class)c;
			return true;
		}
	return false;
}

enum err smpp_overrides_set(struct smpp_overrides *o, const struct smpp_override *rows, size_t count)
{
	struct smpp_overrides made = { .count = count };
	if (count > SMPP_OVERRIDES_MAX)
		return ERR_INVALID;
	for (size_t i = 0; i < count; i++) {
		made.rows[i].status = rows[i].status;
		if (rows[i].status == 0 || !class_named(rows[i].class, &made.rows[i].class))
			return ERR_INVALID;
	}
	*o = made;
	return ERR_OK;
}

void smpp_status_text(uint32_t command_status, char out[SMPP_STATUS_TEXT_CAP])
{
	snprintf(out, SMPP_STATUS_TEXT_CAP, "0x%08" PRIX32, command_status);
}

const char *smpp_class_name(enum smpp_class c)
{
	return (unsigned)c < SMPP_CLASS_MAX ? actions[c].name : "unknown";
}

enum smpp_bind_policy smpp_status_bind(uint32_t status)
{
	for (size_t i = 0; i < sizeof binds / sizeof binds[0]; i++)
		if (binds[i].status == status)
			return binds[i].policy;
	return SMPP_BIND_BACKOFF;
}

struct smpp_bind_action smpp_status_refused(enum smpp_bind_policy policy, unsigned n)
{
	n -= n > 0;
	if (policy == SMPP_BIND_CREDENTIALS && n >= CREDENTIALS_PATIENCE)
		n -= CREDENTIALS_PATIENCE;
	else if (policy == SMPP_BIND_CREDENTIALS || policy == SMPP_BIND_BOUND)
		policy = SMPP_BIND_BACKOFF;
	return (struct smpp_bind_action){ .policy = policy,
		                          .reason = refusals[policy].reason,
		                          .delay_ms = refusals[policy].delays_ms[n < 2 ? n : 2],
		                          .alarm = refusals[policy].alarm };
}
