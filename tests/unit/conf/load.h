/*
 * load: loads the text of a configuration, for the tests of its parts. Include it after cmocka.h.
 */
#ifndef TESTS_UNIT_CONF_LOAD_H
#define TESTS_UNIT_CONF_LOAD_H

#include "base/buf.h"

#include <stdio.h>
#include <string.h>

/* NULL: refused, and said has what is told of it; else said is empty. */
static struct conf *load_text(const char *text, char *said, size_t cap)
{
	struct conf *c = NULL;
	struct buf errors;

	buf_init(&errors, cap - 1);
	enum err err = conf_load_text("t.conf", text, strlen(text), &c, &errors);
	snprintf(said, cap, "%.*s", (int)buf_len(&errors), (const char *)buf_data(&errors));
	buf_clear(&errors);
	assert_int_equal(err == ERR_OK, c != NULL && !said[0]);
	return c;
}

#endif
