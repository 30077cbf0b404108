/*
 * hex: reads a hexadecimal digit. Pure.
 */
#ifndef BASE_HEX_H
#define BASE_HEX_H

/* Returns the value 0 to 15 of a digit in either case, or -1 if c is no such digit. Does not depend on the locale. */
static inline int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

#endif
