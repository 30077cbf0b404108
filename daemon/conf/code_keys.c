/*
 * code_keys: checks the list of code keys. Each kid may occur once, no code key may use the file of the index key, and
 * the current kid must be in the list. Owns nothing and reads no key file.
 */
#include "get.h"
#include "groups.h"

#include <string.h>

void conf_fill_code_keys(struct conf_tree *t, struct conf *c)
{
	const struct config_setting_t *g = conf_group(t, "keys");
	bool found = c->code_key_count == 0; /* an empty list is already noted as a fault */

	for (size_t i = 0; i < c->code_key_count; i++) {
		const struct config_setting_t *k = conf_item(g, "codes", i);

		found = found || c->code_keys[i].kid == c->current_kid;
		for (size_t j = 0; j < i && conf_given(k, "keys.codes.kid"); j++)
			if (c->code_keys[j].kid == c->code_keys[i].kid)
				conf_fault(t, k, "kid", "found %u a second time, allowed once",
				           (unsigned)c->code_keys[i].kid);
		if (c->code_keys[i].file.name[0] && strcmp(c->code_keys[i].file.name, c->index_key_file.name) == 0)
			conf_fault(t, k, "file", "found the file of keys.index, allowed one of its own");
	}
	if (!found && conf_given(g, "keys.current"))
		conf_fault(t, g, "current", "found %u, allowed a kid of keys.codes", (unsigned)c->current_kid);
}
