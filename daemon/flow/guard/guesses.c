/*
 * guesses: checks once per second whether a tenant, or all tenants together, have unusually many wrong codes, and logs
 * when this begins and ends. Owns the list of delayed answers to wrong guesses. Must never delay the answer to a right
 * code.
 */
#include "guesses.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/stats.h"
#include "otp/guessing.h"
#include "tenants.h"

#include <stdio.h>
#include <stdlib.h>

#define TOPIC "verify"
#define LOOK_MS 1000
#define DELAY_MS 1000
#define FLOOR_TENANT 50 /* wrong codes in ten seconds; fewer of one tenant are never unusual */
#define FLOOR_ALL 100   /* the same for all tenants together */

struct guesses {
	const struct flow_opts *opts;
	const struct tenants *tenants;
	struct guessing all;
	struct loop_timer *look, *answers;
	STAILQ_HEAD(, guesses_later) later; /* in the order in which they are due */
	struct stats_counter *alarms;
	struct stats_gauge *unusual;
};

static void tell(struct guesses *g, struct guessing *w, const char *name, uint32_t floor)
{
	uint32_t right, wrong;
	enum guessing_change change = guessing_look(w, clock_mono_ms(), floor);

	guessing_lately(w, &right, &wrong);
	if (change == GUESSING_BEGAN) {
		stats_inc(g->alarms);
		log_warn(TOPIC, "guessing_unusual tenant=%s wrong=%u right=%u seconds=%d usual_percent=%.0f", name,
		         wrong, right, GUESSING_WINDOW_S, 100 * guessing_usual(w));
	}
	if (change == GUESSING_ENDED)
		log_info(TOPIC, "guessing_usual_again tenant=%s wrong=%u right=%u", name, wrong, right);
}

static void on_look(void *arg)
{
	struct guesses *g = arg;
	bool unusual;

	tell(g, &g->all, "*", FLOOR_ALL);
	unusual = g->all.unusual;
	for (struct tenant *t = tenants_first(g->tenants); t; t = SLIST_NEXT(t, in_all)) {
		tell(g, &t->guessing, t->name, FLOOR_TENANT);
		unusual = unusual || t->guessing.unusual;
	}
	stats_set(g->unusual, unusual);
	loop_timer_set(g->look, clock_mono_ms() + LOOK_MS);
}

static void on_answers(void *arg)
{
	struct guesses *g = arg;
	int64_t now = clock_mono_ms();

	struct guesses_later *l;

	while ((l = STAILQ_FIRST(&g->later)) && l->at_ms <= now) {
		STAILQ_REMOVE_HEAD(&g->later, in_order);
		l->fn(l->arg, true);
	}
	if (l)
		loop_timer_set(g->answers, l->at_ms);
}

struct guesses *guesses_new(struct loop *loop, const struct flow_opts *opts, const struct tenants *tenants)
{
	struct guesses *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->opts = opts;
	g->tenants = tenants;
	STAILQ_INIT(&g->later);
	guessing_init(&g->all, clock_mono_ms());
	g->alarms = stats_counter("otpgwd_guessing_alarms_total",
	                          "Times that wrong codes were far more than usual, of a tenant or of all.", NULL);
	g->unusual = stats_gauge("otpgwd_guessing_unusual", "1 while wrong codes are far more than usual.", NULL);
	g->look = loop_timer_new(loop, on_look, g);
	g->answers = loop_timer_new(loop, on_answers, g);
	if (!g->look || !g->answers) {
		guesses_free(g);
		return NULL;
	}
	loop_timer_set(g->look, clock_mono_ms() + LOOK_MS);
	return g;
}

void guesses_free(struct guesses *g)
{
	if (!g)
		return;
	while (!STAILQ_EMPTY(&g->later)) {
		struct guesses_later *l = STAILQ_FIRST(&g->later);

		STAILQ_REMOVE_HEAD(&g->later, in_order);
		l->fn(l->arg, false);
	}
	loop_timer_free(g->look);
	loop_timer_free(g->answers);
	free(g);
}

void guesses_note(struct guesses *g, struct tenant *t, bool wrong)
{
	int64_t now = clock_mono_ms();

	guessing_note(&g->all, wrong, now);
	guessing_note(&t->guessing, wrong, now);
}

bool guesses_delay(struct guesses *g, const struct tenant *t, struct guesses_later *later)
{
	if (g->opts->policy.guessing != POLICY_GUESSING_SLOW || !t->guessing.unusual)
		return false;
	later->at_ms = clock_mono_ms() + DELAY_MS;
	if (STAILQ_EMPTY(&g->later))
		loop_timer_set(g->answers, later->at_ms);
	STAILQ_INSERT_TAIL(&g->later, later, in_order);
	return true;
}

void guesses_status(const struct guesses *g, struct json *j)
{
	uint32_t right, wrong;

	guessing_lately(&g->all, &right, &wrong);
	json_open(j, "guessing", '{');
	json_bool(j, "unusual", g->all.unusual);
	json_int(j, "right", right);
	json_int(j, "wrong", wrong);
	json_num(j, "usual_share", guessing_usual(&g->all));
	json_close(j, '}');
}
