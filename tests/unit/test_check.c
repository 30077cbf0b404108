/*
 * check: what --check warns of beside a machine: files, users, addresses. The machine is a folder.
 */
#include "check.h"

#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

struct room {
	char root[64], conf_path[128], socket_path[96];
	struct conf conf;
	struct conf_key_file code;
	struct conf_file password, key;
	struct smpp_smsc_opts smsc;
	struct smpp_endpoint host;
	struct policy_tenant tenant;
	uint32_t uid;
	struct buf said;
};

static void put(const struct room *r, const char *path, const char *text)
{
	char full[512];

	snprintf(full, sizeof(full), "%s%s", r->root, path);
	for (char *at = strchr(full + strlen(r->root) + 1, '/'); at; at = strchr(at + 1, '/')) {
		*at = '\0';
		mkdir(full, 0700);
		*at = '/';
	}
	FILE *f = fopen(full, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int set_up(void **state)
{
	struct room *r = calloc(1, sizeof(*r));
	const struct passwd *nobody = getpwnam("nobody");

	if (!r || !nobody)
		return -1;
	unsetenv("CREDENTIALS_DIRECTORY");
	unsetenv("INVOCATION_ID");
	snprintf(r->root, sizeof(r->root), "/tmp/test_check.XXXXXX");
	if (!mkdtemp(r->root))
		return -1;
	snprintf(r->conf_path, sizeof(r->conf_path), "%s/t.conf", r->root);
	snprintf(r->socket_path, sizeof(r->socket_path), "%s/api.sock", r->root);
	r->uid = nobody->pw_uid;
	r->code.file.name = "code-1.key";
	r->password.name = "smsc.password";
	r->key.name = "";
	r->host = (struct smpp_endpoint){ .host = "127.0.0.1", .port = 2775 };
	r->smsc = (struct smpp_smsc_opts){ .name = "main", .hosts = &r->host, .host_count = 1 };
	r->tenant = (struct policy_tenant){ .name = "web", .uids = &r->uid, .uid_count = 1 };
	r->conf.path = r->conf_path;
	r->conf.index_key_file.name = "index.key";
	r->conf.redis_password_file.name = r->conf.sentinel_password_file.name = "";
	r->conf.code_keys = &r->code;
	r->conf.code_key_count = 1;
	r->conf.smpp.smscs = &r->smsc;
	r->conf.smpp.smsc_count = 1;
	r->conf.smsc_password_files = &r->password;
	r->conf.smsc_key_files = &r->key;
	r->conf.store.host = "";
	r->conf.api.socket_path = r->socket_path;
	r->conf.api.socket_group = "";
	r->conf.flow.policy.tenants = &r->tenant;
	r->conf.flow.policy.tenant_count = 1;
	put(r, "/credentials/index.key", "");
	put(r, "/credentials/code-1.key", "");
	put(r, "/credentials/smsc.password", "");
	buf_init(&r->said, 65536);
	*state = r;
	return 0;
}

static int tear_down(void **state)
{
	struct room *r = *state;
	char command[96];

	snprintf(command, sizeof(command), "rm -r %s", r->root);
	if (system(command) != 0)
		return -1;
	buf_clear(&r->said);
	free(r);
	return 0;
}

static const char *warnings(struct room *r)
{
	buf_clear(&r->said);
	assert_int_equal(check_machine(&r->conf, r->root, &r->said), ERR_OK);
	assert_int_equal(buf_append(&r->said, "", 1), ERR_OK);
	return (const char *)buf_data(&r->said);
}

static void nothing_to_say(void **state)
{
	assert_string_equal(warnings(*state), "");
}

static void files_that_nobody_names(void **state)
{
	struct room *r = *state;
	char want[256];

	put(r, "/credentials/smsc.password~", "");
	snprintf(want, sizeof(want),
	         "warning: %s/credentials/smsc.password~: no key of the configuration names this file\n", r->root);
	assert_string_equal(warnings(r), want);
}

/* The same in the folder of the service manager, where each file has the name of LoadCredential= before its own. */
static void files_as_the_unit_loads_them(void **state)
{
	struct room *r = *state;
	char folder[128];

	put(r, "/run/otpgwd_index.key", "");
	put(r, "/run/otpgwd_code-1.key", "");
	put(r, "/run/otpgwd_smsc.password", "");
	put(r, "/run/otpgwd_code-9.key", "");
	snprintf(folder, sizeof(folder), "%s/run", r->root);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", folder, 1), 0);
	const char *said = warnings(r);
	assert_non_null(strstr(said, "run/otpgwd_code-9.key: no key"));
	assert_null(strchr(strchr(said, '\n') + 1, '\n'));
}

static void users_who_cannot_connect(void **state)
{
	struct room *r = *state;
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", r->socket_path);
	assert_int_equal(bind(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(chmod(r->socket_path, 0660), 0);
	const char *said = warnings(r);
	assert_non_null(strstr(said, "warning: tenant web: user nobody cannot connect to "));
	assert_non_null(strstr(said, "mode 0660: usermod -aG "));
	assert_int_equal(chmod(r->socket_path, 0666), 0);
	assert_string_equal(warnings(r), "");
	close(fd);
}

/* No socket yet: as its unit will make it. */
static void users_who_could_not_connect(void **state)
{
	struct room *r = *state;
	char unit[512];

	snprintf(unit, sizeof(unit), "[Socket]\nListenStream=%s\nSocketMode=0660\nSocketGroup=root\n", r->socket_path);
	put(r, "/usr/lib/systemd/system/otpgwd.socket", unit);
	assert_non_null(
	    strstr(warnings(r), "of group root and mode 0660: usermod -aG root nobody, and restart the backend\n"));
	put(r, "/etc/systemd/system/otpgwd.socket.d/open.conf", "[Socket]\nSocketMode=0666\n");
	assert_string_equal(warnings(r), "");
}

static void addresses_outside_the_unit(void **state)
{
	struct room *r = *state;

	r->host.host = "203.0.113.7";
	assert_string_equal(warnings(r), ""); /* no unit, no filter */
	put(r, "/usr/lib/systemd/system/otpgwd.service", "[Service]\nIPAddressDeny=any\n");
	put(r, "/usr/lib/systemd/system/otpgwd.service.d/addresses.conf",
	    "[Service]\nIPAddressAllow=localhost 10.0.0.0/8\n");
	assert_string_equal(warnings(r),
	                    "warning: smsc main: 203.0.113.7 is outside the addresses that otpgwd.service may reach: "
	                    "systemctl edit otpgwd, and there [Service] and IPAddressAllow=203.0.113.7\n");
	put(r, "/etc/systemd/system/otpgwd.service.d/override.conf", "[Service]\nIPAddressAllow=203.0.113.7\n");
	assert_string_equal(warnings(r), "");
	r->conf.store.host = "2001:db8::6";
	assert_non_null(strstr(warnings(r), "warning: redis: 2001:db8::6 is outside"));
	static const char *const nodes[] = { "10.0.0.1:6379", "[2001:db8::7]:6379" };
	r->conf.store.host = "";
	r->conf.store.nodes = nodes;
	r->conf.store.node_count = 2;
	assert_non_null(strstr(warnings(r), "warning: redis: 2001:db8::7 is outside"));
	assert_null(strstr(warnings(r), "10.0.0.1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_to_say, set_up, tear_down),
		cmocka_unit_test_setup_teardown(files_that_nobody_names, set_up, tear_down),
		cmocka_unit_test_setup_teardown(files_as_the_unit_loads_them, set_up, tear_down),
		cmocka_unit_test_setup_teardown(users_who_cannot_connect, set_up, tear_down),
		cmocka_unit_test_setup_teardown(users_who_could_not_connect, set_up, tear_down),
		cmocka_unit_test_setup_teardown(addresses_outside_the_unit, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
