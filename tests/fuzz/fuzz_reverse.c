/*
 * A message of a phone: every token that is found is of the alphabet, with digits and letters enough, none comes twice,
 * its characters stand in the message in this order, and one read alone is found again. A link has no character that
 * must be encoded.
 */
#include "otp/reverse.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

/* True if the characters of the token come in the message one after the other, whatever stands between them. */
static int stands_in(const char *token, const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size && *token; i++)
		token += data[i] < 0x80 && toupper(data[i]) == *token;
	return *token == '\0';
}

static void check_token(const char *token, const uint8_t *data, size_t size)
{
	struct reverse_tokens again;
	size_t digits = 0;

	check(strlen(token) == REVERSE_TOKEN_LEN);
	check(strspn(token, "23456789ABCDEFGHJKMNPQRSTUVWXYZ") == REVERSE_TOKEN_LEN);
	for (const char *c = token; *c; c++)
		digits += *c <= '9';
	check(digits >= 2 && digits <= REVERSE_TOKEN_LEN - 2);
	check(stands_in(token, data, size));
	reverse_read(token, REVERSE_TOKEN_LEN, &again);
	check(again.count == 1 && strcmp(again.at[0].text, token) == 0);
}

static void check_text(const uint8_t *data, size_t size)
{
	const struct reverse_token token = { "K7F2QDXM" };
	char text[256], out[REVERSE_TEXT_CAP], uri[REVERSE_URI_CAP];
	size_t len = size < sizeof(text) ? size : sizeof(text) - 1;

	memcpy(text, data, len);
	text[len] = '\0';
	enum reverse_fault fault = reverse_check(text, "Brand");
	enum err err = reverse_fill(text, "Brand", &token, out);
	check(fault != REVERSE_OK || err == ERR_OK);
	if (err || reverse_uri("95000", out, uri) != ERR_OK)
		return;
	for (const char *c = uri + strlen("sms:95000?&body="); *c; c++)
		check(isalnum((unsigned char)*c) || strchr("-._~%", *c));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t read = size < REVERSE_READ_MAX ? size : REVERSE_READ_MAX;
	struct reverse_tokens found;

	if (!size)
		return 0;
	reverse_read((const char *)data, size, &found);
	check(found.count <= REVERSE_TOKENS_MAX);
	for (size_t i = 0; i < found.count; i++) {
		check_token(found.at[i].text, data, read);
		for (size_t k = 0; k < i; k++)
			check(strcmp(found.at[i].text, found.at[k].text) != 0);
	}
	check_text(data, size);
	return 0;
}
