/*
 * conf: what a good file becomes, and that every kind of fault is told with its line, all of them at once.
 */
#include "conf.h"
#include "../../../daemon/conf/groups.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char good[] =
    "default_purpose = \"login\";\n"                                                          /* 1 */
    "default_lang = \"id\";\n"                                                                /* 2 */
    "api: { socket = \"/tmp/x/api.sock\"; };\n"                                               /* 3 */
    "redis: { socket = \"/tmp/x/redis.sock\"; };\n"                                           /* 4 */
    "keys: { index = \"index.key\";\n"                                                        /* 5 */
    "  codes = ( { kid = 1; file = \"c1\"; },\n"                                              /* 6 */
    "            { kid = 2; file = \"/k/c2\"; } );\n"                                         /* 7 */
    "  current = 2; };\n"                                                                     /* 8 */
    "smsc = (\n"                                                                              /* 9 */
    "  { name = \"one\"; host = \"h1\"; system_id = \"s\"; sender = \"OTP\"; rate = 5; },\n"  /* 10 */
    "  { name = \"two\"; host = \"h2\"; system_id = \"s\"; sender = \"62811\"; rate = 0.5;\n" /* 11 */
    "    validity = \"none\"; receipts = false; } );\n"                                       /* 12 */
    "routes = ( { prefix = \"\"; smsc = [\"one\"]; },\n"                                      /* 13 */
    "  { prefix = \"62811\"; smsc = [\"two\", \"one\"]; } );\n"                               /* 14 */
    "numbering: { home = \"ID\"; countries = (\n"                                             /* 15 */
    "  { region = \"ID\"; code = \"62\"; trunk = \"0\"; length = [9, 12];\n"                  /* 16 */
    "    mobile = [\"81-83\", \"89\"];\n"                                                     /* 17 */
    "    ranges = ( { brand = \"T\"; prefixes = [\"811-813\", \"821\"]; },\n"                 /* 18 */
    "               { brand = \"I\"; prefixes = [\"814-816\"]; } ); } ); };\n"                /* 19 */
    "templates = (\n"                                                                         /* 20 */
    "  { name = \"otp\"; lang = \"id\"; text = \"{brand}: kode {code}\"; },\n"                /* 21 */
    "  { name = \"otp\"; lang = \"en\"; text = \"{brand}: code {code}\"; } );\n"              /* 22 */
    "purposes = (\n"                                                                          /* 23 */
    "  { name = \"login\"; template = \"otp\"; brand = \"B\"; },\n"                           /* 24 */
    "  { name = \"pay\"; template = \"otp\"; brand = \"B\"; guesses = 3; length = 8; } );\n"  /* 25 */
    "tenants = ( { name = \"web\"; uid = [33, 34]; },\n"                                      /* 26 */
    "  { name = \"app\"; gid = [\"root\"]; purposes = [\"pay\"]; rate = 7.5; } );\n";         /* 27 */

/* The good text with one place of it replaced; the caller frees. */
static char *edited(const char *find, const char *with)
{
	const char *at = strstr(good, find);
	size_t cap = sizeof(good) + strlen(with);
	char *text = calloc(1, cap);

	assert_non_null(at);
	assert_non_null(text);
	snprintf(text, cap, "%.*s%s%s", (int)(at - good), good, with, at + strlen(find));
	return text;
}

static struct conf *load(const char *text)
{
	struct conf *c = NULL;
	struct buf errors;

	buf_init(&errors, 65536);
	enum err err = conf_load_text("t.conf", text, strlen(text), &c, &errors);
	if (err)
		print_error("%.*s", (int)buf_len(&errors), (const char *)buf_data(&errors));
	assert_int_equal(err, ERR_OK);
	assert_int_equal(buf_len(&errors), 0);
	buf_clear(&errors);
	return c;
}

/* Loads what must be refused; gives the errors, which the caller frees. */
static char *refuse(const char *text, size_t len)
{
	struct conf *c = NULL;
	struct buf errors;

	buf_init(&errors, 65536);
	assert_int_equal(conf_load_text("t.conf", text, len, &c, &errors), ERR_INVALID);
	assert_null(c);
	char *said = calloc(1, buf_len(&errors) + 1);
	assert_non_null(said);
	memcpy(said, buf_data(&errors), buf_len(&errors));
	buf_clear(&errors);
	return said;
}

static size_t lines(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += *s == '\n';
	return n;
}

static void test_good_file(void **state)
{
	(void)state;
	struct conf *c = load(good);

	assert_string_equal(c->instance, "a");
	assert_string_equal(c->lock, "/run/otpgwd-instance/lock");
	assert_int_equal(c->log_level, LOG_LEVEL_INFO);
	assert_int_equal(c->drain_s, 25);
	assert_string_equal(c->api.socket_path, "/tmp/x/api.sock");
	assert_string_equal(c->api.socket_name, "api");
	assert_int_equal(c->api.socket_mode, 0660);
	assert_int_equal(c->api.max_output, 1 << 20);
	assert_string_equal(c->stats.socket_path, "/run/otpgwd/stats.sock");
	assert_string_equal(c->store.socket_path, "/tmp/x/redis.sock");
	assert_int_equal(c->store.port, 6379);
	assert_int_equal(c->store.partitions, 256);
	assert_int_equal(c->flow.partitions, 256);
	assert_int_equal(c->flow.lease_ms, 5000);
	assert_int_equal(c->code_key_count, 2);
	assert_int_equal(c->code_keys[1].kid, 2);
	assert_string_equal(c->code_keys[1].file.name, "/k/c2");
	assert_int_equal(c->current_kid, 2);
	conf_free(c);
}

static void test_smscs(void **state)
{
	(void)state;
	struct conf *c = load(good);
	const struct smpp_opts *o = &c->smpp;

	assert_int_equal(o->smsc_count, 2);
	assert_true(o->smscs[0].rate > 4.9 && o->smscs[0].rate < 5.1);
	assert_true(o->smscs[1].rate > 0.4 && o->smscs[1].rate < 0.6);
	assert_true(o->smscs[0].receipts);
	assert_false(o->smscs[1].receipts);
	assert_int_equal(o->smscs[0].validity, SMPP_VALIDITY_RELATIVE);
	assert_int_equal(o->smscs[1].validity, SMPP_VALIDITY_NONE);
	assert_int_equal(o->smscs[0].enquire_interval_ms, 30000);
	assert_ptr_equal(c->smscs, o->smscs);
	assert_string_equal(c->smsc_password_files[1].name, "");
	assert_int_equal(o->route_count, 2);
	assert_string_equal(o->routes[1].prefix, "62811");
	assert_int_equal(o->routes[1].smsc_count, 2);
	assert_string_equal(o->routes[1].smscs[0], "two");
	conf_free(c);
}

static void test_plan(void **state)
{
	(void)state;
	struct conf *c = load(good);
	const struct msisdn_plan *plan = &c->flow.plan;

	assert_int_equal(plan->home, 0);
	assert_string_equal(plan->idd, "00");
	const struct msisdn_country *id = &plan->countries[0];
	assert_int_equal(id->mobile_count, 2);
	assert_string_equal(id->mobile[0].from, "81");
	assert_string_equal(id->mobile[0].to, "83");
	assert_string_equal(id->mobile[1].from, "89");
	/* In the order of their prefixes. */
	assert_int_equal(id->range_count, 3);
	assert_string_equal(id->ranges[0].to, "813");
	assert_string_equal(id->ranges[1].brand, "I");
	assert_string_equal(id->ranges[1].network, "I");
	assert_string_equal(id->ranges[2].from, "821");
	assert_string_equal(id->ranges[2].to, "821");
	conf_free(c);
}

static void test_policy(void **state)
{
	(void)state;
	struct conf *c = load(good);
	const struct policy_opts *o = &c->flow.policy;
	const struct policy_purpose *p = &o->purposes[0];

	assert_int_equal(o->purpose_count, 2);
	assert_int_equal(p->code_len, 6);
	assert_int_equal(p->guesses, 5);
	assert_int_equal(p->resends, 3);
	assert_int_equal(p->wait_count, 3);
	assert_int_equal(p->waits_s[2], 120);
	assert_int_equal(p->ttl_s, 300);
	assert_int_equal(p->ttl_max_s, 600);
	assert_int_equal(p->deadline_s, 60);
	assert_int_equal(p->number_fails_long.count, 20);
	assert_int_equal(p->number_fails_long.window_s, 86400);
	assert_int_equal(o->purposes[1].guesses, 3);
	assert_int_equal(o->tenants[0].uid_count, 2);
	assert_int_equal(o->tenants[0].uids[1], 34);
	assert_int_equal(o->tenants[0].purpose_count, 0);
	assert_int_equal(o->tenants[1].gids[0], 0);
	assert_string_equal(o->tenants[1].purposes[0], "pay");
	assert_true(o->tenants[1].burst > 7.4 && o->tenants[1].burst < 7.6);
	assert_int_equal(o->tombstone_s, 7200);
	conf_free(c);
}

static void test_hard_end_bounds_the_request(void **state)
{
	(void)state;
	char *text = edited("guesses = 3;", "ttl_s = 40; hard_s = 90;");
	struct conf *c = load(text);

	assert_int_equal(c->flow.policy.purposes[1].ttl_max_s, 90);
	conf_free(c);
	free(text);
}

struct bad {
	const char *find, *with, *says;
};

static const struct bad bads[] = {
	{ "default_lang =", "default_lnag =",
	  "t.conf:2: default_lnag: found an unknown key, allowed: did you mean \"default_lang\"?" },
	{ "default_lang = \"id\";", "", "t.conf:1: default_lang: found nothing, allowed 1-32 of a-z 0-9 _ -" },
	{ "default_lang = \"id\";", "default_lang = \"fr\";",
	  "t.conf:21: templates[0].name: found \"otp\" without a text in default_lang, fr" },
	{ "default_lang = \"id\";", "default_lang = \"id\" = ;", "t.conf:2: found a syntax error" },
	{ "default_lang = \"id\";", "default_lang = \"id\"; default_lang = \"id\";",
	  "t.conf:2: found a duplicate setting name" },
	{ "default_lang = \"id\";", "default_lang = \"id\";\n @include \"x\"", "t.conf:3: @include: found an include" },
	{ "default_purpose = \"login\"", "default_purpose = \"nope\"",
	  "t.conf:1: default_purpose: found \"nope\", allowed the names in purposes" },
	{ "api: {", "instance = \"a_b\"; api: {", "t.conf:3: instance: found \"a_b\", allowed 1-8 of a-z 0-9" },
	{ "api: {", "instance = \"ninechars\"; api: {",
	  "t.conf:3: instance: found \"ninechars\" (9 octets), allowed 1-8 of" },
	{ "api: {", "log_level = \"loud\"; api: {",
	  "t.conf:3: log_level: found \"loud\" (4 octets), allowed one of error|warn|info|debug" },
	{ "api: {", "api: { mode = \"0888\";", "t.conf:3: api.mode: found \"0888\" (4 octets), allowed an octal mode" },
	{ "api: {", "api: { mode = 432;", "t.conf:3: api.mode: found 432, allowed an octal mode" },
	{ "api: {", "api: { max_clients = 0;", "t.conf:3: api.max_clients: found 0, allowed a whole number 1..100000" },
	{ "api: {", "api: { max_clients = 99999999999L;", "t.conf:3: api.max_clients: found 99999999999, allowed" },
	{ "api: {", "api: { max_clients = \"x\";", "t.conf:3: api.max_clients: found \"x\" (1 octets), allowed" },
	{ "api: {", "api: { max_client = 3;", "did you mean \"max_clients\"?" },
	{ "api: {", "api: { zzzzzzzzzzzz = 3;",
	  "t.conf:3: api.zzzzzzzzzzzz: found an unknown key, allowed: the keys of otpgwd.conf(5)" },
	{ "\"/tmp/x/api.sock\"", "\"api.sock\"",
	  "t.conf:3: api.socket: found \"api.sock\" (8 octets), allowed an absolute path" },
	{ "api: { socket = \"/tmp/x/api.sock\"; };", "api = 3;", "t.conf:3: api: found 3, allowed a group" },
	{ "redis: {", "redis: { host = \"h\";",
	  "t.conf:4: redis.host: found \"h\" beside a socket, allowed redis.socket or redis.host" },
	/* a host is a host: the port has a key of its own */
	{ "host = \"h1\"", "host = \"127.0.0.1:2775\"",
	  "t.conf:10: smsc[0].host: found \"127.0.0.1:2775\", allowed a host name or an address without a port; "
	  "the port is smsc.port" },
	{ "host = \"h1\"", "host = \"[::1]:2775\"",
	  "t.conf:10: smsc[0].host: found \"[::1]:2775\", allowed a host name" },
	{ "host = \"h1\"", "host = \"[::1]\"", "t.conf:10: smsc[0].host: found \"[::1]\", allowed a host name" },
	{ "host = \"h1\"", "host = \"smpp://h1\"",
	  "t.conf:10: smsc[0].host: found \"smpp://h1\", allowed a host name" },
	{ "host = \"h1\"", "host = \"h1 \"", "t.conf:10: smsc[0].host: found \"h1 \", allowed a host name" },
	{ "host = \"h1\"", "hosts = [\"smsc\"]", "t.conf:10: smsc[0].hosts: found \"smsc\", allowed \"host:port\"" },
	{ "host = \"h1\"", "hosts = [\"10.0.0.1:27750:1\"]", "t.conf:10: smsc[0].hosts: found \"10.0.0.1:27750:1\"" },
	{ "host = \"h1\"", "hosts = [\"2001:db8::1:2775\"]", "allowed \"host:port\" or \"[IPv6 address]:port\"" },
	{ "host = \"h1\"", "tls: { server_name = \"h1:2775\"; }; host = \"h1\"",
	  "t.conf:10: smsc[0].tls.server_name: found \"h1:2775\", allowed a host name" },
	{ "redis: {", "redis: { host = \"10.0.0.1:6379\";",
	  "t.conf:4: redis.host: found \"10.0.0.1:6379\", allowed a host name or an address without a port; the port "
	  "is "
	  "redis.port" },
	{ "redis: {", "redis: { master = \"m\"; sentinels = [\"10.0.0.1\"];",
	  "t.conf:4: redis.sentinels: found \"10.0.0.1\", allowed \"host:port\"" },
	{ "redis: {", "redis: { cluster = [\"10.0.0.1:1:2\"];",
	  "t.conf:4: redis.cluster: found \"10.0.0.1:1:2\", allowed \"host:port\"" },
	{ "redis: {", "redis: { user = \"u\";", "t.conf:4: redis.user: found \"u\" without a password" },
	{ "redis: {", "redis: { password_file = \"a/b\";",
	  "t.conf:4: redis.password_file: found \"a/b\" (3 octets), allowed a file's absolute" },
	{ "redis: {", "stats: { socket = \"/tmp/x/api.sock\"; }; redis: {",
	  "t.conf:4: stats.socket: found \"/tmp/x/api.sock\", allowed another" },
	{ "kid = 2;", "kid = 1;", "t.conf:7: keys.codes[1].kid: found 1 a second time, allowed once" },
	{ "kid = 2;", "kid = 256;", "t.conf:7: keys.codes[1].kid: found 256, allowed a whole number 0..255" },
	{ "current = 2;", "current = 3;", "t.conf:8: keys.current: found 3, allowed a kid of keys.codes" },
	{ "file = \"c1\"", "file = \"index.key\"", "t.conf:6: keys.codes[0].file: found the file of keys.index" },
	{ "\"two\"; host", "\"one\"; host",
	  "t.conf:11: smsc[1].name: found \"one\" a second time, allowed once (line 10 has it)" },
	{ "\"one\"; host", "\"One\"; host",
	  "t.conf:10: smsc[0].name: found \"One\" (3 octets), allowed 1-32 of a-z 0-9 _ -" },
	{ "rate = 5;", "", "t.conf:10: smsc[0].rate: found nothing, allowed a number 0.1..1000000 segments/s" },
	{ "rate = 5;", "rate = 5; windows = 3;",
	  "t.conf:10: smsc[0].windows: found an unknown key, allowed: did you mean \"window\"?" },
	{ "sender = \"OTP\"", "sender = \"TWELVECHARSX\"",
	  "t.conf:10: smsc[0].sender: found \"TWELVECHARSX\", allowed at most 11" },
	{ "receipts = false;", "receipts = 0;", "t.conf:12: smsc[1].receipts: found 0, allowed true or false" },
	{ "receipts = false;", "inactivity_ms = 20000;",
	  "t.conf:12: smsc[1].inactivity_ms: found 20000, allowed 0 or more than" },
	{ "receipts = false;", "reconnect_min_ms = 70000;",
	  "t.conf:12: smsc[1].reconnect_min_ms: found 70000, allowed at most" },
	{ "prefix = \"62811\"", "prefix = \"\"",
	  "t.conf:14: routes[1].prefix: found \"\" a second time, allowed once" },
	{ "prefix = \"62811\"", "prefix = \"+62811\"",
	  "t.conf:14: routes[1].prefix: found \"+62811\" (6 octets), allowed a text of 0-15 digits" },
	{ "[\"two\", \"one\"]", "[\"three\"]",
	  "t.conf:14: routes[1].smsc: found \"three\", allowed the names in smsc" },
	{ "[\"two\", \"one\"]", "[\"two\", \"two\"]", "t.conf:14: routes[1].smsc: found \"two\" a second time" },
	{ "[\"two\", \"one\"]", "[]", "t.conf:14: routes[1].smsc: found [], allowed an array of texts" },
	{ "home = \"ID\"", "home = \"MY\"",
	  "t.conf:15: numbering.home: found \"MY\", allowed a region of numbering.plans or numbering.countries" },
	{ "region = \"ID\"", "region = \"id\"",
	  "t.conf:16: numbering.countries[0].region: found \"id\", allowed two capital letters" },
	{ "[9, 12]", "[12, 9]",
	  "t.conf:16: numbering.countries[0].length: found 2 values up to 9, allowed [least, most]" },
	{ "[9, 12]", "[9]", "t.conf:16: numbering.countries[0].length: found 1 values" },
	{ "\"81-83\"", "\"83-81\"",
	  "t.conf:17: numbering.countries[0].mobile: found \"83-81\", allowed \"811\" or \"811-813\"" },
	{ "\"81-83\"", "\"81-83\", \"820\"",
	  "t.conf:17: numbering.countries[0].mobile: found \"820\", allowed none that another entry (81-83) holds" },
	{ "\"814-816\"", "\"813\"",
	  "t.conf:19: numbering.countries[0].ranges[1].prefixes: found \"813\", allowed none that another" },
	{ "\"814-816\"", "\"711\"",
	  "t.conf:19: numbering.countries[0].ranges[1].prefixes: found \"711\", allowed prefixes that begin" },
	{ "\"814-816\"", "\"814-8166\"", "t.conf:19: numbering.countries[0].ranges[1].prefixes: found \"814-8166\"" },
	{ "kode {code}", "kode", "t.conf:21: templates[0].text: found {code} missing or too often" },
	{ "kode {code}", "kode {code} {", "t.conf:21: templates[0].text: found a brace that opens no name" },
	{ "kode {code}\";", "kode {code} {shop}\"; vars = ({ name = \"sho\"; kind = \"word\"; });",
	  "t.conf:21: templates[0].vars[0].name: found \"sho\", allowed the VARs of the text" },
	{ "kode {code}\";", "kode {code}\"; vars = ({ name = \"code\"; kind = \"word\"; });",
	  "t.conf:21: templates[0].vars[0].name: found \"code\", allowed the VARs of the text" },
	{ "kode {code}\";",
	  "{code} {a}\"; vars = ({ name = \"a\"; kind = \"word\"; }, { name = \"a\"; kind = \"any\"; });",
	  "t.conf:21: templates[0].vars[1].name: found \"a\" a second time" },
	{ "kode {code}\";", "{code} {a}\"; vars = ({ name = \"a\"; kind = \"sum\"; });",
	  "t.conf:21: templates[0].vars[0].kind: found \"sum\" (3 octets), allowed one of any|amount|name|word" },
	{ "lang = \"en\"", "lang = \"id\"",
	  "t.conf:22: templates[1].name: found otp in id a second time, allowed once" },
	{ "template = \"otp\"", "template = \"otq\"",
	  "t.conf:24: purposes[0].template: found \"otq\", allowed the names in templates" },
	{ "lang = \"en\"; text = \"{brand}: code {code}\"; }",
	  "lang = \"en\"; text = \"{code}\"; },\n { name = \"x\"; lang = \"id\"; text = \"{code}\"; },"
	  "{ name = \"x\"; lang = \"fr\"; text = \"{code}\"; }",
	  "purposes[0].template: found \"otp\" without a text in language fr" },
	{ "\"pay\"; template", "\"login\"; template", "t.conf:25: purposes[1].name: found \"login\" a second time" },
	{ "guesses = 3;", "guesses = 11;", "t.conf:25: purposes[1].guesses: found 11, allowed a whole number 1..10" },
	{ "guesses = 3;", "waits_s = [];", "t.conf:25: purposes[1].waits_s: found no values, allowed 1 to 8" },
	{ "guesses = 3;", "waits_s = [1,2,3,4,5,6,7,8,9];",
	  "t.conf:25: purposes[1].waits_s: found more values, allowed 1 to 8" },
	/* With half a second to be sent in, nothing ever is. */
	{ "guesses = 3;", "ttl_s = 1;", "t.conf:25: purposes[1].ttl_s: found 1, allowed a whole number 2..600" },
	{ "guesses = 3;", "ttl_s = 500; hard_s = 400;",
	  "t.conf:25: purposes[1].ttl_s: found 500, allowed at most ttl_max_s, 400" },
	{ "guesses = 3;", "ttl_max_s = 500; hard_s = 400;",
	  "t.conf:25: purposes[1].ttl_max_s: found 500, allowed at most hard_s, 400" },
	{ "guesses = 3;", "sends_short = [256, 60];",
	  "t.conf:25: purposes[1].sends_short: found 2 values, the first 256, allowed [count" },
	{ "guesses = 3;", "sends_long = [5];", "t.conf:25: purposes[1].sends_long: found 1 values" },
	{ "name = \"app\"", "name = \"web\"", "t.conf:27: tenants[1].name: found \"web\" a second time" },
	{ "gid = [\"root\"];", "", "t.conf:27: tenants[1].uid: found neither uid nor gid, allowed at least one" },
	{ "gid = [\"root\"];", "uid = [34];",
	  "t.conf:27: tenants[1].uid: found user 34, allowed none that tenant web has" },
	{ "[\"root\"]", "[\"no-such-group\"]",
	  "t.conf:27: tenants[1].gid: found \"no-such-group\", allowed a number, or a group of this system" },
	{ "[33, 34]", "[-1]", "t.conf:26: tenants[0].uid: found [-1], allowed an array of numbers" },
	{ "[\"pay\"]", "[\"pey\"]", "t.conf:27: tenants[1].purposes: found \"pey\", allowed the names in purposes" },
};

/* Each alone: its line is there, and it is the only one (but a missing piece may have followers). */
static void test_each_fault(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
		char *text = edited(bads[i].find, bads[i].with);
		char *said = refuse(text, strlen(text));

		if (!strstr(said, bads[i].says)) {
			print_error("case %zu: wanted: %s\ngot: %s", i, bads[i].says, said);
			fail();
		}
		free(said);
		free(text);
	}
}

static void test_hosts_that_are_good(void **state)
{
	(void)state;
	static const char *const goods[] = { "host = \"::1\"",
		                             "host = \"2001:db8::5\"",
		                             "host = \"fe80::1%eth0\"",
		                             "host = \"10.1.2.3\"",
		                             "host = \"smsc_1.example-telco.net.\"",
		                             "hosts = [\"[::1]:2775\", \"10.1.2.3:1\", \"[fe80::1%eth0]:9\"]" };

	for (size_t i = 0; i < sizeof(goods) / sizeof(goods[0]); i++) {
		char *text = edited("host = \"h1\"", goods[i]);

		conf_free(load(text));
		free(text);
	}
	char *text = edited("host = \"h1\"", "hosts = [\"[::1]:2775\"]");
	struct conf *c = load(text);
	assert_string_equal(c->smpp.smscs[0].hosts[0].host, "::1");
	assert_int_equal(c->smpp.smscs[0].hosts[0].port, 2775);
	conf_free(c);
	free(text);
}

static void test_too_long_for_one_sms(void **state)
{
	(void)state;
	char with[256];

	/* "B: " and 150 characters: 159 with the 6 digits of login, 161 with the 8 of pay. */
	snprintf(with, sizeof(with), "{brand}: %0150d{code}", 0);
	char *text = edited("{brand}: kode {code}", with);
	char *said = refuse(text, strlen(text));
	assert_non_null(strstr(said, "t.conf:21: templates[0].text: found more than one SMS with brand and code: "
	                             "it has 161 characters and one SMS takes 160 of the GSM alphabet "
	                             "(too_long, purpose pay)"));
	assert_non_null(strstr(said, "purpose pay"));
	free(said);
	free(text);
	snprintf(with, sizeof(with), "{brand}: %0149d{code}", 0);
	text = edited("{brand}: kode {code}", with);
	conf_free(load(text));
	free(text);
}

static void test_all_faults_at_once(void **state)
{
	(void)state;
	static const char text[] = "default_purpose = 3;\n"
				   "api: { mode = \"9\"; backlog = 0; };\n"
				   "nonsense = 1;\n"
				   "smsc = ( { name = \"x\"; } );\n";
	char *said = refuse(text, strlen(text));
	static const char *const keys[] = {
		"t.conf:1: default_purpose: ",
		"t.conf:1: default_lang: ",
		"t.conf:1: keys: ",
		"t.conf:1: routes: ",
		"t.conf:1: numbering: ",
		"t.conf:1: templates: ",
		"t.conf:1: purposes: ",
		"t.conf:1: tenants: ",
		"t.conf:2: api.mode: ",
		"t.conf:2: api.backlog: ",
		"t.conf:3: nonsense: ",
		"t.conf:4: smsc[0].host: ",
		"t.conf:4: smsc[0].system_id: ",
		"t.conf:4: smsc[0].sender: ",
		"t.conf:4: smsc[0].rate: ",
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strstr(said, keys[i])) {
			print_error("missing: %s\nin: %s", keys[i], said);
			fail();
		}
	assert_int_equal(lines(said), sizeof(keys) / sizeof(keys[0]));
	/* They are told in the order of the file. */
	long before = 1;
	for (const char *at = said; *at; at = strchr(at, '\n') + 1) {
		long line = strtol(at + strlen("t.conf:"), NULL, 10);

		assert_true(line >= before);
		before = line;
	}
	assert_int_equal(before, 4);
	free(said);
}

static void test_nul_octet(void **state)
{
	(void)state;
	char *said = refuse("a\0b", 3);

	assert_string_equal(said, "t.conf:1: found a NUL octet, allowed text\n");
	free(said);
}

static void test_errors_stay_in_their_buffer(void **state)
{
	(void)state;
	struct conf *c = NULL;
	struct buf errors;

	buf_init(&errors, 200);
	assert_int_equal(conf_load_text("t.conf", "", 0, &c, &errors), ERR_INVALID);
	assert_true(buf_len(&errors) <= 200);
	assert_true(buf_len(&errors) > 0);
	buf_clear(&errors);
}

static void test_files(void **state)
{
	(void)state;
	char path[] = "/tmp/test_conf.XXXXXX";
	int fd = mkstemp(path);
	struct conf *c = NULL;
	struct buf errors;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, good, sizeof(good) - 1), (ssize_t)sizeof(good) - 1);
	close(fd);
	buf_init(&errors, 4096);
	assert_int_equal(conf_load(path, &c, &errors), ERR_OK);
	conf_free(c);
	unlink(path);
	assert_int_equal(conf_load(path, &c, &errors), ERR_INVALID);
	assert_true(buf_len(&errors) > 0);
	assert_memory_equal(buf_data(&errors), path, strlen(path));
	buf_clear(&errors);
	assert_int_equal(conf_load("/tmp", &c, &errors), ERR_INVALID);
	assert_true(buf_len(&errors) > 0);
	buf_clear(&errors);
}

static void same(const char *find, const char *with, const char *names)
{
	struct conf *a = load(good);
	char *text = edited(find, with);
	struct conf *b = load(text);
	struct buf out;

	buf_init(&out, 1024);
	assert_int_equal(conf_same_fixed(a, b, &out), names[0] == '\0');
	assert_int_equal(buf_len(&out), strlen(names));
	if (names[0])
		assert_memory_equal(buf_data(&out), names, strlen(names));
	buf_clear(&out);
	conf_free(a);
	conf_free(b);
	free(text);
}

static void test_fixed_keys(void **state)
{
	(void)state;
	same("api: {", "api: {", "");
	same("api: {", "api: { max_clients = 7; ", "");
	same("rate = 5;", "rate = 6; port = 2775;", ""); /* the default, written out */
	same("api: {", "api: { mode = \"0600\"; ", "api.mode");
	same("api: {", "api: { mode = \"0600\"; group = \"g\"; ", "api.mode, api.group");
	same("host = \"h2\"", "host = \"h3\"; port = 1", ""); /* accounts come and go */
	same("current = 2", "current = 1", "keys.current");
	same("current = 2", "current = 2; }; store: { lease_ms = 6000", "store.lease_ms");
	same("guesses = 3", "guesses = 4", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_file),
		cmocka_unit_test(test_smscs),
		cmocka_unit_test(test_plan),
		cmocka_unit_test(test_policy),
		cmocka_unit_test(test_hard_end_bounds_the_request),
		cmocka_unit_test(test_each_fault),
		cmocka_unit_test(test_hosts_that_are_good),
		cmocka_unit_test(test_too_long_for_one_sms),
		cmocka_unit_test(test_all_faults_at_once),
		cmocka_unit_test(test_nul_octet),
		cmocka_unit_test(test_errors_stay_in_their_buffer),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_fixed_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
