/*
 * series: metric names and labels of responses and receipts. The registry owns the series.
 */
#include "smpp/series.h"
#include "smpp/codec/receipt.h"
#include "smpp/codec/status.h"

struct stats_counter *smpp_series_response(const char *smsc, const char *class, const char *status)
{
	struct stats_labels l = stats_label(NULL, "smsc", smsc);

	l = stats_label(&l, "class", class);
	l = stats_label(&l, "status", status);
	return stats_counter("otpgwd_smpp_responses_total", "Responses to submits, by class and command_status.",
	                     l.text);
}

struct stats_family smpp_series_receipts(const char *smsc)
{
	const struct stats_labels own = stats_label(NULL, "smsc", smsc), l = stats_label(&own, "state", NULL);
	const char *names[SMPP_RECEIPT_UNKNOWN + 1];

	for (unsigned s = 0; s <= SMPP_RECEIPT_UNKNOWN; s++)
		names[s] = smpp_receipt_state_name((enum smpp_receipt_state)s);
	return stats_family("otpgwd_smpp_receipts_total", "Receipts by state.", l.text, names,
	                    SMPP_RECEIPT_UNKNOWN + 1);
}

void smpp_series_start(const char *smsc)
{
	char ok[SMPP_STATUS_TEXT_CAP];

	smpp_status_text(0, ok);
	for (unsigned c = 0; c < SMPP_CLASS_MAX; c++) {
		const char *status = c == SMPP_CLASS_ACCEPTED ? ok : "other";

		(void)smpp_series_response(smsc, smpp_class_name((enum smpp_class)c), status);
	}
}
