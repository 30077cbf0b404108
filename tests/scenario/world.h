/*
 * world: the daemon's flows with everything around them: its configuration, the fake store and SMSCs, virtual time.
 */
#ifndef SCENARIO_WORLD_H
#define SCENARIO_WORLD_H

#include "flow.h"

#define WORLD_UID 1000
#define WORLD_RIVAL_UID 2000

void world_make(void); /* two SMSCs, main and second, a route of both for 62; no process yet */
void world_end(void);  /* the process stops, all is freed; fails the story if a promise was broken */

/* A key of the configuration and its words, for the next start or reload. False: not understood. */
bool world_conf(const char *key, size_t n, char *const *words);

void world_start(void);
bool world_started(void);
void world_die(void); /* without a word to anybody */
void world_drain(int64_t ms);
void world_reload(void);
void world_wait(int64_t ms);
void world_turn(void);

const struct keyring *world_keys(void);
struct store *world_store(void);
struct smpp *world_smpp(void);
struct api_hooks world_api_hooks(void);

#endif
