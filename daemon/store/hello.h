/*
 * hello: the commands that a connection sends for itself. Before the server may be used: AUTH, SELECT, the library,
 * TIME, and the questions about durability. From then on TIME and durability once per second. Private to store.
 */
#ifndef STORE_HELLO_H
#define STORE_HELLO_H

#include "flight.h"

struct hello;

struct hello_hooks {
	void *arg;
	void (*on_done)(void *arg); /* every reply was good, and the server may be used */
	void (*on_refused)(void *arg, const char *reason);
	void (*on_judged)(void *arg, bool other_class); /* durability was judged again; other_class: it changed */
};

/* HELLO_BRIEF: AUTH, SELECT and TIME alone, because another connection to the same server asks for the rest. */
enum hello_kind { HELLO_WHOLE, HELLO_BRIEF, HELLO_SENTINEL };

struct hello *hello_new(struct flight *flight, enum hello_kind kind,
                        const struct hello_hooks *hooks); /* NULL: no memory */
void hello_free(struct hello *h);

/* Begins on a new connection. on_done or on_refused follows, unless the connection breaks. */
enum err hello_start(struct hello *h) ERR_CHECKED;

/* Asks again for the time and about durability; on_judged follows. */
enum err hello_again(struct hello *h) ERR_CHECKED;

/* Loads the library again after FUNCTION FLUSH, unless a FUNCTION LOAD is in flight. */
void hello_load_again(struct hello *h);

/* Forgets what is known of the server, because the next connection is to another one. */
void hello_forget(struct hello *h);
unsigned hello_replicas(const struct hello *h); /* how many replicas must acknowledge a write */

/* As conn_set_probe. */
void hello_set_probe(struct hello *h, int partition);

void hello_note_refused(struct hello *h, const char *text); /* notes an error reply to a command of the store */
const char *hello_refusing(const struct hello *h);          /* as refusing_word */
const char *hello_lacks(const struct hello *h);             /* as store_lacks */

int64_t hello_offset_ms(const struct hello *h);
enum store_durability hello_durability(const struct hello *h);
const char *hello_warning(const struct hello *h);

#endif
