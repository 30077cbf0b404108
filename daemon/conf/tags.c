/*
 * tags: fills and checks the tags of a list, which stand in Redis for the names of its groups. Owns nothing.
 */
#include "groups.h"

#include "get.h"
#include "otp/tag.h"

#include <libconfig.h>
#include <stdio.h>
#include <string.h>

#define PATH_CAP 32

/* Notes a fault if an earlier one has the tag of all[i]. That two have one name is another fault. */
static void check_tag(struct conf_tree *t, const char *list, const struct conf_tagged *all, size_t i)
{
	for (size_t j = 0; j < i; j++) {
		if (*all[j].tag != *all[i].tag || strcmp(all[j].name, all[i].name) == 0)
			continue;
		conf_fault(t, conf_item(t->root, list, i), "tag",
		           "found %u for \"%s\", which is the tag of \"%s\" too (line %u), allowed a tag of its own: "
		           "give one of them another, 1..65535",
		           (unsigned)*all[i].tag, all[i].name, all[j].name,
		           config_setting_source_line(conf_item(t->root, list, j)));
		return;
	}
}

void conf_fill_tags(struct conf_tree *t, const char *list, const struct conf_tagged *all, size_t n)
{
	char path[PATH_CAP];

	snprintf(path, sizeof(path), "%s.tag", list);
	for (size_t i = 0; i < n; i++) {
		if (!conf_given(conf_item(t->root, list, i), path))
			*all[i].tag = tag_of_name(all[i].name);
		check_tag(t, list, all, i);
	}
}
