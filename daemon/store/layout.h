/*
 * layout: the record of a verification as it stands in Redis, for C and for Lua. embed.sh puts these numbers into the
 * functions in place of their names, and has the compiler check each. Private to store.
 *
 * The record of a verification that goes on has a fixed part and a tail: the sealed payload, further MACs, former
 * sends. The function that ends a verification cuts its record: what is left is a tombstone, the first TOMBSTONE_LEN
 * octets of the fixed part, or TOMBSTONE_LIMITS_LEN after too many wrong guesses, because what it answers depends on
 * the limits.
 *
 * Integers are little-endian. CREATED is unix ms of Redis' clock in 6 octets. The other times are ms since CREATED in 4
 * octets, signed. Those that may not have happened are one more, and 0 if they have not.
 */
#ifndef STORE_LAYOUT_H
#define STORE_LAYOUT_H

#include "record_version.h"

enum layout {
	/* Where each field begins, in octets from 0. A field without a length below is one octet. */
	AT_VERSION = 0,
	AT_STATE = 1,
	AT_ENDED = 2,    /* may not have happened, as ACCEPTED, SUBMITTED and DELIVERED */
	AT_WRONG = 6,    /* up to here: what the end of a verification changes, all in one piece */
	AT_DELIVERY = 7, /* up to AT_ACCEPTED: what a mark changes, all in one piece */
	AT_REASON = 8,
	AT_FLAGS = 9,
	AT_SMSC = 10, /* tag of the SMSC that accepted it last, 2 octets; 0: none */
	AT_EXPIRES = 12,
	AT_ACCEPTED = 16,
	AT_CREATED = 20,
	AT_GENERATION = 26, /* its first octets */
	AT_TENANT = 34,
	AT_SENT = 38, /* when the last SEND or RESEND was granted */
	AT_WAIT = 42, /* s that the next SMS has to wait after the last one, 2 octets */
	AT_GUESSES = 44,
	AT_SENDS = 45,
	AT_SENDS_MAX = 46,
	AT_SHAPE = 47, /* length of the code + alphabet * SHAPE_ALPHABET + SHAPE_CONFIRMS */
	AT_KNOWN = 48,
	AT_ORIGIN = 49, /* bits ORIGIN_... */
	AT_KID = 50,
	AT_PREV_STATE = 51,      /* state in which the previous generation ended; PREV_NONE: there was none */
	AT_PREV_GENERATION = 52, /* first octets of the previous generation */
	AT_PREV_ENDED = 60,      /* unix seconds, 4 octets */
	AT_PURPOSE = 64,         /* tag, 2 octets */
	AT_NETWORK = 66,         /* 0. For the tag of the number's network, 2 octets */
	AT_SUBMITTED = 68,       /* 0 */
	AT_DELIVERED = 72,       /* 0 */
	AT_ERROR = 76,           /* text, or STATUS_MARK and a command_status in 4 octets */
	AT_NUMBER = 84,          /* the number, sealed */
	TOMBSTONE_LEN = 108,
	AT_SUCCESSOR = 108,    /* ORIGIN_REDIRECTED: the id of its successor, sealed */
	AT_LIMITS = 108,       /* limits of sends, short then long: count in 1 octet, window in s in 3 octets */
	AT_LIMITS_FAILS = 116, /* limits of wrong guesses in the same form */
	TOMBSTONE_LIMITS_LEN = 124,
	TOMBSTONE_REDIRECTED_LEN = 168,
	AT_TTL = 124,      /* ms, 4 octets */
	AT_DEADLINE = 128, /* a time, which names the send */
	AT_HARD_END = 132, /* a time */
	READ_MARK = 136,   /* octets that a mark looks at */
	AT_GENERATION_REST = 136,
	AT_MAC = 146,
	AT_REPEATS = 162,    /* repeated wrong guesses, which are not counted as wrong */
	AT_TAGS = 163,       /* the first octets of the MACs of wrong guesses */
	READ_GUESS = 181,    /* octets that a guess looks at */
	AT_RETURNED = 181,   /* 1: the last send was given back */
	AT_TAKEN_OVER = 182, /* 1: it was claimed from an owner that may have submitted it */
	AT_CLAIMS = 183,
	AT_OWNER = 184,       /* NULs: the process that held the lease handed it back and had never submitted it */
	AT_ARGS = 192,        /* the first octets of the tag of the request's arguments */
	AT_WAITS = 200,       /* RECORD_WAITS times s, 2 octets each */
	AT_TEMPLATE = 216,    /* 0. For the tag of the template, 2 octets */
	AT_CONFIRMS = 218,    /* with SHAPE_CONFIRMS: tag of what the code confirms */
	AT_REF = 226,         /* the 2 characters that name the last SMS; 0: its text has no {ref} */
	AT_RESERVE = 228,     /* ORIGIN_RESERVED: tag of the corrected number that is on its way */
	AT_RESERVE_END = 236, /* ORIGIN_RESERVED: until when it holds, a time */
	AT_REDIRECTS = 240,   /* how often the number of this verification was corrected */
	/* MACs in the tail: 0, or of all codes, newest first, each with 1 if it is accepted; + MACS_OVERLAP */
	AT_MACS = 241,
	AT_FORMER = 242,     /* former sends in the tail */
	AT_SEALED_LEN = 243, /* octets of the sealed payload, 2 octets */
	AT_SEALED = 245,

	LEN_TENANT = 4,
	LEN_TIME = 4,
	LEN_TAG_OF_NAME = 2,
	LEN_OWNER = 8,
	LEN_ERROR = 8,
	LEN_ARGS = 8,
	LEN_CONFIRMS = 8,
	LEN_GENERATION = 8,
	LEN_GENERATION_REST = 10,
	LEN_NUMBER = 24,
	LEN_MAC = 16,
	LEN_KEPT_MAC = 17, /* per MAC in the tail */
	LEN_REF = 2,
	LEN_CODE = 8,   /* the first octets of a MAC, by which a mark names a code */
	LEN_ADDED = 19, /* what a resend may add: bits of enum layout_added, LEN_REF, LEN_MAC */
	LEN_FORMER = 8, /* per former send: time, tag of its SMSC, delivery, reason */
	LEN_LIMITS = 16,
	LEN_TAG = 2,    /* per wrong guess */
	LEN_TUPLE = 24, /* characters of the tuple, with which the key of the record ends */
	LEN_RESERVE = 8,
	LEN_SENT = 8, /* of the tag of what a number sent */
	LEN_SUCCESSOR = 60,
	LEN_SECOND = 10, /* characters of a unix second */
	LEN_ISSUE = 35,  /* the fields of issue.lua without replaces */
	LEN_MARK = 33,   /* the fields of one mark, as lua/lib/marking.lua names them */
	LEN_ONCE = 15,   /* the tag of the arguments, as the memory of a REQID holds it */

	RECORD_WAITS = 8,
	RECORD_TAGS = 9,
	/* With ORIGIN_CODES: of the accepted codes the last CODES_KEPT are valid; without it the last one. */
	MACS_OVERLAP = 128,
	CODES_KEPT = 3,
	FLAG_UNANSWERED = 1,     /* a submit was never answered */
	FLAG_REROUTED = 2,       /* it is sent once more, because a receipt reported early that it did not arrive */
	FLAG_CANCEL = 4,         /* times an enum lifecycle_cancel: why it was cancelled */
	ORIGIN_OWN = 1,          /* the caller's own code */
	ORIGIN_TEST = 2,         /* its SMS are played; the code is that of a test number */
	ORIGIN_REVERSE = 4,      /* a person sends its token; there is no code */
	ORIGIN_SIMILAR = 8,      /* its subject asked before for a number one edit away */
	ORIGIN_CODES = 16,       /* each SMS may bring a code of its own; see enum policy_resend */
	ORIGIN_CHECK_DIGIT = 32, /* the last digit of the code is a check digit */
	ORIGIN_RESERVED = 64,    /* its number is being corrected, so its code cannot be used until AT_RESERVE_END */
	/* Its number was corrected. It has ended as expired, and AT_EXPIRES is the hard end of its successor. */
	ORIGIN_REDIRECTED = 128,
	PREV_NONE = 255,
	SHAPE_ALPHABET = 16,
	SHAPE_CONFIRMS = 32, /* a guess must come with what the code confirms */
	STATUS_MARK = 1
};

/* Bits of the first octet of what a resend adds. CODE: the MAC is that of a code. OWN: the caller gave the code. */
enum layout_added { ADDED_CODE = 1, ADDED_OWN = 2 };

/*
 * What a mark asks for besides the delivery: bits of one octet of its arguments, MARK_ASKS_AT of them. The bits from
 * MARK_JOURNAL on are the index of its journal among the keys, from 1; 0: it needs none.
 */
enum layout_mark { MARK_RELEASE = 1, MARK_UNANSWERED = 2, MARK_REROUTE = 4, MARK_JOURNAL = 8, MARK_ASKS_AT = 16 };

/* Limits in the functions that cannot be configured. */
enum layout_rules {
	REPEATS_MAX = 20,  /* repeated guesses and other bindings that are not counted, per verification */
	REDIRECTS_MAX = 2, /* corrected numbers per verification */
	RESERVE_MAX_MS =
	    61000,        /* longest lease and a second; one that would hold longer is of a clock set back since */
	CLAIMS_MAX = 5,   /* claims of one send; at the next it fails with REASON_POISON */
	RETURNED_MAX = 3, /* sends that are given back within the short window of a number */
	UNREADABLE_AGAIN_MS = 60000 /* time until an entry whose record cannot be read is claimed again */
};

/*
 * Answers that the enums in store.h do not have: for a record that cannot be read, and in place of an array with only
 * CREATED or APPROVED, which costs Redis more. No other command answers such a number. MARK_REFUSED is of one of
 * several marks: Redis refused it.
 */
enum layout_answers {
	MARK_REFUSED = -1,
	VERIFY_UNREADABLE = 6,
	MARK_UNREADABLE = 5,
	ISSUE_CREATED = 7011,
	VERIFY_APPROVED = 9013
};

/* One candidate in the arguments of verify.lua: length, alphabets and whether its check digit is right, MAC. */
enum layout_candidate { CANDIDATE_SIZE = 18, CANDIDATE_CHECKED = 4 };

/* First octets of the owner of a lease, which name the instance. The others name its process. */
enum layout_owner { OWNER_INSTANCE = 6 };

#endif
