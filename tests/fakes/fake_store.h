/*
 * The words of a test to the fake store: a small model of the records and leases that Redis keeps, which answers in
 * the turn of the loop after it was asked, unless the test says otherwise. Tells what is written by fake_saw.
 */
#ifndef TESTS_FAKES_FAKE_STORE_H
#define TESTS_FAKES_FAKE_STORE_H

#include "store.h"

/* What can be asked of it, by the names that fake_store_command reads. */
enum fake_command {
	FAKE_CREATE,
	FAKE_RESEND,
	FAKE_VERIFY,
	FAKE_STATUS,
	FAKE_CANCEL,
	FAKE_MARK,
	FAKE_RECEIPT,
	FAKE_LOOK,
	FAKE_CLAIM,
	FAKE_RENEW,
	FAKE_RESERVE,
	FAKE_REDIRECT,
	FAKE_FREED,
	FAKE_NOTE,
	FAKE_COMMANDS
};
bool fake_store_command(const char *name, enum fake_command *out);

struct store *fake_store_new(struct loop *loop, uint32_t lease_ms); /* it is up */
void fake_store_free(struct store *s);
void fake_store_hooks(struct store *s, const struct store_hooks *hooks);

/* A new process asks from now on. What the one before asked and has no answer to is answered with ERR_UNAVAILABLE. */
void fake_store_new_owner(struct store *s);
void fake_store_free_calls(struct store *s);

/* The connection ends: what has no answer gets ERR_UNAVAILABLE, and nothing is taken until it is back. */
void fake_store_away(struct store *s);
void fake_store_back(struct store *s);
void fake_store_durability(struct store *s, enum store_durability d);

/* --- how commands of a kind are answered --- */

enum fake_fault {
	FAKE_LOSE,  /* it is done, and the answer is lost */
	FAKE_DROP,  /* it is not done, and the answer is lost */
	FAKE_BUSY,  /* refused at once: ERR_BUSY */
	FAKE_REFUSE /* refused at once: ERR_UNAVAILABLE */
};
void fake_store_next(struct store *s, enum fake_command command, enum fake_fault fault); /* the next one */
void fake_store_delay(struct store *s, enum fake_command command, int64_t ms);           /* all: done, answered later */
void fake_store_hold(struct store *s, enum fake_command command); /* not done until fake_store_go_on */
void fake_store_go_on(struct store *s, enum fake_command command);

/*
 * The outcome of the next one, in words: create: "limited sends|guesses|wait 30s", "conflict", "unreadable"; resend:
 * "limited 30s", "conflict", "gone USED 5s"; verify: "wrong 3", "repeated 3", "shape short 6 3", "conflict",
 * "gone EXPIRED"; status and cancel: "gone UNREADABLE". Nothing is written. False: not understood.
 */
bool fake_store_answers(struct store *s, enum fake_command command, const char *words);

/* --- records --- */

void fake_store_calls(struct store *s, const char *name); /* the name of the verification that is created next */
const char *fake_store_name(const struct store *s, const struct ident *id); /* NULL: none of it */
const struct store_record *fake_store_record(const struct store *s, const char *name);
void fake_store_spoil(struct store *s, const char *name); /* its sealed payload cannot be read any more */
void fake_store_steal(struct store *s, const char *name); /* another instance claims it */

/* "30s" or "250ms". -1: neither. */
int64_t fake_duration_ms(const char *text);

#endif
