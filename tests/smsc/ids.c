/*
 * ids: the table of spellings. The first four are the oldest options and keep their place.
 */
#include "ids.h"

#include <stdio.h>

/* width 0: no id at all. */
struct spelling {
	unsigned base, width;
	bool lower;
};

static const struct {
	const char *name;
	struct spelling response, receipt;
} table[] = {
	{ "hex", { 16, 8, false }, { 16, 8, false } },         { "dec", { 10, 1, false }, { 10, 1, false } },
	{ "mixed", { 16, 8, false }, { 10, 1, false } },       { "empty", { 16, 0, false }, { 16, 8, false } },
	{ "dec-hex", { 10, 1, false }, { 16, 1, false } },     { "lower", { 16, 8, true }, { 16, 8, true } },
	{ "case", { 16, 8, false }, { 16, 8, true } },         { "zeros", { 16, 1, false }, { 16, 24, false } },
	{ "zeros-resp", { 16, 24, false }, { 16, 1, false } }, { "dec-zeros", { 10, 1, false }, { 10, 24, false } },
	{ "mixed-lower", { 16, 8, true }, { 10, 1, false } },  { "long", { 16, 64, false }, { 16, 64, false } },
};

const char *ids_name(uint32_t style)
{
	return style < sizeof(table) / sizeof(table[0]) ? table[style].name : NULL;
}

void ids_text(uint32_t style, bool receipt, uint64_t id, char out[ID_TEXT_MAX])
{
	const struct spelling *s = receipt ? &table[style].receipt : &table[style].response;
	int width = (int)s->width;

	if (width == 0)
		out[0] = '\0';
	else if (s->base == 10)
		snprintf(out, ID_TEXT_MAX, "%0*llu", width, (unsigned long long)id);
	else if (s->lower)
		snprintf(out, ID_TEXT_MAX, "%0*llx", width, (unsigned long long)id);
	else
		snprintf(out, ID_TEXT_MAX, "%0*llX", width, (unsigned long long)id);
}
