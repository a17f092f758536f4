/*
 * From text to a value, strictly: the whole text must be the value and the value must
 * be in range. Each function returns NULL when it is, and a static reason (part of a
 * sentence, "must be …") when it is not; the result is then untouched.
 */
#ifndef CMONHA_BASE_VALUE_H
#define CMONHA_BASE_VALUE_H

#include <stdbool.h>
#include <stddef.h>

/* Decimal digits only; no sign, no blanks. */
const char *value_number(const char *text, long low, long high, long *number);

/* "250ms", "2s" or "1m", as milliseconds. A bare number is refused: which unit? */
const char *value_duration(const char *text, long low, long high, long *milliseconds);

/* yes, no, true, false, on, off, in any case. */
const char *value_bool(const char *text, bool *truth);

/*
 * Cuts the next item off a comma list: skips blanks around it, ends it with a NUL in
 * place and returns it; NULL when the list is used up. An empty item is returned as
 * "", so that the caller's parser refuses it.
 */
char *value_next_item(char **list);

/* Cuts blanks off both ends, in place; returns the new beginning. */
char *value_trim(char *text);

#endif
