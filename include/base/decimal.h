/*
 * decimal: writes numbers in decimal, for protocols that write some with every request. Pure.
 */
#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H

#include <stddef.h>
#include <stdint.h>

#define DECIMAL_CAP 20 /* characters of the longest number, with its sign */

/* Writes v to out, which has room for DECIMAL_CAP characters. Returns the number of characters; there is no NUL. */
size_t decimal_put(char *out, uint64_t v);
size_t decimal_put_signed(char *out, int64_t v);

#endif
