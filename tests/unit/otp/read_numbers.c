/*
 * read_numbers: what msisdn_parse takes, for tests that are not ours to judge: integration/test_as_pasted.py and
 * interop/test_numbering.py. usage: read_numbers [DIRECTORY HOME REGIONS]
 * stdin: texts, each behind its length in two octets, the lower first. stdout: a line each, the number or "-" and why
 * not. The plan: Indonesia at home, and Singapore, which has no trunk digit. Or else that of the files in DIRECTORY for
 * REGIONS, '"ID", "MY"' as in the configuration; then the line goes on with region, brand, network, display and what is
 * similar, a tab before each.
 */
#include "../../../daemon/conf/groups.h"
#include "conf.h"
#include "otp/typo.h"

#include <stdio.h>
#include <string.h>

#define TEXT_CAP 65536

static struct msisdn_mobile of_indonesia[] = { { "81", "83", 0 }, { "85", "89", 0 } };
static struct msisdn_mobile of_singapore[] = { { "8", "9", 0 } };
static struct msisdn_range ranges[] = {
	{ "811", "819", "A", "A" }, { "821", "823", "B", "B" }, { "831", "833", "C", "C" },
	{ "838", "838", "C", "C" }, { "851", "859", "D", "D" }, { "877", "899", "E", "E" },
};
static struct msisdn_country countries[] = {
	{ "ID", "62", "0", 9, 12, of_indonesia, 2, ranges, sizeof(ranges) / sizeof(ranges[0]), true, NULL, 0 },
	{ "SG", "65", "", 8, 8, of_singapore, 1, NULL, 0, false, NULL, 0 },
};
static const struct msisdn_plan plan = { countries, 2, 0, "00" };

static const char around[] =
    "default_purpose = \"login\"; default_lang = \"id\"; redis: { socket = \"/r\"; };\n"
    "keys: { index = \"i\"; codes = ( { kid = 1; file = \"c\"; } ); current = 1; };\n"
    "smsc = ( { name = \"m\"; host = \"h\"; system_id = \"s\"; sender = \"OTP\"; rate = 5; } );\n"
    "routes = ( { prefix = \"\"; smsc = [\"m\"]; } ); tenants = ( { name = \"web\"; uid = [33]; } );\n"
    "templates = ( { name = \"otp\"; lang = \"id\"; text = \"{brand}: kode {code}\"; } );\n"
    "purposes = ( { name = \"login\"; template = \"otp\"; brand = \"B\"; } );\n"
    "numbering: { directory = \"%s\"; home = \"%s\"; plans = [%s]; };\n";

/* Loads a configuration of these plans. NULL: refused, and stderr tells why. */
static struct conf *load(char **words)
{
	static char text[TEXT_CAP];
	struct conf *c = NULL;
	struct buf errors;

	buf_init(&errors, TEXT_CAP);
	snprintf(text, sizeof(text), around, words[0], words[1], words[2]);
	if (conf_load_text("read_numbers", text, strlen(text), &c, &errors))
		fprintf(stderr, "%.*s", (int)buf_len(&errors), (const char *)buf_data(&errors));
	buf_clear(&errors);
	return c;
}

static void tell(const struct msisdn_plan *p, const char *text, size_t len, const struct msisdn_info *info,
                 const struct msisdn *number)
{
	struct msisdn similar[TYPO_MOST];
	size_t n = typo_similar(p, text, len, similar);
	char display[MSISDN_DISPLAY_CAP] = "";

	if (number)
		msisdn_display(info->country, number, display);
	printf("\t%s\t%s\t%s\t%s\t", info->country ? info->country->region : "", info->brand, info->network, display);
	for (size_t i = 0; i < n; i++)
		printf("%s%s", i ? " " : "", similar[i].digits);
}

int main(int argc, char **argv)
{
	struct conf *c = argc == 4 ? load(argv + 1) : NULL;
	const struct msisdn_plan *p = c ? &c->flow.plan : &plan;
	unsigned char head[2];
	static char text[TEXT_CAP];

	if (argc != 1 && !c)
		return 1;
	while (fread(head, 1, sizeof(head), stdin) == sizeof(head)) {
		size_t len = (size_t)(head[0] | head[1] << 8);
		struct msisdn_info info;
		struct msisdn number;

		if (fread(text, 1, len, stdin) != len)
			return 1;
		enum msisdn_reason reason = msisdn_parse(p, text, len, &number, &info);
		printf("%s%s", reason ? "-" : "", reason ? msisdn_reason_name(reason) : number.digits);
		if (c)
			tell(p, text, len, &info, reason ? NULL : &number);
		printf("\n");
	}
	conf_free(c);
	return 0;
}
