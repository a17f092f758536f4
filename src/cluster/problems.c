#include "cluster/problems.h"

#include <stdio.h>

static void
add(struct problems *problems, struct place place, const char *kind, const char *format,
    va_list arguments)
{
	struct text *lines = &problems->lines;
	size_t start;

	text_addf(lines, "%s:", problems->file);
	if (place.line)
		text_addf(lines, "%d:", place.line);
	if (place.section)
		text_addf(lines, " [%s]", place.section);
	if (place.key)
		text_addf(lines, " %s:", place.key);
	text_addf(lines, " %s", kind);
	start = lines->length;
	text_vaddf(lines, format, arguments);
	/* What a program or a web server on this host is called may be in it. */
	text_make_printable(lines->data + start);
	text_addf(lines, "\n");
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
problems_append(struct problems *problems, struct problems *from)
{
	text_add_bytes(&problems->lines, from->lines.data, from->lines.length);
	problems->errors += from->errors;
	problems->warnings += from->warnings;
	problems_free(from);
}

void
problems_print(struct problems *problems)
{
	fputs(text_string(&problems->lines), stderr);
	text_clear(&problems->lines);
}

void
problems_free(struct problems *problems)
{
	text_free(&problems->lines);
}
