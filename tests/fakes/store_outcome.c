/*
 * store_outcome: reads the outcome that a test gives for a command. Owns nothing. Writes nothing to the model.
 */
#include "store_outcome.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 6

struct words {
	char text[80];
	const char *at[WORDS_MAX]; /* "" beyond the last */
};

static void split(const char *text, struct words *w)
{
	char *save = NULL;
	size_t n = 0;

	snprintf(w->text, sizeof(w->text), "%s", text);
	for (char *p = strtok_r(w->text, " ", &save); p && n < WORDS_MAX; p = strtok_r(NULL, " ", &save))
		w->at[n++] = p;
	while (n < WORDS_MAX)
		w->at[n++] = "";
}

/* Which of the words it is; -1: none. */
static int one_of(const char *word, const char *const *all, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(word, all[i]) == 0)
			return (int)i;
	return -1;
}

int64_t fake_duration_ms(const char *text)
{
	char *rest;
	long n = strtol(text, &rest, 10);

	if (rest == text || n < 0)
		return -1;
	if (strcmp(rest, "ms") == 0)
		return n;
	return strcmp(rest, "s") == 0 ? n * INT64_C(1000) : -1;
}

static bool read_gone(const struct words *w, enum store_gone *gone, int64_t *ms)
{
	static const char *const names[] = { [STORE_LIVE] = "LIVE",           [STORE_UNKNOWN] = "UNKNOWN",
		                             [STORE_DENIED] = "DENIED",       [STORE_EXPIRED] = "EXPIRED",
		                             [STORE_USED] = "USED",           [STORE_EXHAUSTED] = "EXHAUSTED",
		                             [STORE_CANCELLED] = "CANCELLED", [STORE_UNREADABLE] = "UNREADABLE" };
	int i = one_of(w->at[1], names, sizeof(names) / sizeof(names[0]));

	*ms = w->at[2][0] ? fake_duration_ms(w->at[2]) : 0;
	if (i < 0 || *ms < 0 || strcmp(w->at[0], "gone") != 0)
		return false;
	*gone = (enum store_gone)i;
	return true;
}

static bool read_issue(const struct words *w, const struct store_issue_req *req, struct store_issue_rep *rep)
{
	static const char *const by[] = {
		[STORE_LIMITED_SENDS] = "sends", [STORE_LIMITED_GUESSES] = "guesses", [STORE_LIMITED_WAIT] = "wait"
	};
	int i = one_of(w->at[1], by, 3);

	*rep = (struct store_issue_rep){ .id = req->id };
	if (strcmp(w->at[0], "limited") == 0 && i >= 0) {
		rep->outcome = STORE_ISSUE_LIMITED;
		rep->limited_by = (enum store_limited_by)i;
		rep->retry_ms = fake_duration_ms(w->at[2]);
		return rep->retry_ms >= 0;
	}
	rep->outcome = strcmp(w->at[0], "conflict") == 0 ? STORE_ISSUE_CONFLICT : STORE_ISSUE_UNREADABLE;
	return rep->outcome == STORE_ISSUE_CONFLICT || strcmp(w->at[0], "unreadable") == 0;
}

static bool read_resend(const struct words *w, const struct store_resend_req *req, struct store_resend_rep *rep)
{
	*rep = (struct store_resend_rep){ .id = req->id };
	if (strcmp(w->at[0], "limited") == 0) {
		rep->outcome = STORE_RESEND_LIMITED;
		rep->retry_ms = fake_duration_ms(w->at[1]);
		return rep->retry_ms >= 0;
	}
	rep->outcome = STORE_RESEND_CONFLICT;
	if (strcmp(w->at[0], "conflict") == 0)
		return true;
	rep->outcome = STORE_RESEND_GONE;
	return read_gone(w, &rep->gone, &rep->gone_ms);
}

static bool read_verify(const struct words *w, struct store_verify_rep *rep)
{
	static const char *const shapes[] = { [STORE_SHAPE_SHORT] = "short",
		                              [STORE_SHAPE_LONG] = "long",
		                              [STORE_SHAPE_ALPHABET] = "alphabet",
		                              [STORE_SHAPE_MISTYPED] = "mistyped" };
	int shape = one_of(w->at[1], shapes, 4);

	*rep = (struct store_verify_rep){ .outcome = STORE_VERIFY_WRONG };
	rep->repeated = strcmp(w->at[0], "repeated") == 0;
	if (rep->repeated || strcmp(w->at[0], "wrong") == 0) {
		rep->attempts_left = (uint8_t)atoi(w->at[1]);
		return true;
	}
	rep->outcome = STORE_VERIFY_CONFLICT;
	if (strcmp(w->at[0], "conflict") == 0)
		return true;
	rep->outcome = STORE_VERIFY_SHAPE;
	if (strcmp(w->at[0], "shape") == 0 && shape >= 0) {
		rep->shape = (enum store_shape)shape;
		rep->want = (uint8_t)atoi(w->at[2]);
		rep->attempts_left = (uint8_t)atoi(w->at[3]);
		return true;
	}
	rep->outcome = STORE_VERIFY_GONE;
	return read_gone(w, &rep->gone, &rep->gone_ms);
}

bool fake_outcome_read(enum fake_command command, const char *words, const union fake_request *req,
                       union fake_reply *rep)
{
	struct words w;

	split(words, &w);
	switch (command) {
	case FAKE_CREATE:
		return read_issue(&w, &req->issue, &rep->issue);
	case FAKE_RESEND:
		return read_resend(&w, &req->resend, &rep->resend);
	case FAKE_VERIFY:
		return read_verify(&w, &rep->verify);
	case FAKE_STATUS:
		rep->query.record = NULL;
		return read_gone(&w, &rep->query.gone, &rep->query.gone_ms);
	case FAKE_CANCEL:
		return read_gone(&w, &rep->cancel.gone, &rep->cancel.gone_ms);
	case FAKE_MARK:
	case FAKE_RECEIPT:
	case FAKE_LOOK:
	case FAKE_CLAIM:
	case FAKE_RENEW:
	case FAKE_RESERVE:
	case FAKE_REDIRECT:
	case FAKE_FREED:
	case FAKE_NOTE:
	case FAKE_COMMANDS:
		return false;
	}
	return false;
}
