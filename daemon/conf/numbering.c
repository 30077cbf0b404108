/*
 * numbering: fills the numbering plan of the configuration: countries of files that it names, and those that stand in
 * it. A country that has both takes each key from the configuration that is given there. All files are read at each
 * load, and a fault of one refuses all. Owns nothing.
 */
#include "country.h"
#include "get.h"
#include "groups.h"
#include "source.h"

#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_CAP 4100
#define FORMAT 1

/* Notes a fault of numbering.plans: the file cannot be read. */
static void fault_file(struct conf_tree *t, const char *region, const char *file, const char *why)
{
	conf_fault(t, conf_group(t, "numbering"), "plans",
	           "found \"%s\", whose file %s gives \"%s\", allowed regions with a readable file there, by their two "
	           "capital letters",
	           region, file, why);
}

/* Reads the file of a region. Notes a fault and returns NULL if there is none. */
static char *read_file(struct conf_tree *t, const char *region, const char *file, size_t *len)
{
	char why[CONF_WHY_CAP] = "no regular file", *text = NULL;
	struct stat st;
	enum err err = ERR_INVALID;

	/* The opening of a pipe would wait for a writer. */
	if (stat(file, &st) != 0 || S_ISREG(st.st_mode))
		err = conf_source_read(file, &text, len, why);
	if (err == ERR_NOMEM)
		t->nomem = true;
	else if (err)
		fault_file(t, region, file, why);
	t->unread = t->unread || err == ERR_IO;
	return text;
}

/* Checks what stands around the country. Returns its group, or NULL after a fault. */
static const config_setting_t *country_of(struct conf_tree *t, const config_setting_t *root)
{
	const config_setting_t *format = config_setting_get_member(root, "format"), *country;
	long long found = format ? config_setting_get_int64(format) : 0;

	if (!format || config_setting_type(format) != CONFIG_TYPE_INT || found < 1) {
		conf_fault(t, root, "format", "found no whole number, allowed format = %d;", FORMAT);
		return NULL;
	}
	if (found > FORMAT) {
		conf_fault(t, root, "format",
		           "found %lld, allowed %d: the file is of a later release; take that of this one", found,
		           FORMAT);
		return NULL;
	}
	for (int i = 0; i < config_setting_length(root); i++) {
		const config_setting_t *s = config_setting_get_elem(root, (unsigned)i);
		const char *name = config_setting_name(s);

		if (strcmp(name, "format") != 0 && strcmp(name, "source") != 0 && strcmp(name, "country") != 0)
			conf_fault(t, s, NULL, "found an unknown key, allowed format, source and country");
	}
	country = config_setting_get_member(root, "country");
	if (country && config_setting_is_group(country))
		return country;
	conf_fault(t, root, "country", "found no group, allowed country: { ... }");
	return NULL;
}

static void take_file(struct conf_tree *t, const config_setting_t *root, struct msisdn_country *c)
{
	const config_setting_t *g = country_of(t, root);

	if (!g)
		return;
	conf_tree_check_group(t, g, "numbering.countries");
	const char *region = conf_str(t, g, "numbering.countries.region");
	if (conf_given(g, "numbering.countries.region") && strcmp(region, c->region) != 0)
		conf_fault(t, g, "region", "found \"%s\", allowed \"%s\", as the file is named", region, c->region);
	conf_country_take(t, g, c);
	conf_country_complete(t, g, c);
}

/* Fills the country, whose region is set, from its file. */
static void fill_from_file(struct conf_tree *t, const char *directory, struct msisdn_country *c)
{
	const char *main_file = t->file;
	unsigned main_rank = t->file_rank;
	char file[FILE_CAP];
	size_t len = 0;
	config_t parser;

	snprintf(file, sizeof(file), "%s/%s.conf", directory, c->region);
	char *text = read_file(t, c->region, file, &len);
	if (!text)
		return;
	t->file = conf_copy(t, file);
	t->file_rank = ++t->files;
	config_init(&parser);
	if (conf_source_parse(t, &parser, text, len))
		take_file(t, config_root_setting(&parser), c);
	config_destroy(&parser);
	free(text);
	t->file = main_file;
	t->file_rank = main_rank;
}

static struct msisdn_country *find(struct msisdn_plan *plan, const char *region)
{
	for (size_t i = 0; i < plan->country_count; i++)
		if (strcmp(plan->countries[i].region, region) == 0)
			return &plan->countries[i];
	return NULL;
}

/* Adds the countries that numbering.plans names. The plan has room. */
static void fill_plans(struct conf_tree *t, const config_setting_t *g, struct msisdn_plan *plan)
{
	const char *directory = conf_str(t, g, "numbering.directory");
	const char **regions;
	size_t n = conf_strings(t, g, "numbering.plans", &regions);

	for (size_t i = 0; i < n && !t->nomem; i++) {
		if (!conf_region_ok(regions[i])) {
			conf_fault(t, g, "plans", "found \"%s\", allowed two capital letters", regions[i]);
			continue;
		}
		if (find(plan, regions[i])) {
			conf_fault(t, g, "plans", "found \"%s\" a second time, allowed once", regions[i]);
			continue;
		}
		struct msisdn_country *c = &plan->countries[plan->country_count++];
		snprintf(c->region, sizeof(c->region), "%s", regions[i]);
		fill_from_file(t, directory, c);
	}
}

/* Adds the countries of numbering.countries, or changes those that have a file. The plan has room. */
static void fill_countries(struct conf_tree *t, const config_setting_t *g, struct msisdn_plan *plan)
{
	size_t from_files = plan->country_count;

	for (size_t i = 0; i < conf_items(g, "countries") && !t->nomem; i++) {
		const config_setting_t *item = conf_item(g, "countries", i);
		const char *region = conf_str(t, item, "numbering.countries.region");
		struct msisdn_country *c = find(plan, region);
		bool of_file = c && c < &plan->countries[from_files];

		if (conf_given(item, "numbering.countries.region") && !conf_region_ok(region))
			conf_fault(t, item, "region", "found \"%s\", allowed two capital letters", region);
		if (!of_file) {
			c = &plan->countries[plan->country_count++];
			snprintf(c->region, sizeof(c->region), "%s", region);
		}
		conf_country_take(t, item, c);
		if (!of_file)
			conf_country_complete(t, item, c);
	}
	conf_unique(t, g, "countries", "region");
}

/* Gives the mobile prefixes without lengths of their own those of the country. */
static void fill_lengths(struct msisdn_country *c)
{
	unsigned of_country = 0;

	for (unsigned n = c->len_min; n > 0 && n <= c->len_max; n++)
		of_country |= 1U << n;
	for (size_t i = 0; i < c->mobile_count; i++)
		if (!c->mobile[i].lengths)
			c->mobile[i].lengths = (uint16_t)of_country;
}

/* True if each mobile range of c is within one of other's. */
static bool within(const struct msisdn_country *c, const struct msisdn_country *other)
{
	for (size_t i = 0; i < c->mobile_count; i++) {
		const struct msisdn_mobile *mine = &c->mobile[i], *theirs = plan_mobile(other, mine->from);

		if (!theirs || theirs != plan_mobile(other, mine->to) || (mine->lengths & ~theirs->lengths) != 0)
			return false;
	}
	return c->mobile_count > 0;
}

/* A number that several countries of one code have is the first one's. So each needs numbers of its own. */
static void check_shared_code(struct conf_tree *t, const config_setting_t *g, const struct msisdn_plan *plan, size_t at)
{
	const struct msisdn_country *c = &plan->countries[at];

	for (size_t i = 0; i < at; i++) {
		const struct msisdn_country *other = &plan->countries[i];

		if (strcmp(c->code, other->code) != 0 || !within(c, other))
			continue;
		conf_fault(t, g, NULL,
		           "found %s, all of whose mobile numbers are those of %s (+%s) too, allowed one of them",
		           c->region, other->region, c->code);
		return;
	}
}

static void fill_home(struct conf_tree *t, const config_setting_t *g, struct msisdn_plan *plan)
{
	const char *home = conf_str(t, g, "numbering.home");
	const struct msisdn_country *c = home[0] ? find(plan, home) : NULL;

	plan->home = c ? (size_t)(c - plan->countries) : plan->country_count;
	if (home[0] && !c)
		conf_fault(t, g, "home",
		           "found \"%s\", allowed a region of numbering.plans or numbering.countries, or \"\"", home);
}

void conf_fill_numbering(struct conf_tree *t, struct conf *c)
{
	const config_setting_t *g = conf_group(t, "numbering");
	struct msisdn_plan *plan = &c->flow.plan;
	const char **regions;

	if (!g)
		return;
	size_t n = conf_strings(t, g, "numbering.plans", &regions) + conf_items(g, "countries");
	if (n == 0 && !t->nomem)
		conf_fault(t, g, "plans", "found no country, allowed at least one, e.g. plans = [\"ID\"];");
	plan->countries = conf_alloc(t, n, sizeof(*plan->countries));
	if (!plan->countries)
		return;
	fill_plans(t, g, plan);
	fill_countries(t, g, plan);
	for (size_t i = 0; i < plan->country_count; i++) {
		fill_lengths(&plan->countries[i]);
		plan->countries[i].strict |= conf_bool(g, "numbering.strict");
		check_shared_code(t, g, plan, i);
	}
	msisdn_plan_sort(plan);
	fill_home(t, g, plan);
}
