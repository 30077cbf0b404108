/*
 * status: what a command_status means for a submit and for a bind: const tables, pure.
 * An unknown value is data, never an error of ours: it is VENDOR.
 */
#include "smpp/status.h"

#include <stddef.h>

static const struct {
	uint32_t status;
	enum smpp_class class;
} statuses[] = {
    {0x00, SMPP_CLASS_ACCEPTED},
    {0x01, SMPP_CLASS_PROFILE},     /* invalid message length */
    {0x02, SMPP_CLASS_PROTOCOL},    /* invalid command length */
    {0x03, SMPP_CLASS_PROTOCOL},    /* invalid command id */
    {0x04, SMPP_CLASS_SESSION},     /* incorrect bind status */
    {0x06, SMPP_CLASS_PROFILE},     /* priority */
    {0x07, SMPP_CLASS_PROFILE},     /* registered delivery */
    {0x08, SMPP_CLASS_TRANSIENT},   /* system error */
    {0x0A, SMPP_CLASS_PROFILE},     /* source address */
    {0x0B, SMPP_CLASS_DESTINATION}, /* destination address */
    {0x0C, SMPP_CLASS_DUPLICATE},   /* message id */
    {0x14, SMPP_CLASS_QUEUE_FULL},  /* message queue full */
    {0x15, SMPP_CLASS_PROFILE},     /* service type */
    {0x33, SMPP_CLASS_DESTINATION}, /* number of destinations */
    {0x34, SMPP_CLASS_DESTINATION}, /* distribution list */
    {0x40, SMPP_CLASS_DESTINATION}, /* destination flag */
    {0x42, SMPP_CLASS_PROFILE},     /* submit with replace */
    {0x43, SMPP_CLASS_PROFILE},     /* esm_class */
    {0x44, SMPP_CLASS_DESTINATION}, /* cannot submit to list */
    {0x45, SMPP_CLASS_VAGUE},       /* submit failed */
    {0x48, SMPP_CLASS_PROFILE},     /* source TON */
    {0x49, SMPP_CLASS_PROFILE},     /* source NPI */
    {0x4A, SMPP_CLASS_PROFILE},     /* as 0x48 at some */
    {0x4B, SMPP_CLASS_PROFILE},     /* as 0x49 at some */
    {0x50, SMPP_CLASS_PROFILE},     /* destination TON */
    {0x51, SMPP_CLASS_PROFILE},     /* destination NPI */
    {0x53, SMPP_CLASS_FORBIDDEN},   /* system type, in a submit */
    {0x54, SMPP_CLASS_PROFILE},     /* replace flag */
    {0x55, SMPP_CLASS_PROFILE},     /* number of messages */
    {0x58, SMPP_CLASS_THROTTLE},    /* throttled */
    {0x61, SMPP_CLASS_PROFILE},     /* schedule */
    {0x62, SMPP_CLASS_EXPIRY},      /* validity */
    {0x63, SMPP_CLASS_PROFILE},     /* predefined message */
    {0x64, SMPP_CLASS_TRANSIENT},   /* temporary application error */
    {0x65, SMPP_CLASS_FORBIDDEN},   /* permanent application error */
    {0x66, SMPP_CLASS_FORBIDDEN},   /* rejected */
    {0xC0, SMPP_CLASS_PROFILE},     /* optional part */
    {0xC1, SMPP_CLASS_PROFILE},     /* optional parameter not allowed */
    {0xC2, SMPP_CLASS_PROFILE},     /* parameter length */
    {0xC3, SMPP_CLASS_PROFILE},     /* parameter missing */
    {0xC4, SMPP_CLASS_PROFILE},     /* parameter value */
    {0xFE, SMPP_CLASS_TRANSIENT},   /* delivery failure */
    {0xFF, SMPP_CLASS_TRANSIENT},   /* unknown error */
    {0x100, SMPP_CLASS_FORBIDDEN},  /* not authorised (5.0) */
    {0x101, SMPP_CLASS_FORBIDDEN},  /* wrong use of the account (5.0) */
    {0x102, SMPP_CLASS_TRANSIENT},  /* temporarily unavailable (5.0) */
    {0x103, SMPP_CLASS_FORBIDDEN},  /* prohibited (5.0) */
    {0x104, SMPP_CLASS_PROFILE},    /* unsupported (5.0) */
};

static const struct {
	const char *name;
	enum smpp_outcome outcome;
	uint32_t again_ms; /* the same SMSC may be tried once more after this, when there is no other */
} classes[SMPP_CLASS_MAX] = {
    [SMPP_CLASS_ACCEPTED] = {"accepted", SMPP_ACCEPTED, 0},
    [SMPP_CLASS_THROTTLE] = {"throttle", SMPP_LATER, 0},
    [SMPP_CLASS_QUEUE_FULL] = {"queue_full", SMPP_OTHER, 2000},
    [SMPP_CLASS_TRANSIENT] = {"transient", SMPP_OTHER, 2000},
    [SMPP_CLASS_VAGUE] = {"vague", SMPP_OTHER, 0},
    [SMPP_CLASS_SESSION] = {"session", SMPP_LATER, 0},
    [SMPP_CLASS_DESTINATION] = {"destination", SMPP_OTHER, 0},
    [SMPP_CLASS_PROFILE] = {"profile", SMPP_OTHER, 0},
    [SMPP_CLASS_EXPIRY] = {"expiry", SMPP_OTHER, 0},
    [SMPP_CLASS_FORBIDDEN] = {"forbidden", SMPP_OTHER, 0},
    [SMPP_CLASS_ACCOUNT] = {"account", SMPP_OTHER, 0},
    [SMPP_CLASS_DUPLICATE] = {"duplicate", SMPP_REFUSED, 0},
    [SMPP_CLASS_PROTOCOL] = {"protocol", SMPP_OTHER, 0},
    [SMPP_CLASS_VENDOR] = {"vendor", SMPP_OTHER, 0},
};

enum smpp_class smpp_status_class(uint32_t status)
{
	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
		if (statuses[i].status == status)
			return statuses[i].class;
	return SMPP_CLASS_VENDOR;
}

const char *smpp_class_name(enum smpp_class c)
{
	return (unsigned)c < SMPP_CLASS_MAX ? classes[c].name : "unknown";
}

enum smpp_outcome smpp_class_outcome(enum smpp_class c)
{
	return (unsigned)c < SMPP_CLASS_MAX ? classes[c].outcome : SMPP_OTHER;
}

uint32_t smpp_class_again_ms(enum smpp_class c)
{
	return (unsigned)c < SMPP_CLASS_MAX ? classes[c].again_ms : 0;
}

enum smpp_bind_policy smpp_status_bind(uint32_t status)
{
	switch (status) {
	case 0x00: return SMPP_BIND_BOUND;
	case 0x05: return SMPP_BIND_ALREADY;
	case 0x0D: return SMPP_BIND_FAILED;
	case 0x0E:
	case 0x0F:
	case 0x53: return SMPP_BIND_CREDENTIALS;
	default: return SMPP_BIND_BACKOFF;
	}
}

uint32_t smpp_status_bind_delay_ms(enum smpp_bind_policy policy, unsigned n)
{
	static const uint32_t already[] = {30000, 60000, 120000}, credentials[] = {60000, 300000, 900000};
	const uint32_t *delays = policy == SMPP_BIND_ALREADY ? already : credentials;
	return delays[n < 2 ? n : 2];
}
