#include "ui/frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "overview/timeline.h"
#include "ui/cluster_status.h"

/* Select Graphic Rendition, ECMA-48 8.3.117. */
#define PLAIN  "\033[0m"
#define BOLD   "\033[1m"
#define RED    "\033[1;31m"
#define YELLOW "\033[33m"
#define GREEN  "\033[32m"
#define DIM    "\033[2m"
/* To the first position; delete the rest of the line, of the screen. */
#define HOME        "\033[H"
#define END_OF_LINE "\033[K"
#define END_OF_ALL  "\033[J"

struct output {
	struct text *text;
	const struct frame_form *form;
	int row;
	int left_out; /* lines for which there is no room */
};

/* A line with a mark before it, cut to the terminal's width. */
static void
add_line(struct output *output, const char *line, const char *colour, bool marked)
{
	int width = output->form->columns - 2;

	/* The last row says how many lines there is no room for. */
	if (output->row >= output->form->rows - 1) {
		output->left_out++;
		return;
	}
	text_addf(output->text, "%s%s%s %.*s%s" END_OF_LINE,
	    output->row++ ? "\r\n" : HOME, output->form->colours ? colour : "",
	    marked ? "*" : " ", width > 0 ? width : 0, line,
	    output->form->colours && *colour ? PLAIN : "");
}

static void
add_time(struct text *text, int64_t second)
{
	time_t time = second;
	struct tm local;
	char stamp[16] = "";

	if (localtime_r(&time, &local))
		strftime(stamp, sizeof(stamp), "%H:%M:%S", &local);
	text_addf(text, "%s", stamp);
}

static const char *
choose_colour(const char *line, bool marked)
{
	if (strncmp(line, "critical:", 9) == 0)
		return RED;
	if (strncmp(line, "warning:", 8) == 0)
		return YELLOW;
	if (strcmp(line, "status: OK") == 0)
		return GREEN;
	return marked ? BOLD : "";
}

/* Since when the line is there; from now on if it was not in the frame before. */
static struct frame_line
find_line(const struct frame *before, const char *line, clock_ms_t now)
{
	for (size_t i = 0; i < before->count; i++)
		if (strcmp(before->lines[i].text, line) == 0)
			return (struct frame_line){copy_string(line),
			    before->lines[i].marked, before->lines[i].since};
	return (struct frame_line){copy_string(line), before->drawn, now};
}

/* The table and the problems, whose lines are remembered. */
static void
add_state(struct output *output, struct frame *frame, const json_t *judged)
{
	struct frame after = {.drawn = true};
	clock_ms_t now = output->form->now;
	struct text table = {0};
	char *rest, *line;

	cluster_status_add_table(&table, judged);
	after.lines = allocate((table.length + 1) * sizeof(*after.lines));
	for (rest = table.data; (line = strsep(&rest, "\n")) && *line;) {
		struct frame_line found = find_line(frame, line, now);
		bool marked = found.marked && now - found.since < FRAME_MARK_MS;

		add_line(output, line, choose_colour(line, marked), marked);
		after.lines[after.count++] = found;
	}
	text_free(&table);
	frame_free(frame);
	*frame = after;
}

static void
add_events(struct output *output, const json_t *judged)
{
	struct event *events = allocate(TIMELINE_MAX * sizeof(*events));
	size_t count = timeline_make(judged, events);
	struct text line = {0};

	add_line(output, "", "", false);
	add_line(output, count ? "LAST TRANSITIONS" : "NO TRANSITIONS YET", "", false);
	for (size_t i = 0; i < count; i++) {
		text_clear(&line);
		add_time(&line, events[i].at);
		text_addf(&line, "  %-16s %s", events[i].node, events[i].text);
		add_line(output, line.data, "", events[i].ago < FRAME_MARK_MS);
	}
	text_free(&line);
	free(events);
}

void
frame_add(struct text *text, struct frame *frame, const json_t *judged,
    const struct frame_form *form)
{
	struct output output = {.text = text, .form = form};
	struct text title = {0};

	add_time(&title, form->second);
	text_addf(&title, "  all nodes, each second; * marks changes; q ends");
	add_line(&output, title.data, DIM, false);
	add_line(&output, "", "", false);
	if (judged) {
		add_state(&output, frame, judged);
		add_events(&output, judged);
	} else {
		add_line(&output, "Querying the nodes.", "", false);
	}
	if (output.left_out > 0) {
		struct text rest = {0};

		text_addf(&rest, "  (%d more lines)", output.left_out);
		text_addf(text, "%s%.*s" END_OF_LINE, output.row ? "\r\n" : HOME,
		    form->columns, rest.data);
		text_free(&rest);
	}
	text_addf(text, END_OF_ALL);
	text_free(&title);
}

void
frame_free(struct frame *frame)
{
	for (size_t i = 0; i < frame->count; i++)
		free(frame->lines[i].text);
	free(frame->lines);
	*frame = (struct frame){0};
}
