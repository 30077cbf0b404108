/*
 * hello: what is said to a server before it may be used: AUTH, SELECT, scripts, time, and what it may lose; and what it
 * is asked about itself from then on. Private to store.
 */
#ifndef STORE_HELLO_H
#define STORE_HELLO_H

#include "flight.h"

struct hello;

struct hello_hooks {
	void *arg;
	void (*on_done)(void *arg); /* every answer was good: the server may be used */
	void (*on_refused)(void *arg, const char *reason);
	void (*on_judged)(void *arg, bool other_class); /* what it may lose is known again */
};

struct hello *hello_new(struct flight *flight, bool sentinel, const struct hello_hooks *hooks); /* NULL: no memory */
void hello_free(struct hello *h);

/* On a new connection: on_done or on_refused follows, unless the connection breaks. */
enum err hello_start(struct hello *h) ERR_CHECKED;

/* Asks again for the time and for what may be lost; on_judged follows. */
enum err hello_again(struct hello *h) ERR_CHECKED;

/* True for an op of the hello: its decode takes error replies too. */
bool hello_owns(const struct op *op);

/* Loads one script again after SCRIPT FLUSH, unless that is under way. */
void hello_load_again(struct hello *h, enum script script);

/* Another server from now on: what was known of the one before is void. */
void hello_forget(struct hello *h);
unsigned hello_replicas(const struct hello *h); /* that must have what is acknowledged */

/* A partition that the server serves: its journal is the key of the harmless write. -1: none. */
void hello_set_probe(struct hello *h, int partition);

void hello_note_refused(struct hello *h, const char *text); /* an error reply to what others asked */
const char *hello_refusing(const struct hello *h);          /* refusing_word */

const char *hello_sha(const struct hello *h, enum script script);
int64_t hello_offset_ms(const struct hello *h);
enum store_durability hello_durability(const struct hello *h);
const char *hello_warning(const struct hello *h);

#endif
