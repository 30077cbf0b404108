/*
 * country: fills and checks one country of the numbering plan, from its own file, from the configuration, or from both.
 */
#ifndef CONF_COUNTRY_H
#define CONF_COUNTRY_H

#include "tree.h"

#include "otp/plan.h"

/*
 * Takes over each key that the group gives, in place of what c has. Notes faults of their values. The group's region is
 * not looked at.
 */
void conf_country_take(struct conf_tree *t, const struct config_setting_t *g, struct msisdn_country *c);

/* Notes a fault of the group for each key that a country needs and c does not have. */
void conf_country_complete(struct conf_tree *t, const struct config_setting_t *g, const struct msisdn_country *c);

/* True for two capital letters. */
bool conf_region_ok(const char *region);

#endif
