/*
 * groups: what one key alone cannot tell, one file per group of the configuration: repetitions, references between
 * parts, relations between values. Faults go to the tree.
 */
#ifndef CONF_GROUPS_H
#define CONF_GROUPS_H

#include "conf.h"
#include "tree.h"

/* After conf_fill, which has filled what one key alone tells. */
void conf_fill_instance(struct conf_tree *t, struct conf *c);
void conf_fill_redis(struct conf_tree *t, struct conf *c);
void conf_fill_code_keys(struct conf_tree *t, struct conf *c);
void conf_fill_smscs(struct conf_tree *t, struct conf *c);
void conf_fill_routes(struct conf_tree *t, struct conf *c);
void conf_fill_numbering(struct conf_tree *t, struct conf *c);
void conf_fill_purposes(struct conf_tree *t, struct conf *c);         /* and limits; after conf_fill_smscs */
void conf_check_templates(struct conf_tree *t, const struct conf *c); /* after conf_fill_purposes */
void conf_fill_tenants(struct conf_tree *t, struct conf *c);

/* Which character sets the SMSCs take, as bits 1 << enum charset; after conf_fill_smscs. */
unsigned conf_charsets(const struct conf *c);
/* True for at most 11 characters, or at most 15 digits with or without a "+" in front. */
bool conf_sender_ok(const char *s);

/*
 * Reads a configuration from memory, as conf_load does from a file; file names it in errors.
 * ERR_INVALID with at least one line in errors; ERR_NOMEM.
 */
enum err conf_load_text(const char *file, const char *text, size_t len, struct conf **out,
                        struct buf *errors) ERR_CHECKED;

#endif
