/*
 * report: explains the effect of a configuration without faults, for the person who checks it.
 */
#ifndef CONF_REPORT_H
#define CONF_REPORT_H

#include "conf.h"

/* Appends lines with the bound of wrong guesses, the odds of a guesser, warnings and advice. ERR_NOMEM, ERR_TOOBIG. */
enum err conf_report(const struct conf *c, struct buf *out) ERR_CHECKED;

#endif
