/*
 * Growable text. A zeroed struct is an empty text; once something was added, `data`
 * ends in a NUL that is not counted in `length`, and is a C string. Without memory the
 * program exits (EX_OSERR): every text here has a limit far below a host's memory.
 */
#ifndef CMONHA_BASE_TEXT_H
#define CMONHA_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"

struct text {
	char *data;
	size_t length;
	size_t capacity;
};

/* All append: formatted as by printf(3), or bytes as they are. */
void text_addf(struct text *text, const char *format, ...) PRINTF_LIKE(2, 3);
void text_vaddf(struct text *text, const char *format, va_list arguments);
void text_add_bytes(struct text *text, const void *bytes, size_t length);

/*
 * Appends words as a paragraph: each line begins with `prefix` and has at most `width`
 * columns after it, and the last one ends with a newline.
 */
void text_add_wrapped(
    struct text *text, const char *prefix, size_t width, const char *words);

/* The text as a C string, "" when empty; owned by the text. */
const char *text_string(const struct text *text);

/* Allocates room for `more` bytes, and the NUL, after the end; returns the end. */
char *text_reserve(struct text *text, size_t more);

/* text_clear() empties the text and keeps the memory; text_free() frees it. */
void text_clear(struct text *text);
void text_free(struct text *text);

/*
 * Replaces by "?" each byte of foreign text that a terminal or a log must not get: of
 * control characters (C0, DEL and C1, with which escape sequences begin), of characters
 * that cannot be seen or that change the direction of writing (utf8_plain()), and what
 * is not UTF-8. The length stays.
 */
void text_make_printable(char *string);

bool text_equal(const struct text *a, const struct text *b);

/*
 * FNV-1a, 64 bit: detects accidental differences, not malicious ones. Continues `sum`,
 * which begins as TEXT_SUM_START.
 */
#define TEXT_SUM_START UINT64_C(0xcbf29ce484222325)
uint64_t text_sum(const struct text *text, uint64_t sum);

/* As calloc(3), strdup(3) and asprintf(3), but never NULL; free(3) frees them. */
void *allocate(size_t size);
char *copy_string(const char *string);
char *format_string(const char *format, ...) PRINTF_LIKE(1, 2);

#endif
