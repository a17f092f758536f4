#include "apply/services_line.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define OUR_COMMENT "# added by cmonha-ui"
/* What version 0.1.0 wrote if the file did not end in a newline. */
#define OLD_COMMENT OUR_COMMENT ", with the newline before it"

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
	line->at = text->data + *offset;
	newline = memchr(line->at, '\n', text->length - *offset);
	line->has_newline = newline != NULL;
	line->length = newline ? (size_t)(newline - line->at) : text->length - *offset;
	*offset += line->length + (newline ? 1 : 0);
	return true;
}

static bool
line_ends_in(const struct line *line, const char *words)
{
	size_t length = strlen(words);

	return line->length >= length &&
	       memcmp(line->at + line->length - length, words, length) == 0;
}

static bool
is_ours(const struct line *line)
{
	return line->length >= 9 && memcmp(line->at, "cmonhachk", 9) == 0 &&
	       (line_ends_in(line, OUR_COMMENT) || line_ends_in(line, OLD_COMMENT));
}

/* Whether it is the same entry, however it is spaced. */
static bool
is_entry(const struct line *line, const char *entry)
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

static bool
has_foreign_entry(const struct text *file, const char *entry)
{
	size_t offset = 0;
	struct line line;

	while (next_line(file, &offset, &line))
		if (!is_ours(&line) && is_entry(&line, entry))
			return true;
	return false;
}

void
services_line_put(const struct text *before, const char *entry, struct text *after)
{
	bool missing = *entry && !has_foreign_entry(before, entry);
	size_t offset = 0;
	struct line line = {.has_newline = true};

	while (next_line(before, &offset, &line)) {
		if (!is_ours(&line)) {
			text_add_bytes(after, line.at, line.length);
		} else if (missing) {
			text_addf(after, "%s\t\t" OUR_COMMENT, entry);
			missing = false;
		} else {
			/* The newline before it was added with it. */
			if (!line.has_newline && after->length)
				after->data[--after->length] = '\0';
			continue;
		}
		if (line.has_newline)
			text_addf(after, "\n");
	}
	if (missing && line.has_newline)
		text_addf(after, "%s\t\t" OUR_COMMENT "\n", entry);
	else if (missing)
		text_addf(after, "\n%s\t\t" OUR_COMMENT, entry);
}
