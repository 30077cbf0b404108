/*
 * reverse: the token of a reverse verification, and the text that the person sends. Makes a token, finds it in what a
 * phone sent, and fills the text and the link that opens the editor of the phone with it. Pure except for randomness.
 *
 * A token has 8 characters of 31: digits and capital letters without look-alikes (no 0 O 1 I L). At least two are
 * digits and at least two are letters, so that no ordinary word and no number is one. About 2^39 are left.
 */
#ifndef OTP_REVERSE_H
#define OTP_REVERSE_H

#include "base/err.h"
#include "otp/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REVERSE_TOKEN_LEN 8
#define REVERSE_TOKENS_MAX 4       /* words of one message that are looked up */
#define REVERSE_READ_MAX 1024      /* characters of a message that are read */
#define REVERSE_TEMPLATE "reverse" /* name of the templates with {token} */
#define REVERSE_TEXT_CAP 512       /* octets of a filled text, NUL included */
#define REVERSE_URI_CAP 1600       /* octets of the link, NUL included */

struct reverse_token {
	char text[REVERSE_TOKEN_LEN + 1];
};

/* Makes a uniform token. */
void reverse_make(struct reverse_token *out);

/*
 * Makes the token that len octets of a keyed hash stand for, so that equal requests get equal tokens. At least 15
 * octets. False: these octets stand for none, and the caller takes those of another hash.
 */
bool reverse_of_hash(const uint8_t *octets, size_t len, struct reverse_token *out);

/* The words of a message that may be its token, in the order in which they are to be looked up. */
struct reverse_tokens {
	size_t count;
	struct reverse_token at[REVERSE_TOKENS_MAX];
};

/*
 * Finds the tokens in len characters, one octet each, of which only those of ASCII count. Small letters become capital.
 * Words of the right form come first, then words that become one when the blanks (spaces, tabs, line ends, hyphens)
 * between them are left out. Of several the last of the message comes first. Never fails: count 0 is the message of a
 * person who does not mean the daemon. The caller wipes out.
 */
void reverse_read(const char *text, size_t len, struct reverse_tokens *out);

/* What is wrong with a template of this name. */
enum reverse_fault {
	REVERSE_OK,
	REVERSE_NO_TOKEN,      /* {token} is missing, or comes twice */
	REVERSE_BAD_NAME,      /* another name than {brand} and {token} */
	REVERSE_BAD_BRACE,     /* "{" without "}", or no valid name between them */
	REVERSE_NOT_ENCODABLE, /* not UTF-8, or a control character */
	REVERSE_TOO_LONG,      /* more than one SMS */
	REVERSE_AMBIGUOUS      /* another word of the text is read as a token before the token */
};

/* Checks a template at load, with the brand of a purpose. */
enum reverse_fault reverse_check(const char *text, const char *brand);

/* Static: what is wrong and what would be right, "found ..., allowed ...". */
const char *reverse_fault_text(enum reverse_fault fault);

/* Fills brand and token in. The template was checked with this brand, else ERR_INVALID. */
enum err reverse_fill(const char *text, const char *brand, const struct reverse_token *token,
                      char out[REVERSE_TEXT_CAP]) ERR_CHECKED;

/*
 * Writes the link that opens the phone's editor with address and text, "sms:95000?&body=...", percent-encoded. Android
 * reads what follows "?", iOS what follows "&" (RFC 5724 has only the first). ERR_TOOBIG.
 */
enum err reverse_uri(const char *address, const char *text, char out[REVERSE_URI_CAP]) ERR_CHECKED;

#endif
