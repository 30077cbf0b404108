/*
 * The configuration file: any text gives a configuration or at least one line of error, never both, and no byte past
 * the end is read. What is taken once is taken twice, and is the same.
 */
#include "base/log.h"
#include "conf.h"
#include "../../daemon/conf/groups.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libconfig's scanner forgets the text of a string that never ends. */
const char *__lsan_default_suppressions(void)
{
	return "leak:libconfig.so\n";
}

static void check(int holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf *a = NULL, *b = NULL;
	struct buf errors, names;

	log_set_level(LOG_LEVEL_ERROR);
	buf_init(&errors, 65536);
	enum err err = conf_load_text("fuzz", (const char *)data, size, &a, &errors);
	check((err == ERR_OK) == (a != NULL));
	check((err == ERR_OK) == (buf_len(&errors) == 0));
	if (a) {
		buf_init(&names, 4096);
		check(conf_load_text("fuzz", (const char *)data, size, &b, &errors) == ERR_OK);
		check(conf_same_fixed(a, b, &names));
		buf_clear(&names);
		conf_free(b);
		conf_free(a);
	}
	buf_clear(&errors);
	return 0;
}
