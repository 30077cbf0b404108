/*
 * smsc: fills and checks the SMSCs of the configuration: hosts, binds, TLS, the form of messages and the meaning of
 * statuses. Checks what smpp relies on: hosts are given in one way only, addresses are valid, each certificate has a
 * key, and senders can be encoded. Owns nothing.
 */
#include "fill.h"
#include "groups.h"

#include "base/hex.h"
#include "base/log.h"
#include "conf/host.h"
#include "otp/charset.h"

#include <libconfig.h>
#include <string.h>

/* --- binds --- */

/* Reads "host:port" or "[v6]:port" into an endpoint. Returns false if the text is neither. */
static bool read_address(struct conf_tree *t, const char *s, struct smpp_endpoint *out)
{
	const char *at;
	size_t len;
	uint16_t port;

	if (!conf_address_read(s, &at, &len, &port))
		return false;
	char *host = conf_alloc(t, len + 1, 1);
	if (host)
		memcpy(host, at, len);
	*out = (struct smpp_endpoint){ .host = host ? host : "", .port = port };
	return true;
}

static void fill_hosts(struct conf_tree *t, const config_setting_t *g, struct smpp_smsc_opts *o)
{
	const char *host = conf_str(t, g, "smsc.host"), **names;
	size_t n = conf_strings(t, g, "smsc.hosts", &names);
	struct smpp_endpoint *hosts = conf_alloc(t, n ? n : 1, sizeof(*hosts));

	if (!hosts)
		return;
	if (n > SMPP_HOSTS_MAX)
		conf_fault(t, g, "hosts", "found %zu, allowed at most %d", n, SMPP_HOSTS_MAX);
	if (n && host[0])
		conf_fault(t, g, "hosts", "found a list beside host, allowed one of them");
	else if (!n && !host[0])
		conf_fault(t, g, "host", "found nothing, allowed text of 1..255 octets (host or address), or hosts");
	else if (!n && !conf_host_ok(host))
		conf_fault(t, g, "host", "found \"%s\", allowed " CONF_HOST_ALLOWED "; the port is smsc.port", host);
	hosts[0] = (struct smpp_endpoint){ .host = host, .port = (uint16_t)conf_int(g, "smsc.port") };
	for (size_t i = 0; i < n; i++)
		if (!read_address(t, names[i], &hosts[i]))
			conf_fault(t, g, "hosts", "found \"%s\", allowed " CONF_ADDRESS_ALLOWED, names[i]);
	o->hosts = hosts;
	o->host_count = n ? n : 1;
}

static void check_tls(struct conf_tree *t, const config_setting_t *smsc, const struct smpp_tls_opts *o,
                      struct conf_file *key_file)
{
	const config_setting_t *g = config_setting_get_member(smsc, "tls");

	*key_file = (struct conf_file){ .name = "", .at = "" };
	if (!o->on)
		return;
	*key_file = conf_named_file(t, g, "smsc.tls.key_file");
	if (o->server_name[0] && !conf_host_ok(o->server_name))
		conf_fault(t, g, "server_name", "found \"%s\", allowed " CONF_HOST_ALLOWED, o->server_name);
	if (!o->certificate[0] != !key_file->name[0])
		conf_fault(t, g, o->certificate[0] ? "key_file" : "certificate",
		           "found nothing beside %s, allowed both or none",
		           o->certificate[0] ? "certificate" : "key_file");
}

static void check_system_id(const struct conf_tree *t, const config_setting_t *g, const struct smpp_smsc_opts *o)
{
	if (strlen(o->system_id) > 15)
		log_warn("conf",
		         "system_id_long file=%s line=%u smsc=%s: the standard ends a system_id at 15 characters, this "
		         "has 16, which an SMSC may refuse",
		         t->file, config_setting_source_line(g), o->name);
}

/* --- messages --- */

/* The values of SMPP 3.4 section 5.2.6 are not consecutive, and libsmpp34 encodes no others. */
static void check_npi(struct conf_tree *t, const config_setting_t *g, const char *path)
{
	static const signed char known[] = { -1, 0, 1, 3, 4, 6, 8, 9, 10, 14, 18 };
	const struct conf_key *key = conf_key_find(path);
	int v = (int)conf_int(g, path);

	if (!memchr(known, v, sizeof(known)))
		conf_fault(t, g, conf_key_name(key), "found %d, allowed %s0, 1, 3, 4, 6, 8, 9, 10, 14, 18", v,
		           key->kind == CONF_TYPE ? "-1, " : "");
}

/* Notes a fault for every number that repeats an earlier one of the list. */
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

static void check_statuses(struct conf_tree *t, const config_setting_t *g, const struct smpp_smsc_opts *o)
{
	if (o->status_count > SMPP_OVERRIDES_MAX)
		conf_fault(t, g, "statuses", "found %zu statuses, allowed at most %d", o->status_count,
		           SMPP_OVERRIDES_MAX);
	numbers_unique(t, g, "statuses", "smsc.statuses.code");
}

/* Reads octets from pairs of hexadecimal digits. Returns false if the text is not such pairs, or has too many. */
static bool from_hex(const char *hex, uint8_t *out, size_t *len)
{
	size_t n = strlen(hex) / 2;

	if (strlen(hex) % 2 || n > SMPP_VENDOR_TLV_LEN)
		return false;
	for (size_t i = 0; i < n; i++) {
		int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);

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
	struct smpp_vendor_tlv *tlvs = conf_filled(o, "smsc.tlvs");

	if (o->tlv_count > SMPP_VENDOR_TLVS_MAX)
		conf_fault(t, g, "tlvs", "found %zu TLVs, allowed at most %d", o->tlv_count, SMPP_VENDOR_TLVS_MAX);
	for (size_t i = 0; i < o->tlv_count; i++)
		fill_tlv(t, conf_item(g, "tlvs", i), &tlvs[i]);
	numbers_unique(t, g, "tlvs", "smsc.tlvs.tag");
}

static void fill_message(struct conf_tree *t, const config_setting_t *g, struct smpp_smsc_opts *o)
{
	check_npi(t, g, "smsc.addr_npi");
	check_npi(t, g, "smsc.source_npi");
	check_npi(t, g, "smsc.dest_npi");
	check_statuses(t, g, o);
	fill_tlvs(t, g, o);
}

/* --- messages of phones --- */

static bool is_mo_address(const char *s)
{
	size_t digits;

	s += s[0] == '+';
	digits = strspn(s, "0123456789");
	return digits >= 3 && digits <= 15 && s[digits] == '\0';
}

static void check_mo(struct conf_tree *t, const config_setting_t *g, const struct smpp_smsc_opts *o)
{
	const char *const *mo = o->mo;
	size_t n = o->mo_count;

	for (size_t i = 0; i < n; i++) {
		if (!is_mo_address(mo[i]))
			conf_fault(t, g, "mo", "found \"%s\", allowed 3 to 15 digits, with or without a \"+\" in front",
			           mo[i]);
		for (size_t j = 0; j < i; j++)
			if (strcmp(mo[i], mo[j]) == 0)
				conf_fault(t, g, "mo", "found \"%s\" a second time, allowed once", mo[i]);
	}
	if (n > SMPP_MO_MAX)
		conf_fault(t, g, "mo", "found %zu addresses, allowed at most %d", n, SMPP_MO_MAX);
	if (n && !o->mo_trusted)
		conf_fault(t, g, "mo_trusted",
		           "found false beside mo, allowed true, where the contract says that source addresses are the "
		           "network's own; otherwise leave mo out");
	if (n && o->bind_type == SMPP_BIND_TRANSMITTERS)
		conf_fault(t, g, "mo", "found beside type \"transmitter\", allowed with a bind that receives");
}

/* --- one SMSC, and all --- */

bool conf_sender_ok(const char *s)
{
	size_t digits = strspn(s + (s[0] == '+'), "0123456789");
	size_t len = strlen(s);

	if (digits > 0 && digits + (s[0] == '+') == len)
		return digits <= 15;
	return len <= 11;
}

static void check_timers(struct conf_tree *t, const config_setting_t *g, const struct smpp_smsc_opts *o)
{
	if (o->reconnect_min_ms > o->reconnect_max_ms)
		conf_fault(t, g, "reconnect_min_ms", "found %u, allowed at most reconnect_max_ms, %u",
		           o->reconnect_min_ms, o->reconnect_max_ms);
	if (o->inactivity_ms && o->inactivity_ms <= o->enquire_interval_ms)
		conf_fault(t, g, "inactivity_ms", "found %u, allowed 0 or more than enquire_interval_ms, %u",
		           o->inactivity_ms, o->enquire_interval_ms);
}

static void fill_smsc(struct conf_tree *t, const config_setting_t *g, struct smpp_smsc_opts *o)
{
	fill_message(t, g, o);
	check_mo(t, g, o);
	check_timers(t, g, o);
	if (!conf_sender_ok(o->sender))
		conf_fault(t, g, "sender", "found \"%s\", allowed at most 11 characters, or at most 15 digits",
		           o->sender);
	fill_hosts(t, g, o);
	check_system_id(t, g, o);
}

static uint32_t sessions(const struct smpp_smsc_opts *o)
{
	return o->bind_type == SMPP_BIND_PAIRS ? 2 * o->binds : o->binds;
}

static void fill_tags(struct conf_tree *t, struct conf *c)
{
	struct conf_tagged *all = conf_alloc(t, c->smpp.smsc_count, sizeof(*all));

	for (size_t i = 0; all && i < c->smpp.smsc_count; i++)
		all[i] = (struct conf_tagged){ .name = c->smscs[i].name, .tag = &c->smscs[i].tag };
	conf_fill_tags(t, "smsc", all, all ? c->smpp.smsc_count : 0);
	for (size_t i = 0; i < c->smpp.smsc_count; i++)
		if (c->smscs[i].tag == TESTNUMBER_SMSC_TAG)
			conf_fault(t, conf_item(t->root, "smsc", i), "tag",
			           "found %d for \"%s\", which stands for test numbers, allowed 1..65534",
			           TESTNUMBER_SMSC_TAG, c->smscs[i].name);
}

void conf_fill_smscs(struct conf_tree *t, struct conf *c)
{
	size_t n = c->smpp.smsc_count;

	c->smpp.smscs = c->smscs;
	c->smsc_password_files = conf_alloc(t, n, sizeof(*c->smsc_password_files));
	c->smsc_key_files = conf_alloc(t, n, sizeof(*c->smsc_key_files));
	if (n > SMPP_SMSC_MAX)
		conf_fault(t, t->root, "smsc", "found %zu SMSCs, allowed at most %d", n, SMPP_SMSC_MAX);
	for (size_t i = 0; c->smsc_password_files && c->smsc_key_files && i < n; i++) {
		const config_setting_t *g = conf_item(t->root, "smsc", i);

		fill_smsc(t, g, &c->smscs[i]);
		c->api.smsc_sessions += sessions(&c->smscs[i]);
		check_tls(t, g, &c->smscs[i].tls, &c->smsc_key_files[i]);
		c->smsc_password_files[i] = conf_named_file(t, g, "smsc.password_file");
	}
	conf_unique(t, t->root, "smsc", "name");
	fill_tags(t, c);
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
