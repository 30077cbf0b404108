/*
 * groups: fills and checks what depends on more than one key: repetitions, references between parts, and relations
 * between values. There is one file per group of the configuration. Faults go to the tree.
 */
#ifndef CONF_GROUPS_H
#define CONF_GROUPS_H

#include "conf.h"
#include "tree.h"

/* All of these run after conf_fill, which fills what depends on one key alone. */
void conf_fill_instance(struct conf_tree *t, struct conf *c);
void conf_fill_redis(struct conf_tree *t, struct conf *c);
void conf_fill_code_keys(struct conf_tree *t, struct conf *c);
void conf_fill_smscs(struct conf_tree *t, struct conf *c);
void conf_fill_routes(struct conf_tree *t, struct conf *c);
void conf_fill_numbering(struct conf_tree *t, struct conf *c);
void conf_fill_purposes(struct conf_tree *t, struct conf *c);         /* also limits; after conf_fill_smscs */
void conf_check_templates(struct conf_tree *t, const struct conf *c); /* after conf_fill_purposes */
void conf_check_reverse(struct conf_tree *t, const struct conf *c);   /* after conf_fill_purposes */
void conf_fill_tenants(struct conf_tree *t, struct conf *c);
void conf_check_proof(struct conf_tree *t, const struct conf *c);
void conf_fill_tests(struct conf_tree *t, struct conf *c); /* after numbering, purposes and tenants */
void conf_fill_sentences(struct conf_tree *t, struct conf *c);

/* A group of a list with a name and a tag. */
struct conf_tagged {
	const char *name;
	uint16_t *tag;
};
/*
 * Gives the groups of a list directly in the file their tags: the one of the file, or else that of the name. Notes a
 * fault for each tag that an earlier group has. all: one for each of the n groups, in their order.
 */
void conf_fill_tags(struct conf_tree *t, const char *list, const struct conf_tagged *all, size_t n);

/* Returns the character sets of all SMSCs, as bits 1 << enum charset. Call it after conf_fill_smscs. */
unsigned conf_charsets(const struct conf *c);
/* True for at most 11 characters, or at most 15 digits with or without a "+" in front. */
bool conf_sender_ok(const char *s);

/*
 * Reads a configuration from memory, as conf_load does from a file. file is its name in errors. The caller owns *out.
 * ERR_INVALID: errors has at least one line. ERR_NOMEM.
 */
enum err conf_load_text(const char *file, const char *text, size_t len, struct conf **out,
                        struct buf *errors) ERR_CHECKED;

#endif
