/*
 * options: the options of a command, found by the rows of the table. Private to api.
 */
#ifndef API_OPTIONS_H
#define API_OPTIONS_H

#include "api.h"

/* The options of one command: the rows that have its bit. */
struct api_option_set {
	struct api_options all;
	unsigned bit;
};

/* As api_options_read, for n arguments that are names and values in turn. Pure. */
bool api_options_parse(const struct api_option_set *set, const struct api_arg *args, size_t n, void *out,
                       struct api_fault *fault);

#endif
