/*
 * texts: what a configuration has is found by its hash, and what a reload took away as long as it may be needed.
 */
#include "otp/texts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct text_template templates[] = {
	{ .name = "otp", .lang = "en", .text = "{brand}: {code}" },
	{ .name = "pay", .lang = "en", .text = "{code} for {sum}" },
};
static struct policy_purpose purposes[] = {
	{ .name = "login", .brand = "A", .sender = "", .hard_s = 600 },
	{ .name = "payment", .brand = "B", .sender = "", .hard_s = 900 },
};

static struct policy_opts opts(size_t n)
{
	return (struct policy_opts){
		.templates = templates, .template_count = n, .purposes = purposes, .purpose_count = 2
	};
}

static void load(struct texts *t, const struct policy_opts *o, int64_t now_ms)
{
	struct texts_set *set = NULL;

	assert_int_equal(texts_prepare(t, o, now_ms, &set), ERR_OK);
	texts_take(t, set);
}

static const struct texts_text *of(const struct texts *t, const struct policy_opts *o, size_t template, size_t purpose)
{
	const struct policy_terms terms = { .text = &templates[template], .purpose = &purposes[purpose] };

	return texts_of(t, o, &terms);
}

static void each_text_has_its_hash(void **state)
{
	struct texts *t = texts_new();
	const struct policy_opts o = opts(2);
	const struct texts_text *seen[4];

	(void)state;
	load(t, &o, 0);
	for (size_t i = 0; i < 4; i++) {
		seen[i] = of(t, &o, i / 2, i % 2);
		assert_string_equal(seen[i]->text, templates[i / 2].text);
		assert_string_equal(seen[i]->brand, purposes[i % 2].brand);
		assert_true(seen[i]->measured && seen[i]->own.codes == 1);
		assert_ptr_equal(texts_find(t, seen[i]->hash, 0), seen[i]);
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(seen[i]->hash, seen[j]->hash, TEXTS_HASH_LEN);
	}
	texts_free(t);
}

/* The parts of one text never read as those of another, and equal ones of two purposes are one. */
static void hashes_keep_the_parts_apart(void **state)
{
	static const char *const parts[][3] = {
		{ "a", "b", "c" }, { "ab", "", "c" }, { "a", "bc", "" }, { "", "b", "ac" }
	};
	uint8_t hashes[4][TEXTS_HASH_LEN];
	struct texts *t = texts_new();

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const struct text_template x = { .text = parts[i][0] };
		const struct policy_purpose p[] = { { .brand = parts[i][1], .sender = parts[i][2] },
			                            { .brand = parts[i][1], .sender = parts[i][2] } };
		const struct policy_opts o = {
			.templates = &x, .template_count = 1, .purposes = p, .purpose_count = 2
		};
		const struct policy_terms a = { .text = &x, .purpose = &p[0] }, b = { .text = &x, .purpose = &p[1] };

		load(t, &o, 0);
		assert_ptr_equal(texts_of(t, &o, &a), texts_of(t, &o, &b));
		memcpy(hashes[i], texts_of(t, &o, &a)->hash, TEXTS_HASH_LEN);
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(hashes[i], hashes[j], TEXTS_HASH_LEN);
	}
	texts_free(t);
}

static void a_replaced_text_stays_for_the_longest_life(void **state)
{
	struct texts *t = texts_new();
	struct policy_opts o = opts(2);
	uint8_t gone[TEXTS_HASH_LEN], brand[TEXTS_HASH_LEN];

	(void)state;
	load(t, &o, 0);
	memcpy(gone, of(t, &o, 1, 0)->hash, sizeof(gone));
	memcpy(brand, of(t, &o, 0, 1)->hash, sizeof(brand));
	o = opts(1);
	purposes[1].brand = "C";
	purposes[1].hard_s = 60;
	load(t, &o, 1000);
	assert_string_equal(texts_find(t, gone, 1000)->text, "{code} for {sum}");
	assert_string_equal(texts_find(t, brand, 1000)->brand, "B");
	/* Another reload does not prolong it. The longest hard_s was 900 when it was replaced. */
	load(t, &o, 500000);
	assert_non_null(texts_find(t, gone, 900999));
	assert_null(texts_find(t, gone, 901000));
	/* Configured again, it stays; replaced again, it stays as long as then. */
	purposes[1].brand = "B";
	load(t, &o, 900000);
	assert_non_null(texts_find(t, brand, 9000000));
	purposes[1].brand = "C";
	load(t, &o, 1000000);
	assert_non_null(texts_find(t, brand, 1599999));
	assert_null(texts_find(t, brand, 1600000));
	assert_null(texts_find(t, gone, 1000000));
	purposes[1].brand = "B";
	purposes[1].hard_s = 900;
	texts_free(t);
}

static void a_reload_that_is_given_up_changes_nothing(void **state)
{
	struct texts *t = texts_new();
	struct policy_opts o = opts(2), less = opts(1);
	struct texts_set *set = NULL;

	(void)state;
	load(t, &o, 0);
	assert_int_equal(texts_prepare(t, &less, 1000, &set), ERR_OK);
	texts_drop(set);
	assert_int_equal(of(t, &o, 1, 1)->until_ms, 0);
	texts_drop(NULL);
	texts_free(t);
	texts_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_text_has_its_hash),
		cmocka_unit_test(hashes_keep_the_parts_apart),
		cmocka_unit_test(a_replaced_text_stays_for_the_longest_life),
		cmocka_unit_test(a_reload_that_is_given_up_changes_nothing),
	};

	return cmocka_run_group_tests_name("texts", tests, NULL, NULL);
}
