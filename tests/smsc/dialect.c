/*
 * dialect: one row a dialect. In a text %i is the id, %s the state, %n how many were delivered, %e the error; dates are
 * %a with 10 digits, %b with 12, %c with 14.
 */
#include "dialect.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const struct {
	const char *name, *text;
} dialects[] = {
	{ "standard", "id:%i sub:001 dlvrd:%n submit date:%a done date:%a stat:%s err:%e text:" },
	{ "d12", "id:%i sub:001 dlvrd:%n submit date:%b done date:%b stat:%s err:%e text:Kode Anda" },
	{ "d14", "id:%i sub:001 dlvrd:%n submit date:%c done date:%c stat:%s err:%e text:Kode Anda" },
	{ "tenths", "id:%i sub:001 dlvrd:%n submit date:%b3 done date:%b7 stat:%s err:%e text:Kode Anda" },
	{ "plus", "id:%i sub:001 dlvrd:%n submit date:%b+07 done date:%b+07 stat:%s err:%e text:Kode Anda" },
	{ "absolute", "id:%i sub:001 dlvrd:%n submit date:%b028+ done date:%b028+ stat:%s err:%e text:Kode Anda" },
	{ "no_sub", "id:%i submit date:%a done date:%a stat:%s err:%e text:Kode Anda" },
	{ "no_stat", "id:%i sub:001 dlvrd:%n submit date:%a done date:%a %s err:%e text:Kode Anda" },
	{ "err_nul", "id:%i sub:001 dlvrd:%n submit date:%a done date:%a stat:%s err:nul text:Kode Anda" },
	{ "err_word", "id:%i sub:001 dlvrd:%n submit date:%a done date:%a stat:%s err:EC_12 text:Kode Anda" },
	{ "Text", "id:%i sub:001 dlvrd:%n submit date:%a done date:%a stat:%s err:%e Text:Kode Anda" },
	{ "capitals", "ID:%i SUB:001 DLVRD:%n SUBMIT DATE:%a DONE DATE:%a STAT:%s ERR:%e TEXT:Kode" },
	{ "turned", "stat:%s err:%e done date:%a submit date:%a dlvrd:%n sub:001 id:%i text:Kode Anda" },
	{ "short", "id:%i stat:%s" },
	{ "misleading", "id:%i sub:001 dlvrd:%n submit date:%a done date:%a stat:%s err:%e text:id:0 stat:ENROUTE" },
	{ "spaces", "id: %i  sub: 001 dlvrd: %n submit date: %a done date: %a stat: %s err: %e text: " },
	{ "no_text", "id:%i sub:001 dlvrd:%n submit date:%a done date:%a stat:%s err:%e" },
};

static const struct {
	const char *word;
	uint8_t code;
} states[] = {
	{ "DELIVRD", 2 },   { "ENROUTE", 1 },       { "EXPIRED", 3 },  { "DELETED", 4 },  { "UNDELIV", 5 },
	{ "ACCEPTD", 6 },   { "UNKNOWN", 7 },       { "REJECTD", 8 },  { "SCHEDLD", 0 },  { "SKIPPED", 9 },
	{ "BUFFRED", 1 },   { "BUFFERD", 1 },       { "ACKED", 1 },    { "FAILED", 5 },   { "STRANGE", 99 },
	{ "DELIVERED", 2 }, { "UNDELIVERABLE", 5 }, { "REJECTED", 8 }, { "ACCEPTED", 6 },
};

const char *dialect_name(uint32_t dialect)
{
	return dialect < sizeof(dialects) / sizeof(dialects[0]) ? dialects[dialect].name : NULL;
}

const char *state_word(uint32_t state)
{
	return state < sizeof(states) / sizeof(states[0]) ? states[state].word : NULL;
}

uint8_t state_code(uint32_t state)
{
	return states[state].code;
}

uint32_t state_opposite(uint32_t state)
{
	return state ? 0 : 4;
}

static size_t append(char *out, size_t at, size_t cap, const char *text)
{
	size_t len = strlen(text);

	if (at + len >= cap)
		return cap;
	memcpy(out + at, text, len);
	return at + len;
}

static void expand(char what, uint32_t state, const char *id, char value[80])
{
	time_t now = time(NULL);
	struct tm tm;
	char full[32];

	switch (what) {
	case 'i':
		snprintf(value, 80, "%s", id);
		break;
	case 's':
		snprintf(value, 80, "%s", states[state].word);
		break;
	case 'n':
		snprintf(value, 80, "%03d", state == 0);
		break;
	case 'e':
		snprintf(value, 80, "%03d", state ? 69 : 0);
		break;
	default:
		gmtime_r(&now, &tm);
		strftime(full, sizeof(full), "%Y%m%d%H%M%S", &tm);
		snprintf(value, 80, "%.*s", what == 'a' ? 10 : what == 'b' ? 12 : 14, full + (what == 'c' ? 0 : 2));
		break;
	}
}

size_t dialect_text(uint32_t dialect, uint32_t state, const char *id, char *out, size_t cap)
{
	size_t at = 0;

	for (const char *t = dialects[dialect].text; *t && at < cap; t++) {
		char value[80] = { *t };

		if (*t == '%')
			expand(*++t, state, id, value);
		at = append(out, at, cap, value);
	}
	return at < cap ? at : 0;
}
