/*
 * turn: shares each turn of the loop among the users, and a user's slice among its connections, first come first
 * served. A user whose slice is used up waits for the next turn, so that a flood of one user delays another's request
 * by one slice. Owns the order of those who wait. Must never look into a request.
 */
#include "api/turn.h"

#include "api/conn.h"
#include "base/clock.h"

/* Longer, and the answers of Redis that come in one turn of the loop are more than are read in it: they pile up. */
#define SLICE_US 250

static void on_end(void *arg)
{
	struct api_turns *t = arg;

	t->number++;
}

static void on_next(void *arg);

enum err api_turns_init(struct api_turns *t, struct loop *loop, void (*serve)(struct api_conn *conn))
{
	*t = (struct api_turns){ .loop = loop, .serve = serve };
	loop_task_init(&t->end, on_end, t);
	t->next = loop_timer_new(loop, on_next, t);
	return t->next ? ERR_OK : ERR_NOMEM;
}

void api_turns_clear(struct api_turns *t)
{
	loop_timer_free(t->next);
	t->next = NULL;
	loop_defer_cancel(t->loop, &t->end);
}

static bool has_time(const struct api_turns *t, const struct api_user *u)
{
	return u->turn != t->number || u->spent_us < SLICE_US;
}

static void begin(struct api_turns *t, struct api_user *u)
{
	if (u->turn != t->number) {
		u->turn = t->number;
		u->spent_us = 0;
	}
	t->begun_us = clock_mono_us();
	loop_defer(t->loop, &t->end);
}

/* Whoever waits was served in this turn already: then one that was not goes first. */
static bool may_pass(const struct api_turns *t, const struct api_user *u)
{
	return !u->first || u->first->waits_since == t->number;
}

bool api_turn_begin(struct api_turns *t, struct api_conn *c)
{
	if (c->waits)
		return false;
	if (!may_pass(t, c->user) || !has_time(t, c->user)) {
		api_turn_wait(t, c);
		return false;
	}
	begin(t, c->user);
	return true;
}

bool api_turn_over(const struct api_turns *t, const struct api_user *u)
{
	return u->spent_us + clock_mono_us() - t->begun_us >= SLICE_US;
}

void api_turn_end(struct api_turns *t, struct api_user *u)
{
	u->spent_us += clock_mono_us() - t->begun_us;
}

/* --- those who wait --- */

static void list_user(struct api_turns *t, struct api_user *u)
{
	u->next_waiting = t->waiting;
	if (u->next_waiting)
		u->next_waiting->waiting_at = &u->next_waiting;
	u->waiting_at = &t->waiting;
	t->waiting = u;
}

static void unlist_user(struct api_user *u)
{
	*u->waiting_at = u->next_waiting;
	if (u->next_waiting)
		u->next_waiting->waiting_at = u->waiting_at;
	u->waiting_at = NULL;
}

void api_turn_wait(struct api_turns *t, struct api_conn *c)
{
	struct api_user *u = c->user;

	if (c->waits)
		return;
	c->waits = true;
	c->waits_since = t->number;
	c->wait_next = NULL;
	c->wait_prev = u->last;
	if (u->last)
		u->last->wait_next = c;
	else
		u->first = c;
	u->last = c;
	if (!u->waiting_at)
		list_user(t, u);
	if (!loop_timer_armed(t->next))
		loop_timer_set(t->next, clock_mono_ms());
}

void api_turn_forget(struct api_conn *c)
{
	struct api_user *u = c->user;

	if (!c->waits)
		return;
	c->waits = false;
	if (c->wait_prev)
		c->wait_prev->wait_next = c->wait_next;
	else
		u->first = c->wait_next;
	if (c->wait_next)
		c->wait_next->wait_prev = c->wait_prev;
	else
		u->last = c->wait_prev;
	if (!u->first)
		unlist_user(u);
}

/* Serves those who waited when it began, until the slice is used up. The next turn begins with those who are left. */
static void serve_user(struct api_turns *t, struct api_user *u)
{
	const struct api_conn *last = u->last;
	struct api_conn *c;

	do {
		c = u->first;
		api_turn_forget(c);
		begin(t, u);
		t->serve(c);
		api_turn_end(t, u);
	} while (c != last && u->first && has_time(t, u));
}

/* What has arrived in the meantime was looked at before this timer, and waits behind those who waited already. */
static void on_next(void *arg)
{
	struct api_turns *t = arg;
	struct api_user *u = t->waiting;

	while (u) {
		struct api_user *next = u->next_waiting;

		if (has_time(t, u))
			serve_user(t, u);
		u = next;
	}
	if (t->waiting && !loop_timer_armed(t->next))
		loop_timer_set(t->next, clock_mono_ms());
}
