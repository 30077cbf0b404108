/*
 * profile: the form in which one SMSC accepts messages: alphabet, addresses, validity, service, vendor TLVs. Pure. Owns
 * copies of the configuration and makes the submit_sm of a message.
 */
#ifndef SMPP_CODEC_PROFILE_H
#define SMPP_CODEC_PROFILE_H

#include "smpp/codec/encode.h"

struct smpp_profile {
	char sender[22], service_type[6];
	enum smpp_alphabet alphabet;
	enum smpp_validity validity;
	struct smpp_types types;
	uint8_t protocol_id, priority;
	bool receipts;
	size_t tlv_count;
	struct smpp_tlv_field tlvs[SMPP_VENDOR_TLVS_MAX];
	uint8_t values[SMPP_VENDOR_TLVS_MAX][SMPP_VENDOR_TLV_LEN];
};

/* ERR_INVALID: a value does not fit its field; *p is unchanged. */
enum err smpp_profile_set(struct smpp_profile *p, const struct smpp_smsc_opts *o) ERR_CHECKED;

struct smpp_profile_submit {
	const struct smpp_message *message;
	bool bare;       /* send no validity_period, whatever the profile says (smpp_health.bare) */
	int64_t wall_ms; /* the time now, for an absolute validity_period */
	uint32_t sequence;
};
/* The caller wipes out. ERR_INVALID: text or sender cannot be packed. */
enum err smpp_profile_encode(const struct smpp_profile *p, const struct smpp_profile_submit *s,
                             struct smpp_pdu *out) ERR_CHECKED;

#endif
