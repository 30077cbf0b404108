/*
 * source: reads and parses one file of the configuration. Owns nothing. It must never know what a key means.
 */
#include "source.h"

#include <errno.h>
#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Finds the parser's @include, which is refused: what belongs to the configuration must be known before anything of it
 * is taken, so that a reload takes all of it or nothing.
 */
static bool has_include(const char *text, unsigned *line)
{
	*line = 1;
	for (const char *p = text; p; p = strchr(p, '\n')) {
		if (*p == '\n') {
			p++;
			++*line;
		}
		p += strspn(p, " \t");
		if (strncmp(p, "@include", 8) == 0)
			return true;
	}
	return false;
}

bool conf_source_parse(struct conf_tree *t, config_t *parser, const char *text, size_t len)
{
	unsigned line;

	if (memchr(text, '\0', len)) {
		conf_fault_line(t, 1, "", "found a NUL octet, allowed text");
		return false;
	}
	if (has_include(text, &line)) {
		conf_fault_line(t, line, "@include", "found an include, allowed one file that holds everything");
		return false;
	}
	if (!config_read_string(parser, text)) {
		char words[160];
		int at = config_error_line(parser);

		snprintf(words, sizeof(words), "found a %s, allowed libconfig's syntax: key = value;",
		         config_error_text(parser) ? config_error_text(parser) : "syntax error");
		conf_fault_line(t, at > 0 ? (unsigned)at : 1, "", words);
		return false;
	}
	return true;
}

/* ERR_IO, ERR_NOMEM: the same file may be readable later. ERR_INVALID: only a change of the file or its path helps. */
static enum err of_errno(int why)
{
	switch (why) {
	case ENOMEM:
		return ERR_NOMEM;
	case EMFILE:
	case ENFILE:
	case EIO:
	case EINTR:
		return ERR_IO;
	default:
		return ERR_INVALID;
	}
}

static enum err refuse(const char *what, enum err err, char why[CONF_WHY_CAP])
{
	snprintf(why, CONF_WHY_CAP, "%s", what);
	return err;
}

static enum err read_open(FILE *f, char *text, size_t *len, char why[CONF_WHY_CAP])
{
	errno = 0;
	*len = fread(text, 1, CONF_SOURCE_MAX + 1, f);
	int failed = errno;

	if (ferror(f))
		return refuse(failed ? strerror(failed) : "an error of reading", of_errno(failed), why);
	if (*len > CONF_SOURCE_MAX)
		return refuse("a larger file", ERR_INVALID, why);
	text[*len] = '\0';
	return ERR_OK;
}

enum err conf_source_read(const char *path, char **text, size_t *len, char why[CONF_WHY_CAP])
{
	FILE *f = fopen(path, "re");

	*text = NULL;
	if (!f)
		return refuse(strerror(errno), of_errno(errno), why);
	char *octets = malloc(CONF_SOURCE_MAX + 1);
	enum err err = octets ? read_open(f, octets, len, why) : ERR_NOMEM;
	fclose(f);
	if (err)
		free(octets);
	else
		*text = octets;
	return err;
}
