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
	CONF_PATH,   /* an absolute path of at most max octets */
	CONF_FILE,   /* a name in the credentials directory, or an absolute path */
	CONF_MODE,   /* an octal mode in quotes */
	CONF_BOOL,
	CONF_INT,
	CONF_TYPE, /* an SMPP type of number or numbering plan; -1: by the kind of address */
	CONF_FLOAT,
	CONF_RATE,    /* an array: count 1..255, seconds; an empty default: there may be none */
	CONF_INTS,    /* an array; min..max of each */
	CONF_STRINGS, /* an array; min..max octets each */
	CONF_IDS      /* an array of numbers, or of names of users or groups */
};

enum conf_change { CONF_FIXED, CONF_RELOAD }; /* needs a restart; follows SIGHUP */

/* How the member that takes a value is declared. */
enum conf_form {
	CONF_AS_NOTHING, /* none takes it: a group, or what is filled by hand, because one key alone cannot tell it */
	CONF_AS_VALUE,   /* as the kind says; of a CONF_GROUP: whether it is there; of a CONF_CHOICE: which word */
	CONF_AS_TEXT,    /* const char * */
	CONF_AS_CHARS    /* an array of char */
};

struct conf_key {
	const char *path; /* "smsc.rate": of every SMSC */
	enum conf_kind kind;
	const char *unit; /* "s", "ms", ...; a choice's words; "" */
	double min, max;
	const char *def; /* as in the file, without quotes and brackets; NULL: required */
	enum conf_change change;
	const char *help;
	/* The member of struct conf, or of the element of the list that the key is in, which takes the value. */
	enum conf_form form;
	size_t at, size;
	size_t count_at, item_size; /* of an array behind a pointer: where its length goes, how large an element is */
};

size_t conf_key_count(void);
const struct conf_key *conf_key_at(size_t i);

/* NULL if there is no such key. */
const struct conf_key *conf_key_find(const char *path);

/* The last part of the key's path. */
const char *conf_key_name(const struct conf_key *key);

/* True if key stands directly in the group of this path ("" is the file itself). */
bool conf_key_in(const struct conf_key *key, const char *group);

#endif
