/*
 * lifecycle: the drawing of a verification's life in otpgwd-protocol(7) names every state, and the states as they are
 * named in answers.
 */
#include "otp/lifecycle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* The literal block behind that heading. The tests run in the root of the tree. */
static const char *drawing(void)
{
	static char page[256 * 1024];
	FILE *file = fopen("man/otpgwd-protocol.7", "r");

	assert_non_null(file);
	page[fread(page, 1, sizeof(page) - 1, file)] = 0;
	fclose(file);
	char *begin = strstr(page, "\n.Ss The life of a verification\n");
	assert_non_null(begin);
	begin = strstr(begin, "\n.Bd -literal\n");
	assert_non_null(begin);
	char *end = strstr(begin, "\n.Ed\n");
	assert_non_null(end);
	*end = 0;
	return begin;
}

static void every_state_is_drawn(void **state)
{
	const char *text = drawing();
	char *deliveries = strstr(text, "\n delivery\n");

	(void)state;
	assert_non_null(deliveries);
	for (int d = 0; d < DELIVERY_STATES; d++)
		assert_non_null(strstr(deliveries, lifecycle_delivery_name((enum lifecycle_delivery)d)));
	*deliveries = 0;
	for (int s = 0; s < LIFECYCLE_STATES; s++)
		assert_non_null(strstr(text, lifecycle_state_name((enum lifecycle_state)s)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_state_is_drawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
