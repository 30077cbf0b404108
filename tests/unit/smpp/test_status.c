/*
 * The whole table of command_status, row by row as smpp.md has it, overrides by code, and what a refused bind waits.
 */
#include "smpp/codec/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define NEVER 0xFFFFFFFFu /* ends a list of codes */

static const struct {
	enum smpp_class class;
	const char *name;
	uint32_t codes[24];
} classes[] = {
	{ SMPP_CLASS_ACCEPTED, "accepted", { 0x00, NEVER } },
	{ SMPP_CLASS_THROTTLE, "throttle", { 0x58, NEVER } },
	{ SMPP_CLASS_QUEUE_FULL, "queue_full", { 0x14, NEVER } },
	{ SMPP_CLASS_TRANSIENT, "transient", { 0x08, 0x64, 0xFF, 0xFE, 0x102, NEVER } },
	{ SMPP_CLASS_VAGUE, "vague", { 0x45, NEVER } },
	{ SMPP_CLASS_SESSION, "session", { 0x04, NEVER } },
	{ SMPP_CLASS_DESTINATION, "destination", { 0x0B, 0x33, 0x34, 0x40, 0x44, NEVER } },
	{ SMPP_CLASS_PROFILE, "profile", { 0x0A, 0x48, 0x49, 0x50, 0x51, 0x4A,  0x4B, 0x01, 0x06, 0x07, 0x15, 0x42,
	                                   0x43, 0x54, 0x55, 0x61, 0x63, 0x104, 0xC0, 0xC1, 0xC2, 0xC3, 0xC4, NEVER } },
	{ SMPP_CLASS_EXPIRY, "expiry", { 0x62, NEVER } },
	{ SMPP_CLASS_FORBIDDEN, "forbidden", { 0x65, 0x66, 0x100, 0x101, 0x103, 0x53, NEVER } },
	{ SMPP_CLASS_ACCOUNT, "account", { NEVER } },
	{ SMPP_CLASS_DUPLICATE, "duplicate", { 0x0C, NEVER } },
	{ SMPP_CLASS_PROTOCOL, "protocol", { 0x02, 0x03, NEVER } },
	{ SMPP_CLASS_VENDOR, "vendor", { 0x400, 0x4FF, 0x4A1, 0x55F, 34, 0x94, 0x05, 0x0D, 0xFFFFFFFE, NEVER } },
};

static void codes_have_their_class(void **state)
{
	(void)state;
	assert_int_equal(sizeof classes / sizeof classes[0], SMPP_CLASS_MAX);
	for (size_t i = 0; i < SMPP_CLASS_MAX; i++) {
		assert_int_equal(classes[i].class, i);
		assert_string_equal(smpp_class_name(classes[i].class), classes[i].name);
		for (const uint32_t *code = classes[i].codes; *code != NEVER; code++)
			assert_string_equal(smpp_status_action(NULL, *code)->name, classes[i].name);
	}
	assert_int_equal(smpp_status_action(NULL, NEVER)->class, SMPP_CLASS_VENDOR);
	assert_string_equal(smpp_class_name(SMPP_CLASS_MAX), "unknown");
}

#define ROW(c, outcome, same, ms, cost, effect)                                                                        \
	{                                                                                                              \
		SMPP_CLASS_##c, SMPP_##outcome, SMPP_SAME_##same, ms, cost, SMPP_EFFECT_##effect                       \
	}

static void classes_have_their_action(void **state)
{
	static const struct {
		enum smpp_class class;
		enum smpp_outcome outcome;
		enum smpp_same same;
		uint32_t same_ms;
		bool cost;
		enum smpp_effect effect;
	} rows[] = {
		ROW(ACCEPTED, ACCEPTED, NEVER, 0, false, NONE),
		ROW(THROTTLE, LATER, HEAD, 0, false, THROTTLE),
		ROW(QUEUE_FULL, OTHER, ONCE, 30000, true, QUEUE_FULL),
		ROW(TRANSIENT, OTHER, ONCE, 2000, true, BREAKER),
		ROW(VAGUE, OTHER, NEVER, 0, true, BREAKER),
		ROW(SESSION, LATER, HEAD, 0, false, CLOSE),
		ROW(DESTINATION, OTHER, NEVER, 0, true, NONE),
		ROW(PROFILE, OTHER, NEVER, 0, true, PROFILE),
		ROW(EXPIRY, OTHER, BARE, 1, true, EXPIRY),
		ROW(FORBIDDEN, OTHER, NEVER, 0, true, FORBIDDEN),
		ROW(ACCOUNT, OTHER, NEVER, 0, false, CREDIT),
		ROW(DUPLICATE, REFUSED, NEVER, 0, true, NONE),
		ROW(PROTOCOL, OTHER, NEVER, 0, true, FORBIDDEN),
		ROW(VENDOR, OTHER, NEVER, 0, true, BREAKER),
	};
	(void)state;
	assert_int_equal(sizeof rows / sizeof rows[0], SMPP_CLASS_MAX);
	for (size_t i = 0; i < SMPP_CLASS_MAX; i++) {
		const struct smpp_action *a = smpp_class_action(rows[i].class);
		assert_int_equal(a->class, rows[i].class);
		assert_int_equal(a->outcome, rows[i].outcome);
		assert_int_equal(a->same, rows[i].same);
		assert_int_equal(a->same_ms, rows[i].same_ms);
		assert_int_equal(a->cost, rows[i].cost);
		assert_int_equal(a->effect, rows[i].effect);
	}
	assert_int_equal(smpp_class_action(SMPP_CLASS_MAX)->class, SMPP_CLASS_VENDOR);
}

static void an_smsc_may_mean_something_else(void **state)
{
	static const struct smpp_override rows[] = { { 0x400, "account" }, { 0xFF, "account" }, { 0x45, "throttle" } };
	static const struct smpp_override zero[] = { { 0, "throttle" } }, odd[] = { { 0x400, "Account" } };
	static const struct smpp_override many[SMPP_OVERRIDES_MAX + 1];
	struct smpp_overrides o = { .count = 0 };
	(void)state;
	assert_int_equal(smpp_status_action(&o, 0x400)->class, SMPP_CLASS_VENDOR);
	assert_int_equal(smpp_overrides_set(&o, rows, 3), ERR_OK);
	assert_int_equal(smpp_status_action(&o, 0x400)->class, SMPP_CLASS_ACCOUNT);
	assert_int_equal(smpp_status_action(&o, 0xFF)->class, SMPP_CLASS_ACCOUNT);
	assert_int_equal(smpp_status_action(&o, 0x45)->class, SMPP_CLASS_THROTTLE);
	assert_int_equal(smpp_status_action(&o, 0x64)->class, SMPP_CLASS_TRANSIENT);
	assert_int_equal(smpp_overrides_set(&o, zero, 1), ERR_INVALID);
	assert_int_equal(smpp_overrides_set(&o, odd, 1), ERR_INVALID);
	assert_int_equal(smpp_overrides_set(&o, many, SMPP_OVERRIDES_MAX + 1), ERR_INVALID);
	assert_int_equal(o.count, 3);
}

static void binds(void **state)
{
	static const struct {
		uint32_t status;
		enum smpp_bind_policy policy;
	} rows[] = { { 0x00, SMPP_BIND_BOUND },       { 0x05, SMPP_BIND_ALREADY },     { 0x0D, SMPP_BIND_CREDENTIALS },
		     { 0x0E, SMPP_BIND_CREDENTIALS }, { 0x0F, SMPP_BIND_CREDENTIALS }, { 0x53, SMPP_BIND_CREDENTIALS },
		     { 0x58, SMPP_BIND_BACKOFF },     { 0x14, SMPP_BIND_BACKOFF },     { 0x08, SMPP_BIND_BACKOFF },
		     { 0x55F, SMPP_BIND_BACKOFF } };
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(smpp_status_bind(rows[i].status), rows[i].policy);
}

static void refused_binds(void **state)
{
	static const struct {
		enum smpp_bind_policy policy;
		unsigned n;
		enum smpp_bind_policy becomes;
		const char *reason;
		uint32_t delay_ms;
		bool alarm;
	} rows[] = {
		{ SMPP_BIND_ALREADY, 1, SMPP_BIND_ALREADY, "already_bound", 30000, false },
		{ SMPP_BIND_ALREADY, 2, SMPP_BIND_ALREADY, "already_bound", 60000, false },
		{ SMPP_BIND_ALREADY, 3, SMPP_BIND_ALREADY, "already_bound", 120000, false },
		{ SMPP_BIND_ALREADY, 99, SMPP_BIND_ALREADY, "already_bound", 120000, false },
		{ SMPP_BIND_LIMIT, 1, SMPP_BIND_LIMIT, "bind_limit", 30000, false },
		{ SMPP_BIND_LIMIT, 2, SMPP_BIND_LIMIT, "bind_limit", 60000, false },
		{ SMPP_BIND_LIMIT, 99, SMPP_BIND_LIMIT, "bind_limit", 120000, false },
		{ SMPP_BIND_CREDENTIALS, 1, SMPP_BIND_BACKOFF, "bind_refused", 0, false },
		{ SMPP_BIND_CREDENTIALS, 2, SMPP_BIND_BACKOFF, "bind_refused", 0, false },
		{ SMPP_BIND_CREDENTIALS, 3, SMPP_BIND_CREDENTIALS, "auth_failed", 60000, true },
		{ SMPP_BIND_CREDENTIALS, 4, SMPP_BIND_CREDENTIALS, "auth_failed", 300000, true },
		{ SMPP_BIND_CREDENTIALS, 5, SMPP_BIND_CREDENTIALS, "auth_failed", 900000, true },
		{ SMPP_BIND_CREDENTIALS, 99, SMPP_BIND_CREDENTIALS, "auth_failed", 900000, true },
		{ SMPP_BIND_BACKOFF, 1, SMPP_BIND_BACKOFF, "bind_refused", 0, false },
		{ SMPP_BIND_BACKOFF, 99, SMPP_BIND_BACKOFF, "bind_refused", 0, false },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct smpp_bind_action a = smpp_status_refused(rows[i].policy, rows[i].n);
		assert_int_equal(a.policy, rows[i].becomes);
		assert_string_equal(a.reason, rows[i].reason);
		assert_int_equal(a.delay_ms, rows[i].delay_ms);
		assert_int_equal(a.alarm, rows[i].alarm);
	}
}

static void as_an_error_of_a_message(void **state)
{
	static const struct {
		uint32_t status;
		const char *text;
	} rows[] = { { 0x0B, "0x0000000B" }, { 0x55F, "0x0000055F" }, { 0xFFFFFFFF, "0xFFFFFFFF" } };
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char text[SMPP_STATUS_TEXT_CAP];
		smpp_status_text(rows[i].status, text);
		assert_string_equal(text, rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_have_their_class),
		cmocka_unit_test(classes_have_their_action),
		cmocka_unit_test(an_smsc_may_mean_something_else),
		cmocka_unit_test(binds),
		cmocka_unit_test(refused_binds),
		cmocka_unit_test(as_an_error_of_a_message),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
