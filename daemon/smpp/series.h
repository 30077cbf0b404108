/*
 * series: the metrics of an SMSC with one series per class of response or state of receipt.
 */
#ifndef SMPP_SERIES_H
#define SMPP_SERIES_H

#include "base/stats.h"

/* Registers every class at zero, so that monitoring can tell "never happened" from "not measured". */
void smpp_series_start(const char *smsc);

/* status: as smpp_status_text, or "other". */
struct stats_counter *smpp_series_response(const char *smsc, const char *class, const char *status);
struct stats_family smpp_series_receipts(const char *smsc); /* by enum smpp_receipt_state, all registered at zero */

#endif
