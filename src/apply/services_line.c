#include "apply/services_line.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The second one where the file did not end in a newline: that one is ours too. */
#define OUR_COMMENT     "# added by cmonha-ui"
#define OUR_COMMENT_TOO OUR_COMMENT ", with the newline before it"

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
ends_in(const struct line *line, const char *words)
{
	size_t length = strlen(words);

	return line->length >= length &&
	       memcmp(line->at + line->length - length, words, length) == 0;
}

/* The comment by which the line can be told to be ours, or NULL. */
static const char *
our_comment(const struct line *line)
{
	if (line->length < 9 || memcmp(line->at, "cmonhachk", 9) != 0)
		return NULL;
	if (ends_in(line, OUR_COMMENT_TOO))
		return OUR_COMMENT_TOO;
	return ends_in(line, OUR_COMMENT) ? OUR_COMMENT : NULL;
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

static bool
others_say(const struct text *file, const char *entry)
{
	size_t offset = 0;
	struct line line;

	while (next_line(file, &offset, &line))
		if (!our_comment(&line) && says(&line, entry))
			return true;
	return false;
}

/* Copies the file but for our lines; the first becomes the entry, unless that is "". */
static bool
copy_with_entry(const struct text *before, const char *entry, struct text *after)
{
	size_t offset = 0;
	struct line line;
	bool placed = false;

	while (next_line(before, &offset, &line)) {
		const char *comment = our_comment(&line);
		bool last = offset == before->length;

		if (!comment) {
			text_add_bytes(after, line.at, line.length);
		} else if (*entry && !placed) {
			text_addf(after, "%s\t\t%s", entry, comment);
			placed = true;
		} else {
			/* Nobody's lines are behind it: that newline is not needed. */
			if (last && after->length && strcmp(comment, OUR_COMMENT) != 0)
				after->data[--after->length] = '\0';
			continue;
		}
		if (line.has_newline)
			text_addf(after, "\n");
	}
	return placed;
}

void
services_line_put(const struct text *before, const char *entry, struct text *after)
{
	if (*entry && others_say(before, entry))
		entry = "";
	if (copy_with_entry(before, entry, after) || !*entry)
		return;
	if (after->length && after->data[after->length - 1] != '\n')
		text_addf(after, "\n%s\t\t" OUR_COMMENT_TOO "\n", entry);
	else
		text_addf(after, "%s\t\t" OUR_COMMENT "\n", entry);
}
