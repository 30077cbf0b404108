/*
 * deliver: a message that finds no place in the queue, which must not happen. It is acknowledged: a release counts the
 * broken invariant and hands the message back to the journal, and its place is free again.
 *
 * wrap: route_queue_push
 * wrap: smpp_route
 * wrap: smpp_route_pace
 * wrap: smpp_routes
 * wrap: store_now_ms
 * wrap: store_release
 */
#include "flow/deliver/deliver.h"

#include "base/invariant.h"
#include "ops/funnel.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define PLACES 4

static unsigned released;
static struct ident last;
static bool last_unsent;

enum err __wrap_route_queue_push(struct route_queue *l, struct queue_entry *e, uint32_t avoid);
int __wrap_smpp_route(const struct smpp *p, const struct msisdn *to);
struct smpp_pace __wrap_smpp_route_pace(const struct smpp *p, int route, size_t most);
size_t __wrap_smpp_routes(const struct smpp *p);
int64_t __wrap_store_now_ms(const struct store *s);
void __wrap_store_release(struct store *s, const struct ident *id, const struct store_handed *how);

enum err __wrap_route_queue_push(struct route_queue *l, struct queue_entry *e, uint32_t avoid)
{
	(void)l, (void)e, (void)avoid;
	return ERR_BUSY;
}

int __wrap_smpp_route(const struct smpp *p, const struct msisdn *to)
{
	(void)p, (void)to;
	return 0;
}

struct smpp_pace __wrap_smpp_route_pace(const struct smpp *p, int route, size_t most)
{
	(void)p, (void)route, (void)most;
	return (struct smpp_pace){ .per_s = 100 };
}

size_t __wrap_smpp_routes(const struct smpp *p)
{
	(void)p;
	return 1;
}

int64_t __wrap_store_now_ms(const struct store *s)
{
	(void)s;
	return 1000000;
}

void __wrap_store_release(struct store *s, const struct ident *id, const struct store_handed *how)
{
	(void)s;
	released++;
	last = *id;
	last_unsent = how->unsent;
}

/* A message claimed from the journal, taken over by an instance whose queue takes nothing. */
static void adopt(struct deliver *d, uint16_t partition)
{
	static const struct message_payload payload;
	const struct deliver_order order = {
		.id = { .partition = partition }, .payload = &payload, .deadline_ms = 1060000, .lease_end_ms = INT64_MAX
	};

	assert_int_equal(deliver_adopt(d, &order), ERR_OK);
}

static const struct flow_opts opts = { .partitions = 16, .queue_max = PLACES, .lease_ms = 15000 };
static struct deliver_uses uses = { .opts = &opts };

static struct deliver *start(void)
{
	funnel_start();
	uses.loop = loop_new();
	assert_non_null(uses.loop);
	struct deliver *d = deliver_new(&uses);
	assert_non_null(d);
	assert_int_equal(deliver_configure(d), ERR_OK);
	return d;
}

static void it_goes_back_to_the_journal(void **state)
{
	(void)state;
	if (INVARIANT_ABORTS)
		skip();
	struct deliver *d = start();
	uint64_t before = invariant_count();

	/* More than there are places: each is free again. */
	for (unsigned i = 0; i < 2 * PLACES; i++) {
		adopt(d, (uint16_t)i);
		assert_int_equal(released, i + 1);
		assert_int_equal(last.partition, i);
		assert_true(last_unsent);
		assert_int_equal(invariant_count(), before + i + 1);
		assert_int_equal(deliver_queued(d), 0);
	}
	deliver_free(d);
	loop_free(uses.loop);
}

static void other_builds_end_there(void **state)
{
	int status = 0;

	(void)state;
	if (!INVARIANT_ABORTS)
		skip();
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		signal(SIGABRT, SIG_DFL);
		fclose(stderr);
		adopt(start(), 1);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_goes_back_to_the_journal),
		cmocka_unit_test(other_builds_end_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
