/*
 * layout: the record of a verification as it stands in Redis, for C and for Lua. embed.sh puts these numbers into the
 * functions in place of their names, and has the compiler check each. Private to store.
 *
 * Integers are little-endian. Times are unix ms of Redis' clock in 8 octets, unless another unit is named.
 */
#ifndef STORE_LAYOUT_H
#define STORE_LAYOUT_H

#include "record_version.h"

enum layout {
	RECORD_LEN = 616,

	/* Where each field begins, in octets from 0. A field without a length below is one octet. */
	AT_VERSION = 0,
	AT_KID = 1,
	AT_STATE = 2,
	AT_DELIVERY = 3,
	AT_REASON = 4,
	AT_WRONG = 5,
	AT_GUESSES = 6,
	AT_SENDS = 7,
	AT_SENDS_MAX = 8,
	AT_CLAIMS = 9,
	AT_FLAGS = 10,
	AT_PREV_STATE = 11, /* state in which the previous generation ended; PREV_NONE: there was none */
	AT_KNOWN = 12,
	AT_SHAPE = 13,    /* length of the code + alphabet * SHAPE_ALPHABET */
	AT_REPEATS = 14,  /* repeated wrong guesses, which are not counted as wrong */
	AT_RETURNED = 15, /* 1: the last send was given back */
	AT_TENANT = 16,
	AT_TTL = 20,   /* ms, 4 octets */
	AT_WAITS = 24, /* RECORD_WAITS times ms, 4 octets each */
	AT_CREATED = 56,
	AT_EXPIRES = 64,
	AT_HARD_END = 72,
	AT_DEADLINE = 80,
	AT_SENT = 88,
	AT_ACCEPTED = 96,
	AT_ENDED = 104,
	AT_OWNER = 112, /* NULs: the process that held the lease handed it back and had never submitted it */
	AT_SMSC = 120,
	AT_ERROR = 152, /* text, or STATUS_MARK and a command_status in 4 octets */
	AT_ARGS = 160,
	AT_TAKEN_OVER = 175, /* 1: it was claimed from an owner that may have submitted it */
	AT_GENERATION = 176,
	AT_PREV_GENERATION = 194, /* first octets of the previous generation */
	AT_PREV_ENDED = 202,      /* unix seconds, 4 octets */
	AT_MAC = 208,
	AT_LIMITS = 224,       /* limits of sends, short then long: count in 1 octet, window in s in 4 octets */
	AT_LIMITS_FAILS = 234, /* limits of wrong guesses in the same form */
	AT_TAGS = 244,         /* the first octets of the MACs of wrong guesses */
	AT_SEALED = 264,

	LEN_TENANT = 4,
	LEN_OWNER = 8,
	LEN_SMSC = 32,
	LEN_ERROR = 8,
	LEN_ARGS = 15,
	LEN_GENERATION = 18,
	LEN_PREV_GENERATION = 8,
	LEN_MAC = 16,
	LEN_LIMITS = 20,
	LEN_TAG = 2, /* per wrong guess */
	LEN_SEALED = 352,

	RECORD_WAITS = 8,
	RECORD_TAGS = 9,
	FLAG_UNANSWERED = 1, /* a submit was never answered */
	FLAG_REROUTED = 2,   /* it is sent once more, because a receipt reported early that it did not arrive */
	PREV_NONE = 255,
	SHAPE_ALPHABET = 16,
	STATUS_MARK = 1
};

/* Limits in the functions that cannot be configured. */
enum layout_rules {
	REPEATS_MAX = 20,           /* repeated wrong guesses that are not counted, per verification */
	CLAIMS_MAX = 5,             /* claims of one send; at the next it fails with REASON_POISON */
	RETURNED_MAX = 3,           /* sends that are given back within the short window of a number */
	UNREADABLE_AGAIN_MS = 60000 /* time until an entry whose record cannot be read is claimed again */
};

/* An answer of a function for a record it cannot read. The enums in store.h do not have it. */
enum layout_answers { VERIFY_UNREADABLE = 5, MARK_UNREADABLE = 5 };

/* Octets of one candidate in the arguments of verify.lua: length, alphabets, MAC. */
enum layout_candidate { CANDIDATE_SIZE = 18 };

/* First octets of the owner of a lease, which name the instance. The others name its process. */
enum layout_owner { OWNER_INSTANCE = 6 };

#endif
