#include "watch/cpu_wait.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scratch.h"
#include "unit.h"

START_TEST(adds_up)
{
	scratch_put("run/cmonha-ui/haproxy.pid", "70\n", 0644);
	scratch_put("proc/70/task/70/children", "71 80 999 ", 0444);
	scratch_put("proc/70/task/70/schedstat", "1 1000000 1\n", 0444);
	scratch_put("proc/71/task/71/schedstat", "9000000000 20000000 1\n", 0444);
	scratch_put("proc/71/task/72/schedstat", "0 300000000 1\n", 0444);
	/* It ends meanwhile: its numbers cannot be read. */
	scratch_put("proc/80/task/80/schedstat", "", 0444);
	ck_assert_int_eq(cpu_wait(scratch), 321);
}
END_TEST

START_TEST(unknown)
{
	static const char *const files[] = {"", "x\n", "0\n", "-1\n", "99999999\n"};

	ck_assert_int_eq(cpu_wait(scratch), -1);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		scratch_put("run/cmonha-ui/haproxy.pid", files[i], 0644);
		ck_assert_int_eq(cpu_wait(scratch), -1);
	}
	/* A kernel without lists of children. */
	scratch_put("run/cmonha-ui/haproxy.pid", "70\n", 0644);
	scratch_put("proc/70/task/70/schedstat", "1 1000000 1\n", 0444);
	ck_assert_int_eq(cpu_wait(scratch), -1);
}
END_TEST

/* The formats are those of this kernel: this process has waited at most all its life.
 */
START_TEST(of_a_real_process)
{
	char *pid = format_string("%d\n", (int)getpid());
	char *proc = copy_string(scratch_path("proc"));
	pid_t child = fork();
	clock_ms_t waited;

	if (child == 0) {
		pause();
		_exit(0);
	}
	scratch_put("run/cmonha-ui/haproxy.pid", pid, 0644);
	ck_assert_int_eq(symlink("/proc", proc), 0);
	waited = cpu_wait(scratch);
	kill(child, SIGKILL);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	ck_assert_int_ge(waited, 0);
	ck_assert_int_lt(waited, 3600000);
	free(proc);
	free(pid);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("cpu_wait");
	TCase *cases = tcase_create("all");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, scratch_empty, NULL);
	tcase_add_test(cases, adds_up);
	tcase_add_test(cases, unknown);
	tcase_add_test(cases, of_a_real_process);
	suite_add_tcase(suite, cases);
	return suite;
}
