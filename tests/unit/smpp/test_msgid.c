/*
 * A receipt's id in the form of the response's: each mode, what "auto" tries, when it locks in.
 */
#include "smpp/codec/msgid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void each_mode_gives_one_form(void **state)
{
	static const struct {
		enum smpp_msgid_mode mode;
		const char *receipt, *response;
	} rows[] = {
		{ SMPP_MSGID_EXACT, "1733546252", "1733546252" },
		{ SMPP_MSGID_EXACT, " 0006753D10C ", "6753d10c" },
		{ SMPP_MSGID_HEX_RESP_DEC_DLR, "1733546252", "6753d10c" },
		{ SMPP_MSGID_HEX_RESP_DEC_DLR, "001733546252", "6753d10c" },
		{ SMPP_MSGID_HEX_RESP_DEC_DLR, "0", "0" },
		{ SMPP_MSGID_HEX_RESP_DEC_DLR, "18446744073709551616", "10000000000000000" },
		{ SMPP_MSGID_DEC_RESP_HEX_DLR, "6753D10C", "1733546252" },
		{ SMPP_MSGID_DEC_RESP_HEX_DLR, "0A", "10" },
		{ SMPP_MSGID_DEC_RESP_HEX_DLR, "ffffffffffffffffffffffffffffffff",
		  "340282366920938463463374607431768211455" },
		/* what is no number of that base stays as it is */
		{ SMPP_MSGID_HEX_RESP_DEC_DLR, "6753d10c", "6753d10c" },
		{ SMPP_MSGID_DEC_RESP_HEX_DLR, "id-12", "id-12" },
		{ SMPP_MSGID_DEC_RESP_HEX_DLR, "", "" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct smpp_msgid m = { .mode = SMPP_MSGID_EXACT };
		struct smpp_msgid_forms f;
		smpp_msgid_set(&m, rows[i].mode);
		smpp_msgid_forms(&m, rows[i].receipt, &f);
		assert_int_equal(f.count, 1);
		assert_string_equal(f.id[0], rows[i].response);
	}
}

/* What another mode would make of it, to be able to say that the mode is wrong; AUTO is never. */
static void the_other_modes_give_hints(void **state)
{
	static const struct {
		enum smpp_msgid_mode mode, would[2];
		const char *receipt, *ids[2];
		size_t count;
	} rows[] = {
		{ SMPP_MSGID_EXACT,
		  { SMPP_MSGID_HEX_RESP_DEC_DLR, SMPP_MSGID_DEC_RESP_HEX_DLR },
		  "1733546252",
		  { "6753d10c", "99645416018" },
		  2 },
		{ SMPP_MSGID_EXACT, { SMPP_MSGID_DEC_RESP_HEX_DLR }, "0x6753D10C", { "1733546252" }, 1 },
		{ SMPP_MSGID_EXACT, { SMPP_MSGID_EXACT }, "a-b", { "" }, 0 },
		{ SMPP_MSGID_EXACT, { SMPP_MSGID_EXACT }, "7", { "" }, 0 }, /* the same in every base */
		{ SMPP_MSGID_HEX_RESP_DEC_DLR,
		  { SMPP_MSGID_EXACT, SMPP_MSGID_DEC_RESP_HEX_DLR },
		  "10",
		  { "10", "16" },
		  2 },
		{ SMPP_MSGID_AUTO, { SMPP_MSGID_EXACT }, "10", { "" }, 0 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct smpp_msgid m = { .mode = SMPP_MSGID_EXACT };
		struct smpp_hints f;
		smpp_msgid_set(&m, rows[i].mode);
		smpp_msgid_hints(&m, rows[i].receipt, &f);
		assert_int_equal(f.count, rows[i].count);
		for (size_t k = 0; k < f.count; k++) {
			assert_string_equal(f.id[k], rows[i].ids[k]);
			assert_int_equal(f.mode[k], rows[i].would[k]);
		}
	}
}

static void an_id_too_long_to_rebase_is_left(void **state)
{
	struct smpp_msgid m = { .mode = SMPP_MSGID_EXACT };
	struct smpp_msgid_forms f;
	char id[SMPP_MESSAGE_ID_CAP];
	(void)state;
	memset(id, 'f', sizeof id - 1);
	id[sizeof id - 1] = '\0';
	smpp_msgid_set(&m, SMPP_MSGID_DEC_RESP_HEX_DLR);
	smpp_msgid_forms(&m, id, &f);
	assert_int_equal(f.count, 1);
	assert_string_equal(f.id[0], id);
}

static void auto_tries_each_form_once(void **state)
{
	struct smpp_msgid m = { .mode = SMPP_MSGID_EXACT };
	struct smpp_msgid_forms f;
	(void)state;
	smpp_msgid_set(&m, SMPP_MSGID_AUTO);
	smpp_msgid_forms(&m, "100", &f);
	assert_int_equal(f.count, 3);
	assert_string_equal(f.id[0], "100");
	assert_string_equal(f.id[1], "64");
	assert_string_equal(f.id[2], "256");
	assert_int_equal(f.mode[1], SMPP_MSGID_HEX_RESP_DEC_DLR);
	assert_int_equal(f.mode[2], SMPP_MSGID_DEC_RESP_HEX_DLR);
	smpp_msgid_forms(&m, "6a", &f);
	assert_int_equal(f.count, 2);
	assert_string_equal(f.id[1], "106");
	assert_int_equal(f.mode[1], SMPP_MSGID_DEC_RESP_HEX_DLR);
	smpp_msgid_forms(&m, "7", &f);
	assert_int_equal(f.count, 1);
	smpp_msgid_forms(&m, "a-b", &f);
	assert_int_equal(f.count, 1);
}

static void auto_locks_in_after_twenty(void **state)
{
	struct smpp_msgid m = { .mode = SMPP_MSGID_EXACT };
	struct smpp_msgid_forms f;
	(void)state;
	smpp_msgid_set(&m, SMPP_MSGID_AUTO);
	for (unsigned i = 0; i < 19; i++)
		assert_false(smpp_msgid_matched(&m, i < 2 ? SMPP_MSGID_EXACT : SMPP_MSGID_HEX_RESP_DEC_DLR));
	smpp_msgid_set(&m, SMPP_MSGID_AUTO); /* a reload that changes nothing forgets nothing */
	assert_true(smpp_msgid_matched(&m, SMPP_MSGID_HEX_RESP_DEC_DLR));
	assert_false(smpp_msgid_matched(&m, SMPP_MSGID_EXACT));
	smpp_msgid_forms(&m, "100", &f);
	assert_int_equal(f.count, 1);
	assert_string_equal(f.id[0], "64");
	smpp_msgid_set(&m, SMPP_MSGID_EXACT);
	smpp_msgid_set(&m, SMPP_MSGID_AUTO);
	smpp_msgid_forms(&m, "100", &f);
	assert_int_equal(f.count, 3);
}

static void auto_does_not_lock_in_on_a_mixture(void **state)
{
	struct smpp_msgid m = { .mode = SMPP_MSGID_EXACT };
	(void)state;
	smpp_msgid_set(&m, SMPP_MSGID_AUTO);
	for (unsigned i = 0; i < 100; i++)
		assert_false(smpp_msgid_matched(&m, i % 4 ? SMPP_MSGID_EXACT : SMPP_MSGID_DEC_RESP_HEX_DLR));
	assert_int_equal(m.locked, SMPP_MSGID_AUTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mode_gives_one_form),
		cmocka_unit_test(the_other_modes_give_hints),
		cmocka_unit_test(an_id_too_long_to_rebase_is_left),
		cmocka_unit_test(auto_tries_each_form_once),
		cmocka_unit_test(auto_locks_in_after_twenty),
		cmocka_unit_test(auto_does_not_lock_in_on_a_mixture),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
