#include "cluster/ini.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/value.h"

struct parser {
	struct problems *problems;
	ini_handler *handle;
	void *context;
	int number;
	bool in_section;
	char section[INI_LINE_MAX];
	char kind[INI_LINE_MAX];
	char label[INI_LINE_MAX];
};

static struct place
place_of(const struct parser *parser, const char *key)
{
	return (struct place){.line = parser->number,
	    .section = parser->in_section ? parser->section : NULL,
	    .key = key};
}

static void
pass_line(struct parser *parser, const char *key, const char *value)
{
	struct ini_line line = {
	    parser->number, parser->section, parser->kind, parser->label, key, value};

	parser->handle(parser->context, &line);
}

static void
parse_heading(struct parser *parser, char *line)
{
	char *end = strchr(line, ']');
	char *kind, *label;

	parser->in_section = false;
	if (!end || *value_trim(end + 1)) {
		problem_error(parser->problems, place_of(parser, NULL),
		    "a section heading must be [SECTION] or [node NAME]");
		return;
	}
	*end = '\0';
	kind = value_trim(line + 1);
	if (!*kind) {
		problem_error(parser->problems, place_of(parser, NULL),
		    "the section has no name");
		return;
	}
	label = kind + strcspn(kind, " \t");
	if (*label)
		*label++ = '\0';
	label = value_trim(label);
	snprintf(parser->kind, sizeof(parser->kind), "%s", kind);
	snprintf(parser->label, sizeof(parser->label), "%s", label);
	snprintf(parser->section, sizeof(parser->section), "%s%s%s", kind,
	    *label ? " " : "", label);
	parser->in_section = true;
	pass_line(parser, NULL, NULL);
}

static void
parse_key(struct parser *parser, char *line)
{
	char *equals = strchr(line, '=');

	if (!equals) {
		problem_error(parser->problems, place_of(parser, NULL),
		    "\"%.40s\" is neither a section heading nor \"key = value\"", line);
		return;
	}
	*equals = '\0';
	if (!parser->in_section) {
		problem_error(parser->problems, place_of(parser, value_trim(line)),
		    "key outside of any section");
		return;
	}
	pass_line(parser, value_trim(line), value_trim(equals + 1));
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
parse_line(struct parser *parser, const char *from, size_t length)
{
	char line[INI_LINE_MAX];
	char *trimmed;

	if (length >= sizeof(line)) {
		problem_error(parser->problems, place_of(parser, NULL),
		    "line is longer than %d bytes", INI_LINE_MAX - 1);
		return;
	}
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)from[i];

		if (c != '\t' && c != '\r' && iscntrl(c)) {
			problem_error(parser->problems, place_of(parser, NULL),
			    "byte %zu is a control character (0x%02x)", i + 1, c);
			return;
		}
	}
	memcpy(line, from, length);
	line[length] = '\0';
	cut_comment(line);
	trimmed = value_trim(line);
	if (*trimmed == '[')
		parse_heading(parser, trimmed);
	else if (*trimmed)
		parse_key(parser, trimmed);
}

void
ini_parse(const struct text *content, struct problems *problems, ini_handler *handle,
    void *context)
{
	static const char byte_order_mark[] = "\xef\xbb\xbf";
	struct parser *parser = allocate(sizeof(*parser));
	const char *at = text_string(content);
	const char *end = at + content->length;

	parser->problems = problems;
	parser->handle = handle;
	parser->context = context;
	if (content->length >= 3 && memcmp(at, byte_order_mark, 3) == 0)
		at += 3;
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline ? newline : end;

		parser->number++;
		parse_line(parser, at, (size_t)(stop - at));
		at = newline ? newline + 1 : end;
	}
	free(parser);
}
