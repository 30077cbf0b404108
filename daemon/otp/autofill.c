/*
 * autofill: checks whether a template ends in the line from which phones fill in a code. Owns the form of that line and
 * no other rule of texts.
 */
#include "autofill.h"

#include <stddef.h>
#include <string.h>

#define HASH_LEN 11
#define LABEL_MAX 63

static const char letters_digits[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/* True for a DNS label: letters, digits and "-", with no "-" at either end. */
static bool is_label(const char *at, size_t len)
{
	if (len == 0 || len > LABEL_MAX || at[0] == '-' || at[len - 1] == '-')
		return false;
	for (size_t i = 0; i < len; i++) {
		if (at[i] != '-' && !memchr(letters_digits, at[i], sizeof(letters_digits) - 1))
			return false;
	}
	return true;
}

/*
 * True for a DNS name with a dot. Its length is not checked, because a template is shorter than the longest DNS name.
 */
static bool is_host(const char *at, size_t len)
{
	size_t labels = 0;

	for (const char *end = at + len; at <= end; labels++) {
		const char *dot = memchr(at, '.', (size_t)(end - at));
		size_t n = (size_t)((dot ? dot : end) - at);

		if (!is_label(at, n))
			return false;
		at += n + 1;
	}
	return labels > 1;
}

/* True if nothing follows the line, or only the 11 characters that name an app. */
static bool is_rest(const char *at)
{
	if (*at == '\0')
		return true;
	if (*at != ' ' && *at != '\n')
		return false;
	at++;
	return strlen(at) == HASH_LEN &&
	       strspn(at, "+/ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") == HASH_LEN;
}

bool autofill_ends(const char *text)
{
	static const char hole[] = " #{code}";
	const char *at = strrchr(text, '#');
	const char *line;

	if (!at || at == text || strncmp(at - 1, hole, sizeof(hole) - 1) != 0)
		return false;
	for (line = at - 1; line > text && line[-1] != '\n';)
		line--;
	return line[0] == '@' && is_host(line + 1, (size_t)(at - 1 - line - 1)) && is_rest(at + sizeof(hole) - 2);
}
