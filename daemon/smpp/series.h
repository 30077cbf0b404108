/*
 * series: the metrics of an SMSC that have a label of their own for what it answers and tells, there from the start.
 */
#ifndef SMPP_SERIES_H
#define SMPP_SERIES_H

#include "base/stats.h"

/* Each class of response and each state of a receipt, at zero: what never happened is told from what is not known. */
void smpp_series_start(const char *smsc);

/* status: as smpp_status_text, or "other". */
struct stats_counter *smpp_series_response(const char *smsc, const char *class, const char *status);
struct stats_counter *smpp_series_receipt(const char *smsc, const char *state);

#endif
