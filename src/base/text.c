#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/utf8.h"

void *
allocate(size_t size)
{
	void *memory = calloc(1, size ? size : 1);

	if (!memory)
		log_fatal(EX_OSERR, "out of memory");
	return memory;
}

char *
copy_string(const char *string)
{
	char *copy = strdup(string);

	if (!copy)
		log_fatal(EX_OSERR, "out of memory");
	return copy;
}

char *
format_string(const char *format, ...)
{
	struct text text = {0};
	va_list arguments;

	va_start(arguments, format);
	text_vaddf(&text, format, arguments);
	va_end(arguments);
	return text.data;
}

char *
text_reserve(struct text *text, size_t more)
{
	size_t wanted = text->length + more + 1;

	if (wanted > text->capacity) {
		size_t capacity = text->capacity ? text->capacity : 64;

		while (capacity < wanted)
			capacity *= 2;
		text->data = realloc(text->data, capacity);
		if (!text->data)
			log_fatal(EX_OSERR, "out of memory");
		text->capacity = capacity;
		text->data[text->length] = '\0';
	}
	return text->data + text->length;
}

void
text_add_bytes(struct text *text, const void *bytes, size_t length)
{
	char *end = text_reserve(text, length);

	if (length)
		memcpy(end, bytes, length);
	text->length += length;
	text->data[text->length] = '\0';
}

void
text_vaddf(struct text *text, const char *format, va_list arguments)
{
	va_list again;
	int length;

	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0)
		log_fatal(EX_SOFTWARE, "cannot format \"%s\"", format);
	text_reserve(text, (size_t)length);
	vsnprintf(text->data + text->length, (size_t)length + 1, format, arguments);
	text->length += (size_t)length;
}

void
text_addf(struct text *text, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	text_vaddf(text, format, arguments);
	va_end(arguments);
}

void
text_add_wrapped(struct text *text, const char *prefix, size_t width, const char *words)
{
	size_t column = 0;

	while (*words) {
		size_t length = strcspn(words, " ");

		if (column && column + 1 + length > width) {
			text_addf(text, "\n");
			column = 0;
		}
		text_addf(text, "%s", column ? " " : prefix);
		text_add_bytes(text, words, length);
		column += length + (column ? 1 : 0);
		words += length;
		words += strspn(words, " ");
	}
	text_addf(text, "\n");
}

const char *
text_string(const struct text *text)
{
	return text->data ? text->data : "";
}

void
text_clear(struct text *text)
{
	text->length = 0;
	if (text->data)
		text->data[0] = '\0';
}

void
text_free(struct text *text)
{
	free(text->data);
	*text = (struct text){0};
}

void
text_make_printable(char *string)
{
	size_t left = strlen(string), length;
	uint32_t code = 0;

	for (char *at = string; left; at += length, left -= length) {
		bool is_text = (length = utf8_decode(at, left, &code)) > 0;

		if (!is_text)
			length = 1;
		if (!is_text || code < ' ' || (code >= 0x7f && code < 0xa0) ||
		    utf8_plain(code) == 0)
			memset(at, '?', length);
	}
}

uint64_t
text_sum(const struct text *text, uint64_t sum)
{
	for (size_t i = 0; i < text->length; i++)
		sum = (sum ^ (unsigned char)text->data[i]) * UINT64_C(0x100000001b3);
	return sum;
}

bool
text_equal(const struct text *a, const struct text *b)
{
	return a->length == b->length &&
	       (a->length == 0 || memcmp(a->data, b->data, a->length) == 0);
}
