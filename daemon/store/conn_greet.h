/*
 * conn_greet: what is said to a server before it may be used: AUTH, SELECT, scripts, time, and what it may lose; and
 * what it is asked about itself from then on. Private to store.
 */
#ifndef STORE_CONN_GREET_H
#define STORE_CONN_GREET_H

#include "conn.h"

struct greet;

struct greet *greet_new(struct conn *c, bool sentinel); /* NULL: no memory. c outlives it. */
void greet_free(struct greet *g);

/* Sends the greeting; conn_greeted follows when every answer was good, conn_drop when one was not. */
enum err greet_start(struct greet *g) ERR_CHECKED;

/* Asks again for the time and for what may be lost; conn_judged follows. */
enum err greet_look(struct greet *g) ERR_CHECKED;

/* True for an op of the greeting: its decode takes error replies too. */
bool greet_owns(const struct op *op);

/* Loads one script again after SCRIPT FLUSH; conn_loaded follows. */
enum err greet_load(struct greet *g, enum script script) ERR_CHECKED;

/* Another server from now on: what was known of the former's replicas is void. */
void greet_forget(struct greet *g);
unsigned greet_replicas(const struct greet *g); /* that must have what is acknowledged */

void greet_set_probe(struct greet *g, int partition);

void greet_refused(struct greet *g, const char *text); /* an error reply to what others asked */
const char *greet_refusing(const struct greet *g);     /* refusing_word */

const char *greet_sha(const struct greet *g, enum script script);
int64_t greet_offset_ms(const struct greet *g);
enum store_durability greet_durability(const struct greet *g);
const char *greet_warning(const struct greet *g);

#endif
