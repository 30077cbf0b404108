/*
 * country: fills and checks one country of the numbering plan: mobile prefixes with their lengths, ranges of operators,
 * groupings. "811-813" means 811, 812 and 813. No two entries of a table have one number. Owns nothing.
 */
#include "country.h"

#include "get.h"

#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH_MAX 14 /* national digits */
#define PATH "numbering.countries."

static const char digits[] = "0123456789";

bool conf_region_ok(const char *region)
{
	static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	return strlen(region) == 2 && strspn(region, capitals) == 2;
}

/* Reads "811" or "811-813" into from and to. Returns what follows; NULL: the text is neither. */
static const char *read_range(const char *s, char from[MSISDN_PREFIX_CAP], char to[MSISDN_PREFIX_CAP])
{
	size_t len = strspn(s, digits);

	if (len == 0 || len >= MSISDN_PREFIX_CAP)
		return NULL;
	memset(from, 0, MSISDN_PREFIX_CAP);
	memcpy(from, s, len);
	memcpy(to, from, MSISDN_PREFIX_CAP);
	if (s[len] != '-')
		return s + len;
	s += len + 1;
	if (strspn(s, digits) != len)
		return NULL;
	memcpy(to, s, len);
	return strcmp(from, to) <= 0 ? s + len : NULL;
}

/* Reads a number of digits, 1..LENGTH_MAX. Returns what follows; NULL: there is none. */
static const char *read_length(const char *s, unsigned *out)
{
	size_t len = strspn(s, digits);

	if (len == 0 || len > 2)
		return NULL;
	*out = (unsigned)strtoul(s, NULL, 10);
	return *out >= 1 && *out <= LENGTH_MAX ? s + len : NULL;
}

/* Reads "9-12", "8,10" or "8,10-12" as bits. Returns false if the text is none of these. */
static bool read_lengths(const char *s, uint16_t *out)
{
	unsigned bits = 0, least, most;

	while (s) {
		s = read_length(s, &least);
		most = least;
		if (s && *s == '-')
			s = read_length(s + 1, &most);
		if (!s || most < least)
			return false;
		for (; least <= most; least++)
			bits |= 1U << least;
		if (*s == '\0')
			break;
		s = *s == ',' ? s + 1 : NULL;
	}
	*out = (uint16_t)bits;
	return s != NULL;
}

static bool read_mobile(const char *s, struct msisdn_mobile *m)
{
	s = read_range(s, m->from, m->to);
	m->lengths = 0;
	return s && (*s == '\0' || (*s == ':' && read_lengths(s + 1, &m->lengths)));
}

/* A table of items that begin with from[] and to[], both of MSISDN_PREFIX_CAP octets. */
struct table {
	char *items;
	size_t size, count;
};

static const char *from_of(const struct table *table, size_t i)
{
	return table->items + i * table->size;
}

static const char *to_of(const struct table *table, size_t i)
{
	return from_of(table, i) + MSISDN_PREFIX_CAP;
}

static bool overlap(const struct table *table, size_t i, const char *from, const char *to)
{
	size_t la = strlen(from_of(table, i)), lb = strlen(from), n = la < lb ? la : lb;

	return strncmp(from_of(table, i), to, n) <= 0 && strncmp(from, to_of(table, i), n) <= 0;
}

/*
 * Inserts the item, which begins with its from[], in the order of from. The table has room. Returns the "from" of the
 * entry that has some of its numbers already; NULL: inserted.
 */
static const char *insert(struct table *table, const char *item)
{
	const char *from = item, *to = item + MSISDN_PREFIX_CAP;
	size_t at = table->count;

	while (at > 0 && strcmp(from_of(table, at - 1), from) > 0)
		at--;
	if (at > 0 && overlap(table, at - 1, from, to))
		return from_of(table, at - 1);
	if (at < table->count && overlap(table, at, from, to))
		return from_of(table, at);
	char *place = table->items + at * table->size;
	memmove(place + table->size, place, (table->count - at) * table->size);
	memcpy(place, item, table->size);
	table->count++;
	return NULL;
}

static void fault_overlap(struct conf_tree *t, const config_setting_t *g, const char *name, const char *text,
                          const char *other)
{
	conf_fault(t, g, name, "found \"%s\", allowed none that another entry (%s-%s) holds", text, other,
	           other + MSISDN_PREFIX_CAP);
}

static void take_mobile(struct conf_tree *t, const config_setting_t *g, struct msisdn_country *c)
{
	const char **texts;
	size_t n = conf_strings(t, g, PATH "mobile", &texts);
	struct table table = { (char *)conf_alloc(t, n, sizeof(*c->mobile)), sizeof(*c->mobile), 0 };
	struct msisdn_mobile m;

	for (size_t i = 0; table.items && i < n; i++) {
		if (!read_mobile(texts[i], &m)) {
			conf_fault(
			    t, g, "mobile",
			    "found \"%s\", allowed \"811\" or \"811-813\", at most %d digits, with lengths of their "
			    "own as \"811:9-12\" or \"811:8,10\", 1..%d",
			    texts[i], MSISDN_PREFIX_CAP - 1, LENGTH_MAX);
			continue;
		}
		const char *other = insert(&table, (const char *)&m);
		if (other)
			fault_overlap(t, g, "mobile", texts[i], other);
	}
	c->mobile = (struct msisdn_mobile *)(void *)table.items;
	c->mobile_count = table.count;
}

static bool under_mobile(const struct msisdn_country *c, const char *prefix)
{
	return plan_is_mobile(c, prefix) || plan_may_become_mobile(c, prefix);
}

/* Adds the prefixes of one group of ranges. r has its brand and network. */
static void take_prefixes(struct conf_tree *t, const config_setting_t *g, const struct msisdn_country *c,
                          struct table *table, struct msisdn_range *r)
{
	const char **texts;
	size_t n = conf_strings(t, g, PATH "ranges.prefixes", &texts);

	for (size_t i = 0; i < n; i++) {
		const char *end = read_range(texts[i], r->from, r->to);

		if (!end || *end) {
			conf_fault(t, g, "prefixes", "found \"%s\", allowed \"811\" or \"811-813\", at most %d digits",
			           texts[i], MSISDN_PREFIX_CAP - 1);
			continue;
		}
		if (!under_mobile(c, r->from) || !under_mobile(c, r->to))
			conf_fault(t, g, "prefixes", "found \"%s\", allowed prefixes that begin as one of mobile",
			           texts[i]);
		const char *other = insert(table, (const char *)r);
		if (other)
			fault_overlap(t, g, "prefixes", texts[i], other);
	}
}

static void take_ranges(struct conf_tree *t, const config_setting_t *g, struct msisdn_country *c)
{
	size_t n = conf_items(g, "ranges"), total = 0;
	const char **texts;

	for (size_t i = 0; i < n; i++)
		total += conf_strings(t, conf_item(g, "ranges", i), PATH "ranges.prefixes", &texts);
	struct table table = { (char *)conf_alloc(t, total, sizeof(*c->ranges)), sizeof(*c->ranges), 0 };
	/* total is too small if memory was short when the prefixes were counted. */
	for (size_t i = 0; table.items && !t->nomem && i < n; i++) {
		const config_setting_t *item = conf_item(g, "ranges", i);
		const char *brand = conf_str(t, item, PATH "ranges.brand");
		const char *network = conf_str(t, item, PATH "ranges.network");
		struct msisdn_range r = { .brand = brand, .network = network[0] ? network : brand };

		if (!t->nomem)
			take_prefixes(t, item, c, &table, &r);
	}
	c->ranges = (struct msisdn_range *)(void *)table.items;
	c->range_count = table.count;
}

static void take_length(struct conf_tree *t, const config_setting_t *g, struct msisdn_country *c)
{
	uint32_t v[3] = { 0 };
	size_t n = conf_ints(g, PATH "length", v, 3);

	if (n != 2 || v[0] > v[1] || v[1] + strlen(c->code) > 15)
		conf_fault(t, g, "length",
		           "found %zu values up to %u, allowed [least, most], with the country code at most 15 digits",
		           n, v[n ? n - 1 : 0]);
	c->len_min = (uint8_t)v[0];
	c->len_max = (uint8_t)v[1];
}

static void take_display(struct conf_tree *t, const config_setting_t *g, struct msisdn_country *c)
{
	c->display_count = conf_strings(t, g, PATH "display", &c->display);
	for (size_t i = 0; i < c->display_count; i++) {
		const char *s = c->display[i];

		if (s[strspn(s, "x -.()")] != '\0' || !strchr(s, 'x'))
			conf_fault(t, g, "display",
			           "found \"%s\", allowed an x for each national digit, and between them \" -.()\"", s);
	}
}

static void take_text(struct conf_tree *t, const config_setting_t *g, const char *path, char out[4])
{
	if (conf_given(g, path))
		snprintf(out, 4, "%s", conf_str(t, g, path));
}

void conf_country_take(struct conf_tree *t, const config_setting_t *g, struct msisdn_country *c)
{
	take_text(t, g, PATH "code", c->code);
	take_text(t, g, PATH "trunk", c->trunk);
	if (c->code[0] == '0')
		conf_fault(t, g, "code", "found \"%s\", allowed a country code without leading 0", c->code);
	if (conf_given(g, PATH "length"))
		take_length(t, g, c);
	if (conf_given(g, PATH "mobile"))
		take_mobile(t, g, c);
	if (conf_given(g, PATH "ranges"))
		take_ranges(t, g, c);
	if (conf_given(g, PATH "display"))
		take_display(t, g, c);
	if (conf_given(g, PATH "strict"))
		c->strict = conf_bool(g, PATH "strict");
}

void conf_country_complete(struct conf_tree *t, const config_setting_t *g, const struct msisdn_country *c)
{
	if (!c->code[0] && !config_setting_get_member(g, "code"))
		conf_fault(t, g, "code", "found nothing, allowed a text of 1-3 digits (country code)");
	if (c->mobile_count == 0 && (!config_setting_get_member(g, "mobile") || conf_given(g, PATH "mobile")))
		conf_fault(t, g, "mobile", "found nothing, allowed an array of texts (first digits of mobile numbers)");
	for (size_t i = 0; i < c->mobile_count && c->len_max == 0; i++) {
		if (c->mobile[i].lengths || config_setting_get_member(g, "length"))
			continue;
		conf_fault(t, g, "length",
		           "found nothing, allowed [least, most], for mobile \"%s\" has no lengths of its own",
		           c->mobile[i].from);
		return;
	}
}
