#include "cluster/ini.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/value.h"

static struct place
place_of(const struct ini *ini, const char *key)
{
	return (struct place){.line = ini->number,
	    .section = ini->in_section ? ini->section : NULL,
	    .key = key};
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

/* Copies the line without its comment. False if it is too long or not text. */
static bool
copy_line(struct ini *ini, const char *from, size_t length)
{
	if (length >= sizeof(ini->line)) {
		problem_error(ini->problems, place_of(ini, NULL),
		    "line is longer than %d bytes", INI_LINE_MAX - 1);
		return false;
	}
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)from[i];

		if (c != '\t' && c != '\r' && iscntrl(c)) {
			problem_error(ini->problems, place_of(ini, NULL),
			    "byte %zu is a control character (0x%02x)", i + 1, c);
			return false;
		}
	}
	memcpy(ini->line, from, length);
	ini->line[length] = '\0';
	cut_comment(ini->line);
	return true;
}

static bool
parse_heading(struct ini *ini, char *line)
{
	char *end = strchr(line, ']');
	char *kind, *label;

	ini->in_section = false;
	if (!end || *value_trim(end + 1)) {
		problem_error(ini->problems, place_of(ini, NULL),
		    "a section heading must be [SECTION] or [node NAME]");
		return false;
	}
	*end = '\0';
	kind = value_trim(line + 1);
	if (!*kind) {
		problem_error(
		    ini->problems, place_of(ini, NULL), "the section has no name");
		return false;
	}
	label = kind + strcspn(kind, " \t");
	if (*label)
		*label++ = '\0';
	label = value_trim(label);
	snprintf(ini->kind, sizeof(ini->kind), "%s", kind);
	snprintf(ini->label, sizeof(ini->label), "%s", label);
	snprintf(ini->section, sizeof(ini->section), "%s%s%s", kind, *label ? " " : "",
	    label);
	ini->in_section = true;
	ini->key = NULL;
	return true;
}

static bool
parse_key(struct ini *ini, char *line)
{
	char *equals = strchr(line, '=');

	if (!equals) {
		problem_error(ini->problems, place_of(ini, NULL),
		    "\"%.40s\" is neither a section heading nor \"key = value\"", line);
		return false;
	}
	*equals = '\0';
	ini->key = value_trim(line);
	ini->value = value_trim(equals + 1);
	if (!ini->in_section)
		problem_error(ini->problems, place_of(ini, ini->key),
		    "key outside of any section");
	return ini->in_section;
}

void
ini_begin(struct ini *ini, const struct text *content, struct problems *problems)
{
	static const char byte_order_mark[] = "\xef\xbb\xbf";

	ini->problems = problems;
	ini->number = 0;
	ini->in_section = false;
	ini->at = text_string(content);
	ini->end = ini->at + content->length;
	if (content->length >= 3 && memcmp(ini->at, byte_order_mark, 3) == 0)
		ini->at += 3;
}

bool
ini_next(struct ini *ini)
{
	while (ini->at < ini->end) {
		const char *from = ini->at;
		const char *newline = memchr(from, '\n', (size_t)(ini->end - from));
		const char *end = newline ? newline : ini->end;
		char *line;

		ini->at = newline ? newline + 1 : end;
		ini->number++;
		if (!copy_line(ini, from, (size_t)(end - from)))
			continue;
		line = value_trim(ini->line);
		if (*line &&
		    (*line == '[' ? parse_heading(ini, line) : parse_key(ini, line)))
			return true;
	}
	return false;
}
