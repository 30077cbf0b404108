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

/* One search. It is part of the struct of the request, and is used once at a time. The caller sets fn and arg. */
struct successor {
	successor_fn fn;
	void *arg;
	struct store *store;
	const struct keyring *keys;
	uint32_t tenant_tag;
	struct ident chain[SUCCESSOR_HOPS_MAX + 1];
	size_t length;
};

/*
 * Reads the record of id, and those of its successors. On ERR_OK fn is called exactly once, later, with ERR_OK or
 * ERR_UNAVAILABLE. Other errors are the store's. store and keys outlive the search.
 */
enum err successor_find(struct successor *s, struct store *store, const struct keyring *keys, uint32_t tenant_tag,
                        const struct ident *id) ERR_CHECKED;

/* The same for a record that is here and is redirected. It has the head of its id. ERR_CORRUPT: its seal is changed. */
enum err successor_find_from(struct successor *s, struct store *store, const struct keyring *keys, uint32_t tenant_tag,
                             const struct store_record *redirected) ERR_CHECKED;

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
