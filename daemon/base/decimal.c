/*
 * decimal: writes two digits per division, because divisions take the most of the time. Owns nothing.
 */
#include "base/decimal.h"

#include <string.h>

static const char pairs[] = "00010203040506070809101112131415161718192021222324"
			    "25262728293031323334353637383940414243444546474849"
			    "50515253545556575859606162636465666768697071727374"
			    "75767778798081828384858687888990919293949596979899";

size_t decimal_put(char *out, uint64_t v)
{
	char text[DECIMAL_CAP], *at = text + sizeof(text);

	if (v < 10) {
		*out = (char)('0' + v);
		return 1;
	}
	if (v < 100) {
		memcpy(out, pairs + v * 2, 2);
		return 2;
	}
	for (; v >= 100; v /= 100)
		memcpy(at -= 2, pairs + v % 100 * 2, 2);
	if (v >= 10)
		memcpy(at -= 2, pairs + v * 2, 2);
	else
		*--at = (char)('0' + v);
	size_t len = (size_t)(text + sizeof(text) - at);
	memcpy(out, at, len);
	return len;
}

size_t decimal_put_signed(char *out, int64_t v)
{
	if (v >= 0)
		return decimal_put(out, (uint64_t)v);
	*out = '-';
	return 1 + decimal_put(out + 1, 0 - (uint64_t)v);
}
