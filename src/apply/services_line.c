#include "apply/services_line.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define OUR_COMMENT "# added by cmonha-ui"

/* One line of the text, without its newline. */
struct line {
	const char *at;
	size_t length;
	bool has_newline;
};

static bool
next_line(const struct text *text, size_t *offset, struct line *line)
{
	const char *newline;

	if (*offset >= text->length)
		return false;
	line->at = text->at + *offset;
	newline = memchr(line->at, '\n', text->length - *offset);
	line->has_newline = newline != NULL;
	line->length = newline ? (size_t)(newline - line->at) : text->length - *offset;
	*offset += line->length + (newline ? 1 : 0);
	return true;
}

static bool
is_ours(const struct line *line)
{
	size_t comment = strlen(OUR_COMMENT);

	return line->length > comment && strncmp(line->at, "cmonhachk", 9) == 0 &&
	       memcmp(line->at + line->length - comment, OUR_COMMENT, comment) == 0;
}

/* Whether the line says the same as the entry, however it is spaced. */
static bool
says(const struct line *line, const char *entry)
{
	char copy[256], name[64], port[64], wanted_name[64], wanted_port[64];

	if (line->length >= sizeof(copy))
		return false;
	memcpy(copy, line->at, line->length);
	copy[line->length] = '\0';
	copy[strcspn(copy, "#")] = '\0';
	if (sscanf(copy, "%63s %63s", name, port) != 2 ||
		sscanf(entry, "%63s %63s", wanted_name, wanted_port) != 2)
		return false;
	return strcmp(name, wanted_name) == 0 && strcmp(port, wanted_port) == 0;
}

static void
copy_without_ours(const struct text *before, struct text *after)
{
	size_t offset = 0;
	struct line line;

	while (next_line(before, &offset, &line)) {
		if (!is_ours(&line)) {
			text_add_bytes(after, line.at, line.length);
			if (line.has_newline)
				text_add(after, "\n");
		} else if (!line.has_newline && after->length) {
			/* The newline before it was ours too. */
			after->at[--after->length] = '\0';
		}
	}
}

void
services_line_put(const struct text *before, const char *entry, struct text *after)
{
	size_t offset = 0;
	struct line line;

	copy_without_ours(before, after);
	if (!*entry)
		return;
	while (next_line(after, &offset, &line))
		if (says(&line, entry))
			return;
	if (after->length && after->at[after->length - 1] != '\n')
		text_add(after, "\n%s\t\t" OUR_COMMENT, entry);
	else
		text_add(after, "%s\t\t" OUR_COMMENT "\n", entry);
}
