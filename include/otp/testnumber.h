/*
 * testnumber: numbers of a tenant whose SMS the daemon plays and never gives to an SMSC: which numbers, with which
 * code, what is played, and until when. Pure.
 */
#ifndef OTP_TESTNUMBER_H
#define OTP_TESTNUMBER_H

#include "otp/code.h"
#include "otp/msisdn.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is played. The numbers are those of sealed payloads and must never change. */
enum testnumber_outcome {
	TESTNUMBER_NONE = 0,          /* not a test number */
	TESTNUMBER_OK = 1,            /* accepted, and a receipt says delivered */
	TESTNUMBER_LATE = 2,          /* as OK, but the receipt comes late_s after the accept */
	TESTNUMBER_LOST = 3,          /* accepted, and no receipt comes */
	TESTNUMBER_UNDELIVERABLE = 4, /* accepted, and a receipt says undeliverable */
	TESTNUMBER_REFUSED = 5,       /* refused by the SMSC */
	TESTNUMBER_THROTTLED = 6,     /* waits for the SMSC until the send deadline */
	TESTNUMBER_OUTCOMES
};

#define TESTNUMBER_LATE_MAX_S 3600 /* largest late_s */
#define TESTNUMBER_RANGE_MAX 10000 /* most numbers in one range */

/* Stands in Redis for the SMSC that accepted the SMS of a test number. No SMSC of the configuration has this tag. */
#define TESTNUMBER_SMSC_TAG 65535
#define TESTNUMBER_SMSC_NAME "test"

struct testnumber_play {
	enum testnumber_outcome outcome;
	uint16_t late_s; /* LATE: 1..TESTNUMBER_LATE_MAX_S; else 0 */
};

/* The numbers from first to last, as integers. */
struct testnumber_range {
	uint64_t first, last;
};

/* One group of test numbers. The texts are those of the configuration, which owns everything. */
struct testnumber_group {
	const char *const *numbers;
	size_t number_count;
	const char *code, *outcome, *until;
	/* What the texts say: one range for each text in numbers. */
	const struct testnumber_range *ranges;
	size_t range_count;
	struct testnumber_play play;
	int64_t end_ms; /* unix ms; from then on they are ordinary numbers */
};

enum testnumber_fault {
	TESTNUMBER_GOOD,
	TESTNUMBER_UNREADABLE, /* neither a number nor two with "-" between them */
	TESTNUMBER_REVERSED,   /* the second is less than the first, or they have not the same number of digits */
	TESTNUMBER_WIDE        /* more than TESTNUMBER_RANGE_MAX numbers */
};

/* Reads "6281100000000-6281100000099", or one number: digits of E.164 without leading "0", each with or without "+". */
enum testnumber_fault testnumber_read_range(const char *text, struct testnumber_range *out);
/* Returns what is wrong, e.g. "is neither a number nor two with - between them". Static. */
const char *testnumber_fault_text(enum testnumber_fault fault);

/* Returns how many numbers the group has. */
uint64_t testnumber_count(const struct testnumber_group *group);

bool testnumber_overlap(const struct testnumber_range *a, const struct testnumber_range *b);
/* Writes the number of E.164. */
void testnumber_digits(uint64_t number, struct msisdn *out);

/* Reads "ok", "late:45", "lost", "undeliverable", "refused", "throttled". Returns false if the text is none of these.
 */
bool testnumber_read_play(const char *text, struct testnumber_play *out);
const char *testnumber_outcome_name(enum testnumber_outcome o); /* "" for NONE, "late" ... Static. */

/* Reads a day, "2027-01-01". *end_ms: when it is over in UTC, unix ms. Returns false if there is no such day. */
bool testnumber_read_day(const char *text, int64_t *end_ms);

/* True if the code has this length and only characters of this alphabet. */
bool testnumber_code_fits(const char *code, enum code_alphabet alphabet, size_t len);

/* Returns the group whose ranges have the number and that has not ended at now_ms (unix). NULL: none. */
const struct testnumber_group *testnumber_find(const struct testnumber_group *groups, size_t n,
                                               const struct msisdn *number, int64_t now_ms);

#endif
