/*
 * report: the SMSCs and their binds for people and monitoring: the page and the gauges. Only looks.
 */
#ifndef SMPP_REPORT_H
#define SMPP_REPORT_H

#include "smpp/binds.h"

void smpp_report_smsc(struct smpp_binds *all, struct json *j, int64_t now_ms); /* one object */

/* An object "decode_anomalies" of so many SMSCs together. */
void smpp_report_anomalies(struct json *j, struct smpp_binds *const *binds, size_t count);
void smpp_report_gauges(const struct smpp_binds *all, int64_t now_ms);

/* Before smpp_group_settle or smpp_group_free: series outlive what they tell of, so those of what goes become 0. */
void smpp_report_gone(const struct smpp_binds *all);

#endif
