/*
 * uniform: the table of what may be told apart in the errors of a uniform tenant. Pure. A code that is not in the table
 * is left as it is. Where codes become one, their fields and texts do, too.
 */
#include "uniform.h"

#include <string.h>

/* Which fields an error keeps; all that it has: "*". */
static const struct rule {
	const char *code, *becomes, *keeps, *text;
} rules[] = {
	{ "UNKNOWNID", "EXPIRED", "", "the code has expired; request a new one" },
	{ "USED", "EXPIRED", "", "the code has expired; request a new one" },
	{ "CANCELLED", "EXPIRED", "", "the code has expired; request a new one" },
	{ "EXHAUSTED", "EXPIRED", "", "the code has expired; request a new one" },
	{ "EXPIRED", "EXPIRED", "", "the code has expired; request a new one" },
	{ "DENIED", "EXPIRED", "", "the code has expired; request a new one" },
	{ "INCORRECT", "INCORRECT", " reason want ", "the code is not right" },
	{ "RATELIMITED", "RATELIMITED", " retry_after scope ", "too many requests; wait before the next" },
	{ "CONFLICT", "CONFLICT", " retry_after ", "this request conflicts with another" },
	/* That a stored verification cannot be read must not tell that there is one. */
	{ "UNAVAILABLE", "UNAVAILABLE", " retry_after ", "not available now; repeat the request with the same REQID" },
};

/* True if list, of words between spaces, has the word. */
static bool keeps(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = list; (p = strstr(p, word)); p += len)
		if (p > list && p[-1] == ' ' && p[len] == ' ')
			return true;
	return false;
}

void uniform_error(struct api_error *error, struct api_error_room *room)
{
	const struct rule *rule = NULL;
	size_t n = 0;

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (strcmp(rules[i].code, error->code) == 0)
			rule = &rules[i];
	if (!rule)
		return;
	for (size_t i = 0; i < error->n && n < API_ERROR_FIELDS_MAX; i++) {
		if (!keeps(rule->keeps, error->fields[i].key))
			continue;
		room->fields[n] = error->fields[i];
		if (strcmp(room->fields[n].key, "scope") == 0)
			room->fields[n].value = "verification";
		n++;
	}
	error->code = rule->becomes;
	error->fields = room->fields;
	error->n = n;
	error->text = rule->text;
}
