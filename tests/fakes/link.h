/*
 * The words of a test to fake links: what the session connects to, what it wrote, what comes in, how it ends.
 * Links are counted in the order opened and stay readable after the session closed them, until fake_link_forget.
 */
#ifndef TESTS_FAKES_LINK_H
#define TESTS_FAKES_LINK_H

#include "smpp/wire/link.h"

size_t fake_link_count(void);
struct smpp_link *fake_link(size_t n); /* the n-th opened, from 0; NULL: there is none */
void fake_link_forget(void);           /* frees all of them: none may be open any more */

int64_t fake_link_opened_ms(const struct smpp_link *l);
int64_t fake_link_closed_ms(const struct smpp_link *l); /* -1: the session still has it */

/* What the peer does. */
void fake_link_accept(struct smpp_link *l); /* the connection is there */
void fake_link_in(struct smpp_link *l, const void *data, size_t len);
void fake_link_end(struct smpp_link *l, enum err err, const char *reason);
void fake_link_choke(struct smpp_link *l, size_t backlog); /* so much stays unsent; nothing more is taken if > 0 */
void fake_link_break(struct smpp_link *l, enum err err);   /* every write fails so */

/* Everything written and not yet read by the test: buf_consume what was looked at. */
struct buf *fake_link_out(struct smpp_link *l);

#endif
