/*
 * rights: which commands the daemon's user of Redis may not use, as the function of lua/rights.lua tells. Pure. Private
 * to store.
 */
#ifndef STORE_RIGHTS_H
#define STORE_RIGHTS_H

#include "command.h"

#define RIGHTS_CAP 128
#define RIGHT_CAP 24

/* Zeroed: no right is known to be missing. As ACL SETUSER has them, with spaces between: "+fcall +function|list". */
struct rights {
	char needed[RIGHTS_CAP]; /* without them an SMS cannot be sent, verified or told about; "": none is missing */
	char wanted[RIGHTS_CAP]; /* without them less is known, or old libraries stay; "": none is missing */
	bool unsure;             /* an error said that a right is missing, so it should be asked again */
};

/* True: one is missing, or may be. */
bool rights_in_doubt(const struct rights *r);

/* Adds the words that ask: FCALL, its key, or none if key is "", and the commands that the daemon sends. */
void rights_ask(struct command *command, const struct store_opts *opts, const char *key);

/* Reads the reply. False: it says nothing about rights, and r is as it was. */
bool rights_read(struct rights *r, const struct redisReply *reply);

/* The right that is missing for a command to which Redis replied NOPERM: "+function|load", or "~*" for its keys. */
void rights_of_command(const struct command *command, const char *text, char out[RIGHT_CAP]);

#endif
