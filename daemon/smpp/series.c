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

struct stats_counter *smpp_series_receipt(const char *smsc, const char *state)
{
	struct stats_labels l = stats_label(NULL, "smsc", smsc);

	l = stats_label(&l, "state", state);
	return stats_counter("otpgwd_smpp_receipts_total", "Receipts by state.", l.text);
}

void smpp_series_start(const char *smsc)
{
	char ok[SMPP_STATUS_TEXT_CAP];

	smpp_status_text(0, ok);
	for (unsigned c = 0; c < SMPP_CLASS_MAX; c++) {
		const char *status = c == SMPP_CLASS_ACCEPTED ? ok : "other";

		(void)smpp_series_response(smsc, smpp_class_name((enum smpp_class)c), status);
	}
	for (unsigned s = 0; s <= SMPP_RECEIPT_UNKNOWN; s++)
		(void)smpp_series_receipt(smsc, smpp_receipt_state_name((enum smpp_receipt_state)s));
}
