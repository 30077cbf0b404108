/*
 * sentences: what the person who waits is told, in the person's language. A case is a kind of answer: a code of an
 * error with some of its fields, a state of a verification, or a length of time. This module has the list of all cases;
 * the configuration has one sentence per case and language. Each sentence is checked at load, and filled with the
 * figures of an answer when it is said. Pure.
 *
 *   "Wrong code. You have {attempts_left} {attempts_left|try|tries} left."
 *
 * {name} is a figure of the case: a number, or a time in words. {name|one|many} is the first text if the figure is 1,
 * otherwise the second. The case of an answer is the first of the list that has its code and all of whose words it has:
 * "key=value", or "key" for a field with any value. A case that does not name reason or scope is not for an answer that
 * has it.
 */
#ifndef OTP_SENTENCES_H
#define OTP_SENTENCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SENTENCES_LANG_LEN_MAX 8 /* name of a language: "id" */
#define SENTENCES_CAP 256        /* octets of a filled sentence, NUL included */
#define SENTENCES_FAULT_CAP 192
#define SENTENCES_LINE_MAX 256 /* octets of an error line with its CRLF */

struct sentences_case {
	const char *when;   /* "RATELIMITED scope=number", as the configuration names it */
	const char *widest; /* the longest fields of such a line; NULL: it is not an error line */
	const char *figure; /* name of the figure that its sentence may have; every such answer has it; "": none */
};

/* All cases, in the order in which they are tried. */
size_t sentences_count(void);
const struct sentences_case *sentences_case(size_t i);
/* Index of the case that is named so. sentences_count(): there is none. */
size_t sentences_named(const char *when);

/* A field of an answer. */
struct sentences_field {
	const char *key, *value;
};

/* Index of the case of an answer. sentences_count(): there is none. */
size_t sentences_match(const char *code, const struct sentences_field *fields, size_t n);

/* The sentences of one language. */
struct sentences_lang {
	const char *name;         /* 1 to SENTENCES_LANG_LEN_MAX octets */
	const char *const *texts; /* one per case */
};

/*
 * Checks the sentence of a case. units: the language whose words for lengths of time are used; they are checked before.
 * Returns false if it cannot be said, and writes "found ..., allowed ..." to fault.
 */
bool sentences_check(const struct sentences_lang *units, size_t which, const char *text,
                     char fault[SENTENCES_FAULT_CAP]);

/*
 * Writes the sentence of a case, with the figures of the fields. Returns false, and an empty text, if a figure is
 * missing, which cannot be if the text was checked and the fields are those of the case.
 */
bool sentences_fill(const struct sentences_lang *lang, size_t which, const struct sentences_field *fields, size_t n,
                    char out[SENTENCES_CAP]);

#endif
