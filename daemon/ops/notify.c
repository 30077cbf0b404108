/*
 * notify: sends states to the service manager. Owns the timer of the watchdog. Must never notify the watchdog from
 * outside the main loop, so that the service manager detects a loop that hangs.
 */
#include "ops.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

struct notify {
	struct loop_timer *watchdog;
	int64_t every_ms; /* time between notifications of the watchdog; 0: the unit has none */
	char status[512];
};

static void on_watchdog(void *arg)
{
	struct notify *n = arg;

	sd_notify(0, "WATCHDOG=1");
	loop_timer_set(n->watchdog, clock_mono_ms() + n->every_ms);
}

struct notify *notify_new(struct loop *loop)
{
	struct notify *n = calloc(1, sizeof(*n));
	uint64_t period_us = 0;

	if (!n)
		return NULL;
	n->watchdog = loop_timer_new(loop, on_watchdog, n);
	if (!n->watchdog) {
		free(n);
		return NULL;
	}
	if (sd_watchdog_enabled(0, &period_us) > 0 && period_us >= 2000) {
		n->every_ms = (int64_t)(period_us / 2000);
		loop_timer_set(n->watchdog, clock_mono_ms());
	}
	return n;
}

void notify_free(struct notify *n)
{
	if (!n)
		return;
	loop_timer_free(n->watchdog);
	free(n);
}

void notify_ready(struct notify *n)
{
	(void)n;
	sd_notify(0, "READY=1");
}

void notify_reloading(struct notify *n)
{
	(void)n;
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)clock_mono_us());
}

void notify_stopping(struct notify *n)
{
	(void)n;
	sd_notify(0, "STOPPING=1");
}

void notify_status(struct notify *n, const char *text)
{
	if (strncmp(n->status, text, sizeof(n->status) - 1) == 0)
		return;
	snprintf(n->status, sizeof(n->status), "%s", text);
	sd_notifyf(0, "STATUS=%s", n->status);
}

void notify_last_words(const char *text)
{
	sd_notifyf(0, "STATUS=%s", text);
}
