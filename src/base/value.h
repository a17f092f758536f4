/*
 * Parses values of configuration files strictly: the whole text must be the value, and
 * the value must be in range. Each parser returns NULL on success, or a static reason
 * that follows the quoted value in a message (`"x" must be yes or no`); the result is
 * then left as it was.
 */
#ifndef CMONHA_BASE_VALUE_H
#define CMONHA_BASE_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decimal digits only, from `low` to `high`; no sign, no blanks. */
const char *value_number(const char *text, int64_t low, int64_t high, int64_t *number);

/* "250ms", "2s" or "1m", in milliseconds. A number without a unit is an error. */
const char *
value_duration(const char *text, int64_t low, int64_t high, int64_t *milliseconds);

/* yes, true, on; no, false, off; in any case. */
const char *value_bool(const char *text, bool *truth);

/*
 * Cuts the next item off a comma-separated list, in place and without the blanks around
 * it; NULL after the last one. An empty item is returned as "", so that the caller's
 * parser rejects it.
 */
char *value_next_item(char **list);

/* Removes blanks from both ends, in place; returns the new beginning. */
char *value_trim(char *text);

#endif
