#include <check.h>

#include "apply/old_workers.h"
#include "unit.h"

#define HEADER                                                                         \
	"#<PID>          <type>          <reloads>       <uptime>        <version>\n"  \
	"587             master          2 [failed: 0]   0d00h00m41s     2.6.12\n"     \
	"# workers\n"                                                                  \
	"657             worker          0               0d00h00m01s     2.6.12\n"

static size_t
found(const char *output, pid_t pids[OLD_WORKERS_MAX])
{
	struct text processes = {0};
	size_t count;

	text_addf(&processes, "%s", output);
	count = old_workers_find(&processes, pids);
	text_free(&processes);
	return count;
}

/* The second one as HAProxy 2.0 to 2.4 write it. */
START_TEST(old_ones_alone_are_found)
{
	pid_t pids[OLD_WORKERS_MAX];
	size_t count = found(HEADER
	    "# old workers\n"
	    "603             worker          1               0d00h00m38s     2.6.12\n"
	    "1233            worker          [was: 1]        3               "
	    "0d00h00m43s     2.0\n"
	    "# programs\n"
	    "1244            other           -               0               "
	    "0d00h00m06s     -\n\n",
	    pids);

	ck_assert_uint_eq(count, 2);
	ck_assert_int_eq(pids[0], 603);
	ck_assert_int_eq(pids[1], 1233);
}
END_TEST

START_TEST(nobody_else_is_found)
{
	static const char *const words[] = {"", HEADER, HEADER "# old workers\n",
	    HEADER "# old workers\n# programs\n\n", "# old workers",
	    "# old workers\n1 worker 1 1\n", "# old workers\n-5 worker 1 1\n",
	    "# old workers\n700 master 1 1\n", "# old workers\nworker\n",
	    "Unknown command.\n"};
	pid_t pids[OLD_WORKERS_MAX];

	ck_assert_uint_eq(found(words[_i], pids), 0);
}
END_TEST

START_TEST(no_more_than_there_is_room_for)
{
	struct text many = {0};
	pid_t pids[OLD_WORKERS_MAX];

	text_addf(&many, "# old workers\n");
	for (int i = 0; i < OLD_WORKERS_MAX + 8; i++)
		text_addf(&many, "%d worker 1 0d00h00m38s 2.6.12\n", 100 + i);
	ck_assert_uint_eq(found(text_string(&many), pids), OLD_WORKERS_MAX);
	text_free(&many);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("old_workers");
	TCase *cases = tcase_create("find");

	tcase_add_test(cases, old_ones_alone_are_found);
	tcase_add_loop_test(cases, nobody_else_is_found, 0, 10);
	tcase_add_test(cases, no_more_than_there_is_room_for);
	suite_add_tcase(suite, cases);
	return suite;
}
