#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

void *
allocate(size_t size)
{
	void *memory = calloc(1, size ? size : 1);

	if (!memory)
		die(EX_OSERR, "out of memory");
	return memory;
}

char *
copy_string(const char *string)
{
	char *copy = strdup(string);

	if (!copy)
		die(EX_OSERR, "out of memory");
	return copy;
}

char *
format_string(const char *format, ...)
{
	struct text text = {0};
	va_list arguments;

	va_start(arguments, format);
	text_add_list(&text, format, arguments);
	va_end(arguments);
	return text.at;
}

char *
text_reserve(struct text *text, size_t more)
{
	size_t wanted = text->length + more + 1;

	if (wanted > text->room) {
		size_t room = text->room ? text->room : 64;

		while (room < wanted)
			room *= 2;
		text->at = realloc(text->at, room);
		if (!text->at)
			die(EX_OSERR, "out of memory");
		text->room = room;
		text->at[text->length] = '\0';
	}
	return text->at + text->length;
}

void
text_add_bytes(struct text *text, const void *bytes, size_t length)
{
	char *end = text_reserve(text, length);

	if (length)
		memcpy(end, bytes, length);
	text->length += length;
	text->at[text->length] = '\0';
}

void
text_add_list(struct text *text, const char *format, va_list arguments)
{
	va_list again;
	int length;

	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0)
		die(EX_SOFTWARE, "cannot format \"%s\"", format);
	text_reserve(text, (size_t)length);
	vsnprintf(text->at + text->length, (size_t)length + 1, format, arguments);
	text->length += (size_t)length;
}

void
text_add(struct text *text, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	text_add_list(text, format, arguments);
	va_end(arguments);
}

void
text_add_wrapped(struct text *text, const char *prefix, size_t width, const char *words)
{
	size_t column = 0;

	while (*words) {
		size_t length = strcspn(words, " ");

		if (column && column + 1 + length > width) {
			text_add(text, "\n");
			column = 0;
		}
		text_add(text, "%s", column ? " " : prefix);
		text_add_bytes(text, words, length);
		column += length + (column ? 1 : 0);
		words += length;
		words += strspn(words, " ");
	}
	text_add(text, "\n");
}

const char *
text_string(const struct text *text)
{
	return text->at ? text->at : "";
}

void
text_clear(struct text *text)
{
	text->length = 0;
	if (text->at)
		text->at[0] = '\0';
}

void
text_free(struct text *text)
{
	free(text->at);
	*text = (struct text){0};
}
