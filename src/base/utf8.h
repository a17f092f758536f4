/*
 * UTF-8 (RFC 3629), and the characters that web pages and word processors put in place
 * of those of a keyboard.
 */
#ifndef CMONHA_BASE_UTF8_H
#define CMONHA_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* The first character of `bytes`. How many bytes it has; 0: this is not UTF-8. */
size_t utf8_decode(const char *bytes, size_t length, uint32_t *code);

/* The character that a byte other than UTF-8 is in Windows-1252, a superset of Latin 1.
 */
uint32_t utf8_from_windows(unsigned char byte);

/*
 * What to type in place of the character: an ASCII character; '\0' for one that cannot
 * be seen and is to be deleted; -1 if it is not mistaken for another one.
 */
int utf8_plain(uint32_t code);

/* Appends "U+00A0, a no-break space: type a blank", or "U+00FC, which is not ASCII". */
void utf8_describe(uint32_t code, struct text *text);

#endif
