#include <stdio.h>
#include <string.h>

#include "cluster/problems.h"
#include "scratch.h"
#include "unit.h"

static struct problems problems;

static void
begin(void)
{
	scratch_empty();
	problems = (struct problems){.file = "f"};
}

static void
end(void)
{
	problems_free(&problems);
}

START_TEST(places)
{
	problem_error(&problems, (struct place){0}, "whole %s", "file");
	problem_error(&problems, (struct place){.line = 7}, "line");
	problem_error(&problems, (struct place){7, "node a", NULL}, "section");
	problem_error(&problems, (struct place){7, "node a", "key"}, "key");
	problem_error(&problems, (struct place){0, "ui", "key"}, "no line");
	problem_warning(&problems, (struct place){.line = 8}, "careful");
	ck_assert_str_eq(problems.lines.data, "f: whole file\n"
					      "f:7: line\n"
					      "f:7: [node a] section\n"
					      "f:7: [node a] key: key\n"
					      "f: [ui] key: no line\n"
					      "f:8: warning: careful\n");
	ck_assert_uint_eq(problems.errors, 5);
	ck_assert_uint_eq(problems.warnings, 1);
}
END_TEST

START_TEST(appends_those_of_another_file)
{
	struct problems other = {.file = "other"};

	problem_error(&problems, (struct place){.line = 1}, "first");
	problems_append(&problems, &other);
	ck_assert_str_eq(problems.lines.data, "f:1: first\n");
	problem_error(&other, (struct place){.line = 2}, "second");
	problem_warning(&other, (struct place){0}, "third");
	problems_append(&problems, &other);
	ck_assert_str_eq(problems.lines.data,
	    "f:1: first\nother:2: second\nother: warning: third\n");
	ck_assert_uint_eq(problems.errors, 2);
	ck_assert_uint_eq(problems.warnings, 1);
	ck_assert_str_eq(problems.file, "f");
	ck_assert_ptr_null(other.lines.data);
}
END_TEST

/* The name of a program that has a port, say. */
START_TEST(has_no_controls)
{
	problem_error(&problems, (struct place){0}, "%s", "\033[2J\n\177\303\251");
	ck_assert_str_eq(problems.lines.data, "f: ?[2J??\303\251\n");
}
END_TEST

START_TEST(prints_to_standard_error)
{
	ck_assert_ptr_nonnull(freopen(scratch_path("stderr"), "w", stderr));
	problems_print(&problems);
	problem_error(&problems, (struct place){.line = 3}, "wrong");
	problems_print(&problems);
	problems_print(&problems);
	fflush(stderr);
	scratch_expect("stderr", "f:3: wrong\n");
	ck_assert_uint_eq(problems.errors, 1);
	ck_assert_uint_eq(problems.lines.length, 0);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("problems");
	TCase *cases = tcase_create("problems");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, begin, end);
	tcase_add_test(cases, places);
	tcase_add_test(cases, appends_those_of_another_file);
	tcase_add_test(cases, has_no_controls);
	tcase_add_test(cases, prints_to_standard_error);
	suite_add_tcase(suite, cases);
	return suite;
}
