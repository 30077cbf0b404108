/*
 * conf_message: how one SMSC wants its messages and what it means by its answers: alphabet, addresses, validity, vendor
 * TLVs, statuses of its own. Checks what one key alone cannot tell; never looks at binds.
 */
#include "conf_fill.h"
#include "otp/charset.h"

#include <libconfig.h>
#include <string.h>

static const enum smpp_validity validities[] = { SMPP_VALIDITY_RELATIVE, SMPP_VALIDITY_ABSOLUTE, SMPP_VALIDITY_NONE };
static const enum smpp_alphabet alphabets[] = { SMPP_ALPHABET_GSM, SMPP_ALPHABET_LATIN1, SMPP_ALPHABET_ASCII,
	                                        SMPP_ALPHABET_GSM_DC1, SMPP_ALPHABET_UCS2 };
static const enum smpp_msgid_mode msgid_modes[] = { SMPP_MSGID_EXACT, SMPP_MSGID_HEX_RESP_DEC_DLR,
	                                            SMPP_MSGID_DEC_RESP_HEX_DLR, SMPP_MSGID_AUTO };

/* -1: by the kind of address. */
static uint8_t type_of(const config_setting_t *g, const char *path)
{
	int64_t v = conf_int(g, path);

	return v < 0 ? 0 : (uint8_t)(SMPP_TYPE_FIXED | v);
}

/* SMPP 3.4 section 5.2.6 has gaps; libsmpp34 packs no other. */
static uint8_t npi_of(struct conf_tree *t, const config_setting_t *g, const char *path)
{
	static const signed char known[] = { -1, 0, 1, 3, 4, 6, 8, 9, 10, 14, 18 };
	int64_t v = conf_int(g, path);
	bool by_kind = strcmp(path, "smsc.addr_npi") != 0;

	if (!memchr(known, (int)v, sizeof(known)))
		conf_fault(t, g, strrchr(path, '.') + 1, "found %d, allowed %s0, 1, 3, 4, 6, 8, 9, 10, 14, 18", (int)v,
		           by_kind ? "-1, " : "");
	return type_of(g, path);
}

static void fill_types(struct conf_tree *t, const config_setting_t *g, struct smpp_types *types)
{
	types->source_ton = type_of(g, "smsc.source_ton");
	types->source_npi = npi_of(t, g, "smsc.source_npi");
	types->short_ton = type_of(g, "smsc.short_ton");
	types->dest_ton = type_of(g, "smsc.dest_ton");
	types->dest_npi = npi_of(t, g, "smsc.dest_npi");
}

static uint8_t bind_npi_of(struct conf_tree *t, const config_setting_t *g)
{
	return npi_of(t, g, "smsc.addr_npi") & (uint8_t)~SMPP_TYPE_FIXED;
}

/* Faults every number of the list that stands there before. */
static void numbers_unique(struct conf_tree *t, const config_setting_t *g, const char *list, const char *path)
{
	const char *name = strrchr(path, '.') + 1;
	size_t n = conf_items(g, list);

	for (size_t i = 1; i < n; i++)
		for (size_t j = 0; j < i; j++)
			if (conf_int(conf_item(g, list, i), path) == conf_int(conf_item(g, list, j), path)) {
				conf_fault(t, conf_item(g, list, i), name, "found 0x%04X a second time, allowed once",
				           (unsigned)conf_int(conf_item(g, list, i), path));
				break;
			}
}

static void fill_statuses(struct conf_tree *t, const config_setting_t *g, struct smpp_smsc_opts *o)
{
	size_t n = conf_items(g, "statuses");
	struct smpp_override *rows = conf_alloc(t, n, sizeof(*rows));

	if (n > SMPP_OVERRIDES_MAX)
		conf_fault(t, g, "statuses", "found %zu statuses, allowed at most %d", n, SMPP_OVERRIDES_MAX);
	if (!rows)
		return;
	for (size_t i = 0; i < n; i++) {
		const config_setting_t *row = conf_item(g, "statuses", i);

		rows[i].status = conf_u32(row, "smsc.statuses.code");
		rows[i].class = conf_str(t, row, "smsc.statuses.class");
	}
	o->statuses = rows;
	o->status_count = n;
	numbers_unique(t, g, "statuses", "smsc.statuses.code");
}

static int digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* The octets that pairs of hexadecimal digits name; false: they are none, or too many. */
static bool from_hex(const char *hex, uint8_t *out, size_t *len)
{
	size_t n = strlen(hex) / 2;

	if (strlen(hex) % 2 || n > SMPP_VENDOR_TLV_LEN)
		return false;
	for (size_t i = 0; i < n; i++) {
		int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	*len = n;
	return true;
}

static void fill_tlv(struct conf_tree *t, const config_setting_t *g, struct smpp_vendor_tlv *tlv)
{
	const char *text = conf_str(t, g, "smsc.tlvs.value"), *hex = conf_str(t, g, "smsc.tlvs.hex");
	uint8_t *octets = conf_alloc(t, SMPP_VENDOR_TLV_LEN + 1, 1);

	if (!octets)
		return;
	tlv->tag = (uint16_t)conf_int(g, "smsc.tlvs.tag");
	tlv->value = octets;
	tlv->len = strlen(text);
	memcpy(octets, text, tlv->len);
	if (hex[0] && text[0])
		conf_fault(t, g, "hex", "found \"%s\" beside a value, allowed one of both", hex);
	else if (hex[0] && !from_hex(hex, octets, &tlv->len))
		conf_fault(t, g, "hex", "found \"%.48s\", allowed pairs of hexadecimal digits", hex);
}

static void fill_tlvs(struct conf_tree *t, const config_setting_t *g, struct smpp_smsc_opts *o)
{
	size_t n = conf_items(g, "tlvs");
	struct smpp_vendor_tlv *tlvs = conf_alloc(t, n, sizeof(*tlvs));

	if (n > SMPP_VENDOR_TLVS_MAX)
		conf_fault(t, g, "tlvs", "found %zu TLVs, allowed at most %d", n, SMPP_VENDOR_TLVS_MAX);
	if (!tlvs)
		return;
	for (size_t i = 0; i < n; i++)
		fill_tlv(t, conf_item(g, "tlvs", i), &tlvs[i]);
	o->tlvs = tlvs;
	o->tlv_count = n;
	numbers_unique(t, g, "tlvs", "smsc.tlvs.tag");
}

unsigned conf_charsets(const struct conf *c)
{
	static const enum charset sets[] = { [SMPP_ALPHABET_GSM] = CHARSET_GSM,
		                             [SMPP_ALPHABET_LATIN1] = CHARSET_LATIN1,
		                             [SMPP_ALPHABET_ASCII] = CHARSET_ASCII,
		                             [SMPP_ALPHABET_GSM_DC1] = CHARSET_GSM,
		                             [SMPP_ALPHABET_UCS2] = CHARSET_UCS2 };
	unsigned all = 0;

	for (size_t i = 0; i < c->smpp.smsc_count; i++)
		all |= 1U << sets[c->smpp.smscs[i].alphabet];
	return all;
}

void conf_fill_message(struct conf_tree *t, const config_setting_t *g, struct smpp_smsc_opts *o)
{
	o->service_type = conf_str(t, g, "smsc.service_type");
	o->receipts = conf_bool(g, "smsc.receipts");
	o->validity = validities[conf_choice(g, "smsc.validity")];
	o->alphabet = alphabets[conf_choice(g, "smsc.alphabet")];
	o->msgid_mode = msgid_modes[conf_choice(g, "smsc.msgid_mode")];
	o->protocol_id = (uint8_t)conf_int(g, "smsc.protocol_id");
	o->priority = (uint8_t)conf_int(g, "smsc.priority");
	o->addr_npi = bind_npi_of(t, g);
	fill_types(t, g, &o->types);
	fill_statuses(t, g, o);
	fill_tlvs(t, g, o);
}
