#include "cluster/problems.h"

#include <stdio.h>

static void
add(struct problems *problems, struct place place, const char *kind, const char *format,
    va_list arguments)
{
	struct text *lines = &problems->lines;

	text_add(lines, "%s:", problems->file);
	if (place.line)
		text_add(lines, "%d:", place.line);
	if (place.section)
		text_add(lines, " [%s]", place.section);
	if (place.key)
		text_add(lines, " %s:", place.key);
	text_add(lines, " %s", kind);
	text_add_list(lines, format, arguments);
	text_add(lines, "\n");
}

void
problem_error(struct problems *problems, struct place place, const char *format, ...)
{
	va_list arguments;

	problems->errors++;
	va_start(arguments, format);
	add(problems, place, "", format, arguments);
	va_end(arguments);
}

void
problem_warning(struct problems *problems, struct place place, const char *format, ...)
{
	va_list arguments;

	problems->warnings++;
	va_start(arguments, format);
	add(problems, place, "warning: ", format, arguments);
	va_end(arguments);
}

void
problems_tell(struct problems *problems)
{
	fputs(text_string(&problems->lines), stderr);
	text_clear(&problems->lines);
}

void
problems_free(struct problems *problems)
{
	text_free(&problems->lines);
}
