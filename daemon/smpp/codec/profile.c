/*
 * profile: makes the submit_sm of a message in the form that one SMSC accepts. A text that the alphabet of the SMSC
 * cannot write is sent as UCS-2, because otherwise the SMS could not be sent. Pure.
 */
#include "smpp/codec/profile.h"
#include "base/secret.h"
#include "otp/charset.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define DATA_CODING_UCS2 8

static const struct {
	enum charset set;
	uint8_t data_coding;
} alphabets[] = {
	[SMPP_ALPHABET_GSM] = { CHARSET_GSM, 0 },
	[SMPP_ALPHABET_LATIN1] = { CHARSET_LATIN1, 3 },
	[SMPP_ALPHABET_ASCII] = { CHARSET_ASCII, 1 },
	[SMPP_ALPHABET_GSM_DC1] = { CHARSET_GSM, 1 },
	[SMPP_ALPHABET_UCS2] = { CHARSET_UCS2, DATA_CODING_UCS2 },
};

static bool copy(char *out, size_t cap, const char *in)
{
	return snprintf(out, cap, "%s", in ? in : "") < (int)cap;
}

enum err smpp_profile_set(struct smpp_profile *p, const struct smpp_smsc_opts *o)
{
	struct smpp_profile made = { .alphabet = o->alphabet,
		                     .validity = o->validity,
		                     .types = o->types,
		                     .protocol_id = o->protocol_id,
		                     .priority = o->priority,
		                     .receipts = o->receipts,
		                     .tlv_count = o->tlv_count };
	if (!copy(made.sender, sizeof made.sender, o->sender) ||
	    !copy(made.service_type, sizeof made.service_type, o->service_type) || o->tlv_count > SMPP_VENDOR_TLVS_MAX)
		return ERR_INVALID;
	for (size_t i = 0; i < o->tlv_count; i++) {
		if (o->tlvs[i].len > SMPP_VENDOR_TLV_LEN)
			return ERR_INVALID;
		if (o->tlvs[i].len)
			memcpy(made.values[i], o->tlvs[i].value, o->tlvs[i].len);
		made.tlvs[i].tag = o->tlvs[i].tag;
		made.tlvs[i].len = (uint16_t)o->tlvs[i].len;
	}
	*p = made;
	return ERR_OK;
}

static void put_two(char *at, uint32_t n)
{
	at[0] = (char)('0' + n / 10 % 10);
	at[1] = (char)('0' + n % 10);
}

/* Prints a relative time. It does not use snprintf, which would be the slowest part of a submit after the packing. */
static void print_relative(uint32_t minutes, char out[17])
{
	uint32_t hours = minutes / 60;
	memcpy(out, "000000000000000R", 17);
	put_two(out + 4, hours / 24 % 32);
	put_two(out + 6, hours % 24);
	put_two(out + 8, minutes % 60);
}

/* Prints UTC with the offset "00+", which is right in any time zone of the SMSC. */
static void print_absolute(uint32_t minutes, int64_t wall_ms, char out[17])
{
	time_t at = (time_t)(wall_ms / 1000) + (time_t)minutes * 60;
	struct tm tm;
	if (gmtime_r(&at, &tm))
		snprintf(out, 17, "%02u%02u%02u%02u%02u%02u000+", (unsigned)tm.tm_year % 100,
		         (unsigned)tm.tm_mon % 12 + 1, (unsigned)tm.tm_mday % 32, (unsigned)tm.tm_hour % 24,
		         (unsigned)tm.tm_min % 60, (unsigned)tm.tm_sec % 60);
}

static void print_validity(const struct smpp_profile *p, const struct smpp_profile_submit *s, char out[17])
{
	uint32_t left_s = s->message->validity_s, minutes = left_s / 60 + (left_s % 60 ? 1 : 0);
	out[0] = '\0';
	if (s->bare || minutes == 0)
		return;
	if (p->validity == SMPP_VALIDITY_RELATIVE)
		print_relative(minutes, out);
	else if (p->validity == SMPP_VALIDITY_ABSOLUTE)
		print_absolute(minutes, s->wall_ms, out);
}

/* Encodes the text as one segment. */
static enum err encode_text(const struct smpp_profile *p, const char *text, uint8_t out[CHARSET_OCTETS_MAX],
                            struct smpp_submit_fields *f)
{
	enum charset set = alphabets[p->alphabet].set;
	size_t utf8_len = strlen(text), len = charset_octets(set);
	f->data_coding = alphabets[p->alphabet].data_coding;
	if (set != CHARSET_UCS2 && charset_encode(set, text, utf8_len, out, &len) != ERR_OK) {
		set = CHARSET_UCS2;
		f->data_coding = DATA_CODING_UCS2;
	}
	if (set == CHARSET_UCS2) {
		len = charset_octets(set);
		if (charset_encode(set, text, utf8_len, out, &len) != ERR_OK)
			return ERR_INVALID;
	}
	f->text = out;
	f->text_len = len;
	return ERR_OK;
}

enum err smpp_profile_encode(const struct smpp_profile *p, const struct smpp_profile_submit *s, struct smpp_pdu *out)
{
	const struct smpp_message *m = s->message;
	struct smpp_tlv_field tlvs[SMPP_VENDOR_TLVS_MAX];
	char validity[17];
	uint8_t text[CHARSET_OCTETS_MAX];
	struct smpp_submit_fields f = {
		.service_type = p->service_type,
		.sender = m->sender && m->sender[0] ? m->sender : p->sender,
		.to = m->to->digits,
		.validity = validity,
		.types = p->types,
		.receipt = p->receipts,
		.protocol_id = p->protocol_id,
		.priority = p->priority,
		.tlvs = tlvs,
		.tlv_count = p->tlv_count,
	};
	for (size_t i = 0; i < p->tlv_count; i++)
		tlvs[i] =
		    (struct smpp_tlv_field){ .tag = p->tlvs[i].tag, .len = p->tlvs[i].len, .value = p->values[i] };
	print_validity(p, s, validity);
	enum err err = encode_text(p, m->text, text, &f);
	if (err == ERR_OK)
		err = smpp_encode_submit(&f, s->sequence, out);
	secret_wipe(text, sizeof text);
	return err;
}
