/*
 * damm: every single wrong digit and every swap of neighbours is told; what is made holds; and a code with a check
 * digit is as hard to guess as its random digits, computed and simulated.
 */
#include "otp/code.h"
#include "otp/damm.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define CODES 10000
#define ROUNDS 400000
#define GUESSES 5

static void known_ones(void **state)
{
	(void)state;
	assert_int_equal(damm_digit("572"), '4');
	assert_int_equal(damm_digit("0000"), '0');
	assert_true(damm_holds("5724"));
	assert_false(damm_holds("5274"));
	assert_false(damm_holds(""));
	assert_false(damm_holds("57x4"));
	assert_false(damm_holds("57A4"));
}

/* True if a text that differs is told; the text is put back. */
static void expect_told(const char *text, const char *was)
{
	if (damm_holds(text))
		fail_msg("%s typed as %s is not told", was, text);
}

static void each_error_of(char *text)
{
	char was[CODE_LEN_MAX + 1];

	snprintf(was, sizeof(was), "%s", text);
	for (size_t i = 0; text[i]; i++) {
		for (char c = '0'; c <= '9'; c++) {
			text[i] = c;
			if (c != was[i])
				expect_told(text, was);
		}
		text[i] = was[i];
		if (!text[i + 1] || text[i] == text[i + 1])
			continue;
		text[i] = was[i + 1];
		text[i + 1] = was[i];
		expect_told(text, was);
		text[i] = was[i];
		text[i + 1] = was[i + 1];
	}
}

static void wrong_digits_and_swaps_are_told(void **state)
{
	struct code c;

	(void)state;
	assert_int_equal(code_make_checked(4, &c), ERR_INVALID);
	assert_int_equal(code_make_checked(11, &c), ERR_INVALID);
	assert_int_equal(code_make_checked(0, &c), ERR_INVALID);
	for (size_t i = 0; i < CODES; i++) {
		assert_int_equal(code_make_checked(5 + i % 6, &c), ERR_OK);
		assert_int_equal(strlen(c.text), 5 + i % 6);
		assert_true(damm_holds(c.text));
		each_error_of(c.text);
	}
}

/* Exactly one text in ten holds, one for each choice of the random digits. */
static void as_many_as_random_digits(void **state)
{
	char text[6];
	unsigned holds = 0;

	(void)state;
	for (unsigned n = 0; n < 100000; n++) {
		snprintf(text, sizeof(text), "%05u", n);
		holds += damm_holds(text);
	}
	assert_int_equal(holds, 10000);
}

/*
 * Who guesses blindly types only texts that hold, since nothing is learned from another. Computed: 5 of 10,000 codes of
 * 4 random digits. Simulated: within 5 standard deviations.
 */
static void blind_odds_are_those_of_the_random_digits(void **state)
{
	const double computed = ROUNDS * GUESSES / 10000.0;
	unsigned hits = 0;

	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		unsigned first = randombytes_uniform(10000);
		struct code c;

		assert_int_equal(code_make_checked(5, &c), ERR_OK);
		for (unsigned g = 0; g < GUESSES; g++) {
			char guess[6];

			snprintf(guess, 5, "%04u", (first + g) % 10000);
			guess[4] = damm_digit(guess);
			guess[5] = '\0';
			hits += strcmp(guess, c.text) == 0;
		}
	}
	print_message("%u of %d verifications guessed, computed %.0f\n", hits, ROUNDS, computed);
	assert_true((hits - computed) * (hits - computed) < 25 * computed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_ones),
		cmocka_unit_test(wrong_digits_and_swaps_are_told),
		cmocka_unit_test(as_many_as_random_digits),
		cmocka_unit_test(blind_odds_are_those_of_the_random_digits),
	};

	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
