/*
 * instance: fills and checks the values of the process itself and of its two sockets (API and statistics). Owns
 * nothing.
 */
#include "get.h"
#include "groups.h"

#include <string.h>

static void check_sockets(struct conf_tree *t, const struct conf *c)
{
	const struct config_setting_t *g = conf_group(t, "stats");

	if (strcmp(c->stats.socket_path, c->api.socket_path) == 0)
		conf_fault(t, g ? g : t->root, g ? "socket" : "stats",
		           "found \"%s\", allowed another path than api.socket's", c->stats.socket_path);
}

void conf_fill_instance(struct conf_tree *t, struct conf *c)
{
	static const enum log_level levels[] = { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

	c->log_level = levels[conf_choice(t->root, "log_level")];
	if (strpbrk(c->instance, "_-"))
		conf_fault(t, t->root, "instance", "found \"%s\", allowed 1-8 of a-z 0-9", c->instance);
	c->api.socket_name = "api";
	c->stats.socket_name = "stats";
	check_sockets(t, c);
}
