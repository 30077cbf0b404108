/*
 * successor: finds the verification that goes on under an id. A verification whose number was corrected has ended, and
 * its record has the sealed id of its successor; the client knows only the id that SEND gave.
 */
#ifndef FLOW_DELIVER_SUCCESSOR_H
#define FLOW_DELIVER_SUCCESSOR_H

#include "flow.h"

#define SUCCESSOR_HOPS_MAX 2 /* corrected numbers per verification */

/* What was found. chain has the id that was asked, those of its successors, and last the id that goes on or ended. */
struct successor_rep {
	enum store_gone gone; /* of the last; never REDIRECTED */
	int64_t gone_ms;
	const struct store_record *record; /* LIVE: of the last; else NULL */
	const struct store_record *other;  /* as in store_query_rep, of the last */
	const struct ident *chain;
	size_t length; /* at least 1 */
};
typedef void (*successor_fn)(void *arg, enum err err, const struct successor_rep *rep);

/* One search. It is part of the struct of the request, and is used once at a time. */
struct successor {
	struct store *store;
	const struct keyring *keys;
	uint32_t tenant_tag;
	struct ident chain[SUCCESSOR_HOPS_MAX + 1];
	size_t length;
	successor_fn fn;
	void *arg;
};

/*
 * Reads the record of s->chain[0], and those of its successors. The caller sets store, keys, tenant_tag, chain[0], fn
 * and arg. On ERR_OK fn is called exactly once, later, with ERR_OK or ERR_UNAVAILABLE. Other errors are the store's.
 */
enum err successor_find(struct successor *s) ERR_CHECKED;

/* The same for a record that is here: it is redirected, and s->chain[0] is set to its id, of which it has the head. */
enum err successor_find_from(struct successor *s, const struct store_record *redirected) ERR_CHECKED;

/* The last id of the chain. */
const struct ident *successor_last(const struct successor_rep *rep);

/*
 * The id that SEND gave for a verification that goes on: of a successor it is in the sealed payload. Errors as of
 * message_open.
 */
enum err successor_root(const struct keyring *keys, const struct store_record *record, struct ident *root) ERR_CHECKED;

/* Computes the tag by which a verification is reserved for a corrected number. */
void successor_tag(const struct keyring *keys, const struct ident *id, const struct msisdn *number,
                   uint8_t out[STORE_RESERVE_LEN]);

#endif
