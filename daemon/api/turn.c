/*
 * turn: shares each turn of the loop among the tenants, and a tenant's slice among its connections, first come first
 * served. A tenant whose slice is used up waits for the next turn, so that a flood of one tenant delays another's
 * request by one slice. Owns the order of those who wait. Must never look into a request.
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

static bool has_time(const struct api_turns *t, const struct api_tenant *tenant)
{
	return tenant->turn != t->number || tenant->spent_us < SLICE_US;
}

static void begin(struct api_turns *t, struct api_tenant *tenant)
{
	if (tenant->turn != t->number) {
		tenant->turn = t->number;
		tenant->spent_us = 0;
	}
	t->begun_us = clock_mono_us();
	loop_defer(t->loop, &t->end);
}

/* Whoever waits was served in this turn already: then one that was not goes first. */
static bool may_pass(const struct api_turns *t, const struct api_tenant *tenant)
{
	return !tenant->first || tenant->first->waits_since == t->number;
}

bool api_turn_begin(struct api_turns *t, struct api_conn *c)
{
	if (c->waits)
		return false;
	if (!may_pass(t, c->tenant) || !has_time(t, c->tenant)) {
		api_turn_wait(t, c);
		return false;
	}
	begin(t, c->tenant);
	return true;
}

bool api_turn_over(const struct api_turns *t, const struct api_tenant *tenant)
{
	return tenant->spent_us + clock_mono_us() - t->begun_us >= SLICE_US;
}

void api_turn_end(struct api_turns *t, struct api_tenant *tenant)
{
	tenant->spent_us += clock_mono_us() - t->begun_us;
}

/* --- those who wait --- */

static void list_tenant(struct api_turns *t, struct api_tenant *tenant)
{
	tenant->next_waiting = t->waiting;
	if (tenant->next_waiting)
		tenant->next_waiting->waiting_at = &tenant->next_waiting;
	tenant->waiting_at = &t->waiting;
	t->waiting = tenant;
}

static void unlist_tenant(struct api_tenant *tenant)
{
	*tenant->waiting_at = tenant->next_waiting;
	if (tenant->next_waiting)
		tenant->next_waiting->waiting_at = tenant->waiting_at;
	tenant->waiting_at = NULL;
}

void api_turn_wait(struct api_turns *t, struct api_conn *c)
{
	struct api_tenant *tenant = c->tenant;

	if (c->waits)
		return;
	c->waits = true;
	c->waits_since = t->number;
	c->wait_next = NULL;
	c->wait_prev = tenant->last;
	if (tenant->last)
		tenant->last->wait_next = c;
	else
		tenant->first = c;
	tenant->last = c;
	if (!tenant->waiting_at)
		list_tenant(t, tenant);
	if (!loop_timer_armed(t->next))
		loop_timer_set(t->next, clock_mono_ms());
}

void api_turn_forget(struct api_conn *c)
{
	struct api_tenant *tenant = c->tenant;

	if (!c->waits)
		return;
	c->waits = false;
	if (c->wait_prev)
		c->wait_prev->wait_next = c->wait_next;
	else
		tenant->first = c->wait_next;
	if (c->wait_next)
		c->wait_next->wait_prev = c->wait_prev;
	else
		tenant->last = c->wait_prev;
	if (!tenant->first)
		unlist_tenant(tenant);
}

/* Serves those who waited when it began, until the slice is used up. The next turn begins with those who are left. */
static void serve_tenant(struct api_turns *t, struct api_tenant *tenant)
{
	const struct api_conn *last = tenant->last;
	struct api_conn *c;

	do {
		c = tenant->first;
		api_turn_forget(c);
		begin(t, tenant);
		t->serve(c);
		api_turn_end(t, tenant);
	} while (c != last && tenant->first && has_time(t, tenant));
}

/* What has arrived in the meantime was looked at before this timer, and waits behind those who waited already. */
static void on_next(void *arg)
{
	struct api_turns *t = arg;
	struct api_tenant *tenant = t->waiting;

	while (tenant) {
		struct api_tenant *next = tenant->next_waiting;

		if (has_time(t, tenant))
			serve_tenant(t, tenant);
		tenant = next;
	}
	if (t->waiting && !loop_timer_armed(t->next))
		loop_timer_set(t->next, clock_mono_ms());
}
