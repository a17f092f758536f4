#include "cluster/ini.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/value.h"

struct reader {
	struct problems *problems;
	void (*take)(void *context, const struct ini_line *line);
	void *context;
	int number;
	bool in_section;
	char section[INI_LINE_MAX];
	char kind[INI_LINE_MAX];
	char label[INI_LINE_MAX];
};

static struct place
here(const struct reader *reader, const char *key)
{
	return (struct place){.line = reader->number,
	    .section = reader->in_section ? reader->section : NULL,
	    .key = key};
}

static void
hand_over(struct reader *reader, const char *key, const char *value)
{
	struct ini_line line = {.number = reader->number,
	    .section = reader->section,
	    .kind = reader->kind,
	    .label = reader->label,
	    .key = key,
	    .value = value};

	reader->take(reader->context, &line);
}

static void
read_heading(struct reader *reader, char *line)
{
	char *end = strchr(line, ']');
	char *kind, *label;

	reader->in_section = false;
	if (!end || *value_trim(end + 1)) {
		problem_error(reader->problems, here(reader, NULL),
		    "a section's heading must look like [name] or [node NAME]");
		return;
	}
	*end = '\0';
	kind = value_trim(line + 1);
	if (!*kind) {
		problem_error(
		    reader->problems, here(reader, NULL), "the section has no name");
		return;
	}
	label = kind + strcspn(kind, " \t");
	if (*label)
		*label++ = '\0';
	label = value_trim(label);
	snprintf(reader->kind, sizeof(reader->kind), "%s", kind);
	snprintf(reader->label, sizeof(reader->label), "%s", label);
	snprintf(reader->section, sizeof(reader->section), "%s%s%s", kind,
	    *label ? " " : "", label);
	reader->in_section = true;
	hand_over(reader, NULL, NULL);
}

static void
read_key(struct reader *reader, char *line)
{
	char *equals = strchr(line, '=');

	if (!equals) {
		problem_error(reader->problems, here(reader, NULL),
		    "\"%.40s\" is neither a heading nor \"key = value\"", line);
		return;
	}
	*equals = '\0';
	if (!reader->in_section) {
		problem_error(reader->problems, here(reader, value_trim(line)),
		    "stands outside any section");
		return;
	}
	hand_over(reader, value_trim(line), value_trim(equals + 1));
}

static void
cut_comment(char *line)
{
	for (char *at = line; *at; at++) {
		if ((*at == '#' || *at == ';') &&
		    (at == line || isspace((unsigned char)at[-1]))) {
			*at = '\0';
			return;
		}
	}
}

static void
read_line(struct reader *reader, const char *from, size_t length)
{
	char line[INI_LINE_MAX];
	char *trimmed;

	if (length >= sizeof(line)) {
		problem_error(reader->problems, here(reader, NULL),
		    "the line is longer than %d bytes", INI_LINE_MAX - 1);
		return;
	}
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)from[i];

		if (c != '\t' && c != '\r' && iscntrl(c)) {
			problem_error(reader->problems, here(reader, NULL),
			    "byte %zu is a control character (0x%02x)", i + 1, c);
			return;
		}
	}
	memcpy(line, from, length);
	line[length] = '\0';
	cut_comment(line);
	trimmed = value_trim(line);
	if (*trimmed == '[')
		read_heading(reader, trimmed);
	else if (*trimmed)
		read_key(reader, trimmed);
}

void
ini_read(const struct text *content, struct problems *problems,
    void (*take)(void *context, const struct ini_line *line), void *context)
{
	static const char byte_order_mark[] = "\xef\xbb\xbf";
	struct reader *reader = allocate(sizeof(*reader));
	const char *at = text_string(content);
	const char *end = at + content->length;

	reader->problems = problems;
	reader->take = take;
	reader->context = context;
	if (content->length >= 3 && memcmp(at, byte_order_mark, 3) == 0)
		at += 3;
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline ? newline : end;

		reader->number++;
		read_line(reader, at, (size_t)(stop - at));
		at = newline ? newline + 1 : end;
	}
	free(reader);
}
