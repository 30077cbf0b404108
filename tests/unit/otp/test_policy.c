/*
 * policy and lifecycle: bounds of what a request may ask, whose a peer is, names of reasons.
 */
#include "otp/lifecycle.h"
#include "otp/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct policy_purpose purposes[] = {
	{ .name = "login",
	  .tag = 7,
	  .template_name = "otp",
	  .code_len = 6,
	  .ttl_s = 300,
	  .ttl_max_s = 600,
	  .hard_s = 600,
	  .deadline_s = 60 },
	{ .name = "payment",
	  .tag = 65535,
	  .template_name = "otp",
	  .code_len = 8,
	  .ttl_s = 300,
	  .ttl_max_s = 300,
	  .hard_s = 600,
	  .deadline_s = 60 },
};
static const struct text_template templates[] = {
	{ .name = "otp", .lang = "id", .text = "{code}" },
	{ .name = "otp", .lang = "en", .text = "{code}." },
};
static const uint32_t uids[] = { 10 }, gids[] = { 20 };
static const char *const only[] = { "login" };
static const struct policy_tenant tenants[] = {
	{ .name = "by-gid", .gids = gids, .gid_count = 1 },
	{ .name = "by-uid", .uids = uids, .uid_count = 1, .purposes = only, .purpose_count = 1 },
};
static const struct policy_opts opts = {
	.purposes = purposes,
	.purpose_count = 2,
	.tenants = tenants,
	.tenant_count = 2,
	.templates = templates,
	.template_count = 2,
	.default_purpose = "login",
	.default_lang = "id",
};

static void terms(void **state)
{
	struct policy_ask ask = { .ttl_s = -1, .length = -1 };
	struct policy_terms t;

	(void)state;
	assert_int_equal(policy_terms(&opts, &tenants[1], &ask, &t), POLICY_OK);
	assert_int_equal(t.code_len, 6);
	assert_int_equal(t.deadline_s, 60);
	assert_ptr_equal(t.text, &templates[0]);
	ask.ttl_s = 30;
	assert_int_equal(policy_terms(&opts, &tenants[1], &ask, &t), POLICY_OK);
	assert_int_equal(t.deadline_s, 15);
	ask.ttl_s = 29;
	assert_int_equal(policy_terms(&opts, &tenants[1], &ask, &t), POLICY_BAD_TTL);
	ask.ttl_s = 601;
	assert_int_equal(policy_terms(&opts, &tenants[1], &ask, &t), POLICY_BAD_TTL);
	ask.ttl_s = 600;
	ask.length = 11;
	assert_int_equal(policy_terms(&opts, &tenants[1], &ask, &t), POLICY_BAD_LENGTH);
	ask.length = 4;
	ask.lang = "fr";
	ask.lang_len = 2;
	assert_int_equal(policy_terms(&opts, &tenants[1], &ask, &t), POLICY_BAD_LANG);
	ask.lang = "english";
	assert_int_equal(policy_terms(&opts, &tenants[1], &ask, &t), POLICY_OK);
	assert_ptr_equal(t.text, &templates[1]);
	ask.template_name = "x";
	ask.template_len = 1;
	assert_int_equal(policy_terms(&opts, &tenants[1], &ask, &t), POLICY_BAD_TEMPLATE);
	ask.purpose = "payment";
	ask.purpose_len = 7;
	assert_int_equal(policy_terms(&opts, &tenants[1], &ask, &t), POLICY_NOT_ALLOWED);
	ask.purpose_len = 6;
	assert_int_equal(policy_terms(&opts, &tenants[1], &ask, &t), POLICY_BAD_PURPOSE);
}

static void what_is_not_named_has_a_default_or_a_reason(void **state)
{
	struct policy_opts o = opts;
	struct policy_ask ask = { .ttl_s = -1, .length = -1 };
	struct policy_terms t;

	(void)state;
	assert_int_equal(policy_terms(&o, NULL, &ask, &t), POLICY_NOT_ALLOWED);
	o.default_lang = "fr";
	assert_int_equal(policy_terms(&o, &tenants[0], &ask, &t), POLICY_OK);
	assert_ptr_equal(t.text, &templates[0]);
	o.default_lang = NULL;
	assert_int_equal(policy_terms(&o, &tenants[0], &ask, &t), POLICY_OK);
	o.default_purpose = NULL;
	assert_int_equal(policy_terms(&o, &tenants[0], &ask, &t), POLICY_BAD_PURPOSE);
	ask.purpose = "payment";
	ask.purpose_len = 7;
	assert_int_equal(policy_terms(&o, &tenants[0], &ask, &t), POLICY_OK);
	ask.length = 3;
	assert_int_equal(policy_terms(&o, &tenants[0], &ask, &t), POLICY_BAD_LENGTH);
}

static void purpose_of_a_tag(void **state)
{
	(void)state;
	assert_ptr_equal(policy_purpose_of_tag(&opts, 7), &purposes[0]);
	assert_ptr_equal(policy_purpose_of_tag(&opts, 65535), &purposes[1]);
	assert_null(policy_purpose_of_tag(&opts, 8));
	assert_null(policy_purpose_of_tag(&opts, 0));
}

static void tenant_of_peer(void **state)
{
	(void)state;
	assert_ptr_equal(policy_tenant(&opts, 10, gids, 1), &tenants[1]);
	assert_ptr_equal(policy_tenant(&opts, 11, gids, 1), &tenants[0]);
	assert_null(policy_tenant(&opts, 20, uids, 1));
}

static void every_reason_has_a_name(void **state)
{
	(void)state;
	for (int i = 0; i < REASON_COUNT; i++)
		assert_non_null(lifecycle_reason_name((enum lifecycle_reason)i));
	assert_string_equal(lifecycle_reason_name(REASON_NO_ROUTE), "no_route");
}

static void a_purpose_that_went_is_the_default_one(void **state)
{
	const struct policy_purpose two[] = { { .name = "login", .tag = 7 }, { .name = "payment", .tag = 9 } };
	struct policy_opts o = { .purposes = two, .purpose_count = 2, .default_purpose = "payment" };

	(void)state;
	assert_string_equal(policy_purpose(&o, 7)->name, "login");
	assert_string_equal(policy_purpose(&o, 9)->name, "payment");
	assert_string_equal(policy_purpose(&o, 8)->name, "payment");
	o.default_purpose = "gone too";
	assert_string_equal(policy_purpose(&o, 8)->name, "login");
}

static void the_longest_window_is_that_of_any_limit(void **state)
{
	const struct policy_purpose limited[] = {
		{ .name = "a", .number_sends_short = { 5, 600 }, .number_fails_long = { 20, 86400 } },
		{ .name = "b", .number_sends_known = { 1, 90000 } },
	};
	struct policy_opts o = { .purposes = limited, .purpose_count = 1 };

	(void)state;
	assert_int_equal(policy_longest_window_s(&o), 86400);
	o.purpose_count = 2;
	assert_int_equal(policy_longest_window_s(&o), 90000);
	o.number_sends = (struct policy_rate){ 30, 172800 };
	assert_int_equal(policy_longest_window_s(&o), 172800);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(terms),
		cmocka_unit_test(what_is_not_named_has_a_default_or_a_reason),
		cmocka_unit_test(a_purpose_that_went_is_the_default_one),
		cmocka_unit_test(the_longest_window_is_that_of_any_limit),
		cmocka_unit_test(purpose_of_a_tag),
		cmocka_unit_test(tenant_of_peer),
		cmocka_unit_test(every_reason_has_a_name),
	};

	return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
