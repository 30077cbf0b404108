/*
 * conf: the numbering plan as several files: what a file gives, what the configuration puts in its place, and each
 * fault of a file, which refuses the whole.
 */
#include "conf.h"
#include "../../../daemon/conf/groups.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define TEXT_CAP 16384

#define INDONESIA                                                                                                      \
	"region = \"ID\"; code = \"62\"; trunk = \"0\"; length = [9, 12]; mobile = [\"81-83\", \"85-89\"];\n"          \
	"display = [\"xxx-xxx-xxx\", \"xxx-xxxx-xxxx\"]; ranges = (\n"                                                 \
	"{ brand = \"IM3\"; network = \"Indosat\"; prefixes = [\"855-858\", \"814-816\"]; },\n"                        \
	"{ brand = \"Telkomsel\"; prefixes = [\"811-813\"]; } );\n"
#define FILE_OF(country) "format = 1;\nsource = \"nowhere\";\ncountry: {\n" country "};\n"
#define AMERICA(region, mobile)                                                                                        \
	FILE_OF("region = \"" region "\"; code = \"1\"; trunk = \"1\"; length = [10, 10]; mobile = [" mobile "];\n")

static char folder[] = "/tmp/test_numbering.XXXXXX";
static char text[TEXT_CAP], said[TEXT_CAP];
static enum err result;

static const char *place(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s.conf", folder, name);
	return path;
}

static void put(const char *name, const char *contents)
{
	FILE *f = fopen(place(name), "w");

	assert_non_null(f);
	fputs(contents, f);
	assert_int_equal(fclose(f), 0);
}

/* Loads a configuration with this numbering group, on line 6. NULL: refused, and said tells why. */
static struct conf *load(const char *numbering)
{
	struct conf *c = NULL;
	struct buf errors;

	snprintf(text, sizeof(text),
	         "default_purpose = \"login\"; default_lang = \"id\"; redis: { socket = \"/tmp/x/redis.sock\"; };\n"
	         "keys: { index = \"index.key\"; codes = ( { kid = 1; file = \"c1\"; } ); current = 1; };\n"
	         "smsc = ( { name = \"one\"; host = \"h\"; system_id = \"s\"; sender = \"OTP\"; rate = 5; } );\n"
	         "routes = ( { prefix = \"\"; smsc = [\"one\"]; } );\n"
	         "tenants = ( { name = \"web\"; uid = [33]; } );\n"
	         "numbering: { directory = \"%s\"; %s };\n" /* line 6 */
	         "templates = ( { name = \"otp\"; lang = \"id\"; text = \"{brand}: kode {code}\"; } );\n"
	         "purposes = ( { name = \"login\"; template = \"otp\"; brand = \"B\"; } );\n",
	         folder, numbering);
	buf_init(&errors, TEXT_CAP - 1);
	result = conf_load_text("t.conf", text, strlen(text), &c, &errors);
	snprintf(said, sizeof(said), "%.*s", (int)buf_len(&errors), (const char *)buf_data(&errors));
	buf_clear(&errors);
	assert_int_equal(result == ERR_OK, c != NULL && !said[0]);
	return c;
}

static struct conf *good(const char *numbering)
{
	struct conf *c = load(numbering);

	if (!c)
		fail_msg("%s: %s", numbering, said);
	return c;
}

/* Reads the number by the plan. */
static enum msisdn_reason read_number(const struct conf *c, const char *number, struct msisdn_info *info)
{
	struct msisdn m;

	return msisdn_parse(&c->flow.plan, number, strlen(number), &m, info);
}

static void a_file_gives_a_country(void **state)
{
	struct conf *c = good("home = \"ID\"; plans = [\"ID\"];");
	struct msisdn_info info;

	(void)state;
	assert_int_equal(read_number(c, "081412345678", &info), MSISDN_OK);
	assert_string_equal(info.brand, "IM3");
	assert_string_equal(info.network, "Indosat");
	assert_int_equal(read_number(c, "081112345678", &info), MSISDN_OK);
	assert_string_equal(info.network, "Telkomsel");
	assert_int_equal(read_number(c, "089912345678", &info), MSISDN_OK);
	assert_string_equal(info.brand, "");
	conf_free(c);
}

static void strict_refuses_unknown_prefixes(void **state)
{
	static const char *const ways[] = {
		"home = \"ID\"; plans = [\"ID\"]; strict = true;",
		"home = \"ID\"; plans = [\"ID\"]; countries = ( { region = \"ID\"; strict = true; } );",
	};
	struct msisdn_info info;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct conf *c = good(ways[i]);

		assert_int_equal(read_number(c, "081412345678", &info), MSISDN_OK);
		assert_int_equal(read_number(c, "089912345678", &info), MSISDN_UNASSIGNED_PREFIX);
		conf_free(c);
	}
}

/* Each key of the configuration takes the place of the file's, and the others stay. */
static void the_configuration_overrides_a_file(void **state)
{
	struct conf *c = good("home = \"ID\"; plans = [\"ID\"]; countries = ( { region = \"ID\"; ranges = ( { brand = "
	                      "\"New\"; prefixes = [\"899\"]; } ); } );");
	struct msisdn_info info;

	(void)state;
	assert_int_equal(c->flow.plan.country_count, 1);
	assert_int_equal(read_number(c, "089912345678", &info), MSISDN_OK);
	assert_string_equal(info.brand, "New");
	assert_int_equal(read_number(c, "081412345678", &info), MSISDN_OK);
	assert_string_equal(info.brand, "");
	assert_int_equal(info.country->display_count, 2);
	conf_free(c);
	c = good("home = \"ID\"; plans = [\"ID\"]; countries = ( { region = \"ID\"; mobile = [\"84:8,10\"]; ranges = "
	         "(); } );");
	assert_int_equal(read_number(c, "081412345678", &info), MSISDN_NOT_MOBILE);
	assert_int_equal(read_number(c, "08412345", &info), MSISDN_TOO_SHORT);
	assert_int_equal(read_number(c, "084123456", &info), MSISDN_OK);
	assert_int_equal(read_number(c, "0841234567", &info), MSISDN_TOO_SHORT);
	assert_int_equal(read_number(c, "084123456789", &info), MSISDN_TOO_LONG);
	assert_int_equal(read_number(c, "08412345678", &info), MSISDN_OK);
	conf_free(c);
}

/* Countries of one code are told apart by their prefixes; what both have is the first named one's. */
static void a_code_may_be_shared(void **state)
{
	static const struct {
		const char *numbering, *number, *region;
	} rows[] = {
		{ "plans = [\"US\", \"CA\"];", "+12015550123", "US" },
		{ "plans = [\"US\", \"CA\"];", "+1 204 555 0123", "CA" },
		{ "plans = [\"CA\", \"US\"];", "+1 201 555 0123", "US" },
		{ "plans = [\"US\", \"CA\"];", "+1 600 555 0123", "US" },
		{ "plans = [\"CA\", \"US\"];", "+1 600 555 0123", "CA" },
		{ "plans = [\"CA\", \"US\"]; home = \"US\";", "1 204 555 0123", "CA" },
		{ "plans = [\"CA\", \"US\"]; home = \"US\";", "1 201 555 0123", "US" },
		{ "plans = [\"CA\", \"US\"]; home = \"US\";", "201 555 0123", "US" },
		{ "plans = [\"CA\"];", "+12045550123", "CA" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct conf *c = good(rows[i].numbering);
		struct msisdn_info info;

		assert_int_equal(read_number(c, rows[i].number, &info), MSISDN_OK);
		assert_string_equal(info.country->region, rows[i].region);
		conf_free(c);
	}
	assert_null(load("plans = [\"US\", \"PR\"];"));
	assert_non_null(strstr(said,
	                       "t.conf:6: numbering: found PR, all of whose mobile numbers are those of US (+1) too, "
	                       "allowed one of them"));
	struct conf *c = good("plans = [\"CA\"];");
	struct msisdn_info info;
	assert_int_equal(read_number(c, "+12015550123", &info), MSISDN_NOT_MOBILE);
	conf_free(c);
}

/* The first digits of a national number may be the code of another country that is served. */
static void a_bare_number_beside_another_code(void **state)
{
	struct conf *c = good("home = \"ID\"; plans = [\"ID\", \"JP\"];");
	struct msisdn_info info;

	(void)state;
	assert_int_equal(read_number(c, "81234567890", &info), MSISDN_OK);
	assert_string_equal(info.country->region, "ID");
	assert_int_equal(read_number(c, "819012345678", &info), MSISDN_OK);
	assert_string_equal(info.country->region, "JP");
	assert_int_equal(read_number(c, "+81234567890", &info), MSISDN_NOT_MOBILE);
	assert_string_equal(info.country->region, "JP");
	conf_free(c);
}

/* Each fault of a file, by its name and line, and of what names files. */
static const struct {
	const char *file, *numbering, *says; /* file: the contents of XX.conf */
} faults[] = {
	{ NULL, "plans = [\"ZZ\"];",
	  "t.conf:6: numbering.plans: found \"ZZ\", whose file %s/ZZ.conf gives \"No such file "
	  "or directory\", allowed regions with a readable file there" },
	{ NULL, "plans = [\"id\"];", "t.conf:6: numbering.plans: found \"id\", allowed two capital letters" },
	{ NULL, "plans = [\"../etc/ID\"];", "numbering.plans: found \"../etc/ID\", allowed two capital letters" },
	{ NULL, "plans = [\"ID\", \"ID\"];", "t.conf:6: numbering.plans: found \"ID\" a second time, allowed once" },
	{ NULL, "plans = [];", "numbering.plans: found no country, allowed at least one, e.g. plans = [\"ID\"];" },
	{ NULL, "plans = [62];", "numbering.plans: found [62], allowed an array of texts" },
	{ NULL, "home = \"MY\"; plans = [\"ID\"];",
	  "numbering.home: found \"MY\", allowed a region of numbering.plans" },
	{ NULL, "plans = [\"PP\"];", "/PP.conf gives \"no regular file\"" },
	{ NULL, "plans = [\"DD\"];", "/DD.conf gives \"no regular file\"" },
	{ "format = 2;\ncountry: { size = 7; };\n", "plans = [\"XX\"];",
	  "%s/XX.conf:1: format: found 2, allowed 1: the file is of a later release; take that of this one" },
	{ "country: { region = \"XX\"; };\n", "plans = [\"XX\"];",
	  "%s/XX.conf:1: format: found no whole number, allowed format = 1;" },
	{ "format = 0;\n", "plans = [\"XX\"];", "XX.conf:1: format: found no whole number" },
	{ "format = \"1\";\n", "plans = [\"XX\"];", "XX.conf:1: format: found no whole number" },
	{ "format = 1;\n", "plans = [\"XX\"];", "XX.conf:1: country: found no group, allowed country: { ... }" },
	{ "", "plans = [\"XX\"];", "XX.conf:1: format: found no whole number" },
	{ FILE_OF(INDONESIA), "plans = [\"XX\"];",
	  "%s/XX.conf:4: country.region: found \"ID\", allowed \"XX\", as the file is named" },
	{ FILE_OF("code = \"62\"; length = [9, 9]; mobile = [\"8\"];"), "plans = [\"XX\"];",
	  "XX.conf:3: country.region: found nothing, allowed" },
	{ FILE_OF("region = \"XX\"; length = [9, 9]; mobile = [\"8\"];"), "plans = [\"XX\"];",
	  "XX.conf:3: country.code: found nothing, allowed" },
	{ FILE_OF("region = \"XX\"; code = \"62\"; length = [9, 9];"), "plans = [\"XX\"];",
	  "XX.conf:3: country.mobile: found nothing, allowed" },
	{ FILE_OF("region = \"XX\"; code = \"62\"; mobile = [\"81:9\", \"82\"];"), "plans = [\"XX\"];",
	  "XX.conf:3: country.length: found nothing, allowed [least, most], for mobile \"82\" has no lengths" },
	{ FILE_OF("region = \"XX\"; code = \"62\"; mobile = [\"81:9-8\"];"), "plans = [\"XX\"];",
	  "XX.conf:4: country.mobile: found \"81:9-8\", allowed" },
	{ FILE_OF("region = \"XX\"; code = \"62\"; mobile = [\"81:0\"];"), "plans = [\"XX\"];", "found \"81:0\"" },
	{ FILE_OF("region = \"XX\"; code = \"62\"; mobile = [\"81:15\"];"), "plans = [\"XX\"];", "found \"81:15\"" },
	{ FILE_OF("region = \"XX\"; code = \"62\"; mobile = [\"81:9,\"];"), "plans = [\"XX\"];", "found \"81:9,\"" },
	{ FILE_OF("region = \"XX\"; code = \"62\"; mobile = [\"81:9x\"];"), "plans = [\"XX\"];", "found \"81:9x\"" },
	{ FILE_OF("region = \"XX\"; code = \"62\"; mobile = [\"81:123\"];"), "plans = [\"XX\"];", "found \"81:123\"" },
	{ FILE_OF("region = \"XX\"; code = \"62\"; mobile = [\"81 9\"];"), "plans = [\"XX\"];", "found \"81 9\"" },
	{ FILE_OF("region = \"XX\"; code = \"62\"; mobile = [\"81234567:9\"];"), "plans = [\"XX\"];",
	  "found \"81234567:9\"" },
	{ FILE_OF("region = \"XX\"; code = \"62\"; mobile = [\"81-83:9\", \"8:9\"];"), "plans = [\"XX\"];",
	  "XX.conf:4: country.mobile: found \"8:9\", allowed none that another entry (81-83) holds" },
	{ FILE_OF("region = \"XX\"; code = \"62\"; mobile = [\"81-83:9\"]; ranges = ( { brand = \"B\"; prefixes = "
	          "[\"811\", \"8-9\"]; } );"),
	  "plans = [\"XX\"];",
	  "XX.conf:4: country.ranges[0].prefixes: found \"8-9\", allowed prefixes that begin as one of "
	  "mobile" },
	{ FILE_OF("region = \"XX\"; code = \"62\"; mobile = [\"81:9\"]; display = [\"3-4\"];"), "plans = [\"XX\"];",
	  "XX.conf:4: country.display: found \"3-4\", allowed an x for each national digit" },
	{ FILE_OF(INDONESIA "strikt = true;\n"), "plans = [\"XX\"];",
	  "XX.conf:8: country.strikt: found an unknown key, allowed: did you mean \"strict\"?" },
	{ "format = 1;\nversion = 1;\ncountry: {};\n", "plans = [\"XX\"];",
	  "XX.conf:2: version: found an unknown key" },
	{ "format = 1;\ncountry = {\n", "plans = [\"XX\"];", "XX.conf:3: found a syntax error" },
	{ "@include \"/etc/passwd\"\n", "plans = [\"XX\"];", "XX.conf:1: @include: found an include" },
};

static void each_fault(void **state)
{
	char says[512];

	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		if (faults[i].file)
			put("XX", faults[i].file);
		assert_null(load(faults[i].numbering));
		assert_int_equal(result, ERR_INVALID);
		const char *at = strstr(faults[i].says, "%s");
		snprintf(says, sizeof(says), "%.*s%s%s", at ? (int)(at - faults[i].says) : 0, faults[i].says,
		         at ? folder : "", at ? at + 2 : faults[i].says);
		if (!strstr(said, says))
			fail_msg("%zu: wanted %s, got %s", i, says, said);
	}
	unlink(place("XX"));
}

/* All faults of all files at once: the main file's first, then those of each file by their lines. */
static void faults_are_told_by_file(void **state)
{
	(void)state;
	put("XX", FILE_OF("region = \"XX\"; mobile = [\"81:9\"];\n\n\n\n\n\n\nextra = 1;\n"));
	put("YY", "format = 3;\n");
	assert_null(load("plans = [\"XX\", \"YY\", \"ZZ\", \"ID\"]; home = \"?\";"));
	const char *order[] = { "t.conf:6: numbering.plans: found \"ZZ\"", "t.conf:6: numbering.home: ",
		                "XX.conf:3: country.code: ", "XX.conf:11: country.extra: ", "YY.conf:1: format: " };
	const char *at = said;
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		at = strstr(at, order[i]);
		if (!at)
			fail_msg("no %s in %s", order[i], said);
	}
	unlink(place("XX"));
	unlink(place("YY"));
}

/* Without a descriptor the file cannot be read now, which is no fault of it: the same may be readable later. */
static void what_may_be_readable_later(void **state)
{
	struct rlimit was, none;
	int lowest = open("/dev/null", O_RDONLY);

	(void)state;
	close(lowest);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
	none = was;
	none.rlim_cur = (rlim_t)lowest;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	struct conf *c = load("plans = [\"ID\"];");
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
	assert_null(c);
	assert_int_equal(result, ERR_IO);
	assert_non_null(strstr(said, "/ID.conf gives \"Too many open files\""));
	conf_free(good("plans = [\"ID\"];"));
}

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	put("ID", FILE_OF(INDONESIA));
	put("JP",
	    FILE_OF("region = \"JP\"; code = \"81\"; trunk = \"0\"; mobile = [\"70:10\", \"80:10\", \"90:10\"];\n"));
	put("US", AMERICA("US", "\"201\", \"600-609\""));
	put("CA", AMERICA("CA", "\"600\", \"204-205\""));
	put("PR", AMERICA("PR", "\"6000-6009\""));
	return mkfifo(place("PP"), 0600) || mkdir(place("DD"), 0700);
}

static int tear_down(void **state)
{
	static const char *const files[] = { "ID", "JP", "US", "CA", "PR", "PP" };

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		unlink(place(files[i]));
	rmdir(place("DD"));
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_gives_a_country),
		cmocka_unit_test(strict_refuses_unknown_prefixes),
		cmocka_unit_test(the_configuration_overrides_a_file),
		cmocka_unit_test(a_code_may_be_shared),
		cmocka_unit_test(a_bare_number_beside_another_code),
		cmocka_unit_test(each_fault),
		cmocka_unit_test(faults_are_told_by_file),
		cmocka_unit_test(what_may_be_readable_later),
	};

	return cmocka_run_group_tests_name("numbering", tests, set_up, tear_down);
}
