/*
 * tlv: a bounded walk over optional parameters. Pure.
 * A length that passes the end of the PDU ends the walk; what came before it still counts.
 */
#include "smpp/tlv.h"
#include "smpp/frame.h"

void smpp_tlv_init(struct smpp_tlv_walk *w, const uint8_t *data, size_t len)
{
	*w = (struct smpp_tlv_walk){.at = data, .end = len ? data + len : data};
}

bool smpp_tlv_next(struct smpp_tlv_walk *w, struct smpp_tlv *out)
{
	if (w->at == w->end)
		return false;
	size_t left = (size_t)(w->end - w->at);
	if (w->count == SMPP_TLV_MAX) {
		w->excess = true;
		return false;
	}
	if (left < 4 || smpp_frame_u16(w->at + 2) > left - 4) {
		w->malformed = true;
		w->at = w->end;
		return false;
	}
	out->tag = smpp_frame_u16(w->at);
	out->len = smpp_frame_u16(w->at + 2);
	out->value = w->at + 4;
	w->at += 4 + (size_t)out->len;
	w->count++;
	return true;
}
