/*
 * options: the options of a command, by its rows. Private to api.
 */
#ifndef API_OPTIONS_H
#define API_OPTIONS_H

#include "api.h"

/* The options of one command: the rows that have its bit. */
struct api_option_set {
	struct api_options all;
	unsigned bit;
};

/* As api_options_read, of n arguments that are options: a name, its value, and so on. Pure. */
bool api_options_parse(const struct api_option_set *set, const struct api_arg *args, size_t n, void *out,
                       struct api_fault *fault);

#endif
