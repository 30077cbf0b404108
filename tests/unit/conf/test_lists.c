/*
 * conf: the SMSCs and purposes of a configuration as lists: their tags, and how many there may be.
 */
#include "conf.h"
#include "../../../daemon/conf/groups.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "load.h"

#define TEXT_CAP 65536
#define SMSC(keys) "{ " keys " host = \"h\"; system_id = \"s\"; sender = \"OTP\"; rate = 5; }"

static char text[TEXT_CAP], said[TEXT_CAP];

/* Loads a configuration with these SMSCs, on line 4, and purposes, on line 9. NULL: refused, and said tells why. */
static struct conf *load(const char *smscs, const char *purposes)
{
	int len =
	    snprintf(text, sizeof(text),
	             "default_purpose = \"login\"; default_lang = \"id\";\n"
	             "redis: { socket = \"/tmp/x/redis.sock\"; };\n"
	             "keys: { index = \"index.key\"; codes = ( { kid = 1; file = \"c1\"; } ); current = 1; };\n"
	             "smsc = ( %s );\n" /* line 4 */
	             "routes = ( { prefix = \"\"; smsc = [\"one\"]; } );\n"
	             "numbering: { home = \"ID\"; countries = ( { region = \"ID\"; code = \"62\"; trunk = \"0\";\n"
	             "  length = [9, 12]; mobile = [\"81-83\"]; } ); };\n"
	             "templates = ( { name = \"otp\"; lang = \"id\"; text = \"{brand}: kode {code}\"; } );\n"
	             "purposes = ( %s );\n" /* line 9 */
	             "tenants = ( { name = \"web\"; uid = [33]; } );\n",
	             smscs, purposes);

	assert_in_range(len, 1, TEXT_CAP - 1);
	return load_text(text, said, sizeof(said));
}

#define LOGIN "{ name = \"login\"; template = \"otp\"; brand = \"B\"; }"
#define PAY(keys) "{ name = \"pay\"; " keys " template = \"otp\"; brand = \"B\"; }"

/* The tags are those of the file, or else of the names. A name whose tag is given leaves its own to others. */
static void tags_are_given_or_of_the_names(void **state)
{
	struct conf *c = load(SMSC("name = \"one\";") "," SMSC("name = \"two\"; tag = 65534;"), LOGIN "," PAY(""));

	(void)state;
	assert_non_null(c);
	assert_int_equal(c->smpp.smscs[0].tag, 53276);
	assert_int_equal(c->smpp.smscs[1].tag, 65534);
	assert_int_equal(c->flow.policy.purposes[0].tag, 21387);
	conf_free(c);
	c = load(SMSC("name = \"one\"; tag = 31314;") "," SMSC("name = \"two\"; tag = 53276;"), LOGIN);
	assert_non_null(c);
	assert_int_equal(c->smpp.smscs[0].tag, 31314);
	assert_int_equal(c->smpp.smscs[1].tag, 53276);
	conf_free(c);
}

static void two_equal_tags_are_refused(void **state)
{
	static const struct {
		const char *smscs, *purposes, *says;
	} rows[] = {
		{ SMSC("name = \"one\";") "," SMSC("name = \"two\"; tag = 0;"), LOGIN,
		  "t.conf:4: smsc[1].tag: found 0, allowed a whole number 1..65534" },
		{ SMSC("name = \"one\";") "," SMSC("name = \"two\"; tag = 65535;"), LOGIN,
		  "t.conf:4: smsc[1].tag: found 65535, allowed a whole number 1..65534" },
		{ SMSC("name = \"one\";") "," SMSC("name = \"two\"; tag = 53276;"), LOGIN,
		  "t.conf:4: smsc[1].tag: found 53276 for \"two\", which is the tag of \"one\" too (line 4), allowed a "
		  "tag "
		  "of its own: give one of them another, 1..65535" },
		{ SMSC("name = \"one\";"), LOGIN "," PAY("tag = 21387;"),
		  "t.conf:9: purposes[1].tag: found 21387 for \"pay\", which is the tag of \"login\" too (line 9), "
		  "allowed a "
		  "tag of its own: give one of them another, 1..65535" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_null(load(rows[i].smscs, rows[i].purposes));
		assert_non_null(strstr(said, rows[i].says));
	}
}

/* One name twice is one fault, not two. */
static void one_name_twice_is_no_fault_of_tags(void **state)
{
	(void)state;
	assert_null(load(SMSC("name = \"one\";") "," SMSC("name = \"one\";"), LOGIN));
	assert_non_null(strstr(said, "smsc[1].name: found \"one\" a second time"));
	assert_null(strstr(said, "tag"));
}

static const char *smscs(size_t n)
{
	static char list[TEXT_CAP / 2];
	size_t len = (size_t)snprintf(list, sizeof(list), "%s", SMSC("name = \"one\"; tag = 65534;"));

	for (size_t i = 1; i < n; i++)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "," SMSC("name = \"s-%zu\"; tag = %zu;"), i, i);
	return list;
}

static void there_may_be_256_smscs(void **state)
{
	struct conf *c = load(smscs(256), LOGIN);

	(void)state;
	assert_non_null(c);
	assert_int_equal(c->smpp.smsc_count, 256);
	conf_free(c);
	assert_null(load(smscs(257), LOGIN));
	assert_non_null(strstr(said, "smsc: found 257 SMSCs, allowed at most 256"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tags_are_given_or_of_the_names),
		cmocka_unit_test(two_equal_tags_are_refused),
		cmocka_unit_test(one_name_twice_is_no_fault_of_tags),
		cmocka_unit_test(there_may_be_256_smscs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
