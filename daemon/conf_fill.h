/*
 * conf_fill: from the checked tree into the structs of the rooms, part by part, with what one key alone cannot tell:
 * repetitions, references between parts, relations between values. Private to conf*.c. Faults go to the tree.
 */
#ifndef DAEMON_CONF_FILL_H
#define DAEMON_CONF_FILL_H

#include "conf.h"
#include "conf_tree.h"

void conf_fill_redis(struct conf_tree *t, struct conf *c); /* after instance */
void conf_fill_smpp(struct conf_tree *t, struct conf *c);  /* smsc, routes */
/* Of one SMSC's group; called by conf_fill_smpp. */
void conf_fill_message(struct conf_tree *t, const struct config_setting_t *g, struct smpp_smsc_opts *o);
/* Which character sets the SMSCs take, as bits 1 << enum charset; after conf_fill_smpp. */
unsigned conf_charsets(const struct conf *c);
void conf_fill_binds(struct conf_tree *t, const struct config_setting_t *g, struct smpp_smsc_opts *o,
                     struct conf_file *key_file);            /* of one smsc */
void conf_fill_plan(struct conf_tree *t, struct conf *c);    /* numbering */
void conf_fill_texts(struct conf_tree *t, struct conf *c);   /* templates; after conf_fill_policy */
void conf_fill_policy(struct conf_tree *t, struct conf *c);  /* limits, purposes */
void conf_fill_tenants(struct conf_tree *t, struct conf *c); /* after conf_fill_policy */

/*
 * Reads a configuration from memory, as conf_load does from a file; file names it in errors.
 * ERR_INVALID with at least one line in errors; ERR_NOMEM.
 */
enum err conf_load_text(const char *file, const char *text, size_t len, struct conf **out,
                        struct buf *errors) ERR_CHECKED;

#endif
