/*
 * faults: the tables, and what reads them. A new fault is a new row here, and a few lines where its value is acted
 * upon.
 */
#include "faults.h"

#include "dialect.h"
#include "ids.h"
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIALECTS_FROM = 50 };

#define AT(member) offsetof(struct fate, member)
#define ALSO(member, value) AT(member), value
#define ALONE SIZE_MAX, 0

/* Sets one member of the fate (bits are added), and perhaps another; a value replaces the first. */
struct fault_row {
	const char *name;
	size_t at;
	uint32_t value;
	size_t also_at;
	uint32_t also_value;
	const char *(*word)(uint32_t value); /* values are words */
	const char *help;
};

static const struct fault_row rows[] = {
	/* responses */
	{ "status", AT(status), 0x08, ALONE, NULL, "submit_sm_resp with status V (8), without a body" },
	{ "throttle", AT(status), 0x58, ALONE, NULL, "the same, 0x58" },
	{ "queue_full", AT(status), 0x14, ALONE, NULL, "the same, 0x14" },
	{ "error_nul", AT(status), 0x0B, ALSO(body, BODY_NUL), NULL, "status V (11) with a body of one NUL" },
	{ "error_id", AT(status), 0x0B, ALSO(body, BODY_ID), NULL, "status V (11) with a message id" },
	{ "error_tlvs", AT(status), 0x0B, ALSO(body, BODY_TLVS), NULL, "status V (11) with an id and TLVs" },
	{ "empty_id", AT(body), BODY_NUL, ALONE, NULL, "accepted, with an empty id" },
	{ "no_body", AT(body), BODY_NONE, ALONE, NULL, "accepted, without a body" },
	{ "long_id", AT(id_style), 11, ALONE, NULL, "accepted, with an id of 64 characters" },
	{ "extra_tlvs", AT(body), BODY_TLVS, ALONE, NULL, "accepted, with known, unknown and vendor TLVs" },
	{ "bad_tlv", AT(body), BODY_BAD_TLV, ALONE, NULL, "accepted, with a TLV longer than the PDU" },
	{ "no_nul", AT(body), BODY_NO_NUL, ALONE, NULL, "accepted, the id without its NUL" },
	{ "congestion", AT(congestion), 95, ALONE, NULL, "congestion_state V (95) in the response" },
	{ "silent", AT(resp), RESP_NONE, ALONE, NULL, "not accepted, no response" },
	{ "silent_taken", AT(resp), RESP_NONE | RESP_TAKEN, ALONE, NULL, "accepted with its receipt, but no response" },
	{ "nack", AT(resp), RESP_NACK, ALONE, NULL, "generic_nack with its sequence" },
	{ "twice", AT(resp), RESP_TWICE, ALONE, NULL, "response twice" },
	{ "stray_first", AT(resp), RESP_STRAY_FIRST, ALONE, NULL, "a response with an unknown sequence first" },
	{ "wrong_sequence", AT(resp), RESP_WRONG_SEQUENCE, ALONE, NULL,
	  "accepted; only a response with a wrong sequence" },
	{ "wrong_command", AT(resp), RESP_WRONG_COMMAND, ALONE, NULL, "accepted; its response is a data_sm_resp" },
	{ "late", AT(late_ms), 15000, ALONE, NULL, "response V ms late (15000)" },
	{ "out_of_order", AT(late_ms), 50, ALONE, NULL, "response V ms late (50): others overtake it" },
	/* connections */
	{ "drop", AT(link), LINK_DROP, ALSO(resp, RESP_NONE), NULL, "not accepted; the connection is closed" },
	{ "drop_taken", AT(link), LINK_DROP, ALSO(resp, RESP_NONE | RESP_TAKEN), NULL, "accepted; closed unanswered" },
	{ "reset", AT(link), LINK_RESET, ALSO(resp, RESP_NONE), NULL, "not accepted; the connection is reset" },
	{ "drop_all", AT(link), LINK_DROP_ALL, ALSO(resp, RESP_NONE), NULL,
	  "not accepted; all connections are closed" },
	{ "fin", AT(link), LINK_FIN, ALSO(resp, RESP_NONE), NULL, "half-closed: FIN, but it reads on" },
	{ "stall", AT(link), LINK_STALL, ALSO(resp, RESP_NONE), NULL, "half-open: reads and writes no more, no FIN" },
	{ "mute", AT(link), LINK_MUTE, ALSO(resp, RESP_NONE), NULL, "reads on, but answers nothing any more" },
	{ "unbind", AT(link), LINK_UNBIND, ALONE, NULL, "unbind in flight; answers go on until its response" },
	{ "unbind_mute", AT(link), LINK_UNBIND_MUTE, ALSO(resp, RESP_NONE), NULL,
	  "unbind; nothing in flight is answered" },
	{ "nack_zero", AT(link), LINK_NACK_ZERO, ALSO(resp, RESP_NONE), NULL,
	  "not accepted; generic_nack, sequence 0" },
	{ "unknown_command", AT(link_value), 0x00000077, ALSO(link, LINK_UNKNOWN), NULL,
	  "a PDU with command id V (0x77)" },
	{ "length", AT(link_value), 0, ALSO(link, LINK_LENGTH), NULL, "a PDU with command_length V (0)" },
	{ "half_pdu", AT(link), LINK_HALF, ALSO(resp, RESP_NONE), NULL, "half a PDU, then nothing more" },
	{ "enquire_flood", AT(link_value), 1000, ALSO(link, LINK_ENQUIRE), NULL, "V enquire_links at once (1000)" },
	{ "alert", AT(link), LINK_ALERT, ALONE, NULL, "alert_notification" },
	{ "outbind", AT(link), LINK_OUTBIND, ALONE, NULL, "outbind on a bound connection" },
	{ "mo", AT(link), LINK_MO, ALONE, NULL, "a deliver_sm that is no receipt" },
	{ "mo_data", AT(link), LINK_MO_DATA, ALONE, NULL, "a data_sm that is no receipt" },
	/* receipts */
	{ "no_receipt", AT(rcpt), RCPT_NONE, ALONE, NULL, "no receipt" },
	{ "state", AT(state), 1, ALONE, state_word, "receipt with this state:" },
	{ "form", AT(form), 3, ALONE, form_name, "receipt in this form:" },
	{ "dialect", AT(dialect), 0, ALONE, dialect_name, "receipt text in this dialect:" },
	{ "id", AT(id_style), 0, ALONE, ids_name, "message ids spelt so:" },
	{ "to", AT(to), 0, ALONE, to_name, "receipt to this bind:" },
	{ "receipt_early", AT(rcpt), RCPT_EARLY, ALONE, NULL, "receipt before the response" },
	{ "receipt_twice", AT(rcpt), RCPT_TWICE, ALONE, NULL, "receipt twice" },
	{ "receipt_late", AT(rcpt_late_ms), 30000, ALONE, NULL, "receipt V ms later (30000)" },
	{ "receipt_out_of_order", AT(rcpt_late_ms), 200, ALONE, NULL, "receipt V ms later (200): others overtake it" },
	{ "receipt_unknown", AT(rcpt), RCPT_UNKNOWN, ALONE, NULL, "a receipt with an unknown id first" },
	{ "receipt_data_sm", AT(rcpt), RCPT_DATA_SM, ALONE, NULL, "receipt as data_sm" },
	{ "receipt_no_esm", AT(rcpt), RCPT_NO_ESM, ALONE, NULL, "receipt with esm_class 0" },
	{ "intermediate", AT(rcpt), RCPT_INTERMEDIATE, ALONE, NULL, "an intermediate notification (ENROUTE) first" },
	{ "receipt_tlvs", AT(rcpt), RCPT_TLVS, ALONE, NULL, "receipt with 400 TLVs ahead of its own" },
	{ "receipt_error", AT(rcpt), RCPT_ERROR, ALSO(state, 4), NULL, "UNDELIV with network_error_code 3/0x0022" },
	{ "receipt_padded", AT(rcpt), RCPT_PADDED, ALONE, NULL, "the TLV's id padded with spaces, no NUL" },
	{ "receipt_payload", AT(rcpt), RCPT_PAYLOAD, ALONE, NULL, "the text as message_payload" },
	{ "receipt_bad_tlv", AT(rcpt), RCPT_BAD_TLV, ALONE, NULL, "a last TLV that is longer than the PDU" },
	{ "receipt_vendor", AT(rcpt), RCPT_VENDOR, ALONE, NULL, "TLVs 0x1403, 0x2001 and 0x3177" },
	{ "receipt_unknowns", AT(rcpt_unknowns), 300, ALONE, NULL, "V receipts with unknown ids first (300)" },
	{ "receipt_ucs2", AT(rcpt), RCPT_UCS2, ALONE, NULL, "the text in UCS-2" },
	{ "receipt_latin1", AT(rcpt), RCPT_LATIN1, ALONE, NULL, "the text with data_coding 3" },
	{ "receipt_udh", AT(rcpt), RCPT_UDH, ALONE, NULL, "the text behind a user data header" },
	{ "receipt_state_zero", AT(rcpt), RCPT_STATE_ZERO, ALONE, NULL, "message_state 0 beside the text's state" },
	{ "receipt_state_octets", AT(state_octets), 2, ALONE, NULL, "message_state in V octets, 1 to 4 (2)" },
	{ "receipt_tlv_wrong", AT(rcpt), RCPT_TLV_WRONG, ALONE, NULL, "two ids: only the text's is right" },
	{ "receipt_text_wrong", AT(rcpt), RCPT_TEXT_WRONG, ALONE, NULL, "two ids: only the TLV's is right" },
	{ "receipt_no_id", AT(rcpt), RCPT_NO_ID, ALONE, NULL, "no id at all, though it says that it is a receipt" },
	{ "receipt_turns", AT(rcpt), RCPT_TURNS, ALONE, NULL, "the opposite final state after it" },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct suffix {
	const char *digits; /* a run of d at the end: decimal digits that are the value, in base */
	const char *fault;
	unsigned base;
	bool once;
} suffixes[] = {
	{ "9992ddd", "status", 10, false },
	{ "9990dd", "status", 16, false },
	{ "999100", "no_receipt", 0, false },
	{ "999101", "state:UNDELIV", 0, false },
	{ "999102", "state:EXPIRED", 0, false },
	{ "999103", "state:REJECTD", 0, false },
	{ "999104", "state:DELETED", 0, false },
	{ "999105", "state:UNKNOWN", 0, false },
	{ "999106", "state:ACCEPTD", 0, false },
	{ "999107", "state:ENROUTE", 0, false },
	{ "999108", "state:BUFFRED", 0, false },
	{ "999109", "state:SCHEDLD", 0, false },
	{ "999110", "state:FAILED", 0, false },
	{ "999111", "state:SKIPPED", 0, false },
	{ "999112", "state:ACKED", 0, false },
	{ "999113", "state:STRANGE", 0, false },
	{ "999114", "intermediate", 0, false },
	{ "999115", "receipt_turns", 0, false },
	{ "999116", "receipt_error", 0, false },
	{ "999117", "state:DELIVERED", 0, false },
	{ "999118", "state:UNDELIVERABLE", 0, false },
	{ "999119", "state:REJECTED", 0, false },
	{ "999137", "state:ACCEPTED", 0, false },
	{ "999120", "form:text", 0, false },
	{ "999121", "form:tlv", 0, false },
	{ "999122", "form:both", 0, false },
	{ "999123", "form:conflict", 0, false },
	{ "999124", "receipt_payload", 0, false },
	{ "999125", "receipt_data_sm", 0, false },
	{ "999126", "receipt_no_esm", 0, false },
	{ "999127", "receipt_tlvs", 0, false },
	{ "999128", "receipt_padded", 0, false },
	{ "999129", "receipt_bad_tlv", 0, false },
	{ "999130", "receipt_vendor", 0, false },
	{ "999131", "receipt_twice", 0, false },
	{ "999132", "receipt_unknown", 0, false },
	{ "999133", "receipt_out_of_order", 0, false },
	{ "999134", "receipt_late", 0, false },
	{ "999135", "to:other", 0, false },
	{ "999136", "to:new", 0, false },
	{ "999140", "id:dec", 0, false },
	{ "999141", "id:mixed", 0, false },
	{ "999142", "id:dec-hex", 0, false },
	{ "999143", "id:case", 0, false },
	{ "999144", "id:zeros", 0, false },
	{ "999145", "id:zeros-resp", 0, false },
	{ "999146", "id:dec-zeros", 0, false },
	{ "999147", "id:hex-0x", 0, false },
	{ "999170", "receipt_ucs2", 0, false },
	{ "999171", "receipt_latin1", 0, false },
	{ "999172", "receipt_udh", 0, false },
	{ "999173", "receipt_state_zero", 0, false },
	{ "999174", "receipt_state_octets", 0, false },
	{ "999175", "receipt_state_octets:4", 0, false },
	{ "999176", "receipt_tlv_wrong", 0, false },
	{ "999177", "receipt_text_wrong", 0, false },
	{ "999178", "receipt_no_id", 0, false },
	{ "999179", "receipt_unknowns", 0, false },
	{ "9991dd", "dialect", 0, false }, /* from DIALECTS_FROM, in the order of their table */
	{ "999300", "silent", 0, false },
	{ "999301", "nack", 0, false },
	{ "999302", "twice", 0, false },
	{ "999303", "stray_first", 0, false },
	{ "999304", "status:8", 0, true },
	{ "999305", "throttle", 0, true },
	{ "999306", "receipt_early", 0, false },
	{ "999307", "drop", 0, true },
	{ "999310", "empty_id", 0, false },
	{ "999311", "no_body", 0, false },
	{ "999312", "long_id", 0, false },
	{ "999313", "extra_tlvs", 0, false },
	{ "999314", "bad_tlv", 0, false },
	{ "999315", "no_nul", 0, false },
	{ "999316", "error_nul", 0, false },
	{ "999317", "error_id", 0, false },
	{ "999318", "error_tlvs", 0, false },
	{ "999319", "congestion", 0, false },
	{ "999320", "silent", 0, true },
	{ "999321", "silent_taken", 0, true },
	{ "999322", "nack", 0, true },
	{ "999323", "queue_full", 0, true },
	{ "999324", "late", 0, true },
	{ "999325", "late:3000", 0, true },
	{ "999326", "out_of_order", 0, false },
	{ "999327", "wrong_sequence", 0, true },
	{ "999328", "wrong_command", 0, true },
	{ "999340", "drop_taken", 0, true },
	{ "999341", "reset", 0, true },
	{ "999342", "drop_all", 0, true },
	{ "999343", "fin", 0, true },
	{ "999344", "stall", 0, true },
	{ "999345", "mute", 0, true },
	{ "999346", "unbind", 0, true },
	{ "999347", "unbind_mute", 0, true },
	{ "999348", "nack_zero", 0, true },
	{ "999349", "unknown_command", 0, true },
	{ "999350", "length:0", 0, true },
	{ "999351", "length:12", 0, true },
	{ "999352", "length:15", 0, true },
	{ "999353", "length:65537", 0, true },
	{ "999354", "length:0xFFFFFFFF", 0, true },
	{ "999355", "half_pdu", 0, true },
	{ "999356", "enquire_flood", 0, true },
	{ "999357", "alert", 0, true },
	{ "999358", "outbind", 0, true },
	{ "999359", "mo", 0, true },
	{ "999360", "mo_data", 0, true },
};

static uint32_t *member(struct fate *fate, size_t at)
{
	return (uint32_t *)(void *)((char *)fate + at);
}

static bool value_of(const struct fault_row *row, const char *text, size_t len, uint32_t *out)
{
	char word[32], *end;

	if (len == 0 || len >= sizeof(word))
		return false;
	memcpy(word, text, len);
	word[len] = '\0';
	for (uint32_t i = 0; row->word && row->word(i); i++)
		if (strcmp(row->word(i), word) == 0) {
			*out = i;
			return true;
		}
	*out = (uint32_t)strtoul(word, &end, 0);
	return !row->word && !*end;
}

bool fault_parse(const char *text, size_t len, struct fault *fault)
{
	const char *colon = memchr(text, ':', len);
	size_t name = colon ? (size_t)(colon - text) : len;

	for (size_t i = 0; i < ROWS; i++) {
		if (strlen(rows[i].name) != name || memcmp(rows[i].name, text, name) != 0)
			continue;
		fault->row = &rows[i];
		fault->value = rows[i].value;
		return colon ? value_of(&rows[i], colon + 1, len - name - 1, &fault->value) : !rows[i].word;
	}
	return false;
}

static void apply(struct fate *fate, size_t at, uint32_t value)
{
	if (at == AT(resp) || at == AT(rcpt))
		*member(fate, at) |= value;
	else if (at == AT(id_style) || at == AT(to) || at == AT(congestion))
		*member(fate, at) = value + 1;
	else
		*member(fate, at) = value;
}

void fault_apply(const struct fault *fault, struct fate *fate, uint64_t *made)
{
	apply(fate, fault->row->at, fault->value);
	if (fault->row->also_at != SIZE_MAX)
		apply(fate, fault->row->also_at, fault->row->also_value);
	made[fault->row - rows]++;
}

/* The digits that stand where the pattern has d; *len of them; NULL: no match. */
static const char *match(const char *pattern, const char *destination, size_t *len)
{
	size_t fixed = strcspn(pattern, "d"), all = strlen(pattern), have = strlen(destination);
	const char *tail = destination + have - all;

	*len = all - fixed;
	if (have < all || memcmp(tail, pattern, fixed) != 0 || strspn(tail + fixed, "0123456789") < *len)
		return NULL;
	return tail + fixed;
}

bool fault_of_destination(const char *destination, struct fault *fault, bool *once)
{
	size_t have = strlen(destination), len;

	if (have < 6 || (memcmp(destination + have - 6, "999", 3) != 0 &&
	                 (have < 7 || memcmp(destination + have - 7, "9992", 4) != 0)))
		return false;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		const struct suffix *s = &suffixes[i];
		const char *digits = match(s->digits, destination, &len);

		if (!digits)
			continue;
		*once = s->once;
		if (len == 0)
			return fault_parse(s->fault, strlen(s->fault), fault);
		for (size_t r = 0; r < ROWS; r++)
			if (strcmp(rows[r].name, s->fault) == 0)
				fault->row = &rows[r];
		fault->value = (uint32_t)strtoul(digits, NULL, s->base ? (int)s->base : 10);
		if (fault->row->word) {
			fault->value -= DIALECTS_FROM;
			return fault->row->word(fault->value) != NULL;
		}
		return true;
	}
	return false;
}

const char *fault_row_name(size_t row)
{
	return row < ROWS ? rows[row].name : NULL;
}

static void suffixes_help(void)
{
	puts("Destinations choose faults by their last digits (d: decimal digits; once: only the first time):");
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		const struct suffix *s = &suffixes[i];
		const char *note = s->base == 16 ? ", dd read as hex" : s->base == 10 ? ", in decimal" : "";

		if (!s->base && strchr(s->digits, 'd'))
			for (uint32_t w = 0; dialect_name(w); w++)
				printf("  9991%02u   dialect:%s\n", w + DIALECTS_FROM, dialect_name(w));
		else
			printf("  %-8s %s%s%s\n", s->digits, s->fault, note, s->once ? ", once" : "");
	}
}

void faults_help(void)
{
	puts("Faults, for --fault, --mix and --scenario (V: a value, \"name:value\"):");
	for (size_t i = 0; i < ROWS; i++) {
		printf("  %-20s %s", rows[i].name, rows[i].help);
		for (uint32_t w = 0; rows[i].word && rows[i].word(w); w++)
			printf("%s%s", w % 8 ? " " : "\n                       ", rows[i].word(w));
		puts("");
	}
	suffixes_help();
}
