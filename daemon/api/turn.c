/*
 * turn: gives each tenant a slice of each turn of the loop, and shares the slice among its connections in the order in
 * which they came. A tenant whose slice is used up waits for the next turn, so that a flood of one tenant delays
 * requests of another by one slice. Owns the queues of waiting connections. Must never look into a request.
 */
#include "api/turn.h"

#include "api/conn.h"
#include "base/clock.h"

/* With a longer slice, more replies of Redis would arrive in one turn of the loop than are read in it. */
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

/*
 * True if every waiting connection was already served in this turn. Then a connection that was not served yet may go
 * first.
 */
static bool may_pass(const struct api_turns *t, const struct api_tenant *tenant)
{
	const struct api_conn *first = TAILQ_FIRST(&tenant->waiting);

	return !first || first->waits_since == t->number;
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

/* --- waiting connections --- */

void api_turn_wait(struct api_turns *t, struct api_conn *c)
{
	struct api_tenant *tenant = c->tenant;

	if (c->waits)
		return;
	c->waits = true;
	c->waits_since = t->number;
	if (TAILQ_EMPTY(&tenant->waiting))
		LIST_INSERT_HEAD(&t->waiting, tenant, in_waiting);
	TAILQ_INSERT_TAIL(&tenant->waiting, c, in_waiting);
	if (!loop_timer_armed(t->next))
		loop_timer_set(t->next, clock_mono_ms());
}

void api_turn_forget(struct api_conn *c)
{
	struct api_tenant *tenant = c->tenant;

	if (!c->waits)
		return;
	c->waits = false;
	TAILQ_REMOVE(&tenant->waiting, c, in_waiting);
	if (TAILQ_EMPTY(&tenant->waiting))
		LIST_REMOVE(tenant, in_waiting);
}

/* Serves the connections that wait now until the slice is used up. The next turn begins with those that are left. */
static void serve_tenant(struct api_turns *t, struct api_tenant *tenant)
{
	const struct api_conn *last = TAILQ_LAST(&tenant->waiting, api_waiting);
	struct api_conn *c;

	do {
		c = TAILQ_FIRST(&tenant->waiting);
		api_turn_forget(c);
		begin(t, tenant);
		t->serve(c);
		api_turn_end(t, tenant);
	} while (c != last && !TAILQ_EMPTY(&tenant->waiting) && has_time(t, tenant));
}

/* The loop handles new input before this timer, so connections with new input wait behind those that waited before. */
static void on_next(void *arg)
{
	struct api_turns *t = arg;
	struct api_tenant *tenant = LIST_FIRST(&t->waiting);

	while (tenant) {
		struct api_tenant *next = LIST_NEXT(tenant, in_waiting);

		if (has_time(t, tenant))
			serve_tenant(t, tenant);
		tenant = next;
	}
	if (!LIST_EMPTY(&t->waiting) && !loop_timer_armed(t->next))
		loop_timer_set(t->next, clock_mono_ms());
}
