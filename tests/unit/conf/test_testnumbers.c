/*
 * conf: the test numbers of tenants: what a good group becomes, and each fault of one, all of them told.
 */
#include "conf.h"
#include "conf/report.h"
#include "../../../daemon/conf/groups.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "load.h"

#define TEXT_CAP 8192

static char text[TEXT_CAP], said[TEXT_CAP];

/* Loads a configuration whose only tenant has these keys, on line 10. NULL: refused, and said tells why. */
static struct conf *load(const char *tenant)
{
	int len =
	    snprintf(text, sizeof(text),
	             "default_purpose = \"login\"; default_lang = \"id\";\n"
	             "redis: { socket = \"/tmp/x/redis.sock\"; };\n"
	             "keys: { index = \"index.key\"; codes = ( { kid = 1; file = \"c1\"; } ); current = 1; };\n"
	             "smsc = ( { name = \"one\"; host = \"h\"; system_id = \"s\"; sender = \"OTP\"; rate = 5; } );\n"
	             "routes = ( { prefix = \"\"; smsc = [\"one\"]; } );\n"
	             "numbering: { home = \"ID\"; countries = ( { region = \"ID\"; code = \"62\"; trunk = \"0\";\n"
	             "  length = [9, 12]; mobile = [\"81-83\"]; } ); };\n"
	             "templates = ( { name = \"otp\"; lang = \"id\"; text = \"{brand}: kode {code}\"; } );\n"
	             "purposes = ( { name = \"login\"; template = \"otp\"; brand = \"B\"; length = 6; }, "
	             "{ name = \"pay\"; template = \"otp\"; brand = \"B\"; length = 8; alphabet = \"letters\"; } );\n"
	             "tenants = ( { name = \"web\"; uid = [33]; %s } );\n",
	             tenant);

	assert_in_range(len, 1, TEXT_CAP - 1);
	return load_text(text, said, sizeof(said));
}

#define REST " code = \"000000\"; outcome = \"ok\"; until = \"2027-01-01\";"
#define GROUP(keys) "{ " keys " }"
#define TESTS(groups) "tests = ( " groups " );"
#define NUMBERS "numbers = [\"6281100000000-6281100000099\"];"

static void good_groups(void **state)
{
	struct conf *c =
	    load(TESTS(GROUP("numbers = [\"6281100000000-6281100000099\", \"+6281200000000\"];" REST) "," GROUP(
		"numbers = [\"6281100000100\"]; code = \"ACDE3479\"; outcome = \"late:45\"; until = \"2027-01-02\";")));

	(void)state;
	assert_non_null(c);
	const struct policy_tenant *t = &c->flow.policy.tenants[0];
	assert_int_equal(t->test_count, 2);
	assert_int_equal(t->tests[0].range_count, 2);
	assert_int_equal(t->tests[0].ranges[0].last, 6281100000099);
	assert_int_equal(t->tests[0].ranges[1].first, 6281200000000);
	assert_string_equal(t->tests[0].code, "000000");
	assert_int_equal(t->tests[0].play.outcome, TESTNUMBER_OK);
	assert_int_equal(t->tests[0].end_ms, INT64_C(1798848000000));
	assert_int_equal(t->tests[1].play.outcome, TESTNUMBER_LATE);
	assert_int_equal(t->tests[1].play.late_s, 45);
	conf_free(c);
	c = load("");
	assert_non_null(c);
	assert_int_equal(c->flow.policy.tenants[0].test_count, 0);
	conf_free(c);
	/* A group whose day is over is no fault. */
	c = load(TESTS(GROUP(NUMBERS " code = \"000000\"; outcome = \"ok\"; until = \"2020-01-01\";")));
	assert_non_null(c);
	conf_free(c);
}

static void each_fault_is_told(void **state)
{
	static const struct {
		const char *tenant, *says;
	} rows[] = {
		{ TESTS(GROUP(NUMBERS " code = \"000000\"; outcome = \"ok\";")),
		  "tenants[0].tests[0].until: found nothing" },
		{ TESTS(GROUP(NUMBERS " code = \"000000\"; until = \"2027-01-01\";")),
		  "tenants[0].tests[0].outcome: found nothing" },
		{ TESTS(GROUP(NUMBERS " outcome = \"ok\"; until = \"2027-01-01\";")),
		  "tenants[0].tests[0].code: found nothing" },
		{ TESTS(GROUP(REST)), "tenants[0].tests[0].numbers: found nothing" },
		{ TESTS(GROUP("numbers = [];" REST)), "tenants[0].tests[0].numbers: found " },
		{ TESTS(GROUP("numbers = [\"6281x\"];" REST)),
		  "numbers: found \"6281x\", which is neither a number nor two with - between them, allowed " },
		{ TESTS(GROUP("numbers = [\"6281100000099-6281100000000\"];" REST)),
		  "numbers: found \"6281100000099-6281100000000\", which does not go from a number to a higher one" },
		{ TESTS(GROUP("numbers = [\"6281100000000-6281100010000\"];" REST)),
		  "which has more than 10000 numbers" },
		{ TESTS(GROUP("numbers = [\"4915112345678\"];" REST)),
		  "numbers: found \"4915112345678\", allowed numbers of a country in numbering" },
		{ TESTS(GROUP("numbers = [\"62811000\"];" REST)), "allowed numbers of a country in numbering" },
		{ TESTS(GROUP(NUMBERS REST) "," GROUP("numbers = [\"6281100000099\"];" REST)),
		  "tenants[0].tests[1].numbers: found \"6281100000099\", allowed none that another entry of the tenant "
		  "(\"6281100000000-6281100000099\") has" },
		{ TESTS(GROUP("numbers = [\"6281100000000\", \"6281100000000\"];" REST)),
		  "tenants[0].tests[0].numbers: found \"6281100000000\", allowed none that another entry" },
		{ TESTS(GROUP(NUMBERS " code = \"0000\"; outcome = \"ok\"; until = \"2027-01-01\";")),
		  "tests[0].code: found \"0000\", allowed a code with the length and the alphabet of a purpose" },
		{ TESTS(GROUP(NUMBERS " code = \"0OIL1\"; outcome = \"ok\"; until = \"2027-01-01\";")),
		  "tests[0].code: found \"0OIL1\"" },
		{ "purposes = [\"login\"]; " TESTS(
		      GROUP(NUMBERS " code = \"ACDE3479\"; outcome = \"ok\"; until = \"2027-01-01\";")),
		  "tests[0].code: found \"ACDE3479\"" },
		{ TESTS(GROUP(NUMBERS " code = \"000000\"; outcome = \"maybe\"; until = \"2027-01-01\";")),
		  "tests[0].outcome: found \"maybe\", allowed ok, late:SECONDS (1..3600), lost, undeliverable, "
		  "refused, throttled" },
		{ TESTS(GROUP(NUMBERS " code = \"000000\"; outcome = \"late:0\"; until = \"2027-01-01\";")),
		  "tests[0].outcome: found \"late:0\"" },
		{ TESTS(GROUP(NUMBERS " code = \"000000\"; outcome = \"ok\"; until = \"2027-02-30\";")),
		  "tests[0].until: found \"2027-02-30\", allowed the last day of these test numbers" },
		{ TESTS(GROUP(NUMBERS " code = \"000000\"; outcome = \"ok\"; until = \"tomorrow!!\";")),
		  "tests[0].until: found" },
		{ TESTS(GROUP(NUMBERS REST " colour = 1;")), "tests[0].colour: found an unknown key" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct conf *c = load(rows[i].tenant);

		if (c || !strstr(said, rows[i].says))
			fail_msg("%s\nwants: %s\nsaid: %s", rows[i].tenant, rows[i].says, said);
	}
}

static void what_check_says(void **state)
{
	struct conf *c =
	    load(TESTS(GROUP(NUMBERS " code = \"000000\"; outcome = \"lost\"; until = \"2999-12-31\";") "," GROUP(
		"numbers = [\"6281200000000\", \"6281200000001\"]; code = \"000000\"; outcome = \"ok\"; until = "
		"\"2020-01-01\";")));
	struct buf out;

	(void)state;
	assert_non_null(c);
	buf_init(&out, TEXT_CAP);
	assert_int_equal(conf_report(c, &out), ERR_OK);
	snprintf(said, sizeof(said), "%.*s", (int)buf_len(&out), (const char *)buf_data(&out));
	assert_non_null(strstr(said,
	                       "tests: tenant web: 6281100000000-6281100000099 are never sent an SMS until 2999-12-31, "
	                       "lost is played\n"));
	assert_non_null(strstr(said,
	                       "warning: tenant web: the test numbers 6281200000000 and more ended with 2020-01-01; "
	                       "they are ordinary numbers now, and SMS to them are sent and cost\n"));
	buf_clear(&out);
	conf_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_groups),
		cmocka_unit_test(each_fault_is_told),
		cmocka_unit_test(what_check_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
