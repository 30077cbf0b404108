/*
 * proof: checks the keys that sign proofs, and what a token holds of the configuration. Each kid and file may occur
 * once, the key in use must be in the list, and texts are printable ASCII. Owns nothing and reads no key file.
 */
#include "get.h"
#include "groups.h"

#include <libconfig.h>
#include <string.h>

static bool is_plain(const char *text)
{
	for (; *text; text++) {
		if (*text < ' ' || *text > '~')
			return false;
	}
	return true;
}

/* A key that seals codes must not sign too. */
static bool is_file_of_another(const struct conf *c, const char *name, size_t i)
{
	bool found = strcmp(name, c->index_key_file.name) == 0;

	for (size_t k = 0; k < c->code_key_count; k++)
		found = found || strcmp(name, c->code_keys[k].file.name) == 0;
	for (size_t k = 0; k < i; k++)
		found = found || strcmp(name, c->proof_keys[k].file.name) == 0;
	return found;
}

static void check_keys(struct conf_tree *t, const config_setting_t *g, const struct conf *c)
{
	bool found = c->proof_key_count == 0; /* an empty list is already noted as a fault */

	if (c->proof_key_count > PROOF_KEYS_MAX)
		conf_fault(t, g, "keys", "found %zu, allowed 1 to %d", c->proof_key_count, PROOF_KEYS_MAX);
	for (size_t i = 0; i < c->proof_key_count; i++) {
		const struct conf_proof_key *k = &c->proof_keys[i];

		found = found || strcmp(k->kid, c->proof_current) == 0;
		if (k->file.name[0] && is_file_of_another(c, k->file.name, i))
			conf_fault(t, conf_item(g, "keys", i), "file",
			           "found the file of another key, allowed one of its own");
	}
	conf_unique(t, g, "keys", "kid");
	if (!found && conf_given(g, "proof.current"))
		conf_fault(t, g, "current", "found \"%s\", allowed a kid of proof.keys", c->proof_current);
}

void conf_check_proof(struct conf_tree *t, const struct conf *c)
{
	const struct policy_opts *o = &c->flow.policy;
	const config_setting_t *g = conf_group(t, "proof");

	if (g) {
		check_keys(t, g, c);
		if (!is_plain(c->flow.proof.issuer))
			conf_fault(t, g, "issuer", "found other characters, allowed printable ASCII");
	}
	for (size_t i = 0; i < o->tenant_count; i++) {
		for (size_t k = 0; k < o->tenants[i].audience_count; k++) {
			if (!is_plain(o->tenants[i].audiences[k]))
				conf_fault(t, conf_item(t->root, "tenants", i), "proof_audiences",
				           "found other characters, allowed printable ASCII");
		}
	}
}
