/*
 * resend: a further SMS of a live verification: OTP.RESEND, and OTP.SEND when one lives already.
 */
#ifndef FLOW_RESEND_H
#define FLOW_RESEND_H

#include "deliver.h"
#include "gate.h"
#include "otp/message.h"
#include "parts.h"

void resend_start(struct flow *f, struct api_call *call);

/*
 * Goes on with a SEND that found its verification alive. Takes over the call, the pass and the reserved place. payload
 * is the new message; its code is replaced by the live one, which its text must fit. req's id, payload and known are
 * set here.
 */
struct resend_live {
	struct api_call *call;
	const struct store_record *record;
	struct message_payload *payload;
	struct store_resend_req req;
	const struct store_limits *known; /* NULL, or of a SEND with KNOWN 1 */
	uint8_t reqid_tag[KEYRING_TAG_LEN];
	struct gate_pass pass;
	struct deliver_place place;
	bool full;
};
void resend_live(struct flow *f, const struct resend_live *live);

#endif
