/*
 * report: what a good configuration means, in lines for whoever checks it.
 */
#ifndef CONF_REPORT_H
#define CONF_REPORT_H

#include "conf.h"

/* Appends lines: the bound of wrong guesses and its odds, warnings, advice. ERR_NOMEM, ERR_TOOBIG. */
enum err conf_report(const struct conf *c, struct buf *out) ERR_CHECKED;

#endif
