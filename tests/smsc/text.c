/*
 * text: the GSM 03.38 tables, and UTF-8. Pure.
 */
#include "text.h"

static const uint16_t gsm[128] = {
	'@',  0xA3,   '$',  0xA5,   0xE8,   0xE9,   0xF9,   0xEC,   0xF2,   0xC7,   '\n',   0xD8,   0xF8, '\r', 0xC5,
	0xE5, 0x0394, '_',  0x03A6, 0x0393, 0x039B, 0x03A9, 0x03A0, 0x03A8, 0x03A3, 0x0398, 0x039E, 0,    0xC6, 0xE6,
	0xDF, 0xC9,   ' ',  '!',    '"',    '#',    0xA4,   '%',    '&',    '\'',   '(',    ')',    '*',  '+',  ',',
	'-',  '.',    '/',  '0',    '1',    '2',    '3',    '4',    '5',    '6',    '7',    '8',    '9',  ':',  ';',
	'<',  '=',    '>',  '?',    0xA1,   'A',    'B',    'C',    'D',    'E',    'F',    'G',    'H',  'I',  'J',
	'K',  'L',    'M',  'N',    'O',    'P',    'Q',    'R',    'S',    'T',    'U',    'V',    'W',  'X',  'Y',
	'Z',  0xC4,   0xD6, 0xD1,   0xDC,   0xA7,   0xBF,   'a',    'b',    'c',    'd',    'e',    'f',  'g',  'h',
	'i',  'j',    'k',  'l',    'm',    'n',    'o',    'p',    'q',    'r',    's',    't',    'u',  'v',  'w',
	'x',  'y',    'z',  0xE4,   0xF6,   0xF1,   0xFC,   0xE0,
};

static uint32_t gsm_escaped(uint8_t octet)
{
	switch (octet) {
	case 0x14:
		return '^';
	case 0x28:
		return '{';
	case 0x29:
		return '}';
	case 0x2F:
		return '\\';
	case 0x3C:
		return '[';
	case 0x3D:
		return '~';
	case 0x3E:
		return ']';
	case 0x40:
		return '|';
	case 0x65:
		return 0x20AC;
	default:
		return ' ';
	}
}

static size_t put(char *out, size_t at, size_t cap, uint32_t c)
{
	if (at + 5 > cap)
		return at;
	if (c < 0x20 || c == 0x7F)
		c = ' ';
	if (c < 0x80) {
		out[at++] = (char)c;
	} else if (c < 0x800) {
		out[at++] = (char)(0xC0 | c >> 6);
		out[at++] = (char)(0x80 | (c & 0x3F));
	} else if (c < 0x10000) {
		out[at++] = (char)(0xE0 | c >> 12);
		out[at++] = (char)(0x80 | (c >> 6 & 0x3F));
		out[at++] = (char)(0x80 | (c & 0x3F));
	} else {
		out[at++] = (char)(0xF0 | c >> 18);
		out[at++] = (char)(0x80 | (c >> 12 & 0x3F));
		out[at++] = (char)(0x80 | (c >> 6 & 0x3F));
		out[at++] = (char)(0x80 | (c & 0x3F));
	}
	return at;
}

static size_t ucs2(const uint8_t *data, size_t len, char *out, size_t cap)
{
	size_t at = 0;

	for (size_t i = 0; i + 1 < len; i += 2) {
		uint32_t c = (uint32_t)data[i] << 8 | data[i + 1];

		if (c >= 0xD800 && c < 0xDC00 && i + 3 < len) {
			uint32_t low = (uint32_t)data[i + 2] << 8 | data[i + 3];

			c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
			i += 2;
		}
		at = put(out, at, cap, c);
	}
	out[at] = '\0';
	return at;
}

size_t text_decode(unsigned data_coding, const uint8_t *data, size_t len, char *out, size_t cap)
{
	size_t at = 0;

	if (data_coding == 8)
		return ucs2(data, len, out, cap);
	for (size_t i = 0; i < len; i++) {
		uint32_t c = data[i];

		if (data_coding == 0 && c < 128)
			c = c == 0x1B && i + 1 < len ? gsm_escaped(data[++i]) : gsm[c];
		at = put(out, at, cap, c);
	}
	out[at] = '\0';
	return at;
}
