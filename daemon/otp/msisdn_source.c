/*
 * msisdn_source: reads the source address of a message of a phone. Owns the rule that a network is taken at its word:
 * what people leave out or type twice is never guessed here, because the number of another country would become that of
 * a stranger at home. Owns nothing else.
 */
#include "otp/msisdn.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* 3GPP TS 23.040 section 9.1.2.5, the same in SMPP. Other types are no numbers, or have no country. */
enum { TON_UNKNOWN, TON_INTERNATIONAL, TON_NATIONAL };

/* True if code and digits are a number of the plan as they stand. */
static bool is_exactly(const struct msisdn_plan *plan, const char *code, const char *digits, struct msisdn *out)
{
	char text[1 + MSISDN_CAP + 1];
	struct msisdn parsed;
	int len = snprintf(text, sizeof(text), "+%s%s", code, digits);
	bool good = len > 1 && (size_t)len < sizeof(text) &&
	            msisdn_parse(plan, text, (size_t)len, &parsed, NULL) == MSISDN_OK &&
	            strcmp(parsed.digits, text + 1) == 0;

	if (good)
		*out = parsed;
	explicit_bzero(text, sizeof(text));
	return good;
}

static bool read_national(const struct msisdn_plan *plan, const char *digits, struct msisdn *out)
{
	if (plan->home >= plan->country_count)
		return false;
	const struct msisdn_country *home = &plan->countries[plan->home];
	size_t trunk = strlen(home->trunk);

	if (is_exactly(plan, home->code, digits, out))
		return true;
	return trunk > 0 && strncmp(digits, home->trunk, trunk) == 0 &&
	       is_exactly(plan, home->code, digits + trunk, out);
}

bool msisdn_of_source(const struct msisdn_plan *plan, const char *address, unsigned ton, struct msisdn *out)
{
	bool plus = address[0] == '+';
	const char *digits = address + plus;
	size_t idd = strlen(plan->idd);

	if (ton > TON_NATIONAL || digits[strspn(digits, "0123456789")] != '\0')
		return false;
	if (!plus && ton != TON_NATIONAL && idd > 0 && strncmp(digits, plan->idd, idd) == 0)
		return is_exactly(plan, "", digits + idd, out);
	/* No number of E.164 begins with 0, whatever the type says. */
	if (plus || (ton != TON_NATIONAL && digits[0] != '0'))
		return is_exactly(plan, "", digits, out);
	return read_national(plan, digits, out);
}
