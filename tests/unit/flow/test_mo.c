/*
 * mo: what a message of a phone is answered with, and when, for each answer of the store at each step. Redis and the
 * SMSC are played by the test.
 *
 * wrap: keyring_number
 * wrap: keyring_reverse_find
 * wrap: keyring_seal_number
 */
#include "flow/news/mo.h"

#include "base/stats.h"
#include "ops/funnel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define TEXT "Daftar K7F2QDXM"
enum { TOKEN = 42, UNDER_WAY = 1024 };

static struct flow_opts opts;
static struct news_uses uses = { .opts = &opts };
static struct mo *mo;
static struct {
	enum err refuse; /* what each operation returns */
	store_source_fn source;
	store_query_fn query;
	store_confirm_fn confirm;
	void *arg;
	size_t asked, given_back, answers;
	bool stored;
	char looked[4][9]; /* the tokens that were looked up */
	size_t looks;
	enum err seal;
} world;

/* --- Redis and the SMSC --- */

enum err store_source(struct store *s, const struct ident *source, const struct policy_rate *limit, store_source_fn fn,
                      void *arg)
{
	(void)s, (void)source;
	assert_ptr_equal(limit, &opts.policy.mo_wrong);
	if (world.refuse)
		return world.refuse;
	world.source = fn;
	world.arg = arg;
	world.asked++;
	return ERR_OK;
}

void store_source_right(struct store *s, const struct ident *source, const struct policy_rate *limit)
{
	(void)s, (void)source, (void)limit;
	world.given_back++;
}

enum err store_token(struct store *s, const struct ident *token, store_query_fn fn, void *arg)
{
	(void)s, (void)token;
	if (world.refuse)
		return world.refuse;
	world.query = fn;
	world.arg = arg;
	return ERR_OK;
}

enum err store_confirm(struct store *s, const struct store_confirm_req *req, store_confirm_fn fn, void *arg)
{
	(void)s;
	assert_int_equal(req->number[0], 0xab);
	if (world.refuse)
		return world.refuse;
	world.confirm = fn;
	world.arg = arg;
	return ERR_OK;
}

void store_unreadable(struct store *s, const char *what, const struct ident *id)
{
	(void)s, (void)what, (void)id;
}

void smpp_receipt_done(struct smpp *p, uint64_t token, bool stored)
{
	(void)p;
	assert_int_equal(token, TOKEN);
	world.answers++;
	world.stored = stored;
}

uint16_t smpp_smsc_tag(const struct smpp *p, unsigned smsc)
{
	(void)p, (void)smsc;
	return 7;
}

void __wrap_keyring_number(const struct keyring *k, const struct msisdn *number, struct ident *id);
void __wrap_keyring_number(const struct keyring *k, const struct msisdn *number, struct ident *id)
{
	(void)k;
	assert_string_equal(number->digits, "6281234567890");
	memset(id, 0, sizeof(*id));
}

void __wrap_keyring_reverse_find(const struct keyring *k, const char *token, struct ident *id);
void __wrap_keyring_reverse_find(const struct keyring *k, const char *token, struct ident *id)
{
	(void)k;
	memset(id, 0, sizeof(*id));
	assert_in_range(world.looks, 0, 3);
	memcpy(world.looked[world.looks++], token, 9);
}

enum err __wrap_keyring_seal_number(const struct keyring *k, const struct ident *id, const struct msisdn *number,
                                    uint8_t sealed[KEYRING_NUMBER_SEALED_LEN]);
enum err __wrap_keyring_seal_number(const struct keyring *k, const struct ident *id, const struct msisdn *number,
                                    uint8_t sealed[KEYRING_NUMBER_SEALED_LEN])
{
	(void)k, (void)id, (void)number;
	memset(sealed, 0xab, KEYRING_NUMBER_SEALED_LEN);
	return world.seal;
}

/* --- the test's words --- */

static struct msisdn_country country = { .region = "ID", .code = "62", .trunk = "0", .len_min = 9, .len_max = 12 };

static uint64_t counted(const char *result)
{
	static const char *const names[] = { "verified", "repeated", "other_number", "ended",
		                             "wrong",    "limited",  "sender",       "store" };
	const struct stats_family f = stats_family("otpgwd_reverse_total", "", "result", names, 8);

	for (size_t i = 0; i < 8; i++)
		if (strcmp(names[i], result) == 0)
			return stats_value(f.of[i]);
	fail();
	return 0;
}

static void arrives(const char *text)
{
	const struct smpp_mo message = {
		.from = "6281234567890", .from_ton = 1, .text = text, .len = strlen(text), .token = TOKEN
	};

	mo_take(mo, &message);
}

static void granted(bool yes)
{
	world.source(world.arg, ERR_OK, yes);
}

static void found(bool yes)
{
	static const struct store_record record;
	const struct store_query_rep rep = { .gone = yes ? STORE_LIVE : STORE_UNKNOWN, .record = yes ? &record : NULL };

	world.query(world.arg, ERR_OK, &rep);
}

/* The message has been answered now, and is counted so. */
static void ends(const char *result, bool stored, bool given_back)
{
	assert_int_equal(world.answers, 1);
	assert_int_equal(world.stored, stored);
	assert_int_equal(world.given_back, given_back);
	assert_int_equal(counted(result), 1);
}

static int set_up(void **state)
{
	(void)state;
	memset(&world, 0, sizeof(world));
	memset(&opts, 0, sizeof(opts));
	opts.plan = (struct msisdn_plan){ .countries = &country, .country_count = 1, .home = 1 };
	funnel_start();
	mo = mo_new(&uses);
	assert_non_null(mo);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	mo_free(mo);
	stats_clear();
	return 0;
}

static void answered_when_the_store_said_yes(void **state)
{
	(void)state;
	arrives(TEXT);
	assert_int_equal(world.answers, 0);
	granted(true);
	found(true);
	assert_int_equal(world.answers, 0);
	world.confirm(world.arg, ERR_OK, STORE_CONFIRM_VERIFIED);
	ends("verified", true, true);
}

static void each_verdict(void **state)
{
	static const struct {
		enum store_confirmed confirmed;
		const char *result;
		bool given_back;
	} rows[] = { { STORE_CONFIRM_REPEATED, "repeated", true },
		     { STORE_CONFIRM_NUMBER, "other_number", false },
		     { STORE_CONFIRM_ENDED, "ended", true } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		tear_down(state);
		set_up(state);
		arrives(TEXT);
		granted(true);
		found(true);
		world.confirm(world.arg, ERR_OK, rows[i].confirmed);
		ends(rows[i].result, true, rows[i].given_back);
	}
}

static void a_message_of_a_person_asks_nothing(void **state)
{
	(void)state;
	arrives("terserah");
	assert_int_equal(world.answers, 1);
	assert_true(world.stored);
	assert_int_equal(world.asked, 0);
}

static void beyond_the_limit_nothing_is_looked_up(void **state)
{
	(void)state;
	arrives(TEXT);
	granted(false);
	assert_int_equal(world.looks, 0);
	ends("limited", true, false);
}

static void each_word_is_looked_up_until_one_is_found(void **state)
{
	(void)state;
	arrives("A2B3C4D5 K7F2QDXM");
	granted(true);
	found(false);
	found(true);
	assert_string_equal(world.looked[0], "K7F2QDXM");
	assert_string_equal(world.looked[1], "A2B3C4D5");
	world.confirm(world.arg, ERR_OK, STORE_CONFIRM_VERIFIED);
	ends("verified", true, true);
}

static void none_is_found(void **state)
{
	(void)state;
	arrives("A2B3C4D5 K7F2QDXM");
	granted(true);
	found(false);
	found(false);
	ends("wrong", true, false);
	assert_int_equal(world.asked, 1); /* one message counts once */
}

/* Whatever Redis did not say comes again. Where the count was taken it is given back. */
static void redis_away_at_each_step(void **state)
{
	for (int step = 0; step < 6; step++) {
		tear_down(state);
		set_up(state);
		world.refuse = step == 0 ? ERR_UNAVAILABLE : ERR_OK;
		arrives(TEXT);
		world.refuse = step == 2 ? ERR_BUSY : ERR_OK;
		if (step == 1)
			world.source(world.arg, ERR_UNAVAILABLE, false);
		else if (step > 1)
			granted(true);
		world.refuse = step == 4 ? ERR_BUSY : ERR_OK;
		if (step == 3)
			world.query(world.arg, ERR_UNAVAILABLE, NULL);
		else if (step > 3)
			found(true);
		if (step == 5)
			world.confirm(world.arg, ERR_UNAVAILABLE, STORE_CONFIRM_VERIFIED);
		ends("store", false, step > 1);
	}
}

static void a_key_that_is_not_loaded(void **state)
{
	(void)state;
	world.seal = ERR_NOTFOUND;
	arrives(TEXT);
	granted(true);
	found(true);
	ends("ended", true, true);
}

static void a_source_that_is_no_number(void **state)
{
	static const char *const sources[] = { "BANK", "95000", "", "4915112345678" };

	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		const struct smpp_mo message = {
			.from = sources[i], .text = TEXT, .len = strlen(TEXT), .token = TOKEN
		};

		tear_down(state);
		set_up(state);
		mo_take(mo, &message);
		ends("sender", true, false);
		assert_int_equal(world.asked, 0);
	}
}

static void more_than_can_be_under_way_come_again(void **state)
{
	static void *args[UNDER_WAY];

	(void)state;
	for (int i = 0; i < UNDER_WAY; i++) {
		arrives(TEXT);
		args[i] = world.arg;
	}
	assert_int_equal(world.answers, 0);
	arrives(TEXT);
	ends("store", false, false);
	for (int i = 0; i < UNDER_WAY; i++)
		world.source(args[i], ERR_OK, false);
	assert_int_equal(counted("limited"), UNDER_WAY);
	arrives(TEXT);
	assert_int_equal(world.asked, UNDER_WAY + 1);
	granted(false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(answered_when_the_store_said_yes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(each_verdict, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_message_of_a_person_asks_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(beyond_the_limit_nothing_is_looked_up, set_up, tear_down),
		cmocka_unit_test_setup_teardown(each_word_is_looked_up_until_one_is_found, set_up, tear_down),
		cmocka_unit_test_setup_teardown(none_is_found, set_up, tear_down),
		cmocka_unit_test_setup_teardown(redis_away_at_each_step, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_key_that_is_not_loaded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_source_that_is_no_number, set_up, tear_down),
		cmocka_unit_test_setup_teardown(more_than_can_be_under_way_come_again, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
