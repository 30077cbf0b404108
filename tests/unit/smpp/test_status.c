/*
 * The table of command_status: classes, outcomes, and what a refused bind waits.
 */
#include "smpp/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void statuses(void **state)
{
	static const struct {
		uint32_t status;
		enum smpp_outcome outcome;
	} rows[] = {{0, SMPP_ACCEPTED}, {0x58, SMPP_LATER}, {4, SMPP_LATER}, {0x0C, SMPP_REFUSED}, {0x14, SMPP_OTHER},
	            {0x0B, SMPP_OTHER}, {0x45, SMPP_OTHER}, {34, SMPP_OTHER}, {0x94, SMPP_OTHER}, {0x55F, SMPP_OTHER},
	            {0x4A1, SMPP_OTHER}, {UINT32_MAX, SMPP_OTHER}};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(smpp_class_outcome(smpp_status_class(rows[i].status)), rows[i].outcome);
	assert_int_equal(smpp_status_class(0x55F), SMPP_CLASS_VENDOR);
	assert_int_equal(smpp_status_class(0x62), SMPP_CLASS_EXPIRY);
	assert_int_equal(smpp_status_bind(5), SMPP_BIND_ALREADY);
	assert_int_equal(smpp_status_bind(0x0E), SMPP_BIND_CREDENTIALS);
	assert_int_equal(smpp_status_bind_delay_ms(SMPP_BIND_ALREADY, 9), 120000);
	assert_int_equal(smpp_status_bind_delay_ms(SMPP_BIND_CREDENTIALS, 0), 60000);
	assert_int_equal(smpp_status_bind_delay_ms(SMPP_BIND_CREDENTIALS, 1), 300000);
	assert_int_equal(smpp_status_bind_delay_ms(SMPP_BIND_CREDENTIALS, 7), 900000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(statuses)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
