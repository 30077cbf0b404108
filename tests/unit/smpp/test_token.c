/*
 * What a receipt's token says is what was put into it, at the ends of each field; and whose session it is of.
 */
#include "smpp/codec/token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void what_was_packed_is_unpacked(void **state)
{
	static const struct smpp_token tokens[] = {
		{ 0, false, 0, 0 },
		{ 255, false, 1, UINT32_MAX },
		{ 0, true, (UINT32_C(1) << SMPP_TOKEN_EPOCH_BITS) - 1, 0x80000001 },
		{ 17, true, 12345, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
		const struct smpp_token back = smpp_token_unpack(smpp_token_pack(&tokens[i]));

		assert_int_equal(back.smsc, tokens[i].smsc);
		assert_int_equal(back.data_sm, tokens[i].data_sm);
		assert_int_equal(back.epoch, tokens[i].epoch);
		assert_int_equal(back.sequence, tokens[i].sequence);
	}
}

static void it_is_of_one_session(void **state)
{
	const struct smpp_token made = { .epoch = (UINT32_C(1) << SMPP_TOKEN_EPOCH_BITS) + 7, .sequence = 9 };
	const struct smpp_token token = smpp_token_unpack(smpp_token_pack(&made));

	(void)state;
	assert_true(smpp_token_of(&token, made.epoch));
	assert_false(smpp_token_of(&token, made.epoch + 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_packed_is_unpacked),
		cmocka_unit_test(it_is_of_one_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
