/*
 * accept: accepts or refuses new connections. Private to api.
 */
#ifndef API_ACCEPT_H
#define API_ACCEPT_H

#include "api/server.h"

/* Accepts the client at fd, or refuses it. Owns fd from then on. arg: the api. */
void api_accept(void *arg, int fd);

/* Must be called when c is closed. Lowers the numbers of clients: of its user, of its tenant, and of all. */
void api_accept_undo(struct api *api, struct api_conn *c);

/* Registers the counters of refusals, and sets the limit of log lines about them. */
void api_accept_init(struct api *api);

#endif
