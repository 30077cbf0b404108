/*
 * world: builds the flows as app does, with fakes below and no sockets above. Owns all of them, and the configuration
 * that a story may change.
 */
#include "world.h"

#include "client.h"
#include "story.h"
#include "../fakes/fake_smpp.h"
#include "../fakes/fake_store.h"
#include "../fakes/loop.h"
#include "../fakes/saw.h"

#include "base/clock.h"
#include "base/invariant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARTITIONS 4
#define LEASE_MS 5000
#define KID 7

static struct msisdn_mobile mobile[] = { { "8", "8", 0 } };
static struct msisdn_country country = {
	.region = "ID", .code = "62", .trunk = "0", .len_min = 9, .len_max = 12, .mobile = mobile, .mobile_count = 1
};
static const uint32_t uids[] = { WORLD_UID }, rival_uids[] = { WORLD_RIVAL_UID };
static struct policy_tenant tenants[] = {
	{ .name = "shop", .uids = uids, .uid_count = 1, .known = true },
	{ .name = "rival", .uids = rival_uids, .uid_count = 1 },
};
static const struct text_template templates[] = {
	{ .name = "otp", .lang = "id", .text = "{brand}: kode Anda {code}. Berlaku {minutes} menit." },
	{ .name = "pay", .lang = "id", .text = "{brand}: kode {code} untuk membayar {sum}." },
};
static struct policy_purpose purposes[] = {
	{ .name = "login",
	  .tag = 21387,
	  .template_name = "otp",
	  .brand = "Toko",
	  .sender = "",
	  .code_len = 6,
	  .guesses = 5,
	  .resends = 3,
	  .waits_s = { 30, 60, 120 },
	  .wait_count = 3,
	  .ttl_s = 300,
	  .ttl_max_s = 600,
	  .hard_s = 600,
	  .deadline_s = 60,
	  .number_sends_short = { 5, 600 },
	  .number_sends_long = { 10, 86400 },
	  .number_fails_short = { 10, 3600 },
	  .number_fails_long = { 20, 86400 },
	  .number_sends_known = { 10, 600 } },
};

/* The test numbers of "shop": one, if a story wants it. */
static struct testnumber_range test_range;
static struct testnumber_group tests = {
	.code = "000000", .until = "2999-12-31", .end_ms = INT64_MAX, .ranges = &test_range, .range_count = 1
};
static char test_number[40], test_outcome[24];
static const char *const test_numbers[] = { test_number };

static struct {
	struct loop *loop;
	struct store *store;
	struct smpp *smpp;
	struct keyring *keys;
	struct flow *flow;
	struct flow_opts opts;
	uint64_t broken;
} world;

/* --- configuration --- */

static bool conf_number(const char *key, const char *word)
{
	struct policy_purpose *p = &purposes[0];
	uint32_t n = (uint32_t)strtoul(word, NULL, 10);
	const struct {
		const char *key;
		uint32_t *to;
	} numbers[] = { { "queue_max", &world.opts.queue_max },
		        { "redis_in_flight", &world.opts.redis_in_flight },
		        { "deadline", &p->deadline_s },
		        { "ttl", &p->ttl_s },
		        { "hard", &p->hard_s } };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (strcmp(numbers[i].key, key) == 0) {
			*numbers[i].to = n;
			return true;
		}
	if (strcmp(key, "guesses") == 0)
		p->guesses = (uint8_t)n;
	else if (strcmp(key, "resends") == 0)
		p->resends = (uint8_t)n;
	else if (strcmp(key, "tenant_rate") == 0)
		tenants[0].rate = tenants[0].burst = n;
	else if (strcmp(key, "global_rate") == 0)
		world.opts.policy.global_rate = world.opts.policy.global_burst = n;
	else
		return false;
	return true;
}

static bool conf_word(const char *key, const char *word)
{
	static const char *const ambiguous[] = {
		[FLOW_RESEND_ONCE] = "resend_once", [FLOW_FAIL] = "fail", [FLOW_WAIT] = "wait"
	};

	if (strcmp(key, "ambiguous") == 0) {
		for (int i = 0; i < 3; i++)
			if (strcmp(ambiguous[i], word) == 0) {
				world.opts.ambiguous = (enum flow_ambiguous)i;
				return true;
			}
		return false;
	}
	if (strcmp(key, "reroute") == 0)
		world.opts.reroute = strcmp(word, "on") == 0;
	else if (strcmp(key, "require") == 0)
		world.opts.require = strcmp(word, "power") == 0 ? STORE_DUR_POWER : STORE_DUR_UNKNOWN;
	else if (strcmp(key, "redirect") == 0)
		purposes[0].redirect = strcmp(word, "on") == 0 ? POLICY_REDIRECT_UNTIL_VERIFIED : POLICY_REDIRECT_NEVER;
	else if (strcmp(key, "similar") == 0)
		purposes[0].similar = strcmp(word, "on") == 0;
	else if (strcmp(key, "guessing") == 0)
		world.opts.policy.guessing = strcmp(word, "slow") == 0 ? POLICY_GUESSING_SLOW : POLICY_GUESSING_WARN;
	else
		return conf_number(key, word);
	return true;
}

/* "off" in place of an outcome takes the test number away. */
static bool conf_test(const char *number, const char *outcome)
{
	tenants[0].test_count = 0;
	if (strcmp(outcome, "off") == 0)
		return true;
	snprintf(test_number, sizeof(test_number), "%s", number);
	snprintf(test_outcome, sizeof(test_outcome), "%s", outcome);
	tests.numbers = test_numbers;
	tests.number_count = 1;
	tests.outcome = test_outcome;
	tenants[0].tests = &tests;
	tenants[0].test_count = 1;
	return testnumber_read_range(number, &test_range) == TESTNUMBER_GOOD &&
	       testnumber_read_play(outcome, &tests.play);
}

bool world_conf(const char *key, size_t n, char *const *words)
{
	unsigned smscs[FAKE_SMSCS_MAX];

	if (strcmp(key, "no_routes") == 0 && !n) {
		fake_smpp_clear_routes(world.smpp);
		return true;
	}
	if (!n)
		return false;
	if (strcmp(key, "test") == 0)
		return n == 2 && conf_test(words[0], words[1]);
	if (strcmp(key, "smsc") == 0 && n == 1) {
		fake_smpp_add(world.smpp, words[0]);
		return true;
	}
	if (strcmp(key, "route") != 0)
		return n == 1 && conf_word(key, words[0]);
	for (size_t i = 1; i < n; i++) {
		int smsc = smpp_smsc_find(world.smpp, words[i]);

		if (smsc < 0 || i > FAKE_SMSCS_MAX)
			return false;
		smscs[i - 1] = (unsigned)smsc;
	}
	return fake_smpp_add_route(world.smpp, words[0], smscs, n - 1);
}

static struct flow_opts defaults(void)
{
	return (struct flow_opts){ .policy = { .purposes = purposes,
		                               .purpose_count = 1,
		                               .tenants = tenants,
		                               .tenant_count = 2,
		                               .templates = templates,
		                               .template_count = 2,
		                               .default_purpose = "login",
		                               .default_lang = "id",
		                               .charsets = 1U << CHARSET_GSM,
		                               .equal_window_s = 10,
		                               .idempotency_s = 86400,
		                               .verdict_s = 60,
		                               .tombstone_s = 7200 },
		                   .plan = { .countries = &country, .country_count = 1, .home = 0, .idd = "00" },
		                   .queue_max = 1000,
		                   .redis_in_flight = 8000,
		                   .send_target_ms = 100,
		                   .ambiguous = FLOW_RESEND_ONCE,
		                   .reroute = true,
		                   .receipt_memory_s = 86400,
		                   .partitions = PARTITIONS,
		                   .lease_ms = LEASE_MS };
}

static void make_keys(void)
{
	static const uint8_t octets[KEYRING_KEY_LEN] = { 1 };
	struct secret *s = NULL;

	if (secret_setup() || secret_new(octets, sizeof(octets), &s) || keyring_new(s, PARTITIONS, &world.keys) ||
	    keyring_add(world.keys, KID, s) || keyring_use(world.keys, KID))
		story_fail("no keys");
	secret_free(s);
}

void world_make(void)
{
	world.loop = loop_new();
	world.store = fake_store_new(world.loop, LEASE_MS);
	world.smpp = fake_smpp_new(world.loop);
	world.opts = defaults();
	world.broken = invariant_count();
	make_keys();
	fake_smpp_add(world.smpp, "main");
	fake_smpp_add(world.smpp, "second");
	fake_smpp_add_route(world.smpp, "62", (const unsigned[]){ 0, 1 }, 2);
}

/* --- the process --- */

void world_start(void)
{
	if (world.flow)
		story_fail("the daemon runs");
	fake_store_new_owner(world.store);
	if (flow_new(world.loop, &world.opts, world.keys, &world.flow))
		story_fail("no memory");
	const struct store_hooks store_hooks = flow_store_hooks(world.flow);
	const struct smpp_listener listener = flow_smpp_listener(world.flow);
	fake_store_hooks(world.store, &store_hooks);
	fake_smpp_listener(world.smpp, &listener);
	if (flow_connect(world.flow, world.store, world.smpp))
		story_fail("no memory");
	flow_start(world.flow);
	if (store_up(world.store))
		store_hooks.on_up(store_hooks.arg);
}

bool world_started(void)
{
	return world.flow != NULL;
}

void world_die(void)
{
	if (!world.flow)
		return;
	story_mute(true);
	fake_store_free_calls(world.store);
	fake_smpp_forget(world.smpp);
	flow_free(world.flow);
	client_forget_all();
	story_mute(false);
	world.flow = NULL;
}

static void on_drained(void *arg)
{
	(void)arg;
	fake_saw(true, "daemon is drained");
}

void world_drain(int64_t ms)
{
	flow_drain(world.flow, clock_mono_ms() + ms, on_drained, NULL);
}

void world_reload(void)
{
	if (flow_configure(world.flow, &world.opts))
		story_fail("no memory");
}

void world_wait(int64_t ms)
{
	fake_loop_turn(world.loop);
	fake_loop_run(world.loop, ms);
}

void world_turn(void)
{
	fake_loop_turn(world.loop);
	fake_loop_run(world.loop, 0);
}

void world_end(void)
{
	const char *call = client_unanswered();

	if (call && world.flow)
		story_fail("no answer was given to %s", call);
	world_die();
	if (invariant_count() != world.broken)
		story_fail("an invariant was broken");
	fake_store_free(world.store);
	fake_smpp_free(world.smpp);
	keyring_free(world.keys);
	loop_free(world.loop);
}

struct store *world_store(void)
{
	return world.store;
}

struct smpp *world_smpp(void)
{
	return world.smpp;
}

struct api_hooks world_api_hooks(void)
{
	return flow_api_hooks(world.flow);
}

const char *fake_smsc(uint16_t tag)
{
	int smsc = smpp_smsc_of_tag(world.smpp, tag);

	if (tag == TESTNUMBER_SMSC_TAG)
		return TESTNUMBER_SMSC_NAME;
	return smsc < 0 ? "" : smpp_smsc_name(world.smpp, (unsigned)smsc);
}

const char *fake_name(const struct ident *id)
{
	const char *name = fake_store_name(world.store, id);

	return name ? name : "an unknown verification";
}
