/*
 * receipts and receipt_match in virtual time: when the SMSC is answered, which of a receipt's readings is taken,
 * what is tried again. Redis and the SMSC are played by the test: the order of events is its own.
 *
 * fakes: loop clock
 * wrap: keyring_is_number
 * wrap: keyring_receipt_partition
 * wrap: message_number
 */
#include "flow/news/receipts.h"

#include "base/clock.h"
#include "ops/funnel.h"
#include "otp/message.h"
#include "../../fakes/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define OURS "6281234567890"
#define OTHERS "6289999999999"
enum { ASKED_MAX = 1000, ANSWERS_MAX = 1000, MAIN = 77 };

/* A look-up or a mark that Redis has not answered. */
struct asked {
	char id[SMPP_MESSAGE_ID_CAP]; /* "": a mark */
	store_receipt_fn fn;
	store_mark_fn mark;
	void *arg;
};

static const struct flow_opts opts;
static struct news_uses uses = { .opts = &opts };
static struct receipts *stash;
static struct {
	struct asked asked[ASKED_MAX];
	size_t asked_count, looked, marks;
	char known[SMPP_MESSAGE_ID_CAP],
	    number[sizeof(((struct msisdn *)0)->digits)]; /* what Redis knows: of whom this id is */
	bool away;                                        /* each answer is an error */
	struct store_mark mark;                           /* the last one that was taken */
	bool unanswered;                                  /* submits of the SMSC */
	int answers[ANSWERS_MAX];                         /* by token: -1 none, else stored or not */
	unsigned fates[SMPP_FATE_MAX], hints[SMPP_MSGID_AUTO], hints_made;
} world;

/* --- Redis --- */

static struct asked *ask(void *arg)
{
	assert_in_range(world.asked_count, 0, ASKED_MAX - 1);
	struct asked *a = &world.asked[world.asked_count++];
	*a = (struct asked){ .arg = arg };
	return a;
}

enum err store_receipt(struct store *s, const struct store_receipt_req *req, store_receipt_fn fn, void *arg)
{
	(void)s;
	struct asked *a = ask(arg);
	snprintf(a->id, sizeof a->id, "%s", req->message_id);
	a->fn = fn;
	world.looked++;
	return ERR_OK;
}

enum err store_mark(struct store *s, const struct store_mark *m, store_mark_fn fn, void *arg)
{
	(void)s;
	ask(arg)->mark = fn;
	if (!world.away)
		world.mark = *m;
	world.marks++;
	return ERR_OK;
}

enum err store_look(struct store *s, const struct ident *id, store_query_fn fn, void *arg)
{
	static const struct store_record record;
	struct store_query_rep rep = { .record = &record };

	(void)s;
	(void)id;
	fn(arg, ERR_OK, &rep);
	return ERR_OK;
}

void store_receipt_end(struct store *s, const struct store_receipt_req *req, uint32_t keep_ms)
{
	(void)s;
	(void)req;
	(void)keep_ms;
}

void store_unreadable(struct store *s, const char *what, const struct ident *id)
{
	(void)s, (void)what, (void)id;
}

/* The record's number is the known one, whatever is asked. */
enum err __wrap_message_number(const struct keyring *keys, const struct ident *id, const struct keyring_sealed *sealed,
                               struct msisdn *out);
enum err __wrap_message_number(const struct keyring *keys, const struct ident *id, const struct keyring_sealed *sealed,
                               struct msisdn *out)
{
	(void)keys, (void)id, (void)sealed;
	snprintf(out->digits, sizeof out->digits, "%s", world.number);
	return ERR_OK;
}

bool __wrap_keyring_is_number(const struct keyring *k, const struct ident *id, const struct msisdn *number);
bool __wrap_keyring_is_number(const struct keyring *k, const struct ident *id, const struct msisdn *number)
{
	(void)k;
	(void)id;
	return strcmp(number->digits, world.number) == 0;
}

uint16_t __wrap_keyring_receipt_partition(const struct keyring *k, uint16_t smsc_tag, const char *message_id);
uint16_t __wrap_keyring_receipt_partition(const struct keyring *k, uint16_t smsc_tag, const char *message_id)
{
	(void)k;
	(void)smsc_tag;
	(void)message_id;
	return 0;
}

/* Redis answers all that it was asked, and what is asked after that. */
static void redis_answers(void)
{
	for (size_t i = 0; i < world.asked_count; i++) {
		const struct asked a = world.asked[i];
		const struct ident id = { .kid = 1 };
		enum err err = world.away ? ERR_UNAVAILABLE : ERR_OK;

		if (a.mark)
			a.mark(a.arg, err, STORE_MARK_MOVED);
		else
			a.fn(a.arg, err, !err && strcmp(a.id, world.known) == 0, &id);
	}
	world.asked_count = 0;
}

/* --- the SMSC --- */

bool smpp_unanswered(const struct smpp *p, unsigned smsc)
{
	(void)p;
	(void)smsc;
	return world.unanswered;
}

void smpp_receipt_done(struct smpp *p, uint64_t token, bool stored)
{
	(void)p;
	assert_int_equal(world.answers[token], -1); /* once */
	world.answers[token] = stored;
}

void smpp_receipt_count(const struct smpp *p, unsigned smsc, const char *name, enum smpp_fate fate)
{
	(void)p;
	(void)smsc;
	assert_string_equal(name, "main");
	world.fates[fate]++;
}

const char *smpp_smsc_name(const struct smpp *p, unsigned smsc)
{
	(void)p;
	(void)smsc;
	return "main";
}

uint16_t smpp_smsc_tag(const struct smpp *p, unsigned smsc)
{
	(void)p;
	(void)smsc;
	return MAIN;
}

void smpp_receipt_matched(struct smpp *p, unsigned smsc, enum smpp_msgid_mode mode)
{
	(void)p;
	(void)smsc;
	(void)mode;
}

/* Our SMSC writes in its receipts "100" for what may be "64" in its responses. */
void smpp_receipt_hints(const struct smpp *p, unsigned smsc, const char *id, struct smpp_hints *out)
{
	(void)p;
	(void)smsc;
	*out = (struct smpp_hints){ .count = 0 };
	if (strcmp(id, "100") != 0)
		return;
	world.hints_made++;
	*out = (struct smpp_hints){ .id = { "64" }, .mode = { SMPP_MSGID_HEX_RESP_DEC_DLR }, .count = 1 };
}

void smpp_receipt_hint(struct smpp *p, unsigned smsc, enum smpp_msgid_mode mode)
{
	(void)p;
	(void)smsc;
	world.hints[mode]++;
}

/* A receipt of a DELIVRD for our number. */
static struct smpp_receipt receipt(const char *id, uint64_t token)
{
	return (struct smpp_receipt){ .readings = { { .id = id, .state = SMPP_RECEIPT_DELIVERED } },
		                      .reading_count = 1,
		                      .ids = { id, "" },
		                      .error = "",
		                      .number = OURS,
		                      .to = "OTP",
		                      .token = token };
}

/* The same, of two ids: the text's says UNDELIV. */
static struct smpp_receipt two_ids(const char *id, const char *text_id, uint64_t token)
{
	struct smpp_receipt r = receipt(id, token);

	r.readings[r.reading_count++] = (struct smpp_reading){ .id = text_id, .state = SMPP_RECEIPT_UNDELIVERABLE };
	r.ids[1] = text_id;
	return r;
}

static void take(const struct smpp_receipt *r)
{
	receipts_take(stash, r);
	redis_answers();
}

static void know(const char *id, const char *number)
{
	snprintf(world.known, sizeof world.known, "%s", id);
	snprintf(world.number, sizeof world.number, "%s", number);
}

static void pass(int64_t ms)
{
	int64_t until_ms = clock_mono_ms() + ms;

	while (fake_loop_step(uses.loop, until_ms))
		redis_answers();
}

static int set_up(void **state)
{
	(void)state;
	funnel_start();
	memset(&world, 0, sizeof world);
	for (size_t i = 0; i < ANSWERS_MAX; i++)
		world.answers[i] = -1;
	uses.loop = loop_new();
	stash = receipts_new(&uses);
	return stash ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	receipts_free(stash);
	loop_free(uses.loop);
	return 0;
}

/* --- the head of the line --- */

/* An SMSC that sends each only when the one before was answered: not one of them waits. */
static void three_hundred_of_nothing_take_no_time(void **state)
{
	int64_t from_ms = clock_mono_ms();

	(void)state;
	for (uint64_t token = 0; token < 300; token++) {
		char id[16];
		snprintf(id, sizeof id, "%u", (unsigned)token);
		struct smpp_receipt r = receipt(id, token);
		receipts_take(stash, &r);
		assert_int_equal(world.answers[token], -1); /* it may match */
		redis_answers();
		assert_int_equal(world.answers[token], true);
	}
	assert_int_equal(clock_mono_ms(), from_ms);
	assert_int_equal(world.fates[SMPP_FATE_EARLY], 300);
	pass(61000);
	assert_int_equal(world.fates[SMPP_FATE_UNMATCHED], 300);
}

static void while_a_submit_is_unanswered_it_waits_a_quarter_of_a_second(void **state)
{
	struct smpp_receipt r = receipt("77", 1);

	(void)state;
	world.unanswered = true;
	take(&r);
	pass(100);
	receipts_accepted(stash, MAIN, "77"); /* of another number, it turns out: that is no second wait */
	know("77", OTHERS);
	redis_answers();
	pass(149);
	assert_int_equal(world.answers[1], -1);
	pass(1);
	assert_int_equal(world.answers[1], true);
	assert_int_equal(world.marks, 0);
	know("78", OURS);
	r = receipt("78", 2);
	take(&r); /* of what is known it is answered when that is marked, and not before */
	assert_int_equal(world.marks, 1);
	assert_int_equal(world.answers[2], true);
}

static void ahead_of_its_response_it_is_answered_when_marked(void **state)
{
	struct smpp_receipt r = receipt("77", 1);

	(void)state;
	world.unanswered = true;
	take(&r);
	pass(100);
	know("77", OURS);
	receipts_accepted(stash, MAIN, "77");
	assert_int_equal(world.answers[1], -1);
	redis_answers();
	assert_int_equal(world.answers[1], true);
	assert_int_equal(world.mark.delivery, DELIVERY_DELIVERED);
	assert_int_equal(world.fates[SMPP_FATE_MATCHED], 1);
}

/* --- what Redis does not take --- */

static void unanswered_it_goes_back_to_the_smsc(void **state)
{
	struct smpp_receipt r = receipt("77", 1);

	(void)state;
	world.away = true;
	take(&r);
	assert_int_equal(world.answers[1], false);
	assert_int_equal(world.fates[SMPP_FATE_REFUSED], 1);
}

static void answered_it_is_ours_to_try_again(void **state)
{
	struct smpp_receipt r = receipt("77", 1);

	(void)state;
	take(&r);
	assert_int_equal(world.answers[1], true);
	world.away = true;
	know("77", OURS);
	receipts_accepted(stash, MAIN, "77");
	redis_answers();
	pass(300);
	assert_int_equal(world.fates[SMPP_FATE_REFUSED], 0);
	world.away = false;
	pass(6000);
	assert_int_equal(world.mark.delivery, DELIVERY_DELIVERED);
	assert_int_equal(world.fates[SMPP_FATE_MATCHED], 1);
}

/* --- two witnesses --- */

static void the_id_of_the_text_is_looked_up_too(void **state)
{
	struct smpp_receipt r = two_ids("77", "78", 1);

	(void)state;
	know("78", OURS);
	take(&r);
	assert_int_equal(world.looked, 2);
	assert_int_equal(world.mark.delivery, DELIVERY_FAILED); /* as its text says */
	assert_int_equal(world.mark.reason, REASON_UNDELIVERABLE);
	know("77", OURS);
	r = two_ids("77", "78", 2);
	take(&r);
	assert_int_equal(world.mark.delivery, DELIVERY_DELIVERED); /* as its TLV says */
}

static void the_number_tells_which_of_two_ids_it_is(void **state)
{
	struct smpp_receipt r = two_ids("77", "78", 1);

	(void)state;
	know("77", OTHERS);
	take(&r);
	assert_int_equal(world.looked, 2);
	assert_int_equal(world.marks, 0);
	know("78", OTHERS);
	pass(250);
	assert_int_equal(world.marks, 0);
	r = two_ids("79", "80", 2);
	r.number = ""; /* without one only the first is sure */
	know("80", OURS);
	take(&r);
	assert_int_equal(world.marks, 0);
}

static void either_id_wakes_it(void **state)
{
	struct smpp_receipt r = two_ids("77", "78", 1);

	(void)state;
	world.unanswered = true;
	take(&r);
	know("78", OURS);
	receipts_accepted(stash, MAIN, "78");
	redis_answers();
	assert_int_equal(world.mark.reason, REASON_UNDELIVERABLE);
	assert_int_equal(world.answers[1], true);
}

static void one_of_two_is_intermediate(void **state)
{
	struct smpp_receipt r = two_ids("77", "78", 1);

	(void)state;
	r.readings[0].state = SMPP_RECEIPT_INTERMEDIATE;
	know("77", OURS);
	take(&r);
	assert_int_equal(world.marks, 0);
	assert_int_equal(world.fates[SMPP_FATE_INTERMEDIATE], 1);
	assert_int_equal(world.answers[1], true);
	r.readings[1].state = SMPP_RECEIPT_INTERMEDIATE;
	r.token = 2;
	receipts_take(stash, &r); /* both: nothing is asked of Redis */
	assert_int_equal(world.asked_count, 0);
	assert_int_equal(world.answers[2], true);
}

/* --- hints --- */

/* It is not taken: the configuration says otherwise. Redis is asked once, a second after it came. */
static void another_mode_would_match(void **state)
{
	struct smpp_receipt r = receipt("100", 1);

	(void)state;
	know("64", OURS);
	take(&r);
	assert_int_equal(world.looked, 1);
	assert_int_equal(world.hints_made, 0); /* its own readings come first, and most receipts need no other */
	receipts_accepted(stash, MAIN, "64");  /* nor does it wait for that */
	assert_int_equal(world.asked_count, 0);
	pass(61000);
	assert_int_equal(world.hints[SMPP_MSGID_HEX_RESP_DEC_DLR], 1);
	assert_int_equal(world.hints_made, 1);
	assert_int_equal(world.marks, 0);
	assert_int_equal(world.fates[SMPP_FATE_UNMATCHED], 1);
	r.token = 3;
	take(&r);
	world.away = true; /* when it is to be looked for */
	pass(1100);
	world.away = false;
	pass(60000);
	assert_int_equal(world.hints[SMPP_MSGID_HEX_RESP_DEC_DLR], 2);
	know("64", OTHERS); /* chance: many ids are both a decimal and a hexadecimal number */
	r.token = 2;
	take(&r);
	pass(61000);
	assert_int_equal(world.hints[SMPP_MSGID_HEX_RESP_DEC_DLR], 2);
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(three_hundred_of_nothing_take_no_time),
		T(while_a_submit_is_unanswered_it_waits_a_quarter_of_a_second),
		T(ahead_of_its_response_it_is_answered_when_marked),
		T(unanswered_it_goes_back_to_the_smsc),
		T(answered_it_is_ours_to_try_again),
		T(the_id_of_the_text_is_looked_up_too),
		T(the_number_tells_which_of_two_ids_it_is),
		T(either_id_wakes_it),
		T(one_of_two_is_intermediate),
		T(another_mode_would_match),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
