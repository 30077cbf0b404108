/*
 * similar: tells whether a subject that asks for a number asked for one before that differs from it by one edit and was
 * not verified, so that a page can ask the person which of both is right. Purposes have it on by purposes.similar; the
 * others cost nothing. The number before stands sealed in Redis for an hour, per tenant and subject.
 */
#ifndef FLOW_ASK_SIMILAR_H
#define FLOW_ASK_SIMILAR_H

#include "ask_uses.h"
#include "flow/deliver/successor.h"

typedef void (*similar_fn)(void *arg, bool similar);

/* One look. It is part of the struct of the request. Zeroed: off. */
struct similar {
	const struct ask_uses *u;
	uint32_t tenant_tag;
	struct store_note note;
	struct msisdn number; /* that is asked for now */
	struct successor find;
	similar_fn fn;
	void *arg;
};

/* Turns it on if the purpose has it and the request names a subject. The number of subject is not read. */
void similar_begin(struct similar *m, const struct ask_uses *u, const struct policy_purpose *purpose,
                   const struct keyring_subject *subject);

/*
 * Looks for the number before. True: fn is called once, later; what Redis cannot tell counts as not similar. False: it
 * is off, or Redis cannot be asked, and fn is not called.
 */
bool similar_look(struct similar *m, const struct msisdn *number, uint32_t tenant_tag, similar_fn fn, void *arg);

/* Keeps the number that was asked for with the id of its verification. Does nothing if it is off. */
void similar_keep(const struct similar *m, const struct msisdn *number, const struct ident *id);

#endif
