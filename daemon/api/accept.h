/*
 * accept: who is let in. Private to api.
 */
#ifndef API_ACCEPT_H
#define API_ACCEPT_H

#include "api/server.h"

/* Lets the client at fd in, or refuses it; takes fd. arg: the api. */
void api_accept(void *arg, int fd);

/* c is no longer a client: gives back its place among those of its user and its tenant, and in all. */
void api_accept_undo(struct api *api, struct api_conn *c);

/* The counters of what is refused, and the bound on lines of the log. */
void api_accept_init(struct api *api);

#endif
