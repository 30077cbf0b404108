/*
 * conn_greet: what is said to Redis before it may be used: AUTH, SELECT, scripts, time, and what it may lose. Private.
 */
#ifndef STORE_CONN_GREET_H
#define STORE_CONN_GREET_H

#include "conn.h"

struct greet;

struct greet *greet_new(const struct store_opts *opts); /* NULL: no memory. opts must outlive it. */
void greet_free(struct greet *g);

/* Sends the whole greeting; conn_greeted follows when every answer was good, conn_drop when one was not. */
enum err greet_start(struct greet *g, struct conn *c) ERR_CHECKED;

/* The decode of every greeting op; conn hands it error replies too. */
enum err greet_decode(struct conn_op *op, enum err err, const struct redisReply *reply);

/* Loads one script again after SCRIPT FLUSH; conn_loaded follows. */
enum err greet_load(struct greet *g, struct conn *c, enum script script) ERR_CHECKED;
void greet_ask_time(struct greet *g, struct conn *c);

const char *greet_sha(const struct greet *g, enum script script);
int64_t greet_offset_ms(const struct greet *g);
enum store_durability greet_durability(const struct greet *g);
const char *greet_durability_name(enum store_durability d);
const char *greet_warning(const struct greet *g);

#endif
