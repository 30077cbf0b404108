/*
 * keys: the one table of configuration keys. The parser uses it, and tests compare the sample configuration and
 * otpgwd.conf(5) with it.
 */
#ifndef CONF_KEYS_H
#define CONF_KEYS_H

#include <stdbool.h>
#include <stddef.h>

enum conf_kind {
	CONF_GROUP,  /* { ... } */
	CONF_GROUPS, /* ( {...}, {...} ): the same keys in each */
	CONF_STRING, /* min..max: octets; no control characters */
	CONF_TEXT,   /* as CONF_STRING, but line breaks are allowed */
	CONF_NAME,   /* 1-max of a-z 0-9 _ - */
	CONF_DIGITS, /* min..max digits */
	CONF_CHOICE, /* one of the words in unit, separated by "|" */
	CONF_PATH,   /* an absolute path of at most max octets */
	CONF_FILE,   /* a name in the credentials directory, or an absolute path */
	CONF_MODE,   /* an octal mode in quotes */
	CONF_BOOL,
	CONF_INT,
	CONF_TYPE, /* an SMPP type of number or numbering plan; -1: chosen by the kind of address */
	CONF_FLOAT,
	CONF_RATE,    /* an array: count 1..255, seconds; if the default is empty there may be no rate */
	CONF_INTS,    /* an array; each value is min..max */
	CONF_STRINGS, /* an array; each has min..max octets */
	CONF_IDS      /* an array of numbers, or of names of users or groups */
};

enum conf_change { CONF_FIXED, CONF_RELOAD }; /* a change needs a restart; a change takes effect at SIGHUP */

/* How the member that takes a value is declared. */
enum conf_form {
	CONF_AS_NOTHING, /* no member: a group, or a value that other code fills, from more than one key */
	CONF_AS_VALUE, /* as the kind says; CONF_GROUP: whether the group exists; CONF_CHOICE: the index of the word */
	CONF_AS_TEXT,  /* const char * */
	CONF_AS_CHARS  /* an array of char */
};

struct conf_key {
	const char *path; /* "smsc.rate" stands for the rate of every SMSC */
	enum conf_kind kind;
	const char *unit; /* "s", "ms", ...; a choice's words; "" */
	double min, max;
	const char *def; /* as in the file, without quotes and brackets; NULL: required */
	enum conf_change change;
	const char *help;
	/* The member that takes the value: of struct conf, or of the element if the key is in a list. */
	enum conf_form form;
	size_t at, size;
	size_t count_at, item_size; /* for an array behind a pointer: offset of its length, size of one element */
};

size_t conf_key_count(void);
const struct conf_key *conf_key_at(size_t i);

/* NULL if there is no such key. */
const struct conf_key *conf_key_find(const char *path);

/* Returns the last part of the key's path. */
const char *conf_key_name(const struct conf_key *key);

/* True if key is directly in the group of this path. "" is the file itself. */
bool conf_key_in(const struct conf_key *key, const char *group);

#endif
