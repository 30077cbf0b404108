/*
 * ids: the table of spellings. The first four are the oldest options and keep their place.
 */
#include "ids.h"

#include <stdio.h>

/* width 0: no id at all. */
struct spelling {
	unsigned base, width;
	bool lower, prefix; /* prefix: "0x" before it */
};

static const struct {
	const char *name;
	struct spelling response, receipt;
} table[] = {
	{ "hex", { 16, 8, false, false }, { 16, 8, false, false } },
	{ "dec", { 10, 1, false, false }, { 10, 1, false, false } },
	{ "mixed", { 16, 8, false, false }, { 10, 1, false, false } },
	{ "empty", { 16, 0, false, false }, { 16, 8, false, false } },
	{ "dec-hex", { 10, 1, false, false }, { 16, 1, false, false } },
	{ "lower", { 16, 8, true, false }, { 16, 8, true, false } },
	{ "case", { 16, 8, false, false }, { 16, 8, true, false } },
	{ "zeros", { 16, 1, false, false }, { 16, 24, false, false } },
	{ "zeros-resp", { 16, 24, false, false }, { 16, 1, false, false } },
	{ "dec-zeros", { 10, 1, false, false }, { 10, 24, false, false } },
	{ "mixed-lower", { 16, 8, true, false }, { 10, 1, false, false } },
	{ "long", { 16, 64, false, false }, { 16, 64, false, false } },
	{ "hex-0x", { 16, 8, false, false }, { 16, 8, true, true } },
	{ "dec-0x", { 10, 1, false, false }, { 16, 1, false, true } },
};

const char *ids_name(uint32_t style)
{
	return style < sizeof(table) / sizeof(table[0]) ? table[style].name : NULL;
}

void ids_text(uint32_t style, bool receipt, uint64_t id, char out[ID_TEXT_MAX])
{
	const struct spelling *s = receipt ? &table[style].receipt : &table[style].response;
	const char *prefix = s->prefix ? "0x" : "";
	int width = (int)s->width;

	if (width == 0)
		out[0] = '\0';
	else if (s->base == 10)
		snprintf(out, ID_TEXT_MAX, "%s%0*llu", prefix, width, (unsigned long long)id);
	else if (s->lower)
		snprintf(out, ID_TEXT_MAX, "%s%0*llx", prefix, width, (unsigned long long)id);
	else
		snprintf(out, ID_TEXT_MAX, "%s%0*llX", prefix, width, (unsigned long long)id);
}
