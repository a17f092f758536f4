#include "cluster/ini.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
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

/*
 * Where a path begins, the only thing that may have other characters than ASCII: the
 * end of the line if its value is none.
 */
static const char *
find_path(const char *line)
{
	const char *value = line + strcspn(line, "=");

	if (*value)
		value += 1 + strspn(value + 1, " \t");
	return *value == '/' ? value : value + strlen(value);
}

/*
 * Adds the first character that is not ASCII, and replaces all that were put in place
 * of a plain one, so that they cause no second error. False if any other is left.
 */
static bool
replace_lookalikes(struct ini *ini)
{
	const char *path = find_path(ini->line), *at = ini->line;
	size_t left = strlen(at);
	char *to = ini->line;
	struct text what = {0};
	size_t number = 0, more = 0;
	bool replaced = true;

	while (left) {
		uint32_t code = (unsigned char)*at;
		size_t count = utf8_decode(at, left, &code);
		bool found = count != 1;
		int plain;

		if (count == 0)
			code = utf8_from_windows((unsigned char)*at);
		plain = utf8_plain(code);
		if (count > 1 && at >= path && plain != 0 && plain != ' ')
			found = false;
		if (found && number++ == 0) {
			text_addf(&what, "byte %td is ", at - ini->line + 1);
			if (count == 0)
				text_addf(&what,
				    "0x%02x, which is not UTF-8; in "
				    "Windows-1252 it is ",
				    (unsigned char)*at);
			utf8_describe(code, &what);
		} else if (found) {
			more++;
		}
		count = count ? count : 1;
		if (found && plain < 0)
			replaced = false;
		if (found && plain > 0)
			*to++ = (char)plain;
		else if (!found || plain < 0)
			for (size_t i = 0; i < count; i++)
				*to++ = at[i];
		at += count;
		left -= count;
	}
	*to = '\0';
	if (more)
		text_addf(&what, " (and %zu more in this line)", more);
	/* A heading is not in the section before it. */
	if (number && *ini->line == '[')
		ini->in_section = false;
	if (number)
		problem_error(ini->problems, place_of(ini, NULL), "%s", what.data);
	text_free(&what);
	return replaced;
}

/* Copies the line without its comment. False if it is too long or not text. */
static bool
copy_line(struct ini *ini, const char *from, size_t length)
{
	while (length && from[length - 1] == '\r')
		length--;
	if (length >= sizeof(ini->line)) {
		problem_error(ini->problems, place_of(ini, NULL),
		    "line is longer than %d bytes", INI_LINE_MAX - 1);
		return false;
	}
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)from[i];

		if (c != '\t' && iscntrl(c)) {
			problem_error(ini->problems, place_of(ini, NULL),
			    "byte %zu is a control character (0x%02x)", i + 1, c);
			return false;
		}
	}
	memcpy(ini->line, from, length);
	ini->line[length] = '\0';
	cut_comment(ini->line);
	return replace_lookalikes(ini);
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
	bool is_utf16;

	ini->problems = problems;
	ini->number = 0;
	ini->in_section = false;
	ini->skipping = false;
	ini->at = text_string(content);
	ini->end = ini->at + content->length;
	if (content->length >= 3 && memcmp(ini->at, byte_order_mark, 3) == 0)
		ini->at += 3;
	/* Its byte order mark; every line would have control characters. */
	is_utf16 = content->length >= 2 && (memcmp(ini->at, "\xff\xfe", 2) == 0 ||
					       memcmp(ini->at, "\xfe\xff", 2) == 0);
	if (is_utf16) {
		problem_error(problems, (struct place){0},
		    "the file is UTF-16: save it as UTF-8");
		ini->at = ini->end;
	}
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
		if (!copy_line(ini, from, (size_t)(end - from))) {
			/* The keys below it belong to no other section. */
			if (*from == '[') {
				ini->skipping = true;
				ini->in_section = false;
			}
			continue;
		}
		line = value_trim(ini->line);
		if (*line == '[')
			ini->skipping = false;
		if (*line && !ini->skipping &&
		    (*line == '[' ? parse_heading(ini, line) : parse_key(ini, line)))
			return true;
	}
	return false;
}
