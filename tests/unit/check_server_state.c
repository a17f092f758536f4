#include <check.h>

#include "base/server_state.h"
#include "unit.h"

#define HEADER "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state ...\n"

static void
merges(const char *all_down, const char *live, const char *wanted)
{
	struct text down = {0}, now = {0}, merged = {0};

	text_addf(&down, "%s", all_down);
	text_addf(&now, "%s", live);
	server_state_merge(&down, &now, &merged);
	ck_assert_str_eq(text_string(&merged), wanted);
	text_free(&down);
	text_free(&now);
	text_free(&merged);
}

/* The ports (9201 and 80), the address and the agent's state stay those of the file. */
START_TEST(health_is_taken_and_nothing_else)
{
	merges(HEADER
	    "81 ui 1 cc1 10.0.0.1 0 0 100 100 0 1 0 0 6 0 1 1 - 80 - 0 0 - - 0\n"
	    "81 ui 2 cc2 10.0.0.2 0 0 100 100 0 1 0 0 6 0 1 1 - 80 - 0 0 - - 0\n",
	    HEADER
	    "81 ui 2 cc2 10.9.9.9 2 32 1 1 55 15 3 4 7 6 0 1 h 81 r 0 9201 - - 5\n",
	    HEADER "81 ui 1 cc1 10.0.0.1 0 0 100 100 0 1 0 0 6 0 1 1 - 80 - 0 0 - - 0\n"
		   "81 ui 2 cc2 10.0.0.2 2 0 100 100 55 15 3 4 7 0 1 1 - 80 - 0 0 - "
		   "- 0\n");
}
END_TEST

START_TEST(other_names_are_no_match)
{
	const char *down = HEADER
	    "81 ui 1 cc1 10.0.0.1 0 0 100 100 0 1 0 0 6 0 1 1 - 80 - 0 0 - - 0\n";

	merges(
	    down, HEADER "81 ui 1 cc10 10.0.0.1 2 0 1 1 5 15 3 4 6 0 0 1 - 80\n", down);
	merges(down, "# 81 ui 1 cc1 10.0.0.1 2 0 1 1 5 15 3 4 6 0 0 1 - 80\n", down);
}
END_TEST

/* A forward that is new, or takes the place of the one that is checked. */
START_TEST(new_backend_has_the_state_of_the_checked_one)
{
	const char *down =
	    HEADER "81 ui 1 cc1 10.0.0.1 0 0 100 100 0 1 0 0 6 0 1 1 - 80\n"
		   "82 ui 1 cc1 10.0.0.1 0 0 100 100 0 1 0 0 6 0 1 1 - 443\n";
	const char *up =
	    HEADER "81 ui 1 cc1 10.0.0.1 2 0 100 100 5 15 3 4 6 0 1 1 - 80\n"
		   "82 ui 1 cc1 10.0.0.1 2 0 100 100 5 15 3 4 6 0 1 1 - 443\n";

	merges(down, HEADER "81 ui 1 cc1 10.0.0.1 2 0 1 1 5 15 3 4 6 0 0 1 - 80\n", up);
	merges(down, HEADER "82 ui 1 cc1 10.0.0.1 2 0 1 1 5 15 3 4 6 0 0 1 - 80\n", up);
	merges(down, HEADER "90 ui 1 cc1 10.0.0.1 2 0 1 1 5 15 3 4 6 0 0 1 - 80\n", up);
}
END_TEST

/* HAProxy would keep a server down that tracks one which is up already. */
START_TEST(trackers_have_the_state_of_the_checked_one)
{
	merges(HEADER "81 ui 1 cc1 10.0.0.1 0 0 100 100 0 1 0 0 6 0 1 1 - 80\n"
		      "82 ui 1 cc1 10.0.0.1 0 0 100 100 0 1 0 0 6 0 1 1 - 443\n",
	    HEADER "82 ui 1 cc1 10.0.0.1 0 0 1 1 9 1 0 0 6 0 0 1 - 443\n"
		   "81 ui 1 cc1 10.0.0.1 2 0 1 1 5 15 3 4 6 0 0 1 - 80\n",
	    HEADER "81 ui 1 cc1 10.0.0.1 2 0 100 100 5 15 3 4 6 0 1 1 - 80\n"
		   "82 ui 1 cc1 10.0.0.1 2 0 100 100 5 15 3 4 6 0 1 1 - 443\n");
}
END_TEST

/* An upgrade of the package may rename the backend; its number stays. */
START_TEST(renamed_backend_keeps_its_state)
{
	merges(HEADER "81 new 1 cc1 10.0.0.1 0 0 100 100 0 1 0 0 6 0 1 1 - 80\n",
	    HEADER "81 old 1 cc1 10.0.0.1 2 0 1 1 5 15 3 4 6 0 0 1 - 80\n",
	    HEADER "81 new 1 cc1 10.0.0.1 2 0 100 100 5 15 3 4 6 0 1 1 - 80\n");
}
END_TEST

START_TEST(odd_answers_do_no_harm)
{
	const char *down = HEADER
	    "81 ui 1 cc1 10.0.0.1 0 0 100 100 0 1 0 0 6 0 1 1 - 80 - 0 0 - - 0\n";

	merges(down, "", down);
	merges(down, "\n\n", down);
	merges(down, "81 ui 1 cc1 10.0.0.1 2", down);
	merges(down, "Unknown command.\n", down);
	merges("", HEADER, "");
}
END_TEST

static bool
lost(const char *before, const char *now)
{
	struct text then = {0}, present = {0};
	bool result;

	text_addf(&then, "%s", before);
	text_addf(&present, "%s", now);
	result = server_state_lost(&then, &present);
	text_free(&then);
	text_free(&present);
	return result;
}

#define UP(name)   "81 ui 1 " name " 10.0.0.1 2 0 1 1 5 15 3 4 6 0 0 1 - 80\n"
#define DOWN(name) "81 ui 1 " name " 10.0.0.1 0 0 1 1 5 15 3 4 6 0 0 1 - 80\n"

START_TEST(only_one_that_was_up_is_lost)
{
	const char *before = HEADER UP("cc1") DOWN("cc2");

	ck_assert(!lost(before, before));
	ck_assert(!lost(before, HEADER UP("cc1") UP("cc2")));
	ck_assert(!lost(before, HEADER DOWN("cc3") UP("cc1")));
	ck_assert(lost(before, HEADER DOWN("cc1") UP("cc2")));
	ck_assert(lost(before, HEADER DOWN("cc2")));
	ck_assert(!lost(HEADER DOWN("cc1"), HEADER DOWN("cc1")));
}
END_TEST

START_TEST(no_answer_loses_nothing)
{
	const char *before = HEADER UP("cc1");

	ck_assert(!lost(before, ""));
	ck_assert(!lost(before, HEADER));
	ck_assert(!lost(before, "Unknown command, but maybe one of the following\n"));
	ck_assert(!lost("", HEADER DOWN("cc1")));
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("server_state");
	TCase *cases = tcase_create("merge");

	tcase_add_test(cases, health_is_taken_and_nothing_else);
	tcase_add_test(cases, other_names_are_no_match);
	tcase_add_test(cases, new_backend_has_the_state_of_the_checked_one);
	tcase_add_test(cases, trackers_have_the_state_of_the_checked_one);
	tcase_add_test(cases, renamed_backend_keeps_its_state);
	tcase_add_test(cases, odd_answers_do_no_harm);
	tcase_add_test(cases, only_one_that_was_up_is_lost);
	tcase_add_test(cases, no_answer_loses_nothing);
	suite_add_tcase(suite, cases);
	return suite;
}
