/*
 * numbering: fills and checks the numbering plan of the configuration: countries, mobile prefixes, ranges of operators.
 * "811-813" means 811, 812 and 813. Ranges of one country must not overlap. Owns nothing.
 */
#include "get.h"
#include "groups.h"

#include <ctype.h>
#include <libconfig.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX_CAP sizeof(((struct msisdn_range *)0)->from)

/* Reads "811" or "811-813" into from and to. Returns false if the text is neither. */
static bool parse_range(const char *s, char from[PREFIX_CAP], char to[PREFIX_CAP])
{
	static const char digits[] = "0123456789";
	size_t len = strspn(s, digits);

	if (len == 0 || len >= PREFIX_CAP)
		return false;
	memcpy(from, s, len);
	from[len] = '\0';
	memcpy(to, from, len + 1);
	if (s[len] == '\0')
		return true;
	const char *end = s + len + 1;
	if (s[len] != '-' || strspn(end, digits) != len || end[len] != '\0')
		return false;
	memcpy(to, end, len + 1);
	return strcmp(from, to) <= 0;
}

static void fault_range(struct conf_tree *t, const config_setting_t *g, const char *name, const char *found)
{
	conf_fault(t, g, name, "found \"%s\", allowed \"811\" or \"811-813\", at most %zu digits", found,
	           PREFIX_CAP - 1);
}

/* Returns how many prefixes the range has, both ends included. */
static size_t spread(const char *from, const char *to)
{
	return (size_t)(strtol(to, NULL, 10) - strtol(from, NULL, 10)) + 1;
}

/* Adds 1 to the number that the digits form. The length stays the same. */
static void count_up(char digits[PREFIX_CAP])
{
	for (size_t i = strlen(digits); i-- > 0;) {
		if (digits[i] != '9') {
			digits[i]++;
			return;
		}
		digits[i] = '0';
	}
}

static void fill_mobile(struct conf_tree *t, const config_setting_t *g, struct msisdn_country *c)
{
	const char **texts;
	size_t n = conf_strings(t, g, "numbering.countries.mobile", &texts);
	char from[PREFIX_CAP], to[PREFIX_CAP];
	size_t total = 0;

	for (size_t i = 0; i < n; i++) {
		if (!parse_range(texts[i], from, to)) {
			fault_range(t, g, "mobile", texts[i]);
			return;
		}
		total += spread(from, to);
	}
	if (total > 1000) {
		conf_fault(t, g, "mobile", "found %zu prefixes, allowed at most 1000", total);
		return;
	}
	c->mobile = conf_alloc(t, total, sizeof(*c->mobile));
	for (size_t i = 0; c->mobile && i < n; i++) {
		if (!parse_range(texts[i], from, to))
			return;
		for (size_t k = spread(from, to); k > 0; k--) {
			memcpy(c->mobile[c->mobile_count++], from, PREFIX_CAP);
			count_up(from);
		}
	}
}

static bool overlap(const struct msisdn_range *a, const struct msisdn_range *b)
{
	size_t la = strlen(a->from), lb = strlen(b->from);
	size_t n = la < lb ? la : lb;

	return strncmp(a->from, b->to, n) <= 0 && strncmp(b->from, a->to, n) <= 0;
}

static bool under_mobile(const struct msisdn_country *c, const char *prefix)
{
	for (size_t i = 0; i < c->mobile_count; i++) {
		size_t la = strlen(c->mobile[i]), lb = strlen(prefix);

		if (strncmp(c->mobile[i], prefix, la < lb ? la : lb) == 0)
			return true;
	}
	return c->mobile_count == 0;
}

static void add_range(struct conf_tree *t, const config_setting_t *g, struct msisdn_country *c, const char *text)
{
	struct msisdn_range *r = &c->ranges[c->range_count];

	if (!parse_range(text, r->from, r->to)) {
		fault_range(t, g, "prefixes", text);
		return;
	}
	if (!under_mobile(c, r->from) || !under_mobile(c, r->to))
		conf_fault(t, g, "prefixes", "found \"%s\", allowed prefixes that begin as one of mobile", text);
	for (size_t i = 0; i < c->range_count; i++) {
		if (!overlap(r, &c->ranges[i]))
			continue;
		conf_fault(t, g, "prefixes", "found \"%s\", allowed none that another entry (%s-%s) holds", text,
		           c->ranges[i].from, c->ranges[i].to);
		return;
	}
	c->range_count++;
}

static void fill_ranges(struct conf_tree *t, const config_setting_t *g, struct msisdn_country *c)
{
	size_t n = conf_items(g, "ranges"), total = 0;
	const char **texts;

	for (size_t i = 0; i < n; i++)
		total += conf_strings(t, conf_item(g, "ranges", i), "numbering.countries.ranges.prefixes", &texts);
	c->ranges = conf_alloc(t, total, sizeof(*c->ranges));
	for (size_t i = 0; c->ranges && i < n; i++) {
		const config_setting_t *item = conf_item(g, "ranges", i);
		const char *name = conf_str(t, item, "numbering.countries.ranges.operator");
		size_t count = conf_strings(t, item, "numbering.countries.ranges.prefixes", &texts);

		/* total is too small if memory was short when the prefixes were counted. */
		for (size_t j = 0; j < count && c->range_count < total; j++) {
			c->ranges[c->range_count].operator_name = name;
			add_range(t, item, c, texts[j]);
		}
	}
}

static void fill_length(struct conf_tree *t, const config_setting_t *g, struct msisdn_country *c)
{
	uint32_t v[3] = { 0 };
	size_t n = conf_ints(g, "numbering.countries.length", v, 3);

	c->len_min = (uint8_t)v[0];
	c->len_max = (uint8_t)v[1];
	if (!conf_given(g, "numbering.countries.length"))
		return;
	if (n != 2 || v[0] > v[1] || v[1] + strlen(c->code) > 15)
		conf_fault(t, g, "length",
		           "found %zu values up to %u, allowed [least, most], with the country code at most 15 digits",
		           n, v[n ? n - 1 : 0]);
}

static void fill_country(struct conf_tree *t, const config_setting_t *g, struct msisdn_country *c)
{
	if (conf_given(g, "numbering.countries.region") &&
	    (!isupper((unsigned char)c->region[0]) || !isupper((unsigned char)c->region[1])))
		conf_fault(t, g, "region", "found \"%s\", allowed two capital letters", c->region);
	if (c->code[0] == '0')
		conf_fault(t, g, "code", "found \"%s\", allowed a country code without leading 0", c->code);
	fill_length(t, g, c);
	fill_mobile(t, g, c);
	fill_ranges(t, g, c);
}

static void fill_home(struct conf_tree *t, const config_setting_t *g, struct msisdn_plan *plan)
{
	const char *home = conf_str(t, g, "numbering.home");

	plan->home = plan->country_count;
	for (size_t i = 0; i < plan->country_count; i++)
		if (home[0] && strcmp(plan->countries[i].region, home) == 0)
			plan->home = i;
	if (home[0] && plan->home == plan->country_count)
		conf_fault(t, g, "home", "found \"%s\", allowed a region of numbering.countries, or \"\"", home);
}

void conf_fill_numbering(struct conf_tree *t, struct conf *c)
{
	const config_setting_t *g = conf_group(t, "numbering");
	struct msisdn_plan *plan = &c->flow.plan;

	if (!g)
		return;
	for (size_t i = 0; i < plan->country_count; i++)
		fill_country(t, conf_item(g, "countries", i), &plan->countries[i]);
	conf_unique(t, g, "countries", "region");
	conf_unique(t, g, "countries", "code");
	fill_home(t, g, plan);
}
