/*
 * former: judges a SEND to a number that was corrected since. While the successor of that verification goes on, the
 * SEND is refused; once it has ended, the number may be asked for again.
 */
#ifndef FLOW_ASK_FORMER_H
#define FLOW_ASK_FORMER_H

#include "ask_uses.h"
#include "flow/deliver/successor.h"

/* lives: the successor goes on, and root is the id that its client knows. Otherwise the store can be asked again. */
typedef void (*former_fn)(void *arg, enum err err, bool lives, const struct ident *root);

/* One judgement. It is part of the struct of the request, and is used once at a time. */
struct former {
	const struct ask_uses *u;
	struct successor find;
	former_fn fn;
	void *arg;
};

/*
 * Judges the record that came with STORE_ISSUE_REDIRECTED. The caller sets u, fn and arg. On ERR_OK fn is called
 * exactly once, later, with ERR_OK or ERR_UNAVAILABLE. Other errors are the store's; ERR_CORRUPT: the record cannot be
 * read.
 */
enum err former_judge(struct former *f, uint32_t tenant_tag, const struct store_record *record) ERR_CHECKED;

/* Answers CONFLICT with the id that the client knows. */
void former_answer(struct api_call *call, const struct ident *root);

#endif
