/*
 * test_instance: who holds the lock is the owner; lives of one owner are told apart; foreign files are left alone.
 */
#include "base/instance.h"

#include "base/log.h"
#include "base/secret.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/test_instance.XXXXXX", path[64];

static int make_dir(void **state)
{
	(void)state;
	log_set_level(LOG_LEVEL_ERROR);
	if (secret_setup() != ERR_OK || !mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/lock", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	return rmdir(dir);
}

static int remove_file(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static void read_file(char out[64])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, out, 63);

	assert_true(n >= 0);
	out[n] = '\0';
	close(fd);
}

static void write_file(const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* Takes the lock, notes the owner, gives it back. */
static void live_once(char owner[INSTANCE_OWNER_LEN + 1])
{
	struct instance *in = NULL;

	assert_int_equal(instance_take(path, &in), ERR_OK);
	strcpy(owner, instance_owner(in));
	instance_free(in);
}

static void test_the_file_is_private_and_says_who(void **state)
{
	struct instance *in = NULL;
	char text[64], want[64];
	struct stat st;

	(void)state;
	assert_int_equal(instance_take(path, &in), ERR_OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	read_file(text);
	snprintf(want, sizeof(want), "%s %010ld\n", instance_owner(in), (long)getpid());
	assert_string_equal(text, want);
	assert_int_equal(strlen(instance_owner(in)), INSTANCE_OWNER_LEN);
	instance_free(in);
}

static void test_only_one_process_holds_it(void **state)
{
	struct instance *in = NULL, *other = NULL;
	int status = -1;

	(void)state;
	assert_int_equal(instance_take(path, &in), ERR_OK);
	assert_int_equal(instance_take(path, &other), ERR_BUSY);
	pid_t child = fork();
	if (child == 0)
		_exit(instance_take(path, &other) == ERR_BUSY ? 0 : 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	instance_free(in);
	assert_int_equal(instance_take(path, &in), ERR_OK);
	instance_free(in);
}

static void test_lives_share_who_and_differ(void **state)
{
	char former[INSTANCE_OWNER_LEN + 1], owner[INSTANCE_OWNER_LEN + 1], first[INSTANCE_OWNER_LEN + 1];

	(void)state;
	live_once(first);
	strcpy(former, first);
	for (int i = 1; i < 36 * 36; i++) {
		live_once(owner);
		assert_memory_equal(owner, first, INSTANCE_WHO_LEN);
		assert_string_not_equal(owner, former);
		assert_string_not_equal(owner, first);
		strcpy(former, owner);
	}
	live_once(owner);
	assert_string_equal(owner, first);
}

static void test_another_file_is_another_owner(void **state)
{
	char one[INSTANCE_OWNER_LEN + 1], two[INSTANCE_OWNER_LEN + 1];

	(void)state;
	live_once(one);
	unlink(path);
	live_once(two);
	assert_memory_not_equal(one, two, INSTANCE_WHO_LEN);
}

static void test_an_empty_file_is_taken(void **state)
{
	char owner[INSTANCE_OWNER_LEN + 1], text[64];

	(void)state;
	write_file("");
	live_once(owner);
	read_file(text);
	assert_memory_equal(text, owner, INSTANCE_OWNER_LEN);
	assert_int_equal(strlen(text), 20);
}

static void test_a_file_of_something_else_is_left_alone(void **state)
{
	static const char *const foreign[] = { "0123456789abcdef0123456789abcdef\n",
		                               "a secret of 20 octet",
		                               "\n",
		                               "s3cret\n",
		                               "abcdef00 000000001\n",
		                               "abcdef00 0000000001",
		                               "abcdef00 0000000001\nmore" };
	struct instance *in = NULL;
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		write_file(foreign[i]);
		assert_int_equal(instance_take(path, &in), ERR_INVALID);
		read_file(text);
		assert_string_equal(text, foreign[i]);
	}
}

static void test_no_socket(void **state)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct instance *in = NULL;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)state;
	assert_true(strlen(path) < sizeof(at.sun_path));
	memcpy(at.sun_path, path, strlen(path));
	assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(instance_take(path, &in), ERR_INVALID);
	close(fd);
}

static void test_no_link_and_no_directory(void **state)
{
	struct instance *in = NULL;

	(void)state;
	assert_int_equal(symlink("/dev/null", path), 0);
	assert_int_equal(instance_take(path, &in), ERR_INVALID);
	assert_int_equal(instance_take(dir, &in), ERR_INVALID);
	assert_int_equal(instance_take("/nowhere/lock", &in), ERR_INVALID);
	assert_int_equal(instance_take("/dev/null", &in), ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_the_file_is_private_and_says_who, remove_file),
		cmocka_unit_test_teardown(test_only_one_process_holds_it, remove_file),
		cmocka_unit_test_teardown(test_lives_share_who_and_differ, remove_file),
		cmocka_unit_test_teardown(test_another_file_is_another_owner, remove_file),
		cmocka_unit_test_teardown(test_an_empty_file_is_taken, remove_file),
		cmocka_unit_test_teardown(test_a_file_of_something_else_is_left_alone, remove_file),
		cmocka_unit_test_teardown(test_no_link_and_no_directory, remove_file),
		cmocka_unit_test_teardown(test_no_socket, remove_file),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
