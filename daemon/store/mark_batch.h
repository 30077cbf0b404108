/*
 * mark_batch: sends the marks of one turn of the loop in calls of several, because a call costs Redis more than a mark.
 * Only where all partitions are on one server. Private to store.
 *
 * A batch goes when it is full, at the end of the turn, and before a command that must not overtake its marks. It goes
 * on the connection for which it was begun or not at all: a receipt map that was sent on a connection that ended in
 * this turn is lost, and then its mark must not be done without it.
 */
#ifndef STORE_MARK_BATCH_H
#define STORE_MARK_BATCH_H

#include "layout.h"
#include "packed.h"

#include "base/loop.h"

#define MARK_BATCH_MAX 8

struct mark_call;

struct mark_batch {
	struct store *store;
	struct loop *loop;
	struct loop_task turn_end;
	struct mark_call *open;          /* to which marks are added; NULL: none */
	STAILQ_HEAD(, mark_call) failed; /* those that could not be sent, until turn_end tells so */
	bool ended;
};

void mark_batch_init(struct mark_batch *b, struct store *s, struct loop *loop);

/*
 * Answers the marks that were not sent with ERR_UNAVAILABLE, and takes no more. Must be called before the nodes are
 * freed, which answers those that were.
 */
void mark_batch_end(struct mark_batch *b);

/*
 * Makes room for one mark, of this partition. It must be added with mark_batch_add, or none is sent. ERR_UNAVAILABLE,
 * ERR_BUSY, ERR_NOMEM as nodes_command.
 */
enum err mark_batch_begin(struct mark_batch *b, uint16_t partition) ERR_CHECKED;

/* fields: the arguments of the mark. fn is called once, and never from inside this call. */
void mark_batch_add(struct mark_batch *b, const struct ident *id, const struct packed *fields, store_mark_fn fn,
                    void *arg);

/* Sends what was added. No fn is called from inside it. */
void mark_batch_flush(struct mark_batch *b);

/* fields: the LEN_MARK octets of one mark. True if the function needs the key of its journal. */
static inline bool mark_batch_needs_journal(const uint8_t *fields)
{
	return fields[MARK_ASKS_AT] & (MARK_RELEASE | MARK_REROUTE);
}
/* Tells the function which of its keys, from 1, is the journal of this mark. */
static inline void mark_batch_journal(uint8_t *fields, unsigned index)
{
	fields[MARK_ASKS_AT] = (uint8_t)(fields[MARK_ASKS_AT] % MARK_JOURNAL + index * MARK_JOURNAL);
}

/* Reads the result of one mark. ERR_CORRUPT: it is none. */
enum err mark_batch_read(struct store *s, const struct ident *id, const struct redisReply *reply,
                         enum store_marked *marked) ERR_CHECKED;

#endif
