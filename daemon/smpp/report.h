/*
 * report: describes the SMSCs and their binds in the JSON status and in the gauges. Changes no SMSC and no bind.
 */
#ifndef SMPP_REPORT_H
#define SMPP_REPORT_H

#include "smpp/binds.h"

void smpp_report_smsc(struct smpp_binds *all, struct json *j, int64_t now_ms); /* one object */

/* Writes an object "decode_anomalies": the sums over count SMSCs. */
void smpp_report_anomalies(struct json *j, struct smpp_binds *const *binds, size_t count);
void smpp_report_gauges(const struct smpp_binds *all, int64_t now_ms);

/* Call before smpp_binds_settle or smpp_binds_free. Sets the gauges of binds that are to be freed to 0, because a
 * series stays in the registry. */
void smpp_report_gone(const struct smpp_binds *all);

#endif
