#include "plan/template.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"

#define NAME_MAX_LENGTH 64

/* Bytes of template read in one rendering: lists within lists read them repeatedly. */
#define READ_LIMIT (16 * FILE_LIMIT)

struct tag {
	char kind; /* '#', '^', '/', '!' or '\0' for a variable */
	char name[NAME_MAX_LENGTH];
	size_t begin, end; /* of what the tag replaces in the source */
};

struct rendering {
	const char *source;
	size_t length;
	struct text *output;
	size_t output_limit;
	size_t read;
	struct problems *problems;
	json_t *scopes[TEMPLATE_DEPTH_MAX + 1]; /* innermost last */
	size_t depth;  /* of scopes: open lists, and the outermost */
	size_t nested; /* all open sections */
	bool failed;
};

/* SKIP: of a false section only the tags are parsed, to find its end. */
enum mode { RENDER, SKIP };

static void
report(struct rendering *rendering, size_t at, const char *words, const char *name)
{
	int line = 1;

	for (size_t i = 0; i < at && i < rendering->length; i++)
		if (rendering->source[i] == '\n')
			line++;
	problem_error(rendering->problems, (struct place){.line = line}, "%s%s%s%s",
	    words, name ? " \"" : "", name ? name : "", name ? "\"" : "");
	rendering->failed = true;
}

/* A tag that is alone on its line replaces the whole line. */
static void
widen_to_line(const struct rendering *rendering, struct tag *tag)
{
	size_t begin = tag->begin, end = tag->end;

	while (begin > 0 && strchr(" \t", rendering->source[begin - 1]))
		begin--;
	while (end < rendering->length && strchr(" \t", rendering->source[end]))
		end++;
	if (begin > 0 && rendering->source[begin - 1] != '\n')
		return;
	if (end < rendering->length && rendering->source[end] != '\n')
		return;
	tag->begin = begin;
	tag->end = end < rendering->length ? end + 1 : end;
}

/* The next tag from `at` on. 1: found, 0: none, -1: syntax error, reported. */
static int
next_tag(struct rendering *rendering, size_t at, struct tag *tag)
{
	const char *open, *name, *close;
	size_t length;

	open = memmem(rendering->source + at, rendering->length - at, "{{", 2);
	if (!open)
		return 0;
	tag->begin = (size_t)(open - rendering->source);
	name = open + 2;
	close = memmem(name, rendering->length - tag->begin - 2, "}}", 2);
	if (!close || memchr(name, '\n', (size_t)(close - name))) {
		report(rendering, tag->begin, "tag is not closed by }}", NULL);
		return -1;
	}
	tag->end = (size_t)(close + 2 - rendering->source);
	tag->kind = name < close && strchr("#^/!", *name) ? *name++ : '\0';
	while (name < close && *name == ' ')
		name++;
	length = (size_t)(close - name);
	while (length && name[length - 1] == ' ')
		length--;
	if (tag->kind == '!')
		length = 0;
	else if (length == 0 || length >= NAME_MAX_LENGTH) {
		report(rendering, tag->begin, "tag name is missing or too long", NULL);
		return -1;
	}
	memcpy(tag->name, name, length);
	tag->name[length] = '\0';
	if (tag->kind)
		widen_to_line(rendering, tag);
	return 1;
}

static json_t *
find_variable(struct rendering *rendering, const struct tag *tag)
{
	for (size_t i = rendering->depth; i > 0; i--) {
		json_t *value = json_object_get(rendering->scopes[i - 1], tag->name);

		if (value)
			return value;
	}
	report(rendering, tag->begin, "unknown variable", tag->name);
	return NULL;
}

static void
add_value(struct rendering *rendering, const struct tag *tag)
{
	json_t *value = find_variable(rendering, tag);

	if (!value)
		return;
	if (json_is_string(value))
		text_addf(rendering->output, "%s", json_string_value(value));
	else if (json_is_integer(value))
		text_addf(
		    rendering->output, "%lld", (long long)json_integer_value(value));
	else if (json_is_boolean(value))
		text_addf(rendering->output, "%s", json_is_true(value) ? "yes" : "no");
	else
		report(rendering, tag->begin, "variable is a list:", tag->name);
}

static size_t render_part(
    struct rendering *rendering, size_t at, const struct tag *section, enum mode mode);

static bool
is_true(const json_t *value)
{
	if (json_is_array(value))
		return json_array_size(value) > 0;
	if (json_is_string(value))
		return json_string_length(value) > 0;
	if (json_is_integer(value))
		return json_integer_value(value) != 0;
	return json_is_true(value);
}

/* Renders the section once, for each item, or not at all; returns its end. */
static size_t
render_section(struct rendering *rendering, const struct tag *tag, enum mode mode)
{
	size_t end = tag->end;
	json_t *value, *item;
	size_t i;

	if (rendering->nested == TEMPLATE_DEPTH_MAX) {
		report(rendering, tag->begin, "sections are nested too deeply at",
		    tag->name);
		return rendering->length;
	}
	rendering->nested++;
	value = mode == RENDER ? find_variable(rendering, tag) : NULL;
	if (!value || is_true(value) != (tag->kind == '#')) {
		end = render_part(rendering, tag->end, tag, SKIP);
	} else if (!json_is_array(value) || tag->kind == '^') {
		end = render_part(rendering, tag->end, tag, RENDER);
	} else {
		json_array_foreach (value, i, item) {
			rendering->scopes[rendering->depth++] = item;
			end = render_part(rendering, tag->end, tag, RENDER);
			rendering->depth--;
		}
	}
	rendering->nested--;
	return end;
}

/* Counts the bytes read up to the tag's end, and reports an error above the limits. */
static bool
is_too_much(struct rendering *rendering, size_t at, const struct tag *tag)
{
	rendering->read += tag->end - at;
	if (rendering->read <= READ_LIMIT &&
	    rendering->output->length <= rendering->output_limit)
		return false;
	report(
	    rendering, tag->begin, "output is too large (lists within lists?)", NULL);
	return true;
}

/*
 * Renders from `at` to the end of the section, or of the source if `section` is NULL.
 * Returns the position after it; after an error, that of the end of the source.
 */
static size_t
render_part(
    struct rendering *rendering, size_t at, const struct tag *section, enum mode mode)
{
	struct tag tag;
	int found = 0;

	while (!rendering->failed && (found = next_tag(rendering, at, &tag)) > 0) {
		if (mode == RENDER)
			text_add_bytes(
			    rendering->output, rendering->source + at, tag.begin - at);
		if (is_too_much(rendering, at, &tag))
			break;
		at = tag.end;
		if (tag.kind == '/') {
			if (section && strcmp(section->name, tag.name) == 0)
				return at;
			report(rendering, tag.begin, "section is not open:", tag.name);
		} else if (tag.kind == '#' || tag.kind == '^') {
			at = render_section(rendering, &tag, mode);
		} else if (tag.kind == '\0' && mode == RENDER) {
			add_value(rendering, &tag);
		}
	}
	if (rendering->failed)
		return rendering->length;
	if (section)
		report(
		    rendering, section->begin, "section is not closed:", section->name);
	else
		text_add_bytes(
		    rendering->output, rendering->source + at, rendering->length - at);
	return rendering->length;
}

int
template_render(const struct text *source, json_t *variables, struct text *output,
    struct problems *problems)
{
	struct rendering rendering = {.source = text_string(source),
	    .length = source->length,
	    .output = output,
	    .output_limit = output->length + FILE_LIMIT,
	    .problems = problems,
	    .scopes = {variables},
	    .depth = 1};

	render_part(&rendering, 0, NULL, RENDER);
	return rendering.failed ? -1 : 0;
}
