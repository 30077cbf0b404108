/*
 * readiness: asks the store and the SMSCs why no SMS could be sent, and writes the causes in a fixed order. The daemon
 * is ready only if Redis and every route are usable, Redis has the durability that redis.require asks for, and no stop
 * is under way. Owns nothing. Must never wait for anything.
 */
#include "readiness.h"

#include "base/log.h"

#include <stdio.h>
#include <string.h>

#define TOPIC "app"
#define LINES_CAP 4096
#define NODE_AWAY "a node is away, its share of the numbers is not served"

static enum err tell_refusing(const struct readiness *r, const char *word, struct buf *lines)
{
	const char *lacks = store_lacks(r->store);

	if (strcmp(word, "OOM") == 0)
		return buf_printf(lines, "redis: refuses what is written: OOM, its memory is full (maxmemory)\n");
	return buf_printf(lines, "redis: refuses what is written: %s, its user lacks %s%s\n", word,
	                  lacks[0] ? lacks : "rights", lacks[0] ? ", which otpgwd(8) names" : " that otpgwd(8) names");
}

static enum err tell_redis(const struct readiness *r, struct buf *lines)
{
	const char *reason = store_reason(r->store), *refusing = store_refusing(r->store);
	enum err err = ERR_OK;

	if (!store_whole(r->store))
		err = buf_printf(lines, "redis: %s%s%s\n", store_up(r->store) ? NODE_AWAY : "away",
		                 reason[0] ? ": " : "", reason);
	if (!err && refusing[0])
		err = tell_refusing(r, refusing, lines);
	return err;
}

static bool weak(const struct readiness *r)
{
	return store_durability(r->store) < r->require;
}

/* Appends why no SMS could be sent now. True: one could be sent. */
static bool tell_causes(const struct readiness *r, struct buf *lines)
{
	bool redis = store_whole(r->store) && !store_refusing(r->store)[0];

	/* A line that does not fit is left out; the result stays right. */
	if (r->draining)
		(void)!buf_printf(lines, "stopping\n");
	(void)!tell_redis(r, lines);
	bool smpp = smpp_ready(r->smpp, lines);
	if (store_whole(r->store) && weak(r))
		(void)!buf_printf(lines, "below redis.require: durability: %s\n",
		                  store_durability_name(store_durability(r->store)));
	return redis && smpp && !weak(r) && !r->draining;
}

bool readiness_tell(const struct readiness *r, struct buf *lines)
{
	const char *warning = store_warning(r->store);
	bool ready = tell_causes(r, lines);

	if (store_whole(r->store) && !weak(r))
		(void)!buf_printf(lines, "durability: %s\n", store_durability_name(store_durability(r->store)));
	if (warning[0])
		(void)!buf_printf(lines, "warning: redis: %s\n", warning);
	smpp_warn(r->smpp, lines);
	if (r->reload_refused)
		(void)!buf_printf(lines,
		                  "warning: the last reload was refused, the former configuration is in force\n");
	return ready;
}

/* The causes in one line, separated by "|"; "" if it is ready. */
static void one_line(const struct readiness *r, char *out, size_t cap)
{
	struct buf lines;

	buf_init(&lines, LINES_CAP);
	out[0] = '\0';
	if (!tell_causes(r, &lines))
		snprintf(out, cap, "%.*s", (int)buf_len(&lines), (const char *)buf_data(&lines));
	buf_clear(&lines);
	for (char *c = out; *c; c++) {
		if (*c == '\n')
			*c = c[1] ? '|' : '\0';
	}
}

void readiness_status(const struct readiness *r, struct notify *notify)
{
	char text[512], causes[READINESS_TOLD_CAP];
	const char *warning = store_warning(r->store);

	one_line(r, causes, sizeof(causes));
	snprintf(text, sizeof(text), "%sredis %s, durability %s, %u of %zu SMSCs bound%s%s%s%s%s",
	         r->draining ? "stopping: " : "", store_up(r->store) ? "up" : "away",
	         store_durability_name(store_durability(r->store)), smpp_bound(r->smpp), smpp_smscs(r->smpp),
	         causes[0] && !r->draining ? "; not ready: " : "", r->draining ? "" : causes, warning[0] ? "; " : "",
	         warning, r->reload_refused ? "; the last reload was refused" : "");
	notify_status(notify, text);
}

void readiness_log(const struct readiness *r, struct readiness_told *t)
{
	char causes[READINESS_TOLD_CAP];

	if (r->draining)
		return;
	one_line(r, causes, sizeof(causes));
	if (strcmp(causes, t->causes) == 0)
		return;
	memcpy(t->causes, causes, sizeof(causes));
	if (causes[0])
		log_write(told_level(&t->told, causes), TOPIC, "not ready cause=\"%s\"", causes);
	else
		log_info(TOPIC, "ready");
}
