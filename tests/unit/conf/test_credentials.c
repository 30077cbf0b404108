/*
 * creds: which files are taken as keys and passwords, which are refused by name, and that nothing of them is told.
 */
#include "base/secret.h"
#include "conf/credentials.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define CANARY "hunter2-canary"

struct room {
	char dir[64];
	char paths[4][96]; /* index, code, redis, smsc */
	struct conf_key_file code;
	struct smpp_smsc_opts smsc;
	struct conf_file smsc_file, key_file;
	struct conf conf;
	struct creds creds;
	struct buf errors;
};

static void put(const char *path, const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static int set_up(void **state)
{
	static const char *const names[] = { "index.key", "code.key", "redis.password", "smsc.password" };
	struct room *r = calloc(1, sizeof(*r));

	if (!r || secret_setup())
		return -1;
	snprintf(r->dir, sizeof(r->dir), "/tmp/test_creds.XXXXXX");
	if (!mkdtemp(r->dir))
		return -1;
	for (size_t i = 0; i < 4; i++)
		snprintf(r->paths[i], sizeof(r->paths[i]), "%s/%s", r->dir, names[i]);
	if (keyring_write_file(r->paths[0]) || keyring_write_file(r->paths[1]))
		return -1;
	put(r->paths[2], CANARY "\n", 0600);
	put(r->paths[3], CANARY "2\n", 0400);
	r->code = (struct conf_key_file){ .kid = 3, .file = { r->paths[1], "t.conf:7: keys.codes.[0].file" } };
	r->smsc_file = (struct conf_file){ r->paths[3], "t.conf:9: smsc.[0].password_file" };
	r->key_file = (struct conf_file){ "", "" };
	r->conf.path = "t.conf";
	r->conf.index_key_file = (struct conf_file){ r->paths[0], "t.conf:5: keys.index" };
	r->conf.code_keys = &r->code;
	r->conf.code_key_count = 1;
	r->conf.current_kid = 3;
	r->conf.redis_password_file = (struct conf_file){ r->paths[2], "t.conf:3: redis.password_file" };
	r->conf.sentinel_password_file.name = "";
	r->conf.smscs = &r->smsc;
	r->conf.smpp.smscs = &r->smsc;
	r->conf.smpp.smsc_count = 1;
	r->conf.smsc_password_files = &r->smsc_file;
	r->conf.smsc_key_files = &r->key_file;
	r->conf.store.partitions = 16;
	buf_init(&r->errors, 65536);
	unsetenv("CREDENTIALS_DIRECTORY");
	*state = r;
	return 0;
}

static int tear_down(void **state)
{
	struct room *r = *state;

	creds_clear(&r->creds);
	buf_clear(&r->errors);
	for (size_t i = 0; i < 4; i++) {
		unlink(r->paths[i]);
		rmdir(r->paths[i]);
	}
	rmdir(r->dir);
	free(r);
	return 0;
}

/* The errors hold text and never the password. */
static void says(struct room *r, const char *text)
{
	uint8_t *end;

	assert_int_equal(buf_reserve(&r->errors, 1, &end), ERR_OK);
	*end = '\0'; /* not committed: more lines may follow */
	const char *all = (const char *)buf_data(&r->errors);

	if (!strstr(all, text)) {
		print_error("wanted: %s\ngot: %s", text, all);
		fail();
	}
	assert_null(strstr(all, CANARY));
}

static void refused(struct room *r, enum err want, size_t file, const char *what)
{
	char line[256];

	assert_int_equal(creds_load(&r->conf, &r->creds, &r->errors), want);
	assert_null(r->creds.keys);
	assert_null(r->conf.store.password);
	assert_null(r->smsc.password);
	snprintf(line, sizeof(line), "%s: found %s", r->paths[file], what);
	says(r, line);
}

static void test_good_files(void **state)
{
	struct room *r = *state;

	assert_int_equal(creds_load(&r->conf, &r->creds, &r->errors), ERR_OK);
	assert_int_equal(buf_len(&r->errors), 0);
	assert_true(keyring_has(r->creds.keys, 3));
	assert_false(keyring_has(r->creds.keys, 4));
	const struct secret *p = r->conf.store.password;
	assert_int_equal(secret_len(p), strlen(CANARY)); /* without its line end */
	assert_memory_equal(secret_bytes(p), CANARY, strlen(CANARY));
	assert_memory_equal(secret_bytes(r->smsc.password), CANARY "2", strlen(CANARY) + 1);
}

static void test_no_passwords(void **state)
{
	struct room *r = *state;

	r->conf.redis_password_file.name = "";
	r->smsc_file.name = "";
	assert_int_equal(creds_load(&r->conf, &r->creds, &r->errors), ERR_OK);
	assert_null(r->conf.store.password);
	assert_null(r->smsc.password);
}

static void test_attach(void **state)
{
	struct room *r = *state;
	struct smpp_smsc_opts other = { .name = "x" };
	struct conf fresh = { .path = "t.conf",
		              .smscs = &other,
		              .smpp = { .smscs = &other, .smsc_count = 1 },
		              .smsc_password_files = &r->smsc_file,
		              .smsc_key_files = &r->key_file };
	struct creds_smscs again;

	assert_int_equal(creds_load(&r->conf, &r->creds, &r->errors), ERR_OK);
	creds_attach(&r->creds, &fresh);
	assert_ptr_equal(fresh.store.password, r->creds.redis_password);
	assert_null(other.password);
	assert_int_equal(creds_load_smscs(&fresh, &again, &r->errors), ERR_OK);
	assert_ptr_equal(other.password, again.passwords[0]);
	assert_ptr_not_equal(other.password, r->creds.smscs.passwords[0]);
	assert_int_equal(secret_len(other.password), secret_len(r->creds.smscs.passwords[0]));
	creds_clear_smscs(&again);
}

static void test_world_readable(void **state)
{
	struct room *r = *state;

	assert_int_equal(chmod(r->paths[0], 0644), 0);
	refused(r, ERR_DENIED, 0, "mode 0644, allowed mode 0600 or 0400");
}

static void test_group_readable(void **state)
{
	struct room *r = *state;

	assert_int_equal(chmod(r->paths[3], 0640), 0);
	refused(r, ERR_DENIED, 3, "mode 0640, allowed mode 0600 or 0400");
}

static void test_missing(void **state)
{
	struct room *r = *state;

	unlink(r->paths[1]);
	refused(r, ERR_INVALID, 1, "no such file, allowed a file the daemon can read");
}

static void test_no_regular_file(void **state)
{
	struct room *r = *state;

	unlink(r->paths[2]);
	assert_int_equal(mkfifo(r->paths[2], 0600), 0);
	refused(r, ERR_INVALID, 2, "something that is no regular file");
	unlink(r->paths[2]);
	assert_int_equal(mkdir(r->paths[2], 0700), 0);
	refused(r, ERR_INVALID, 2, "something that is no regular file");
}

static void test_no_key_inside(void **state)
{
	struct room *r = *state;

	put(r->paths[1], CANARY, 0600);
	refused(r, ERR_INVALID, 1, "no key, allowed the one line that otpgwd --genkey writes");
}

static void test_passwords_that_are_none(void **state)
{
	struct room *r = *state;
	char *big = calloc(1, 5001);

	assert_non_null(big);
	put(r->paths[2], "\n", 0600);
	refused(r, ERR_INVALID, 2, "an empty password");
	put(r->paths[2], CANARY "\nsecond\n", 0600);
	refused(r, ERR_INVALID, 2, "more than one line");
	memset(big, 'x', 5000);
	put(r->paths[2], big, 0600);
	refused(r, ERR_INVALID, 2, "4096 octets or more");
	free(big);
}

static void test_index_key_as_code_key(void **state)
{
	struct room *r = *state;

	r->code.file.name = r->paths[0];
	refused(r, ERR_INVALID, 0, "the index key again");
}

static void test_all_at_once(void **state)
{
	struct room *r = *state;

	unlink(r->paths[0]);
	assert_int_equal(chmod(r->paths[1], 0604), 0);
	put(r->paths[2], "", 0600);
	refused(r, ERR_INVALID, 0, "no such file");
	says(r, "code.key: found mode 0604");
	says(r, "redis.password: found an empty password");
}

static void test_credentials_directory(void **state)
{
	struct room *r = *state;

	r->conf.index_key_file.name = "index.key";
	assert_int_equal(creds_load(&r->conf, &r->creds, &r->errors), ERR_INVALID);
	/* Without a service manager: beside the configuration. With the place that names it. */
	says(r, "t.conf:5: keys.index: credentials/index.key: found no such file, allowed a file the daemon can read");
	/* The service manager guards it: modes inside do not count, by short name or long. */
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", r->dir, 1), 0);
	assert_int_equal(chmod(r->paths[0], 0644), 0);
	assert_int_equal(chmod(r->paths[2], 0440), 0);
	assert_int_equal(creds_load(&r->conf, &r->creds, &r->errors), ERR_OK);
	creds_clear(&r->creds);
	/* A way out of it does not help. */
	char around[256];
	snprintf(around, sizeof(around), "%s/../%s/redis.password", r->dir, strrchr(r->dir, '/') + 1);
	r->conf.redis_password_file.name = around;
	assert_int_equal(creds_load(&r->conf, &r->creds, &r->errors), ERR_DENIED);
}

/* LoadCredential= of a folder puts its own name before those of the files. */
static void test_credentials_of_a_folder(void **state)
{
	struct room *r = *state;
	char renamed[128];

	snprintf(renamed, sizeof(renamed), "%s/otpgwd_index.key", r->dir);
	assert_int_equal(rename(r->paths[0], renamed), 0);
	r->conf.index_key_file.name = "index.key";
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", r->dir, 1), 0);
	assert_int_equal(creds_load(&r->conf, &r->creds, &r->errors), ERR_OK);
	creds_clear(&r->creds);
	unlink(renamed);
	assert_int_equal(creds_load(&r->conf, &r->creds, &r->errors), ERR_INVALID);
	says(r,
	     "index.key: found no such file, allowed one that lay in the credentials folder when the service started");
}

/* Beside the configuration, modes count. */
static void test_folder_beside_the_configuration(void **state)
{
	struct room *r = *state;
	char conf[128], folder[128], key[160];

	snprintf(conf, sizeof(conf), "%s/t.conf", r->dir);
	snprintf(folder, sizeof(folder), "%s/credentials", r->dir);
	snprintf(key, sizeof(key), "%s/index.key", folder);
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_int_equal(rename(r->paths[0], key), 0);
	r->conf.path = conf;
	r->conf.index_key_file.name = "index.key";
	assert_int_equal(creds_load(&r->conf, &r->creds, &r->errors), ERR_OK);
	creds_clear(&r->creds);
	assert_int_equal(chmod(key, 0644), 0);
	assert_int_equal(creds_load(&r->conf, &r->creds, &r->errors), ERR_DENIED);
	says(r, "credentials/index.key: found mode 0644");
	unlink(key);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_good_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_passwords, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_attach, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_world_readable, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_group_readable, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_missing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_regular_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_key_inside, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_passwords_that_are_none, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_index_key_as_code_key, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_all_at_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_credentials_directory, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_credentials_of_a_folder, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_folder_beside_the_configuration, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
