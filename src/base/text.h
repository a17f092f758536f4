/*
 * Text that grows. Always ends in a NUL that is not counted, so `at` can be used as
 * a C string once anything was added. A zeroed struct is an empty text.
 * Running out of memory ends the program: none of our texts is larger than a file
 * with a limit, so it means that the machine is lost anyway.
 */
#ifndef CMONHA_BASE_TEXT_H
#define CMONHA_BASE_TEXT_H

#include <stdarg.h>
#include <stddef.h>

#include "base/log.h"

struct text {
	char *data;
	size_t length;
	size_t capacity;
};

/* Both append; text_add formats. */
void text_addf(struct text *text, const char *format, ...) PRINTF_LIKE(2, 3);
void text_vaddf(struct text *text, const char *format, va_list arguments);
void text_add_bytes(struct text *text, const void *bytes, size_t length);

/*
 * Appends words as a paragraph: each line begins with `prefix` and has at most `width`
 * columns behind it. Ends with a newline.
 */
void text_add_wrapped(
    struct text *text, const char *prefix, size_t width, const char *words);

/* The text as a C string, "" when empty; owned by the text. */
const char *text_string(const struct text *text);

/* Makes sure that `more` bytes can be written behind the end; returns that place. */
char *text_reserve(struct text *text, size_t more);

/* Forgets the content and keeps the memory; forgets both. */
void text_clear(struct text *text);
void text_free(struct text *text);

/* Like calloc, strdup and a formatting strdup, but never NULL. */
void *allocate(size_t size);
char *copy_string(const char *string);
char *format_string(const char *format, ...) PRINTF_LIKE(1, 2);

#endif
