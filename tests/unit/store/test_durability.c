/*
 * test_durability: the class of loss from what Redis says of itself: settings, a disk that does not keep up,
 * replicas.
 */
#include "../../../daemon/store/durability.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static void look(struct durability *d, int pending, unsigned delayed)
{
	char info[256];

	snprintf(info, sizeof(info),
	         "# Persistence\r\nloading:0\r\naof_enabled:1\r\naof_last_write_status:ok\r\n"
	         "aof_pending_bio_fsync:%d\r\naof_delayed_fsync:%u\r\n",
	         pending, delayed);
	durability_read_persistence(d, info);
}

static void test_settings_alone(void **state)
{
	struct durability d = { 0 };

	(void)state;
	assert_int_equal(durability_judge(&d, false), STORE_DUR_NONE);
	d.aof = true;
	assert_int_equal(durability_judge(&d, false), STORE_DUR_PROCESS);
	d.always = true;
	assert_int_equal(durability_judge(&d, false), STORE_DUR_POWER);
	d.unknown = true;
	assert_int_equal(durability_judge(&d, true), STORE_DUR_UNKNOWN);
}

static void test_a_disk_that_does_not_keep_up(void **state)
{
	struct durability d = { .aof = true };

	(void)state;
	look(&d, 0, 7);
	assert_false(durability_lagging(&d));
	look(&d, 1, 7);
	assert_int_equal(durability_judge(&d, false), STORE_DUR_PROCESS);
	look(&d, 1, 7);
	assert_int_equal(durability_judge(&d, false), STORE_DUR_NONE);
	for (int i = 0; i < 4; i++)
		look(&d, 0, 7);
	assert_int_equal(durability_judge(&d, false), STORE_DUR_PROCESS);
	look(&d, 0, 8);
	look(&d, 0, 9);
	assert_int_equal(durability_judge(&d, false), STORE_DUR_NONE);
	/* always waits for the disk: what is answered is on it. */
	d.always = true;
	assert_int_equal(durability_judge(&d, false), STORE_DUR_POWER);
}

static void test_what_was_delayed_before_we_came(void **state)
{
	struct durability d = { .aof = true };

	(void)state;
	look(&d, 0, 1000);
	look(&d, 0, 1000);
	look(&d, 0, 3); /* counted anew after CONFIG RESETSTAT */
	assert_int_equal(durability_judge(&d, false), STORE_DUR_PROCESS);
}

static void test_a_file_that_cannot_be_written(void **state)
{
	struct durability d = { .aof = true, .always = true };

	(void)state;
	durability_read_persistence(&d, "aof_last_write_status:err\r\n");
	assert_int_equal(durability_judge(&d, false), STORE_DUR_NONE);
	durability_read_persistence(&d, "aof_last_write_status:ok\r\n");
	assert_int_equal(durability_judge(&d, false), STORE_DUR_POWER);
}

static void test_replicas(void **state)
{
	struct durability d = { .aof = true };

	(void)state;
	durability_read_replication(&d, "role:master\r\nconnected_slaves:2\r\n"
	                                "slave0:ip=10.0.0.2,port=6379,state=online,offset=1,lag=0\r\n"
	                                "slave1:ip=10.0.0.3,port=6379,state=wait_bgsave,offset=0,lag=0\r\n");
	assert_int_equal(d.replicas, 1);
	assert_int_equal(durability_judge(&d, false), STORE_DUR_PROCESS);
	assert_int_equal(durability_judge(&d, true), STORE_DUR_POWER);
	d.min_replicas = 1;
	assert_int_equal(durability_judge(&d, true), STORE_DUR_FAILOVER);
	durability_read_replication(&d, "slave0:ip=10.0.0.2,port=6379,state=online,offset=1,lag=9\r\n");
	assert_int_equal(d.replicas, 0);
	durability_read_replication(&d, "role:master\r\nconnected_slaves:0\r\n");
	assert_int_equal(durability_judge(&d, true), STORE_DUR_PROCESS);
}

/* In an ordered failover the replica that leaves is the one that counts. */
static void test_a_replica_that_went_is_missed_for_a_while(void **state)
{
	struct durability d = { .replicas = 2 };

	(void)state;
	assert_int_equal(durability_need(&d, 1000), 2);
	d.replicas = 1;
	assert_int_equal(durability_need(&d, 2000), 2);
	assert_int_equal(durability_need(&d, 4000), 2);
	assert_int_equal(durability_need(&d, 4001), 1);
	d.replicas = 3;
	assert_int_equal(durability_need(&d, 4002), 3);
	d.replicas = 0;
	assert_int_equal(durability_need(&d, 9000), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settings_alone),
		cmocka_unit_test(test_a_disk_that_does_not_keep_up),
		cmocka_unit_test(test_what_was_delayed_before_we_came),
		cmocka_unit_test(test_a_file_that_cannot_be_written),
		cmocka_unit_test(test_replicas),
		cmocka_unit_test(test_a_replica_that_went_is_missed_for_a_while),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
