/*
 * The words of a test to the fake SMSCs: they answer nothing by themselves. Tells what they get by fake_saw.
 */
#ifndef TESTS_FAKES_FAKE_SMPP_H
#define TESTS_FAKES_FAKE_SMPP_H

#include "smpp.h"

#define FAKE_SMSCS_MAX 8
#define FAKE_ROUTES_MAX 8
#define FAKE_TEXT_CAP 256

struct smpp *fake_smpp_new(struct loop *loop);
void fake_smpp_free(struct smpp *p);
void fake_smpp_listener(struct smpp *p, const struct smpp_listener *listener);
void fake_smpp_add(struct smpp *p, const char *name); /* bound, with room for any number of messages, 100 a second */
void fake_smpp_clear_routes(struct smpp *p);          /* before those of a reload */
bool fake_smpp_add_route(struct smpp *p, const char *prefix, const unsigned *smscs, size_t n);

/* The process that submitted has died: nothing is told to it any more. */
void fake_smpp_forget(struct smpp *p);

void fake_smpp_bound(struct smpp *p, unsigned smsc, bool bound);
void fake_smpp_room(struct smpp *p, unsigned smsc, bool room);
void fake_smpp_rate(struct smpp *p, unsigned smsc, double per_s);
void fake_smpp_pause(struct smpp *p, unsigned smsc, int64_t ms); /* throttled: no room for so long */

/* Answers the oldest submit of the verification at this SMSC. False: it has none without an answer. */
bool fake_smpp_answer(struct smpp *p, unsigned smsc, const struct ident *id, const struct smpp_result *result);

/* A response after SMPP_AMBIGUOUS. False: no such submit. */
bool fake_smpp_late(struct smpp *p, unsigned smsc, const struct ident *id, const struct smpp_result *result);

/* A receipt of this name, by which its answer is told. hint: its id as another mode reads it; "": none. receipt's smsc
 * and token are filled. */
void fake_smpp_receipt(struct smpp *p, unsigned smsc, const char *name, const char *hint,
                       const struct smpp_receipt *receipt);

/* What became of a submit, as a person sees it. */
enum fake_fate { FAKE_UNDECIDED, FAKE_TAKEN, FAKE_NOT_TAKEN }; /* undecided: the SMS may have arrived */
struct fake_submit {
	unsigned smsc;
	bool open, unanswered; /* it can be answered; it can be answered late */
	enum fake_fate fate;
	const char *text;
};
/* The nth submit of all, from 0. False: there is none. */
bool fake_smpp_submit(const struct smpp *p, size_t nth, struct fake_submit *out);

/* The text of the last SMS of the verification; "" if there was none. */
const char *fake_smpp_text(const struct smpp *p, const struct ident *id);

/* The text of the nth, from 1. */
const char *fake_smpp_text_of(const struct smpp *p, const struct ident *id, size_t nth);

#endif
