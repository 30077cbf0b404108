/*
 * tests: fills and checks the test numbers of the tenants. A range must be readable, served by the numbering plan, and
 * apart from the tenant's other ranges. A group whose day is over is no fault, because a reload one day later must not
 * be refused for it. Owns nothing.
 */
#include "fill.h"
#include "groups.h"

#include <libconfig.h>
#include <stdio.h>
#include <string.h>

/* True if the numbering plan serves this number as it is. */
static bool is_served(const struct msisdn_plan *plan, uint64_t number)
{
	struct msisdn asked, parsed;
	char text[MSISDN_CAP + 1];

	testnumber_digits(number, &asked);
	snprintf(text, sizeof(text), "+%s", asked.digits);
	return msisdn_parse(plan, text, strlen(text), &parsed, NULL) == MSISDN_OK &&
	       strcmp(parsed.digits, asked.digits) == 0;
}

/* Notes a fault if an earlier range of the same tenant has a number of this one. */
static void check_overlap(struct conf_tree *t, const config_setting_t *g, const struct policy_tenant *x, size_t at,
                          size_t nth)
{
	const struct testnumber_group *group = &x->tests[at];

	for (size_t i = 0; i <= at; i++) {
		const struct testnumber_group *other = &x->tests[i];

		for (size_t k = 0; k < (i == at ? nth : other->range_count); k++) {
			if (!testnumber_overlap(&group->ranges[nth], &other->ranges[k]))
				continue;
			conf_fault(t, g, "numbers",
			           "found \"%s\", allowed none that another entry of the tenant (\"%s\") has",
			           group->numbers[nth], other->numbers[k]);
			return;
		}
	}
}

static void fill_ranges(struct conf_tree *t, const struct msisdn_plan *plan, const config_setting_t *g,
                        struct testnumber_group *group)
{
	struct testnumber_range *ranges = conf_alloc(t, group->number_count, sizeof(*ranges));

	group->ranges = ranges;
	for (size_t i = 0; ranges && i < group->number_count; i++) {
		const char *text = group->numbers[i];
		enum testnumber_fault fault = testnumber_read_range(text, &ranges[i]);

		if (fault != TESTNUMBER_GOOD)
			conf_fault(t, g, "numbers",
			           "found \"%s\", which %s, allowed \"6281100000000\" or "
			           "\"6281100000000-6281100000099\", at most %d numbers",
			           text, testnumber_fault_text(fault), TESTNUMBER_RANGE_MAX);
		else if (plan->country_count > 0 &&
		         (!is_served(plan, ranges[i].first) || !is_served(plan, ranges[i].last)))
			conf_fault(t, g, "numbers", "found \"%s\", allowed numbers of a country in numbering", text);
		else
			continue;
		/* A range that cannot be used has no numbers. */
		ranges[i] = (struct testnumber_range){ .first = 1 };
	}
	group->range_count = ranges ? group->number_count : 0;
}

static bool may_use(const struct policy_tenant *x, const struct policy_purpose *p)
{
	for (size_t i = 0; i < x->purpose_count; i++)
		if (strcmp(x->purposes[i], p->name) == 0)
			return true;
	return x->purpose_count == 0;
}

/* The code must be one that a purpose of the tenant could make, or no SEND could ever use it. */
static void check_code(struct conf_tree *t, const struct policy_opts *o, const struct policy_tenant *x,
                       const config_setting_t *g, const struct testnumber_group *group)
{
	bool fits = false;

	for (size_t i = 0; i < o->purpose_count; i++)
		fits = fits ||
		       (may_use(x, &o->purposes[i]) &&
		        testnumber_code_fits(group->code, o->purposes[i].alphabet, policy_code_len(&o->purposes[i])));
	if (!fits && conf_given(g, "tenants.tests.code"))
		conf_fault(t, g, "code",
		           "found \"%s\", allowed a code with the length and the alphabet of a purpose that "
		           "the tenant may use",
		           group->code);
}

static void fill_group(struct conf_tree *t, const struct conf *c, const struct policy_tenant *x,
                       const config_setting_t *g, struct testnumber_group *group)
{
	if (group->number_count == 0 && conf_given(g, "tenants.tests.numbers"))
		conf_fault(t, g, "numbers", "found no number, allowed at least one");
	fill_ranges(t, &c->flow.plan, g, group);
	check_code(t, &c->flow.policy, x, g, group);
	if (!testnumber_read_play(group->outcome, &group->play) && conf_given(g, "tenants.tests.outcome"))
		conf_fault(t, g, "outcome",
		           "found \"%s\", allowed ok, late:SECONDS (1..%d), lost, undeliverable, refused, throttled",
		           group->outcome, TESTNUMBER_LATE_MAX_S);
	if (!testnumber_read_day(group->until, &group->end_ms) && conf_given(g, "tenants.tests.until"))
		conf_fault(t, g, "until", "found \"%s\", allowed the last day of these test numbers, as \"2027-01-31\"",
		           group->until);
}

void conf_fill_tests(struct conf_tree *t, struct conf *c)
{
	struct policy_tenant *x = conf_filled(c, "tenants");

	for (size_t i = 0; i < c->flow.policy.tenant_count; i++) {
		const config_setting_t *tenant = conf_item(t->root, "tenants", i);
		struct testnumber_group *groups = conf_filled(&x[i], "tenants.tests");

		for (size_t k = 0; k < x[i].test_count; k++) {
			const config_setting_t *g = conf_item(tenant, "tests", k);

			fill_group(t, c, &x[i], g, &groups[k]);
			for (size_t n = 0; n < groups[k].range_count; n++)
				check_overlap(t, g, &x[i], k, n);
		}
	}
}
