/*
 * turn: decides which connections are served in which turn of the loop. Private to api.
 */
#ifndef API_TURN_H
#define API_TURN_H

#include "api/tenant.h"
#include "base/loop.h"

#include <stdbool.h>

/* The connections of one tenant share one slice of each turn of the loop. */
struct api_turns {
	struct loop *loop;
	struct loop_timer *next; /* armed while a connection waits */
	struct loop_task end;
	uint64_t number;
	int64_t begun_us; /* when the service of the present connection began */
	LIST_HEAD(, api_tenant) waiting;
	void (*serve)(struct api_conn *conn);
};

/* serve is called for each connection that waited, when its turn comes. ERR_NOMEM. */
enum err api_turns_init(struct api_turns *t, struct loop *loop, void (*serve)(struct api_conn *conn)) ERR_CHECKED;
void api_turns_clear(struct api_turns *t);

/* True: c can be served now; api_turn_end must follow. False: c waits, and serve is called for it later. */
bool api_turn_begin(struct api_turns *t, struct api_conn *c);
/* True when the tenant of the connection that is served now has used up its slice. */
bool api_turn_over(const struct api_turns *t, const struct api_tenant *tenant);
void api_turn_end(struct api_turns *t, struct api_tenant *tenant);

/* Lets c wait behind the connections of its tenant that wait already. */
void api_turn_wait(struct api_turns *t, struct api_conn *c);
/* Ends the wait of c, if it waits. */
void api_turn_forget(struct api_conn *c);

#endif
