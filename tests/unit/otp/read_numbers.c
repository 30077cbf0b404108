/*
 * read_numbers: what msisdn_parse takes, for a test that is not ours to judge: integration/test_as_pasted.py.
 * stdin: texts, each behind its length in two octets, the lower first. stdout: a line each, the number or "-" and why
 * not. The plan: Indonesia at home, and Singapore, which has no trunk digit.
 */
#include "otp/msisdn.h"

#include <stdio.h>

static char of_indonesia[][8] = { "81", "82", "83", "85", "86", "87", "88", "89" };
static char of_singapore[][8] = { "8", "9" };
static struct msisdn_range ranges[] = {
	{ "811", "819", "A" }, { "821", "823", "B" }, { "831", "833", "C" },
	{ "838", "838", "C" }, { "851", "859", "D" }, { "877", "899", "E" },
};
static struct msisdn_country countries[] = {
	{ "ID", "62", "0", 9, 12, of_indonesia, 8, ranges, sizeof(ranges) / sizeof(ranges[0]) },
	{ "SG", "65", "", 8, 8, of_singapore, 2, NULL, 0 },
};
static const struct msisdn_plan plan = { countries, 2, 0, "00" };

int main(void)
{
	unsigned char head[2];
	static char text[65536];

	while (fread(head, 1, sizeof(head), stdin) == sizeof(head)) {
		size_t len = (size_t)(head[0] | head[1] << 8);
		struct msisdn number;

		if (fread(text, 1, len, stdin) != len)
			return 1;
		enum msisdn_reason reason = msisdn_parse(&plan, text, len, &number, NULL);
		printf("%s%s\n", reason ? "-" : "", reason ? msisdn_reason_name(reason) : number.digits);
	}
	return 0;
}
