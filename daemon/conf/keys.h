/*
 * keys: the one table of configuration keys. The parser, the sample and otpgwd.conf(5) are held against it.
 */
#ifndef CONF_KEYS_H
#define CONF_KEYS_H

#include <stdbool.h>
#include <stddef.h>

enum conf_kind {
	CONF_GROUP,  /* { ... } */
	CONF_GROUPS, /* ( {...}, {...} ): its keys apply to each */
	CONF_STRING, /* min..max: octets; no control characters */
	CONF_TEXT,   /* as string, with line breaks */
	CONF_NAME,   /* 1-max of a-z 0-9 _ - */
	CONF_DIGITS, /* min..max digits */
	CONF_CHOICE, /* one of the words in unit, separated by "|" */
	CONF_SOCKET, /* an absolute path of at most max octets */
	CONF_FILE,   /* a name in the credentials directory, or an absolute path */
	CONF_MODE,   /* an octal mode in quotes */
	CONF_BOOL,
	CONF_INT,
	CONF_FLOAT,
	CONF_INTS,    /* an array; min..max of each */
	CONF_STRINGS, /* an array; min..max octets each */
	CONF_IDS      /* an array of numbers, or of names of users or groups */
};

enum conf_change { CONF_FIXED, CONF_RELOAD }; /* needs a restart; follows SIGHUP */

struct conf_key {
	const char *path; /* "smsc.rate": of every SMSC */
	enum conf_kind kind;
	const char *unit; /* "s", "ms", ...; a choice's words; "" */
	double min, max;
	const char *def; /* as in the file, without quotes and brackets; NULL: required */
	enum conf_change change;
	const char *help;
};

size_t conf_key_count(void);
const struct conf_key *conf_key_at(size_t i);

/* NULL if there is no such key. */
const struct conf_key *conf_key_find(const char *path);

/* The last part of the key's path. */
const char *conf_key_name(const struct conf_key *key);

/* True if key stands directly in the group of this path ("" is the file itself). */
bool conf_key_in(const struct conf_key *key, const char *group);

/* The key of that group whose name is most like this one; NULL if none is like it. */
const struct conf_key *conf_key_like(const char *group, const char *name);

/* What the key may hold, as words for an error: "a whole number 1..1000". At most cap octets with NUL. */
void conf_key_allowed(const struct conf_key *key, char *out, size_t cap);

#endif
