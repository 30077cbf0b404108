/*
 * orders: does at random what a story does line by line, and asks at the end which codes verify. Owns the codes in the
 * order in which they were granted. The same number gives the same order, but for the codes themselves.
 */
#include "orders.h"

#include "acts.h"
#include "story.h"
#include "world.h"
#include "../fakes/fake_smpp.h"
#include "../fakes/fake_store.h"
#include "../fakes/store_codes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ACTS 40
#define ACT_CAP 64
#define GRANTS_MAX 32
#define KEPT 3 /* accepted codes that overlap keeps */

static const char *const policies[] = { "same", "overlap", "replace" };

static struct {
	const char *policy;
	unsigned number, chance;
	uint8_t granted[GRANTS_MAX][KEYRING_MAC_LEN]; /* oldest first */
	size_t grants;
	char done[ACTS + 8][ACT_CAP];
	size_t done_count;
} order;

static unsigned some(unsigned n)
{
	return (unsigned)rand_r(&order.chance) % n;
}

static void act(const char *line)
{
	char words[ACT_CAP];

	snprintf(order.done[order.done_count++], ACT_CAP, "%s", line);
	snprintf(words, sizeof(words), "%s", line);
	if (!acts_do(words))
		story_fail("not understood: \"%s\"", line);
}

static const struct store_record *record(void)
{
	return fake_store_record(world_store(), "A");
}

/* A MAC that was not seen before is that of a code that was just granted. */
static void note_grant(void)
{
	const struct store_record *r = record();

	for (size_t i = 0; r && i < order.grants; i++)
		if (memcmp(order.granted[i], r->mac, KEYRING_MAC_LEN) == 0)
			return;
	if (r && order.grants < GRANTS_MAX)
		memcpy(order.granted[order.grants++], r->mac, KEYRING_MAC_LEN);
}

/* --- what happens --- */

/* Answers one of the submits that wait for it, or were given up, in one way of several. */
static void answer(bool late)
{
	static const char *const ways[] = { "accepts",   "accepts", "loses",  "refuses",
		                            "throttles", "rejects", "breaks", "defers" };
	static const char *const rest[] = { "", "", "", " 0x0B", "", " 0x8E", "", " 0x14 again 1s" };
	struct fake_submit s;
	size_t way = some(sizeof(ways) / sizeof(ways[0]));
	unsigned smsc = some(2);
	char line[ACT_CAP];
	bool there = false;

	for (size_t i = 0; !there && fake_smpp_submit(world_smpp(), i, &s); i++)
		there = s.smsc == smsc && (late ? s.unanswered : s.open);
	if (!there)
		return;
	if (late || way < 2)
		snprintf(line, sizeof(line), "%s %s A as %zu", smsc ? "second" : "main", late ? "late" : ways[way],
		         order.done_count + 100);
	else
		snprintf(line, sizeof(line), "%s %s A%s", smsc ? "second" : "main", ways[way], rest[way]);
	act(line);
}

static void receipt(void)
{
	char line[ACT_CAP];

	snprintf(line, sizeof(line), "%s receipt R%zu %u %s", some(2) ? "second" : "main", order.done_count,
	         some((unsigned)order.done_count + 1) + 100, some(2) ? "delivered" : "undeliverable");
	act(line);
}

static void pass(void)
{
	static const char *const waits[] = { "wait 250ms", "wait 1s", "wait 2s", "wait 6s" };

	act(waits[some(4)]);
}

/* One of the things that hinder: of the store, of the SMSCs, of the process. */
static void hinder(void)
{
	static const char *const lines[] = { "store loses mark",  "store drops mark",   "store delays mark 1s",
		                             "store holds mark",  "store resumes mark", "main full",
		                             "main room",         "second goes",        "second comes",
		                             "store loses resend" };

	act(lines[some(sizeof(lines) / sizeof(lines[0]))]);
}

static void die(void)
{
	act("daemon dies");
	act("daemon starts");
}

static void happen(void)
{
	switch (some(12)) {
	case 0:
	case 1:
	case 2:
		act("client resend R A");
		break;
	case 3:
	case 4:
	case 5:
		answer(false);
		break;
	case 6:
		answer(true);
		break;
	case 7:
		receipt();
		break;
	case 8:
		hinder();
		break;
	case 9:
		if (some(4) == 0)
			die();
		break;
	default:
		pass();
	}
	note_grant();
}

/* --- what must be so --- */

/* Which grant brought the code of this text; order.grants: none. */
static size_t grant_of(const char *text)
{
	uint8_t mac[KEYRING_MAC_LEN];
	size_t i = 0, len = 0;

	for (; *text && (len = strspn(text, "0123456789")) < 6; text += len ? len : 1)
		;
	if (keyring_mac(world_keys(), &record()->id, text, len, mac) != ERR_OK)
		story_fail("no key");
	while (i < order.grants && memcmp(order.granted[i], mac, sizeof(mac)) != 0)
		i++;
	return i;
}

/* True if a person who holds this code may not be refused, because too few later codes were accepted to end it. */
static bool must_verify(size_t grant, const bool *taken)
{
	size_t later = 0;

	for (size_t i = grant + 1; i < order.grants; i++)
		later += taken[i];
	return strcmp(order.policy, "same") == 0 || later < (strcmp(order.policy, "overlap") == 0 ? KEPT : 1);
}

static void check(void)
{
	bool taken[GRANTS_MAX] = { false };
	struct fake_submit s;

	for (size_t i = 0; fake_smpp_submit(world_smpp(), i, &s); i++) {
		size_t grant = grant_of(s.text);

		if (grant == order.grants)
			story_fail("SMS %zu has a code that was never granted", i);
		taken[grant] = taken[grant] || s.fate == FAKE_TAKEN;
	}
	for (size_t i = 0; fake_smpp_submit(world_smpp(), i, &s); i++) {
		size_t grant = grant_of(s.text);

		if (s.fate != FAKE_NOT_TAKEN && must_verify(grant, taken) &&
		    !fake_store_verifies(world_store(), "A", order.granted[grant]))
			story_fail("SMS %zu has code %zu of %zu, which is refused", i, grant + 1, order.grants);
	}
}

static void run(void)
{
	static char first[] = "client send A 081234567890", settle[] = "wait 2s";
	char *policy[] = { (char *)(uintptr_t)order.policy }, one[] = "1", eight[] = "8", *waits[] = { one },
	     *most[] = { eight };
	char *ambiguous[] = { (char *)(uintptr_t)(some(2) ? "fail" : "resend_once") };

	world_make();
	story_mute(true);
	if (!world_conf("resend", 1, policy) || !world_conf("waits", 1, waits) || !world_conf("resends", 1, most) ||
	    !world_conf("ambiguous", 1, ambiguous))
		story_fail("a key is not known");
	act(first);
	note_grant();
	for (size_t i = 0; i + 8 < ACTS && record(); i++)
		happen();
	act("store resumes mark");
	act(settle);
	if (record()->state == LIFECYCLE_PENDING)
		check();
}

/* Returns true if it is as it must be. */
static bool is_good(void)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		run();
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return false;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

unsigned orders_run(unsigned n)
{
	unsigned failed = 0;

	for (size_t p = 0; p < sizeof(policies) / sizeof(policies[0]); p++) {
		for (unsigned i = 1; i <= n; i++) {
			order.policy = policies[p];
			order.number = order.chance = i;
			if (is_good())
				continue;
			failed++;
			fprintf(stderr, "scenario: order %u of %s\n", i, order.policy);
		}
	}
	printf("scenario: %u orders by each policy, %u failed\n", n, failed);
	return failed;
}
