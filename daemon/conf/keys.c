/*
 * keys: the one table of configuration keys: path, kind, unit, range, default, reloadable, help.
 * Pure. tests/lint/conf_keys.sh reads the rows of the table: one key a line, in this order of columns.
 */
#include "keys.h"

#include <stdio.h>
#include <string.h>

#define MSGID_MODES "exact|hex_resp_dec_dlr|dec_resp_hex_dlr|auto"
#define CLASSES                                                                                                        \
	"throttle|queue_full|transient|vague|session|destination|profile|expiry|forbidden|account|duplicate|protocol|" \
	"vendor"

static const struct conf_key keys[] = {
	/* the file itself */
	{ "instance", CONF_NAME, "", 1, 8, "a", CONF_FIXED, "name of this instance among those on one Redis" },
	{ "lock", CONF_SOCKET, "", 1, 4095, "/run/otpgwd-instance/lock", CONF_FIXED, "file that one process holds" },
	{ "log_level", CONF_CHOICE, "error|warn|info|debug", 0, 0, "info", CONF_RELOAD, "least level that is logged" },
	{ "drain_s", CONF_INT, "s", 1, 300, "25", CONF_RELOAD, "longest a clean stop may take" },
	{ "default_purpose", CONF_NAME, "", 1, 32, NULL, CONF_RELOAD, "purpose of a SEND that names none" },
	{ "default_lang", CONF_NAME, "", 1, 32, NULL, CONF_RELOAD, "language of a SEND that names none" },

	{ "api", CONF_GROUP, "", 0, 0, "", CONF_FIXED, "the socket where backends ask" },
	{ "api.socket", CONF_SOCKET, "", 1, 107, "/run/otpgwd/api.sock", CONF_FIXED, "path of the socket" },
	{ "api.mode", CONF_MODE, "", 0, 0777, "0660", CONF_FIXED, "mode of the socket" },
	{ "api.group", CONF_STRING, "", 0, 32, "", CONF_FIXED, "group of the socket" },
	{ "api.backlog", CONF_INT, "", 1, 65535, "1024", CONF_FIXED, "connections that wait to be accepted" },
	{ "api.max_clients", CONF_INT, "", 1, 100000, "1000", CONF_RELOAD, "connections in all" },
	{ "api.max_clients_per_uid", CONF_INT, "", 1, 100000, "500", CONF_RELOAD, "connections of one user" },
	{ "api.max_pending", CONF_INT, "", 1, 65536, "1024", CONF_RELOAD, "unanswered requests per connection" },
	{ "api.request_timeout_ms", CONF_INT, "ms", 100, 60000, "5000", CONF_RELOAD, "to complete a request" },
	{ "api.idle_timeout_ms", CONF_INT, "ms", 0, 86400000, "0", CONF_RELOAD, "silence that closes; 0: never" },
	{ "api.max_output_bytes", CONF_INT, "bytes", 16384, 67108864, "1048576", CONF_RELOAD, "unsent output" },
	{ "api.max_buffered_bytes", CONF_INT, "bytes", 1048576, 1073741824, "33554432", CONF_RELOAD, "all buffers" },

	{ "stats", CONF_GROUP, "", 0, 0, "", CONF_FIXED, "the socket where monitoring reads" },
	{ "stats.socket", CONF_SOCKET, "", 1, 107, "/run/otpgwd/stats.sock", CONF_FIXED, "path of the socket" },
	{ "stats.mode", CONF_MODE, "", 0, 0777, "0660", CONF_FIXED, "mode of the socket" },
	{ "stats.group", CONF_STRING, "", 0, 32, "", CONF_FIXED, "group of the socket" },

	{ "redis", CONF_GROUP, "", 0, 0, "", CONF_FIXED, "where Redis is" },
	{ "redis.socket", CONF_SOCKET, "", 0, 107, "", CONF_FIXED, "path of its Unix socket" },
	{ "redis.host", CONF_STRING, "", 0, 255, "", CONF_FIXED, "its host, instead of a socket" },
	{ "redis.port", CONF_INT, "", 1, 65535, "6379", CONF_FIXED, "its port, with a host" },
	{ "redis.user", CONF_STRING, "", 0, 64, "", CONF_FIXED, "user of AUTH" },
	{ "redis.password_file", CONF_FILE, "", 0, 4095, "", CONF_FIXED, "file that holds the password" },
	{ "redis.sentinels", CONF_STRINGS, "", 3, 261, "", CONF_FIXED, "Sentinels instead" },
	{ "redis.master", CONF_STRING, "", 0, 64, "", CONF_FIXED, "name of the master they watch" },
	{ "redis.sentinel_password_file", CONF_FILE, "", 0, 4095, "", CONF_FIXED, "their password" },
	{ "redis.cluster", CONF_STRINGS, "", 3, 261, "", CONF_FIXED, "nodes of a cluster instead" },
	{ "redis.ack", CONF_CHOICE, "local|replica", 0, 0, "local", CONF_FIXED, "who has it before an answer leaves" },
	{ "redis.ack_timeout_ms", CONF_INT, "ms", 10, 60000, "500", CONF_FIXED, "for a replica to have it" },
	{ "redis.require", CONF_CHOICE, "none|process|power|failover", 0, 0, "none", CONF_RELOAD, "least for SEND" },
	{ "redis.database", CONF_INT, "", 0, 1023, "0", CONF_FIXED, "number of the database" },
	{ "redis.connect_timeout_ms", CONF_INT, "ms", 50, 60000, "1000", CONF_FIXED, "to connect" },
	{ "redis.command_timeout_ms", CONF_INT, "ms", 50, 60000, "1000", CONF_FIXED, "to answer a command" },
	{ "redis.max_in_flight", CONF_INT, "", 1, 1000000, "12288", CONF_FIXED, "commands without an answer" },
	{ "redis.send_target_ms", CONF_INT, "ms", 1, 60000, "50", CONF_RELOAD, "a SEND's answer under any load" },
	{ "redis.key_prefix", CONF_NAME, "", 0, 32, "", CONF_FIXED, "beginning of every key" },

	{ "keys", CONF_GROUP, "", 0, 0, NULL, CONF_FIXED, "the keys that protect codes and numbers" },
	{ "keys.index", CONF_FILE, "", 1, 4095, NULL, CONF_FIXED, "file of the key that finds; never changes" },
	{ "keys.codes", CONF_GROUPS, "", 0, 0, NULL, CONF_FIXED, "the keys that seal and judge codes" },
	{ "keys.codes.kid", CONF_INT, "", 0, 255, NULL, CONF_FIXED, "number of the key" },
	{ "keys.codes.file", CONF_FILE, "", 1, 4095, NULL, CONF_FIXED, "its file" },
	{ "keys.current", CONF_INT, "", 0, 255, NULL, CONF_FIXED, "kid that new verifications use" },

	{ "store", CONF_GROUP, "", 0, 0, "", CONF_FIXED, "how records lie in Redis" },
	{ "store.partitions", CONF_INT, "", 1, 4096, "256", CONF_FIXED, "partitions; never changes" },
	{ "store.lease_ms", CONF_INT, "ms", 1000, 60000, "5000", CONF_FIXED, "how long an instance owns a message" },

	{ "limits", CONF_GROUP, "", 0, 0, "", CONF_RELOAD, "limits over all purposes" },
	{ "limits.global_rate", CONF_FLOAT, "/s", 0, 1000000, "0", CONF_RELOAD, "SENDs of all tenants; 0: no limit" },
	{ "limits.global_burst", CONF_FLOAT, "", 0, 1000000, "0", CONF_RELOAD, "SENDs at once; 0: one second's" },
	{ "limits.equal_window_s", CONF_INT, "s", 0, 3600, "10", CONF_RELOAD, "an equal SEND is a repetition" },
	{ "limits.idempotency_s", CONF_INT, "s", 60, 604800, "86400", CONF_RELOAD, "memory of REQIDs" },
	{ "limits.verdict_s", CONF_INT, "s", 0, 3600, "60", CONF_RELOAD, "how long VERIFY repeats its verdict" },
	{ "limits.tombstone_s", CONF_INT, "s", 60, 86400, "7200", CONF_RELOAD, "memory of spent ids" },
	{ "limits.number_sends", CONF_INTS, "count, s", 1, 2592000, "", CONF_RELOAD, "SMS per number, of all tenants" },
	{ "limits.guessing", CONF_CHOICE, "warn|slow", 0, 0, "warn", CONF_RELOAD, "what many wrong codes do" },

	{ "queue", CONF_GROUP, "", 0, 0, "", CONF_RELOAD, "messages taken and not yet submitted" },
	{ "queue.max", CONF_INT, "messages", 1, 1000000, "10000", CONF_RELOAD, "at most so many" },

	{ "delivery", CONF_GROUP, "", 0, 0, "", CONF_RELOAD, "the way to the phone" },
	{ "delivery.ambiguous", CONF_CHOICE, "resend_once|fail|wait", 0, 0, "resend_once", CONF_RELOAD, "answer lost" },
	{ "delivery.reroute_on_failed_receipt", CONF_BOOL, "", 0, 0, "false", CONF_RELOAD, "one more SMSC" },
	{ "delivery.receipt_memory_s", CONF_INT, "s", 60, 604800, "86400", CONF_RELOAD, "wait for receipts" },

	{ "smsc", CONF_GROUPS, "", 0, 0, NULL, CONF_RELOAD, "accounts at telcos" },
	{ "smsc.name", CONF_NAME, "", 1, 32, NULL, CONF_RELOAD, "name in routes, logs and metrics" },
	{ "smsc.host", CONF_STRING, "", 1, 255, "", CONF_RELOAD, "host or address" },
	{ "smsc.port", CONF_INT, "", 1, 65535, "2775", CONF_RELOAD, "port" },
	{ "smsc.hosts", CONF_STRINGS, "", 3, 261, "", CONF_RELOAD, "several hosts instead, each with its port" },
	{ "smsc.binds", CONF_INT, "", 1, 16, "1", CONF_RELOAD, "sessions" },
	{ "smsc.type", CONF_CHOICE, "transceiver|pair|transmitter", 0, 0, "transceiver", CONF_RELOAD, "of a bind" },
	{ "smsc.tls", CONF_GROUP, "", 0, 0, "", CONF_RELOAD, "TLS to it" },
	{ "smsc.tls.ca", CONF_SOCKET, "", 0, 255, "", CONF_RELOAD, "file of authorities; empty: the system's" },
	{ "smsc.tls.server_name", CONF_STRING, "", 0, 255, "", CONF_RELOAD, "name in its certificate" },
	{ "smsc.tls.certificate", CONF_SOCKET, "", 0, 255, "", CONF_RELOAD, "file of a client certificate" },
	{ "smsc.tls.key_file", CONF_FILE, "", 0, 4095, "", CONF_RELOAD, "file of its key" },
	{ "smsc.system_id", CONF_STRING, "", 1, 16, NULL, CONF_RELOAD, "system_id of the bind" },
	{ "smsc.password_file", CONF_FILE, "", 0, 4095, "", CONF_RELOAD, "file that holds the password" },
	{ "smsc.system_type", CONF_STRING, "", 0, 12, "", CONF_RELOAD, "system_type of the bind" },
	{ "smsc.address_range", CONF_STRING, "", 0, 40, "", CONF_RELOAD, "address_range of the bind" },
	{ "smsc.addr_ton", CONF_INT, "", 0, 6, "0", CONF_RELOAD, "addr_ton of the bind" },
	{ "smsc.addr_npi", CONF_INT, "", 0, 18, "0", CONF_RELOAD, "addr_npi of the bind" },
	{ "smsc.sender", CONF_STRING, "", 1, 20, NULL, CONF_RELOAD, "source address" },
	{ "smsc.service_type", CONF_STRING, "", 0, 5, "", CONF_RELOAD, "service_type of a submit" },
	{ "smsc.rate", CONF_FLOAT, "segments/s", 0.1, 1000000, NULL, CONF_RELOAD, "as the contract says" },
	{ "smsc.window", CONF_INT, "", 1, 1000, "10", CONF_RELOAD, "submits without an answer" },
	{ "smsc.receipts", CONF_BOOL, "", 0, 0, "true", CONF_RELOAD, "ask for receipts" },
	{ "smsc.validity", CONF_CHOICE, "relative|absolute|none", 0, 0, "relative", CONF_RELOAD, "validity_period" },
	{ "smsc.alphabet", CONF_CHOICE, "gsm|latin1|ascii|gsm_dc1|ucs2", 0, 0, "gsm", CONF_RELOAD, "of the text" },
	{ "smsc.source_ton", CONF_INT, "", -1, 6, "-1", CONF_RELOAD, "source_addr_ton; -1: by the kind of sender" },
	{ "smsc.source_npi", CONF_INT, "", -1, 18, "-1", CONF_RELOAD, "source_addr_npi; -1: by the kind of sender" },
	{ "smsc.short_ton", CONF_INT, "", -1, 6, "-1", CONF_RELOAD, "source_addr_ton of a short code; -1: 3" },
	{ "smsc.dest_ton", CONF_INT, "", -1, 6, "-1", CONF_RELOAD, "dest_addr_ton; -1: 1, international" },
	{ "smsc.dest_npi", CONF_INT, "", -1, 18, "-1", CONF_RELOAD, "dest_addr_npi; -1: 1, E.164" },
	{ "smsc.protocol_id", CONF_INT, "", 0, 255, "0", CONF_RELOAD, "protocol_id of a submit" },
	{ "smsc.priority", CONF_INT, "", 0, 3, "0", CONF_RELOAD, "priority_flag of a submit" },
	{ "smsc.msgid_mode", CONF_CHOICE, MSGID_MODES, 0, 0, "exact", CONF_RELOAD, "how receipts write ids" },
	{ "smsc.statuses", CONF_GROUPS, "", 0, 0, "", CONF_RELOAD, "what it means by statuses of its own" },
	{ "smsc.statuses.code", CONF_INT, "", 1, 4294967295.0, NULL, CONF_RELOAD, "command_status" },
	{ "smsc.statuses.class", CONF_CHOICE, CLASSES, 0, 0, NULL, CONF_RELOAD, "its class" },
	{ "smsc.tlvs", CONF_GROUPS, "", 0, 0, "", CONF_RELOAD, "TLVs that it wants in every submit" },
	{ "smsc.tlvs.tag", CONF_INT, "", 1, 65535, NULL, CONF_RELOAD, "tag" },
	{ "smsc.tlvs.value", CONF_STRING, "", 0, 254, "", CONF_RELOAD, "value as text" },
	{ "smsc.tlvs.hex", CONF_STRING, "", 0, 508, "", CONF_RELOAD, "value as hexadecimal digits instead" },
	{ "smsc.connect_timeout_ms", CONF_INT, "ms", 100, 30000, "5000", CONF_RELOAD, "to connect, for each address" },
	{ "smsc.bind_timeout_ms", CONF_INT, "ms", 100, 60000, "10000", CONF_RELOAD, "to answer a bind" },
	{ "smsc.response_timeout_ms", CONF_INT, "ms", 100, 120000, "10000", CONF_RELOAD, "to answer a submit" },
	{ "smsc.enquire_interval_ms", CONF_INT, "ms", 100, 300000, "30000", CONF_RELOAD, "silence before one" },
	{ "smsc.enquire_timeout_ms", CONF_INT, "ms", 100, 60000, "10000", CONF_RELOAD, "to answer enquire_link" },
	{ "smsc.inactivity_ms", CONF_INT, "ms", 0, 3600000, "90000", CONF_RELOAD, "silence that closes; 0: never" },
	{ "smsc.pdu_timeout_ms", CONF_INT, "ms", 100, 60000, "10000", CONF_RELOAD, "to complete a PDU once begun" },
	{ "smsc.reconnect_min_ms", CONF_INT, "ms", 10, 600000, "1000", CONF_RELOAD, "first wait before a reconnect" },
	{ "smsc.reconnect_max_ms", CONF_INT, "ms", 10, 3600000, "60000", CONF_RELOAD, "longest wait before it" },
	{ "smsc.throttle_pause_ms", CONF_INT, "ms", 10, 60000, "1000", CONF_RELOAD, "first pause after a throttle" },

	{ "routes", CONF_GROUPS, "", 0, 0, NULL, CONF_RELOAD, "which numbers go to which SMSCs" },
	{ "routes.prefix", CONF_DIGITS, "", 0, 15, NULL, CONF_RELOAD, "first digits of the E.164 number" },
	{ "routes.smsc", CONF_STRINGS, "", 1, 32, NULL, CONF_RELOAD, "SMSCs to try, in order" },
	{ "routes.weights", CONF_INTS, "", 0, 1000, "", CONF_RELOAD, "their shares of the messages instead" },
	{ "routes.sender", CONF_STRING, "", 0, 20, "", CONF_RELOAD, "source address of these numbers" },

	{ "numbering", CONF_GROUP, "", 0, 0, NULL, CONF_RELOAD, "how numbers are written and which are served" },
	{ "numbering.home", CONF_STRING, "", 0, 2, "", CONF_RELOAD, "region of numbers without country code" },
	{ "numbering.idd", CONF_DIGITS, "", 0, 4, "00", CONF_RELOAD, "how people dial abroad" },
	{ "numbering.countries", CONF_GROUPS, "", 0, 0, NULL, CONF_RELOAD, "countries served" },
	{ "numbering.countries.region", CONF_STRING, "", 2, 2, NULL, CONF_RELOAD, "ISO 3166 letters" },
	{ "numbering.countries.code", CONF_DIGITS, "", 1, 3, NULL, CONF_RELOAD, "country code" },
	{ "numbering.countries.trunk", CONF_DIGITS, "", 0, 3, "", CONF_RELOAD, "trunk prefix" },
	{ "numbering.countries.length", CONF_INTS, "digits", 1, 14, NULL, CONF_RELOAD, "least and most digits" },
	{ "numbering.countries.mobile", CONF_STRINGS, "", 1, 15, NULL, CONF_RELOAD, "first digits of mobile numbers" },
	{ "numbering.countries.ranges", CONF_GROUPS, "", 0, 0, "", CONF_RELOAD, "assigned prefixes" },
	{ "numbering.countries.ranges.operator", CONF_STRING, "", 1, 32, NULL, CONF_RELOAD, "whose they are" },
	{ "numbering.countries.ranges.prefixes", CONF_STRINGS, "", 1, 15, NULL, CONF_RELOAD, "prefixes, or from-to" },

	{ "templates", CONF_GROUPS, "", 0, 0, NULL, CONF_RELOAD, "texts of the SMS" },
	{ "templates.name", CONF_NAME, "", 1, 32, NULL, CONF_RELOAD, "name of the template" },
	{ "templates.lang", CONF_NAME, "", 1, 32, NULL, CONF_RELOAD, "its language" },
	{ "templates.text", CONF_TEXT, "", 1, 480, NULL, CONF_RELOAD, "text with {code} once" },
	{ "templates.vars", CONF_GROUPS, "", 0, 0, "", CONF_RELOAD, "what some of its VARs may be" },
	{ "templates.vars.name", CONF_NAME, "", 1, 32, NULL, CONF_RELOAD, "name of the VAR" },
	{ "templates.vars.kind", CONF_CHOICE, "any|amount|name|word", 0, 0, NULL, CONF_RELOAD, "what it may be" },

	{ "purposes", CONF_GROUPS, "", 0, 0, NULL, CONF_RELOAD, "what codes are for" },
	{ "purposes.name", CONF_NAME, "", 1, 32, NULL, CONF_RELOAD, "name in requests" },
	{ "purposes.template", CONF_NAME, "", 1, 32, NULL, CONF_RELOAD, "template of a SEND that names none" },
	{ "purposes.brand", CONF_STRING, "", 1, 64, NULL, CONF_RELOAD, "{brand} of the text" },
	{ "purposes.sender", CONF_STRING, "", 0, 20, "", CONF_RELOAD, "source address, instead of the SMSC's" },
	{ "purposes.alphabet", CONF_CHOICE, "digits|letters", 0, 0, "digits", CONF_RELOAD, "characters of the code" },
	{ "purposes.length", CONF_INT, "characters", 4, 10, "6", CONF_RELOAD, "length of the code" },
	{ "purposes.guesses", CONF_INT, "", 1, 10, "5", CONF_RELOAD, "wrong guesses a verification" },
	{ "purposes.resends", CONF_INT, "", 0, 8, "3", CONF_RELOAD, "sends beyond the first" },
	{ "purposes.waits_s", CONF_INTS, "s", 0, 3600, "30, 60, 120", CONF_RELOAD, "before each resend" },
	{ "purposes.ttl_s", CONF_INT, "s", 2, 600, "300", CONF_RELOAD, "life of the code from the SMSC's accept" },
	{ "purposes.ttl_max_s", CONF_INT, "s", 2, 600, "0", CONF_RELOAD, "most a request may ask; default: hard_s" },
	{ "purposes.hard_s", CONF_INT, "s", 2, 600, "600", CONF_RELOAD, "life of the code from its creation" },
	{ "purposes.deadline_s", CONF_INT, "s", 1, 300, "60", CONF_RELOAD, "from acknowledge to submit" },
	{ "purposes.sends_short", CONF_INTS, "count, s", 1, 2592000, "5, 600", CONF_RELOAD, "SMS per tenant, number" },
	{ "purposes.sends_long", CONF_INTS, "count, s", 1, 2592000, "10, 86400", CONF_RELOAD, "the same, longer" },
	{ "purposes.fails_short", CONF_INTS, "count, s", 1, 2592000, "10, 3600", CONF_RELOAD, "wrong guesses" },
	{ "purposes.fails_long", CONF_INTS, "count, s", 1, 2592000, "20, 86400", CONF_RELOAD, "the same, longer" },
	{ "purposes.sends_known", CONF_INTS, "count, s", 1, 2592000, "10, 600", CONF_RELOAD, "SMS of known devices" },

	{ "tenants", CONF_GROUPS, "", 0, 0, NULL, CONF_RELOAD, "backends, by user and group" },
	{ "tenants.name", CONF_NAME, "", 1, 32, NULL, CONF_RELOAD, "name in logs and metrics" },
	{ "tenants.uid", CONF_IDS, "", 0, 4294967294.0, "", CONF_RELOAD, "users" },
	{ "tenants.gid", CONF_IDS, "", 0, 4294967294.0, "", CONF_RELOAD, "groups" },
	{ "tenants.purposes", CONF_STRINGS, "", 1, 32, "", CONF_RELOAD, "purposes allowed; none: all" },
	{ "tenants.rate", CONF_FLOAT, "/s", 0, 1000000, "0", CONF_RELOAD, "SENDs; 0: no limit of its own" },
	{ "tenants.burst", CONF_FLOAT, "", 0, 1000000, "0", CONF_RELOAD, "SENDs at once; 0: one second's" },
	{ "tenants.known", CONF_BOOL, "", 0, 0, "false", CONF_RELOAD, "may say KNOWN 1" },
	{ "tenants.require_subject", CONF_BOOL, "", 0, 0, "false", CONF_RELOAD, "refuse a SEND without SUBJECT" },
};

size_t conf_key_count(void)
{
	return sizeof(keys) / sizeof(keys[0]);
}

const struct conf_key *conf_key_at(size_t i)
{
	return &keys[i];
}

const struct conf_key *conf_key_find(const char *path)
{
	for (size_t i = 0; i < conf_key_count(); i++)
		if (strcmp(keys[i].path, path) == 0)
			return &keys[i];
	return NULL;
}

const char *conf_key_name(const struct conf_key *key)
{
	const char *dot = strrchr(key->path, '.');

	return dot ? dot + 1 : key->path;
}

bool conf_key_in(const struct conf_key *key, const char *group)
{
	size_t len = strlen(group);

	if (len == 0)
		return !strchr(key->path, '.');
	return strncmp(key->path, group, len) == 0 && key->path[len] == '.' && !strchr(key->path + len + 1, '.');
}

/* Levenshtein's distance, of names of at most 32 characters; longer ones are like none. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[34];
	size_t la = strlen(a), lb = strlen(b);

	if (la > 32 || lb > 32)
		return 33;
	for (unsigned j = 0; j <= lb; j++)
		row[j] = j;
	for (unsigned i = 1; i <= la; i++) {
		unsigned diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			unsigned best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[lb];
}

const struct conf_key *conf_key_like(const char *group, const char *name)
{
	const struct conf_key *best = NULL;
	unsigned least = 5;

	for (size_t i = 0; i < conf_key_count(); i++) {
		if (!conf_key_in(&keys[i], group))
			continue;
		const char *other = conf_key_name(&keys[i]);
		unsigned d = distance(name, other);

		/* A key without its unit, or of half the letters, is still meant. */
		if (d > 1 && (strncmp(name, other, strlen(name)) == 0 || strncmp(name, other, strlen(other)) == 0))
			d = 1;
		if (d < least && d < strlen(other)) {
			least = d;
			best = &keys[i];
		}
	}
	return best;
}

static void allowed_number(const struct conf_key *key, const char *what, char *out, size_t cap)
{
	snprintf(out, cap, "%s %.10g..%.10g%s%s", what, key->min, key->max, key->unit[0] ? " " : "", key->unit);
}

static void allowed_text(const struct conf_key *key, const char *what, char *out, size_t cap)
{
	if (key->min >= key->max)
		snprintf(out, cap, "%s of %.0f octets", what, key->max);
	else
		snprintf(out, cap, "%s of %.0f..%.0f octets without control characters", what, key->min, key->max);
}

void conf_key_allowed(const struct conf_key *key, char *out, size_t cap)
{
	switch (key->kind) {
	case CONF_GROUP:
		snprintf(out, cap, "a group { ... }");
		return;
	case CONF_GROUPS:
		snprintf(out, cap, "a list of groups ( { ... }, { ... } )");
		return;
	case CONF_STRING:
	case CONF_TEXT:
		allowed_text(key, "a text", out, cap);
		return;
	case CONF_NAME:
		snprintf(out, cap, "%.0f-%.0f of a-z 0-9 _ -", key->min, key->max);
		return;
	case CONF_DIGITS:
		snprintf(out, cap, "a text of %.0f-%.0f digits", key->min, key->max);
		return;
	case CONF_CHOICE:
		snprintf(out, cap, "one of %s", key->unit);
		return;
	case CONF_SOCKET:
		snprintf(out, cap, "an absolute path of at most %.0f octets", key->max);
		return;
	case CONF_FILE:
		snprintf(out, cap, "a file's absolute path, or its name in the credentials directory");
		return;
	case CONF_MODE:
		snprintf(out, cap, "an octal mode in quotes, \"0000\" to \"0777\"");
		return;
	case CONF_BOOL:
		snprintf(out, cap, "true or false");
		return;
	case CONF_INT:
		allowed_number(key, "a whole number", out, cap);
		return;
	case CONF_FLOAT:
		allowed_number(key, "a number", out, cap);
		return;
	case CONF_INTS:
		allowed_number(key, "an array of whole numbers", out, cap);
		return;
	case CONF_STRINGS:
		allowed_text(key, "an array of texts", out, cap);
		return;
	case CONF_IDS:
		snprintf(out, cap, "an array of numbers 0..4294967294, or of names");
		return;
	}
}
