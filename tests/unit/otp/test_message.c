/*
 * message: a payload that names its template opens as the same SMS, octet for octet, whatever the text; a plain one is
 * short; octets that were changed open nothing.
 */
#include "otp/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ROUNDS 20000

static const struct msisdn number = { "6281234567890" };
static unsigned seed = 1;

static unsigned some(unsigned below)
{
	seed = seed * 1103515245U + 12345U;
	return (seed >> 16) % below;
}

/* The options of one template and one purpose, whose texts a test changes. */
static struct text_template template;
static struct policy_purpose purpose = { .name = "login", .brand = "", .sender = "", .hard_s = 600 };
static const struct policy_opts opts = {
	.templates = &template, .template_count = 1, .purposes = &purpose, .purpose_count = 1
};

static void load(struct texts *t, const char *text, const char *brand, const char *sender)
{
	static int64_t now_ms;
	struct texts_set *set = NULL;

	template.text = text;
	purpose.brand = brand;
	purpose.sender = sender;
	assert_int_equal(texts_prepare(t, &opts, now_ms += 1000000, &set), ERR_OK);
	texts_take(t, set);
}

static struct keyring *make(struct ident *id)
{
	const struct keyring_subject s = { "t", "p", "", 0, &number };
	uint8_t octets[KEYRING_KEY_LEN] = { 1 };
	struct secret *key = NULL;
	struct keyring *k = NULL;

	assert_int_equal(secret_setup(), ERR_OK);
	assert_int_equal(secret_new(octets, sizeof(octets), &key), ERR_OK);
	assert_int_equal(keyring_new(key, 256, &k), ERR_OK);
	assert_int_equal(keyring_add(k, 0, key), ERR_OK);
	assert_int_equal(keyring_use(k, 0), ERR_OK);
	secret_free(key);
	memset(id, 0, sizeof(*id));
	keyring_ident(k, &s, id);
	return k;
}

/* Fills a payload as a SEND does. False: this text cannot be sent. */
static bool fill(const struct texts *t, const struct text_var *vars, size_t n, struct message_payload *p)
{
	const struct policy_terms terms = { .text = &template, .purpose = &purpose };
	const struct texts_text *x = texts_of(t, &opts, &terms);
	const struct text_fill in = {
		.x = &template, .brand = purpose.brand, .vars = vars, .var_count = n, .code_len = 6
	};

	*p = (struct message_payload){ .code = { "012345" }, .number = number, .origin = { .known = true } };
	memcpy(p->origin.hash, x->hash, TEXTS_HASH_LEN);
	snprintf(p->sender, sizeof(p->sender), "%s", purpose.sender);
	return text_fill(&in, p->text, &p->origin.vars, NULL, NULL) == TEXT_OK;
}

static void the_same_sms(void **state)
{
	static const char *const pieces[] = { "{a}", "{b}", "{c}",   "{brand}",  "{minutes}", "{ref}",
		                              "{{",  " ",   "kode ", "\xc3\xa9", "x",         "{a}" };
	static const char *const values[] = {
		"", "A", "Toko Satu", "1.250.000", "\xe4\xb8\xad", "a name that is rather long"
	};
	unsigned whole = 0, named = 0;
	struct ident id;
	struct keyring *k = make(&id);
	struct texts *t = texts_new();

	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		char text[200] = "", brand[20];
		struct text_var vars[3];
		size_t n = 0;
		struct message_payload p, q;
		struct keyring_sealed sealed;

		for (unsigned j = some(9); j > 0; j--)
			strcat(text, pieces[some(sizeof(pieces) / sizeof(pieces[0]))]);
		strcat(text, "{code}");
		for (unsigned j = some(5); j > 0; j--)
			strcat(text, pieces[some(sizeof(pieces) / sizeof(pieces[0]))]);
		for (unsigned j = 0; j < 3; j++) {
			const char *value = values[some(sizeof(values) / sizeof(values[0]))];
			const char *name = &"c\0b\0a"[(size_t)2 * j];

			if (text_has_var(text, name))
				vars[n++] = (struct text_var){ name, value, 1, strlen(value) };
		}
		snprintf(brand, sizeof(brand), "Brand %u", some(3));
		load(t, text, brand, some(2) ? "" : "TOKO");
		if (!fill(t, vars, n, &p))
			continue;
		if (!some(3)) {
			p.origin.own_sender = true;
			strcpy(p.sender, some(2) ? "OTHER" : "");
		}
		memset(&sealed, 0, sizeof(sealed));
		assert_int_equal(message_seal(k, &id, 5, &p, &sealed), ERR_OK);
		assert_int_equal(message_open(k, &id, 5, &sealed, &q), ERR_OK);
		whole += !q.origin.known;
		named += q.origin.known;
		assert_int_equal(message_fill(&q, t, 0), ERR_OK);
		assert_string_equal(q.text, p.text);
		assert_string_equal(q.sender, p.sender);
		assert_string_equal(q.code.text, p.code.text);
		assert_string_equal(q.number.digits, p.number.digits);
		assert_true(!q.origin.known || memcmp(&q.origin, &p.origin, sizeof(p.origin)) == 0);
	}
	assert_true(whole > ROUNDS / 100 && named > ROUNDS / 10);
	texts_free(t);
	keyring_free(k);
}

static void a_plain_request_takes_32_octets(void **state)
{
	struct message_payload p, q;
	struct keyring_sealed sealed;
	struct ident id;
	struct keyring *k = make(&id);
	struct texts *t = texts_new();

	(void)state;
	load(t, "{brand}: kode Anda {code}. Berlaku {minutes} menit. JANGAN berikan kepada siapa pun.", "Toko", "TOKO");
	assert_true(fill(t, NULL, 0, &p));
	assert_int_equal(message_seal(k, &id, 5, &p, &sealed), ERR_OK);
	assert_int_equal(sealed.len, 56);
	/* Shorter than a hash, it is kept whole. */
	load(t, "{code} {a}", "", "");
	const struct text_var a = { "a", "B", 1, 1 };
	assert_true(fill(t, &a, 1, &p));
	assert_int_equal(message_seal(k, &id, 5, &p, &sealed), ERR_OK);
	load(t, "{code} and another text", "", "");
	assert_int_equal(message_open(k, &id, 5, &sealed, &q), ERR_OK);
	assert_false(q.origin.known);
	assert_int_equal(message_fill(&q, t, 0), ERR_OK);
	assert_string_equal(q.text, "\x01 B");
	texts_free(t);
	keyring_free(k);
}

static void a_text_that_is_not_here(void **state)
{
	struct message_payload p, q;
	struct keyring_sealed sealed;
	struct ident id;
	struct keyring *k = make(&id);
	struct texts *t = texts_new(), *other = texts_new();
	const struct text_var a = { "a", "B", 1, 1 };

	(void)state;
	load(other, "another text {code}", "", "");
	load(t, "{code} is the code of {a}", "", "");
	assert_true(fill(t, &a, 1, &p));
	assert_int_equal(message_seal(k, &id, 5, &p, &sealed), ERR_OK);
	assert_int_equal(message_open(k, &id, 5, &sealed, &q), ERR_OK);
	assert_int_equal(message_fill(&q, other, 0), ERR_NOTFOUND);
	/* A hash with other VARs than those of its text. */
	q.origin.vars.count = 0;
	assert_int_equal(message_fill(&q, t, 0), ERR_CORRUPT);
	q.origin.vars = (struct text_vars){ 2, { 0, 1 }, { 1, 1 } };
	assert_int_equal(message_fill(&q, t, 0), ERR_CORRUPT);
	q.origin.vars = (struct text_vars){ 1, { 0 }, { 220 } };
	assert_int_equal(message_fill(&q, t, 0), ERR_TOOBIG);
	texts_free(t);
	texts_free(other);
	keyring_free(k);
}

/* What is played for a test number goes with its payload. A payload without it has no octet for it. */
static void what_is_played_is_sealed_too(void **state)
{
	struct message_payload p, q;
	struct keyring_sealed sealed;
	struct ident id;
	struct keyring *k = make(&id);
	struct texts *t = texts_new();

	(void)state;
	load(t, "{brand}: kode Anda {code}. Berlaku {minutes} menit.", "Toko", "TOKO");
	for (int o = TESTNUMBER_NONE; o < TESTNUMBER_OUTCOMES; o++) {
		assert_true(fill(t, NULL, 0, &p));
		p.play.outcome = (enum testnumber_outcome)o;
		p.play.late_s = o == TESTNUMBER_LATE ? 3600 : 0;
		assert_int_equal(message_seal(k, &id, 5, &p, &sealed), ERR_OK);
		assert_int_equal(message_open(k, &id, 5, &sealed, &q), ERR_OK);
		assert_int_equal(q.play.outcome, o);
		assert_int_equal(q.play.late_s, p.play.late_s);
		assert_int_equal(message_fill(&q, t, 0), ERR_OK);
		assert_string_equal(q.text, p.text);
		assert_string_equal(q.code.text, p.code.text);
	}
	/* The flag without an outcome, with one that does not exist, and with nothing behind it. */
	static const uint8_t bad[][3] = { { 0x15, 0x06, 0 }, { 0x15, 0x06, TESTNUMBER_OUTCOMES }, { 0x14, 0x0a, 1 } };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct keyring_payload odd = { .len = 32 };

		memset(odd.octets, 1, odd.len);
		memcpy(odd.octets, bad[i], 2);
		memset(odd.octets + 2, '1', 10);
		odd.octets[2 + (bad[i][1] & 0xf)] = bad[i][2];
		assert_int_equal(keyring_seal(k, &id, 5, &odd, &sealed), ERR_OK);
		assert_int_equal(message_open(k, &id, 5, &sealed, &q), ERR_CORRUPT);
		assert_int_equal(q.play.outcome, TESTNUMBER_NONE);
	}
	texts_free(t);
	keyring_free(k);
}

/* The id that SEND gave goes with the payload of a successor, beside whatever else is in it. */
static void the_id_that_send_gave_is_sealed_too(void **state)
{
	struct message_payload p, q;
	struct keyring_sealed sealed;
	struct ident id;
	struct keyring *k = make(&id);
	struct texts *t = texts_new();

	(void)state;
	load(t, "{brand}: kode Anda {code}. Berlaku {minutes} menit.", "Toko", "TOKO");
	for (int how = 0; how < 8; how++) {
		assert_true(fill(t, NULL, 0, &p));
		p.redirected = true;
		p.root = id;
		p.play.outcome = how & 1 ? TESTNUMBER_LOST : TESTNUMBER_NONE;
		p.origin.known = how & 2;
		p.origin.own_sender = how & 4;
		assert_int_equal(message_seal(k, &id, 5, &p, &sealed), ERR_OK);
		assert_int_equal(message_open(k, &id, 5, &sealed, &q), ERR_OK);
		assert_true(q.redirected && ident_same(&q.root, &id));
		assert_int_equal(q.play.outcome, p.play.outcome);
		assert_int_equal(message_fill(&q, t, 0), ERR_OK);
		assert_string_equal(q.text, p.text);
		assert_string_equal(q.code.text, p.code.text);
	}
	/* The longest of all fits. */
	memset(p.text, 'x', TEXT_FILLED_CAP - 1);
	p.text[TEXT_FILLED_CAP - 1] = '\0';
	snprintf(p.sender, sizeof(p.sender), "12345678901234567890");
	snprintf(p.code.text, sizeof(p.code.text), "1234567890");
	p.origin.known = false;
	p.play.outcome = TESTNUMBER_LATE;
	assert_int_equal(message_seal(k, &id, 5, &p, &sealed), ERR_OK);
	assert_int_equal(message_open(k, &id, 5, &sealed, &q), ERR_OK);
	assert_string_equal(q.text, p.text);
	texts_free(t);
	keyring_free(k);
}

/* Octets that nobody here has packed, under a good seal: each is refused or is a payload, and nothing is read beyond.
 */
static void any_octets(void **state)
{
	static const uint8_t plain[] = {
		0x11, 0x16, '0', '1', '2', '3', '4', '5', 1, 2, 3, 4, 5, 6, 7, 8, 2, 'A', 'B'
	};
	struct keyring_payload packed = { .len = 32 };
	struct message_payload q;
	struct keyring_sealed sealed;
	struct ident id;
	struct keyring *k = make(&id);

	(void)state;
	memcpy(packed.octets, plain, sizeof(plain));
	assert_int_equal(keyring_seal_number(k, &id, &number, sealed.number), ERR_OK);
	assert_int_equal(keyring_seal(k, &id, 5, &packed, &sealed), ERR_OK);
	assert_int_equal(message_open(k, &id, 5, &sealed, &q), ERR_OK);
	assert_int_equal(q.origin.vars.count, 1);
	static const struct {
		size_t at;
		uint8_t value;
	} bad[] = { { 0, 0x21 }, { 0, 0x19 }, { 0, 0x10 }, { 0, 0x12 }, { 1, 0x1f }, { 1, 0x96 },
		    { 1, 0x06 }, { 4, 0 },    { 16, 200 }, { 16, 16 },  { 17, 0 },   { 31, 1 } };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct keyring_payload odd = packed;

		odd.octets[bad[i].at] = bad[i].value;
		assert_int_equal(keyring_seal(k, &id, 5, &odd, &sealed), ERR_OK);
		assert_int_equal(message_open(k, &id, 5, &sealed, &q), ERR_CORRUPT);
		assert_int_equal(q.code.text[0], 0);
	}
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct keyring_payload odd = { .len = (uint16_t)(32 * (1 + some(10))) };

		memcpy(odd.octets, plain, sizeof(plain));
		for (unsigned j = some(12); j > 0; j--)
			odd.octets[some(some(2) ? 24 : odd.len)] = (uint8_t)some(256);
		assert_int_equal(keyring_seal(k, &id, 5, &odd, &sealed), ERR_OK);
		enum err err = message_open(k, &id, 5, &sealed, &q);
		assert_true(err == ERR_OK || err == ERR_CORRUPT);
		assert_true(strnlen(q.text, sizeof(q.text)) < sizeof(q.text));
	}
	keyring_free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_sms),
		cmocka_unit_test(a_plain_request_takes_32_octets),
		cmocka_unit_test(a_text_that_is_not_here),
		cmocka_unit_test(what_is_played_is_sealed_too),
		cmocka_unit_test(the_id_that_send_gave_is_sealed_too),
		cmocka_unit_test(any_octets),
	};

	return cmocka_run_group_tests_name("message", tests, NULL, NULL);
}
