/*
 * keys: the one table of configuration keys, with path, kind, unit, range, default, whether a reload changes it, help,
 * and the member that takes the value. Pure. tests/lint/conf_keys.sh reads the rows and depends on this order of
 * columns.
 */
#include "keys.h"

#include "conf.h"

#include <string.h>

#define MSGID_MODES "exact|hex_resp_dec_dlr|dec_resp_hex_dlr|auto"
#define CLASSES                                                                                                        \
	"throttle|queue_full|transient|vague|session|destination|profile|expiry|forbidden|account|duplicate|protocol|" \
	"vendor"

/*
 * These macros name the member that takes a value. Text is behind a pointer, except in the numbering plan, which has
 * arrays of char.
 */
#define OF(type, m) ((type *)0)->m
#define FORM(type, m)                                                                                                  \
	_Generic(OF(type, m), const char * : CONF_AS_TEXT, char * : CONF_AS_CHARS, default : CONF_AS_VALUE)
#define TO(type, m) FORM(type, m), offsetof(type, m), sizeof(OF(type, m)), 0, 0
#define LIST(type, m, n) CONF_AS_VALUE, offsetof(type, m), sizeof(OF(type, m)), offsetof(type, n), sizeof(*OF(type, m))
#define NOWHERE CONF_AS_NOTHING, 0, 0, 0, 0

#define CONF(m) TO(struct conf, m)
#define CODE_KEY(m) TO(struct conf_key_file, m)
#define PROOF_KEY(m) TO(struct conf_proof_key, m)
#define SMSC(m) TO(struct smpp_smsc_opts, m)
#define STATUS(m) TO(struct smpp_override, m)
#define TLV(m) TO(struct smpp_vendor_tlv, m)
#define ROUTE(m) TO(struct smpp_route_opts, m)
#define TEMPLATE(m) TO(struct text_template, m)
#define VAR(m) TO(struct text_kind, m)
#define PURPOSE(m) TO(struct policy_purpose, m)
#define TENANT(m) TO(struct policy_tenant, m)
#define TEST(m) TO(struct testnumber_group, m)

static const struct conf_key keys[] = {
	/* the file itself */
	{ "instance", CONF_NAME, "", 1, 8, "a", CONF_FIXED, "name of this instance among those on one Redis",
	  CONF(instance) },
	{ "lock", CONF_PATH, "", 1, 4095, "/run/otpgwd-instance/lock", CONF_FIXED, "file that one process holds",
	  CONF(lock) },
	{ "log_level", CONF_CHOICE, "error|warn|info|debug", 0, 0, "info", CONF_RELOAD, "least level that is logged",
	  NOWHERE },
	{ "drain_s", CONF_INT, "s", 1, 300, "25", CONF_RELOAD, "longest a clean stop may take", CONF(drain_s) },
	{ "default_purpose", CONF_NAME, "", 1, 32, NULL, CONF_RELOAD, "purpose of a SEND that names none",
	  CONF(flow.policy.default_purpose) },
	{ "default_lang", CONF_NAME, "", 1, 32, NULL, CONF_RELOAD, "language of a SEND that names none",
	  CONF(flow.policy.default_lang) },

	{ "api", CONF_GROUP, "", 0, 0, "", CONF_FIXED, "the socket where backends ask", NOWHERE },
	{ "api.socket", CONF_PATH, "", 1, 107, "/run/otpgwd/api.sock", CONF_FIXED, "path of the socket",
	  CONF(api.socket_path) },
	{ "api.mode", CONF_MODE, "", 0, 0777, "0660", CONF_FIXED, "mode of the socket", CONF(api.socket_mode) },
	{ "api.group", CONF_STRING, "", 0, 32, "", CONF_FIXED, "group of the socket", CONF(api.socket_group) },
	{ "api.backlog", CONF_INT, "", 1, 65535, "1024", CONF_FIXED, "connections that wait to be accepted",
	  CONF(api.backlog) },
	{ "api.max_clients", CONF_INT, "", 1, 100000, "1000", CONF_RELOAD, "connections in all",
	  CONF(api.max_clients) },
	{ "api.max_clients_per_uid", CONF_INT, "", 1, 100000, "500", CONF_RELOAD, "connections of one user",
	  CONF(api.max_clients_per_uid) },
	{ "api.max_pending", CONF_INT, "", 1, 65536, "1024", CONF_RELOAD, "unanswered requests per connection",
	  CONF(api.max_pending) },
	{ "api.request_timeout_ms", CONF_INT, "ms", 100, 60000, "5000", CONF_RELOAD, "to complete a request",
	  CONF(api.request_timeout_ms) },
	{ "api.idle_timeout_ms", CONF_INT, "ms", 0, 86400000, "0", CONF_RELOAD, "silence that closes; 0: never",
	  CONF(api.idle_timeout_ms) },
	{ "api.max_output_bytes", CONF_INT, "bytes", 16384, 67108864, "1048576", CONF_RELOAD, "unsent output",
	  CONF(api.max_output) },
	{ "api.max_buffered_bytes", CONF_INT, "bytes", 1048576, 1073741824, "33554432", CONF_RELOAD, "all buffers",
	  CONF(api.max_buffered) },

	{ "stats", CONF_GROUP, "", 0, 0, "", CONF_FIXED, "the socket where monitoring reads", NOWHERE },
	{ "stats.socket", CONF_PATH, "", 1, 107, "/run/otpgwd/stats.sock", CONF_FIXED, "path of the socket",
	  CONF(stats.socket_path) },
	{ "stats.mode", CONF_MODE, "", 0, 0777, "0660", CONF_FIXED, "mode of the socket", CONF(stats.socket_mode) },
	{ "stats.group", CONF_STRING, "", 0, 32, "", CONF_FIXED, "group of the socket", CONF(stats.socket_group) },

	{ "redis", CONF_GROUP, "", 0, 0, "", CONF_FIXED, "where Redis is", NOWHERE },
	{ "redis.socket", CONF_PATH, "", 0, 107, "", CONF_FIXED, "path of its Unix socket", CONF(store.socket_path) },
	{ "redis.host", CONF_STRING, "", 0, 255, "", CONF_FIXED, "its host, instead of a socket", CONF(store.host) },
	{ "redis.port", CONF_INT, "", 1, 65535, "6379", CONF_FIXED, "its port, with a host", CONF(store.port) },
	{ "redis.user", CONF_STRING, "", 0, 64, "", CONF_FIXED, "user of AUTH", CONF(store.user) },
	{ "redis.password_file", CONF_FILE, "", 0, 4095, "", CONF_FIXED, "file that holds the password",
	  CONF(redis_password_file) },
	{ "redis.sentinels", CONF_STRINGS, "", 3, 261, "", CONF_FIXED, "Sentinels instead", NOWHERE },
	{ "redis.master", CONF_STRING, "", 0, 64, "", CONF_FIXED, "name of the master they watch", CONF(store.master) },
	{ "redis.sentinel_password_file", CONF_FILE, "", 0, 4095, "", CONF_FIXED, "their password",
	  CONF(sentinel_password_file) },
	{ "redis.cluster", CONF_STRINGS, "", 3, 261, "", CONF_FIXED, "nodes of a cluster instead", NOWHERE },
	{ "redis.ack", CONF_CHOICE, "local|replica", 0, 0, "local", CONF_FIXED, "who has it before an answer leaves",
	  CONF(store.ack_replica) },
	{ "redis.ack_timeout_ms", CONF_INT, "ms", 10, 60000, "500", CONF_FIXED, "for a replica to have it",
	  CONF(store.ack_timeout_ms) },
	{ "redis.require", CONF_CHOICE, "none|process|power|failover", 0, 0, "none", CONF_RELOAD, "least for SEND",
	  NOWHERE },
	{ "redis.database", CONF_INT, "", 0, 1023, "0", CONF_FIXED, "number of the database", CONF(store.database) },
	{ "redis.connect_timeout_ms", CONF_INT, "ms", 50, 60000, "1000", CONF_FIXED, "to connect",
	  CONF(store.connect_timeout_ms) },
	{ "redis.command_timeout_ms", CONF_INT, "ms", 50, 60000, "1000", CONF_FIXED, "to answer a command",
	  CONF(store.command_timeout_ms) },
	{ "redis.max_in_flight", CONF_INT, "", 1, 1000000, "12288", CONF_FIXED, "commands without an answer",
	  CONF(store.max_in_flight) },
	{ "redis.send_target_ms", CONF_INT, "ms", 1, 60000, "50", CONF_RELOAD, "a SEND's answer under any load",
	  CONF(flow.send_target_ms) },
	{ "redis.key_prefix", CONF_NAME, "", 0, 32, "", CONF_FIXED, "beginning of every key", CONF(store.key_prefix) },

	{ "keys", CONF_GROUP, "", 0, 0, NULL, CONF_FIXED, "the keys that protect codes and numbers", NOWHERE },
	{ "keys.index", CONF_FILE, "", 1, 4095, NULL, CONF_FIXED, "file of the key that finds; never changes",
	  CONF(index_key_file) },
	{ "keys.codes", CONF_GROUPS, "", 0, 0, NULL, CONF_FIXED, "the keys that seal and judge codes",
	  LIST(struct conf, code_keys, code_key_count) },
	{ "keys.codes.kid", CONF_INT, "", 0, 255, NULL, CONF_FIXED, "number of the key", CODE_KEY(kid) },
	{ "keys.codes.file", CONF_FILE, "", 1, 4095, NULL, CONF_FIXED, "its file", CODE_KEY(file) },
	{ "keys.current", CONF_INT, "", 0, 255, NULL, CONF_FIXED, "kid that new verifications use", CONF(current_kid) },

	{ "proof", CONF_GROUP, "", 0, 0, "", CONF_RELOAD, "proofs of verifications, for other services", NOWHERE },
	{ "proof.issuer", CONF_STRING, "", 1, 255, NULL, CONF_RELOAD, "iss of a proof", CONF(flow.proof.issuer) },
	{ "proof.ttl_s", CONF_INT, "s", 30, 3600, "300", CONF_RELOAD, "life of a proof", CONF(flow.proof.ttl_s) },
	{ "proof.keys", CONF_GROUPS, "", 0, 0, NULL, CONF_RELOAD, "the keys that sign, all of them served",
	  LIST(struct conf, proof_keys, proof_key_count) },
	{ "proof.keys.kid", CONF_NAME, "", 1, 32, NULL, CONF_RELOAD, "name of the key in proofs", PROOF_KEY(kid) },
	{ "proof.keys.file", CONF_FILE, "", 1, 4095, NULL, CONF_RELOAD, "its file", PROOF_KEY(file) },
	{ "proof.current", CONF_NAME, "", 1, 32, NULL, CONF_RELOAD, "kid of the key that signs", CONF(proof_current) },

	{ "store", CONF_GROUP, "", 0, 0, "", CONF_FIXED, "how records lie in Redis", NOWHERE },
	{ "store.partitions", CONF_INT, "", 1, 4096, "256", CONF_FIXED, "partitions; never changes",
	  CONF(store.partitions) },
	{ "store.write_version", CONF_INT, "", 0, 255, "0", CONF_RELOAD, "version of new records; 0: the oldest",
	  CONF(flow.write_version) },
	{ "store.lease_ms", CONF_INT, "ms", 1000, 60000, "5000", CONF_FIXED, "how long an instance owns a message",
	  CONF(store.lease_ms) },

	{ "limits", CONF_GROUP, "", 0, 0, "", CONF_RELOAD, "limits over all purposes", NOWHERE },
	{ "limits.global_rate", CONF_FLOAT, "/s", 0, 1000000, "0", CONF_RELOAD, "SENDs of all tenants; 0: no limit",
	  CONF(flow.policy.global_rate) },
	{ "limits.global_burst", CONF_FLOAT, "", 0, 1000000, "0", CONF_RELOAD, "SENDs at once; 0: one second's",
	  CONF(flow.policy.global_burst) },
	{ "limits.equal_window_s", CONF_INT, "s", 0, 3600, "10", CONF_RELOAD, "an equal SEND is a repetition",
	  CONF(flow.policy.equal_window_s) },
	{ "limits.idempotency_s", CONF_INT, "s", 60, 604800, "86400", CONF_RELOAD, "memory of REQIDs",
	  CONF(flow.policy.idempotency_s) },
	{ "limits.verdict_s", CONF_INT, "s", 0, 3600, "60", CONF_RELOAD, "how long VERIFY repeats its verdict",
	  CONF(flow.policy.verdict_s) },
	{ "limits.tombstone_s", CONF_INT, "s", 60, 86400, "7200", CONF_RELOAD, "memory of spent ids",
	  CONF(flow.policy.tombstone_s) },
	{ "limits.number_sends", CONF_RATE, "count, s", 1, 2592000, "", CONF_RELOAD, "SMS per number, of all tenants",
	  CONF(flow.policy.number_sends) },
	{ "limits.mo_wrong", CONF_RATE, "count, s", 1, 2592000, "10, 3600", CONF_RELOAD, "wrong tokens of one phone",
	  CONF(flow.policy.mo_wrong) },
	{ "limits.guessing", CONF_CHOICE, "warn|slow", 0, 0, "warn", CONF_RELOAD, "what many wrong codes do",
	  CONF(flow.policy.guessing) },

	{ "queue", CONF_GROUP, "", 0, 0, "", CONF_RELOAD, "messages taken and not yet submitted", NOWHERE },
	{ "queue.max", CONF_INT, "messages", 1, 1000000, "10000", CONF_RELOAD, "at most so many",
	  CONF(flow.queue_max) },

	{ "delivery", CONF_GROUP, "", 0, 0, "", CONF_RELOAD, "the way to the phone", NOWHERE },
	{ "delivery.ambiguous", CONF_CHOICE, "resend_once|fail|wait", 0, 0, "resend_once", CONF_RELOAD, "answer lost",
	  CONF(flow.ambiguous) },
	{ "delivery.reroute_on_failed_receipt", CONF_BOOL, "", 0, 0, "false", CONF_RELOAD, "one more SMSC",
	  CONF(flow.reroute) },
	{ "delivery.receipt_memory_s", CONF_INT, "s", 60, 604800, "86400", CONF_RELOAD, "wait for receipts",
	  CONF(flow.receipt_memory_s) },

	{ "smsc", CONF_GROUPS, "", 0, 0, NULL, CONF_RELOAD, "accounts at telcos",
	  LIST(struct conf, smscs, smpp.smsc_count) },
	{ "smsc.name", CONF_NAME, "", 1, 32, NULL, CONF_RELOAD, "name in routes, logs and metrics", SMSC(name) },
	{ "smsc.tag", CONF_INT, "", 1, 65534, "0", CONF_RELOAD, "stands in Redis for the name", SMSC(tag) },
	{ "smsc.host", CONF_STRING, "", 1, 255, "", CONF_RELOAD, "host or address", NOWHERE },
	{ "smsc.port", CONF_INT, "", 1, 65535, "2775", CONF_RELOAD, "port", NOWHERE },
	{ "smsc.hosts", CONF_STRINGS, "", 3, 261, "", CONF_RELOAD, "several hosts instead, each with its port",
	  NOWHERE },
	{ "smsc.binds", CONF_INT, "", 1, 16, "1", CONF_RELOAD, "sessions", SMSC(binds) },
	{ "smsc.type", CONF_CHOICE, "transceiver|pair|transmitter", 0, 0, "transceiver", CONF_RELOAD, "of a bind",
	  SMSC(bind_type) },
	{ "smsc.tls", CONF_GROUP, "", 0, 0, "", CONF_RELOAD, "TLS to it", SMSC(tls.on) },
	{ "smsc.tls.ca", CONF_PATH, "", 0, 255, "", CONF_RELOAD, "file of authorities; empty: the system's",
	  SMSC(tls.ca) },
	{ "smsc.tls.server_name", CONF_STRING, "", 0, 255, "", CONF_RELOAD, "name in its certificate",
	  SMSC(tls.server_name) },
	{ "smsc.tls.certificate", CONF_PATH, "", 0, 255, "", CONF_RELOAD, "file of a client certificate",
	  SMSC(tls.certificate) },
	{ "smsc.tls.key_file", CONF_FILE, "", 0, 4095, "", CONF_RELOAD, "file of its key", NOWHERE },
	{ "smsc.system_id", CONF_STRING, "", 1, 16, NULL, CONF_RELOAD, "system_id of the bind", SMSC(system_id) },
	{ "smsc.password_file", CONF_FILE, "", 0, 4095, "", CONF_RELOAD, "file that holds the password", NOWHERE },
	{ "smsc.system_type", CONF_STRING, "", 0, 12, "", CONF_RELOAD, "system_type of the bind", SMSC(system_type) },
	{ "smsc.address_range", CONF_STRING, "", 0, 40, "", CONF_RELOAD, "address_range of the bind",
	  SMSC(address_range) },
	{ "smsc.addr_ton", CONF_INT, "", 0, 6, "0", CONF_RELOAD, "addr_ton of the bind", SMSC(addr_ton) },
	{ "smsc.addr_npi", CONF_INT, "", 0, 18, "0", CONF_RELOAD, "addr_npi of the bind", SMSC(addr_npi) },
	{ "smsc.sender", CONF_STRING, "", 1, 20, NULL, CONF_RELOAD, "source address", SMSC(sender) },
	{ "smsc.service_type", CONF_STRING, "", 0, 5, "", CONF_RELOAD, "service_type of a submit", SMSC(service_type) },
	{ "smsc.rate", CONF_FLOAT, "segments/s", 0.1, 1000000, NULL, CONF_RELOAD, "as the contract says", SMSC(rate) },
	{ "smsc.window", CONF_INT, "", 1, 1000, "10", CONF_RELOAD, "submits without an answer", SMSC(window) },
	{ "smsc.receipts", CONF_BOOL, "", 0, 0, "true", CONF_RELOAD, "ask for receipts", SMSC(receipts) },
	{ "smsc.validity", CONF_CHOICE, "relative|absolute|none", 0, 0, "relative", CONF_RELOAD, "validity_period",
	  SMSC(validity) },
	{ "smsc.alphabet", CONF_CHOICE, "gsm|latin1|ascii|gsm_dc1|ucs2", 0, 0, "gsm", CONF_RELOAD, "of the text",
	  SMSC(alphabet) },
	{ "smsc.source_ton", CONF_TYPE, "", -1, 6, "-1", CONF_RELOAD, "source_addr_ton; -1: by the kind of sender",
	  SMSC(types.source_ton) },
	{ "smsc.source_npi", CONF_TYPE, "", -1, 18, "-1", CONF_RELOAD, "source_addr_npi; -1: by the kind of sender",
	  SMSC(types.source_npi) },
	{ "smsc.short_ton", CONF_TYPE, "", -1, 6, "-1", CONF_RELOAD, "source_addr_ton of a short code; -1: 3",
	  SMSC(types.short_ton) },
	{ "smsc.dest_ton", CONF_TYPE, "", -1, 6, "-1", CONF_RELOAD, "dest_addr_ton; -1: 1, international",
	  SMSC(types.dest_ton) },
	{ "smsc.dest_npi", CONF_TYPE, "", -1, 18, "-1", CONF_RELOAD, "dest_addr_npi; -1: 1, E.164",
	  SMSC(types.dest_npi) },
	{ "smsc.protocol_id", CONF_INT, "", 0, 255, "0", CONF_RELOAD, "protocol_id of a submit", SMSC(protocol_id) },
	{ "smsc.priority", CONF_INT, "", 0, 3, "0", CONF_RELOAD, "priority_flag of a submit", SMSC(priority) },
	{ "smsc.msgid_mode", CONF_CHOICE, MSGID_MODES, 0, 0, "exact", CONF_RELOAD, "how receipts write ids",
	  SMSC(msgid_mode) },
	{ "smsc.statuses", CONF_GROUPS, "", 0, 0, "", CONF_RELOAD, "what it means by statuses of its own",
	  LIST(struct smpp_smsc_opts, statuses, status_count) },
	{ "smsc.statuses.code", CONF_INT, "", 1, 4294967295.0, NULL, CONF_RELOAD, "command_status", STATUS(status) },
	{ "smsc.statuses.class", CONF_CHOICE, CLASSES, 0, 0, NULL, CONF_RELOAD, "its class", STATUS(class) },
	{ "smsc.tlvs", CONF_GROUPS, "", 0, 0, "", CONF_RELOAD, "TLVs that it wants in every submit",
	  LIST(struct smpp_smsc_opts, tlvs, tlv_count) },
	{ "smsc.tlvs.tag", CONF_INT, "", 1, 65535, NULL, CONF_RELOAD, "tag", TLV(tag) },
	{ "smsc.tlvs.value", CONF_STRING, "", 0, 254, "", CONF_RELOAD, "value as text", NOWHERE },
	{ "smsc.tlvs.hex", CONF_STRING, "", 0, 508, "", CONF_RELOAD, "value as hexadecimal digits instead", NOWHERE },
	{ "smsc.mo", CONF_STRINGS, "", 1, 16, "", CONF_RELOAD, "addresses to which phones send tokens",
	  LIST(struct smpp_smsc_opts, mo, mo_count) },
	{ "smsc.mo_trusted", CONF_BOOL, "", 0, 0, "false", CONF_RELOAD, "their senders are the network's own",
	  SMSC(mo_trusted) },
	{ "smsc.mo_packed", CONF_BOOL, "", 0, 0, "false", CONF_RELOAD, "their septets are packed", SMSC(mo_packed) },
	{ "smsc.connect_timeout_ms", CONF_INT, "ms", 100, 30000, "5000", CONF_RELOAD, "to connect, for each address",
	  SMSC(connect_timeout_ms) },
	{ "smsc.bind_timeout_ms", CONF_INT, "ms", 100, 60000, "10000", CONF_RELOAD, "to answer a bind",
	  SMSC(bind_timeout_ms) },
	{ "smsc.response_timeout_ms", CONF_INT, "ms", 100, 120000, "10000", CONF_RELOAD, "to answer a submit",
	  SMSC(response_timeout_ms) },
	{ "smsc.enquire_interval_ms", CONF_INT, "ms", 100, 300000, "30000", CONF_RELOAD, "silence before one",
	  SMSC(enquire_interval_ms) },
	{ "smsc.enquire_timeout_ms", CONF_INT, "ms", 100, 60000, "10000", CONF_RELOAD, "to answer enquire_link",
	  SMSC(enquire_timeout_ms) },
	{ "smsc.inactivity_ms", CONF_INT, "ms", 0, 3600000, "90000", CONF_RELOAD, "silence that closes; 0: never",
	  SMSC(inactivity_ms) },
	{ "smsc.pdu_timeout_ms", CONF_INT, "ms", 100, 60000, "10000", CONF_RELOAD, "to complete a PDU once begun",
	  SMSC(pdu_timeout_ms) },
	{ "smsc.reconnect_min_ms", CONF_INT, "ms", 10, 600000, "1000", CONF_RELOAD, "first wait before a reconnect",
	  SMSC(reconnect_min_ms) },
	{ "smsc.reconnect_max_ms", CONF_INT, "ms", 10, 3600000, "60000", CONF_RELOAD, "longest wait before it",
	  SMSC(reconnect_max_ms) },
	{ "smsc.throttle_pause_ms", CONF_INT, "ms", 10, 60000, "1000", CONF_RELOAD, "first pause after a throttle",
	  SMSC(throttle_pause_ms) },

	{ "routes", CONF_GROUPS, "", 0, 0, NULL, CONF_RELOAD, "which numbers go to which SMSCs",
	  LIST(struct conf, smpp.routes, smpp.route_count) },
	{ "routes.prefix", CONF_DIGITS, "", 0, 15, NULL, CONF_RELOAD, "first digits of the E.164 number",
	  ROUTE(prefix) },
	{ "routes.smsc", CONF_STRINGS, "", 1, 32, NULL, CONF_RELOAD, "SMSCs to try, in order",
	  LIST(struct smpp_route_opts, smscs, smsc_count) },
	{ "routes.weights", CONF_INTS, "", 0, 1000, "", CONF_RELOAD, "their shares of the messages instead", NOWHERE },
	{ "routes.sender", CONF_STRING, "", 0, 20, "", CONF_RELOAD, "source address of these numbers", ROUTE(sender) },

	{ "numbering", CONF_GROUP, "", 0, 0, NULL, CONF_RELOAD, "how numbers are written and which are served",
	  NOWHERE },
	{ "numbering.home", CONF_STRING, "", 0, 2, "", CONF_RELOAD, "region of numbers without country code", NOWHERE },
	{ "numbering.idd", CONF_DIGITS, "", 0, 4, "00", CONF_RELOAD, "how people dial abroad", CONF(flow.plan.idd) },
	{ "numbering.plans", CONF_STRINGS, "", 1, 32, "", CONF_RELOAD, "countries served, by their files", NOWHERE },
	{ "numbering.directory", CONF_PATH, "", 1, 4000, "/usr/share/otpgwd/numbering", CONF_RELOAD, "of these files",
	  NOWHERE },
	{ "numbering.strict", CONF_BOOL, "", 0, 0, "false", CONF_RELOAD, "refuse unknown prefixes, of all countries",
	  NOWHERE },
	{ "numbering.countries", CONF_GROUPS, "", 0, 0, "", CONF_RELOAD, "countries served, or changes to their files",
	  NOWHERE },
	{ "numbering.countries.region", CONF_STRING, "", 2, 2, NULL, CONF_RELOAD, "ISO 3166 letters", NOWHERE },
	{ "numbering.countries.code", CONF_DIGITS, "", 1, 3, "", CONF_RELOAD, "country code", NOWHERE },
	{ "numbering.countries.trunk", CONF_DIGITS, "", 0, 3, "", CONF_RELOAD, "trunk prefix", NOWHERE },
	{ "numbering.countries.length", CONF_INTS, "digits", 1, 14, "", CONF_RELOAD, "least and most digits", NOWHERE },
	{ "numbering.countries.mobile", CONF_STRINGS, "", 1, 40, "", CONF_RELOAD, "first digits of mobile numbers",
	  NOWHERE },
	{ "numbering.countries.display", CONF_STRINGS, "", 1, 24, "", CONF_RELOAD, "how people group numbers",
	  NOWHERE },
	{ "numbering.countries.strict", CONF_BOOL, "", 0, 0, "false", CONF_RELOAD, "refuse unknown prefixes", NOWHERE },
	{ "numbering.countries.ranges", CONF_GROUPS, "", 0, 0, "", CONF_RELOAD, "known prefixes", NOWHERE },
	{ "numbering.countries.ranges.brand", CONF_STRING, "", 0, 32, "", CONF_RELOAD, "the operator people know",
	  NOWHERE },
	{ "numbering.countries.ranges.network", CONF_STRING, "", 0, 32, "", CONF_RELOAD, "who delivers to it",
	  NOWHERE },
	{ "numbering.countries.ranges.prefixes", CONF_STRINGS, "", 1, 15, NULL, CONF_RELOAD, "prefixes, or from-to",
	  NOWHERE },

	{ "templates", CONF_GROUPS, "", 0, 0, NULL, CONF_RELOAD, "texts of the SMS",
	  LIST(struct conf, flow.policy.templates, flow.policy.template_count) },
	{ "templates.name", CONF_NAME, "", 1, 32, NULL, CONF_RELOAD, "name of the template", TEMPLATE(name) },
	{ "templates.lang", CONF_NAME, "", 1, 32, NULL, CONF_RELOAD, "its language", TEMPLATE(lang) },
	{ "templates.text", CONF_TEXT, "", 1, 480, NULL, CONF_RELOAD, "text with {code} once", TEMPLATE(text) },
	{ "templates.vars", CONF_GROUPS, "", 0, 0, "", CONF_RELOAD, "what some of its VARs may be",
	  LIST(struct text_template, kinds, kind_count) },
	{ "templates.vars.name", CONF_NAME, "", 1, 32, NULL, CONF_RELOAD, "name of the VAR", VAR(name) },
	{ "templates.vars.kind", CONF_CHOICE, "any|amount|name|word", 0, 0, NULL, CONF_RELOAD, "what it may be",
	  VAR(kind) },

	{ "purposes", CONF_GROUPS, "", 0, 0, NULL, CONF_RELOAD, "what codes are for",
	  LIST(struct conf, flow.policy.purposes, flow.policy.purpose_count) },
	{ "purposes.name", CONF_NAME, "", 1, 32, NULL, CONF_RELOAD, "name in requests", PURPOSE(name) },
	{ "purposes.tag", CONF_INT, "", 1, 65535, "0", CONF_RELOAD, "stands in Redis for the name", PURPOSE(tag) },
	{ "purposes.template", CONF_NAME, "", 1, 32, NULL, CONF_RELOAD, "template of a SEND that names none",
	  PURPOSE(template_name) },
	{ "purposes.brand", CONF_STRING, "", 1, 64, NULL, CONF_RELOAD, "{brand} of the text", PURPOSE(brand) },
	{ "purposes.sender", CONF_STRING, "", 0, 20, "", CONF_RELOAD, "source address, instead of the SMSC's",
	  PURPOSE(sender) },
	{ "purposes.alphabet", CONF_CHOICE, "digits|letters", 0, 0, "digits", CONF_RELOAD, "characters of the code",
	  PURPOSE(alphabet) },
	{ "purposes.length", CONF_INT, "characters", 4, 10, "6", CONF_RELOAD, "length of the code", PURPOSE(code_len) },
	{ "purposes.guesses", CONF_INT, "", 1, 10, "5", CONF_RELOAD, "wrong guesses a verification", PURPOSE(guesses) },
	{ "purposes.resends", CONF_INT, "", 0, 8, "3", CONF_RELOAD, "sends beyond the first", PURPOSE(resends) },
	{ "purposes.waits_s", CONF_INTS, "s", 0, 3600, "30, 60, 120", CONF_RELOAD, "before each resend", NOWHERE },
	{ "purposes.ttl_s", CONF_INT, "s", 2, 600, "300", CONF_RELOAD, "life of the code from the SMSC's accept",
	  PURPOSE(ttl_s) },
	{ "purposes.ttl_max_s", CONF_INT, "s", 2, 600, "0", CONF_RELOAD, "most a request may ask; default: hard_s",
	  PURPOSE(ttl_max_s) },
	{ "purposes.hard_s", CONF_INT, "s", 2, 600, "600", CONF_RELOAD, "life of the code from its creation",
	  PURPOSE(hard_s) },
	{ "purposes.deadline_s", CONF_INT, "s", 1, 300, "60", CONF_RELOAD, "from acknowledge to submit",
	  PURPOSE(deadline_s) },
	{ "purposes.sends_short", CONF_RATE, "count, s", 1, 2592000, "5, 600", CONF_RELOAD, "SMS per tenant, number",
	  PURPOSE(number_sends_short) },
	{ "purposes.sends_long", CONF_RATE, "count, s", 1, 2592000, "10, 86400", CONF_RELOAD, "the same, longer",
	  PURPOSE(number_sends_long) },
	{ "purposes.fails_short", CONF_RATE, "count, s", 1, 2592000, "10, 3600", CONF_RELOAD, "wrong guesses",
	  PURPOSE(number_fails_short) },
	{ "purposes.fails_long", CONF_RATE, "count, s", 1, 2592000, "20, 86400", CONF_RELOAD, "the same, longer",
	  PURPOSE(number_fails_long) },
	{ "purposes.sends_known", CONF_RATE, "count, s", 1, 2592000, "10, 600", CONF_RELOAD, "SMS of known devices",
	  PURPOSE(number_sends_known) },
	{ "purposes.resend", CONF_CHOICE, "same|overlap|replace", 0, 0, "same", CONF_RELOAD, "code of a further SMS",
	  PURPOSE(resend) },
	{ "purposes.check_digit", CONF_BOOL, "", 0, 0, "false", CONF_RELOAD, "a digit that tells typing errors",
	  PURPOSE(check_digit) },
	{ "purposes.redirect", CONF_CHOICE, "never|until_verified", 0, 0, "never", CONF_RELOAD, "OTP.REDIRECT",
	  PURPOSE(redirect) },
	{ "purposes.reverse", CONF_CHOICE, "never|allowed", 0, 0, "never", CONF_RELOAD, "OTP.REVERSE",
	  PURPOSE(reverse) },
	{ "purposes.similar", CONF_BOOL, "", 0, 0, "false", CONF_RELOAD, "tell a number like the one before",
	  PURPOSE(similar) },

	{ "tenants", CONF_GROUPS, "", 0, 0, NULL, CONF_RELOAD, "backends, by user and group",
	  LIST(struct conf, flow.policy.tenants, flow.policy.tenant_count) },
	{ "tenants.name", CONF_NAME, "", 1, 32, NULL, CONF_RELOAD, "name in logs and metrics", TENANT(name) },
	{ "tenants.uid", CONF_IDS, "", 0, 4294967294.0, "", CONF_RELOAD, "users", NOWHERE },
	{ "tenants.gid", CONF_IDS, "", 0, 4294967294.0, "", CONF_RELOAD, "groups", NOWHERE },
	{ "tenants.purposes", CONF_STRINGS, "", 1, 32, "", CONF_RELOAD, "purposes allowed; none: all",
	  LIST(struct policy_tenant, purposes, purpose_count) },
	{ "tenants.rate", CONF_FLOAT, "/s", 0, 1000000, "0", CONF_RELOAD, "SENDs; 0: no limit of its own",
	  TENANT(rate) },
	{ "tenants.burst", CONF_FLOAT, "", 0, 1000000, "0", CONF_RELOAD, "SENDs at once; 0: one second's",
	  TENANT(burst) },
	{ "tenants.known", CONF_BOOL, "", 0, 0, "false", CONF_RELOAD, "may say KNOWN 1", TENANT(known) },
	{ "tenants.require_subject", CONF_BOOL, "", 0, 0, "false", CONF_RELOAD, "refuse a SEND without SUBJECT",
	  TENANT(require_subject) },
	{ "tenants.own_codes", CONF_BOOL, "", 0, 0, "false", CONF_RELOAD, "may give the code itself",
	  TENANT(own_codes) },
	{ "tenants.proof_audiences", CONF_STRINGS, "", 1, 255, "", CONF_RELOAD, "whom its proofs are for",
	  LIST(struct policy_tenant, audiences, audience_count) },
	{ "tenants.uniform", CONF_BOOL, "", 0, 0, "false", CONF_RELOAD, "tell nothing of how a verification ended",
	  TENANT(uniform) },
	{ "tenants.tests", CONF_GROUPS, "", 0, 0, "", CONF_RELOAD, "numbers whose SMS are played and never sent",
	  LIST(struct policy_tenant, tests, test_count) },
	{ "tenants.tests.numbers", CONF_STRINGS, "", 1, 33, NULL, CONF_RELOAD, "which numbers, or from-to",
	  LIST(struct testnumber_group, numbers, number_count) },
	{ "tenants.tests.code", CONF_STRING, "", 4, 10, NULL, CONF_RELOAD, "their code", TEST(code) },
	{ "tenants.tests.outcome", CONF_STRING, "", 2, 16, NULL, CONF_RELOAD, "what is played", TEST(outcome) },
	{ "tenants.tests.until", CONF_STRING, "", 10, 10, NULL, CONF_RELOAD, "their last day, UTC", TEST(until) },

	{ "sentences", CONF_GROUPS, "", 0, 0, "", CONF_RELOAD, "what people are told, in place of what is built in",
	  NOWHERE },
	{ "sentences.answer", CONF_STRING, "", 1, 64, NULL, CONF_RELOAD, "the answer that it is said for", NOWHERE },
	{ "sentences.lang", CONF_NAME, "", 1, 8, NULL, CONF_RELOAD, "its language, as SAY names it", NOWHERE },
	{ "sentences.text", CONF_STRING, "", 1, 255, NULL, CONF_RELOAD, "the sentence", NOWHERE },
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
