/*
 * The screens of status --cluster --watch: what is marked, for how long, and how they
 * are cut to the terminal.
 */
#include <stdlib.h>
#include <string.h>

#include "ui/frame.h"
#include "unit.h"

#define MARK 1000 /* when the leader changes */

static struct frame frame;
static struct frame_form form;
static struct text text;

static void
begin(void)
{
	frame = (struct frame){0};
	text = (struct text){0};
	form = (struct frame_form){.columns = 100, .rows = 30, .now = 0};
}

static void
end(void)
{
	frame_free(&frame);
	text_free(&text);
}

/* Of two nodes, of which that one is the leader. */
static void
draw(const char *leader, clock_ms_t now)
{
	json_t *judged = json_loads(
	    "{\"nodes\":[{\"name\":\"cc1\",\"status\":{\"role\":\"x\"}},"
	    "{\"name\":\"cc2\",\"status\":{\"role\":\"x\",\"transitions\":[{\"at\":0,"
	    "\"ago_ms\":70000,\"role\":\"leader\",\"reason\":\"leader\"}]}}],"
	    "\"problems\":[{\"severity\":\"critical\",\"text\":\"fire\"}],"
	    "\"severity\":\"critical\"}",
	    0, NULL);
	json_t *nodes = json_object_get(judged, "nodes");
	json_t *node;
	size_t i;

	ck_assert_ptr_nonnull(judged);
	json_array_foreach (nodes, i, node)
		if (strcmp(json_string_value(json_object_get(node, "name")), leader) ==
		    0)
			json_object_set_new(json_object_get(node, "status"), "role",
			    json_string("leader"));
	text_clear(&text);
	form.now = now;
	frame_add(&text, &frame, judged, &form);
	json_decref(judged);
}

static bool
shows(const char *wanted)
{
	return strstr(text.data, wanted) != NULL;
}

START_TEST(changes_are_marked_for_a_while)
{
	draw("cc1", 0);
	ck_assert(shows("\r\n  cc1              leader"));
	ck_assert(!shows("\n*"));
	draw("cc2", MARK);
	ck_assert(shows("\r\n* cc1              x"));
	ck_assert(shows("\r\n* cc2              leader"));
	ck_assert(shows("\r\n  critical: fire"));
	draw("cc2", MARK + FRAME_MARK_MS - 1);
	ck_assert(shows("\r\n* cc2              leader"));
	draw("cc2", MARK + FRAME_MARK_MS);
	ck_assert(!shows("\n*"));
	ck_assert(shows("\r\n  cc2              leader"));
}
END_TEST

START_TEST(nothing_is_known_at_first)
{
	frame_add(&text, &frame, NULL, &form);
	ck_assert(shows("Querying the nodes."));
	draw("cc1", 10);
	ck_assert(!shows("\n*"));
}
END_TEST

START_TEST(colours)
{
	draw("cc1", 0);
	ck_assert(!shows("m  critical: fire"));
	form.colours = true;
	draw("cc1", 1);
	ck_assert(shows("\033[1;31m  critical: fire\033[0m"));
	draw("cc2", 2);
	ck_assert(shows("\033[1m* cc2              leader"));
}
END_TEST

/* The rows and columns of a frame, without its control sequences. */
static void
measure(int *rows, int *columns)
{
	int column = 0;

	*rows = 1;
	*columns = 0;
	for (const char *at = text.data; *at; at++) {
		if (*at == '\033')
			at += strcspn(at, "HKJm");
		else if (*at == '\n')
			++*rows;
		else if (*at == '\r')
			column = 0;
		else if (++column > *columns)
			*columns = column;
	}
}

START_TEST(cut_to_the_terminal)
{
	int rows, columns;

	for (form.rows = 1; form.rows < 20; form.rows++) {
		for (form.columns = 1; form.columns < 90; form.columns += 7) {
			draw("cc1", 0);
			measure(&rows, &columns);
			ck_assert_int_le(rows, form.rows);
			/* The mark and the blank after it are never cut. */
			ck_assert_int_le(columns, form.columns < 2 ? 2 : form.columns);
		}
	}
	form.rows = 5;
	form.columns = 80;
	draw("cc1", 0);
	/* The title, an empty line, and two of the table. */
	ck_assert(shows("\r\n  (5 more lines)"));
	ck_assert(!shows("critical"));
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("frame");
	TCase *cases = tcase_create("all");

	tcase_add_checked_fixture(cases, begin, end);
	tcase_add_test(cases, changes_are_marked_for_a_while);
	tcase_add_test(cases, nothing_is_known_at_first);
	tcase_add_test(cases, colours);
	tcase_add_test(cases, cut_to_the_terminal);
	suite_add_tcase(suite, cases);
	return suite;
}
