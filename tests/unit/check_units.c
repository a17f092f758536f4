/*
 * Whether units run, by their PID files below a root directory that the test fills.
 */
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

#include "check/units.h"
#include "scratch.h"
#include "unit.h"

#define HAPROXY    "cmonha-ui-haproxy.service"
#define KEEPALIVED "cmonha-ui-keepalived.service"
#define WATCH      "cmonha-ui-watch.service"
#define WANTS      "etc/systemd/system/multi-user.target.wants/"
#define PID_FILE   "run/cmonha-ui/haproxy.pid"
#define PROGRAM    "usr/sbin/haproxy"

static json_t *units, *problems, *report;

static void
begin(void)
{
	scratch_empty();
	report = json_pack("{s:i, s:n, s:{s:n, s:n}}", "pid", 0, "haproxy", "installed",
	    "haproxy", "keepalived");
}

static void
forget(void)
{
	json_decref(units);
	json_decref(problems);
	units = problems = NULL;
}

static void
end(void)
{
	forget();
	json_decref(report);
}

static void
find(void)
{
	forget();
	problems = json_array();
	units = units_find(scratch, report, problems);
}

/* A member of a unit, as JSON. */
static void
expect(const char *unit, const char *member, const char *wanted)
{
	json_t *value = json_object_get(json_object_get(units, unit), member);
	char *found = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

	ck_assert_msg(
	    found && strcmp(found, wanted) == 0, "%s %s: %s", unit, member, found);
	free(found);
}

static bool
has_problem(const char *text)
{
	json_t *problem;
	size_t i;

	json_array_foreach (problems, i, problem)
		if (strstr(json_string_value(json_object_get(problem, "text")), text))
			return true;
	return false;
}

static void
put_pid(const char *name, pid_t pid)
{
	char *text = format_string("%d\n", (int)pid);

	scratch_put(name, text, 0644);
	free(text);
}

static void
put_comm(pid_t pid, const char *name)
{
	char *path = format_string("proc/%d/comm", (int)pid);

	scratch_put(path, name, 0644);
	free(path);
}

/* No control group and no systemd is looked at: there is none below the root. */
START_TEST(running)
{
	put_pid(PID_FILE, getpid());
	put_comm(getpid(), "haproxy\n");
	scratch_put(WANTS HAPROXY, "", 0644);
	find();
	expect(HAPROXY, "running", "true");
	expect(HAPROXY, "enabled", "true");
	ck_assert(!has_problem(HAPROXY));
	expect(KEEPALIVED, "running", "false");
	ck_assert(has_problem(KEEPALIVED " is not running"));
}
END_TEST

/* An upgrade from 0.1.0 leaves keepalived running, with the PID file of then. */
START_TEST(started_by_the_old_version)
{
	put_pid("run/cmonha-ui/keepalived.pid", getpid());
	put_comm(getpid(), "keepalived\n");
	find();
	expect(KEEPALIVED, "running", "true");
	expect(KEEPALIVED, "outdated", "false");
	/* One that the present unit started counts first. */
	put_pid("run/keepalived-cmonha-ui/keepalived.pid", 1);
	put_comm(1, "init\n");
	find();
	expect(KEEPALIVED, "running", "false");
}
END_TEST

/* Where /proc hides others' processes, that the process exists must do. */
START_TEST(hidden_processes)
{
	put_pid(PID_FILE, getpid());
	find();
	expect(HAPROXY, "running", "true");
	ck_assert(has_problem(HAPROXY " does not start at boot"));
}
END_TEST

START_TEST(exited)
{
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	put_pid(PID_FILE, child);
	find();
	expect(HAPROXY, "running", "false");
	expect(HAPROXY, "outdated", "null");
	ck_assert(has_problem(HAPROXY " is not running"));
}
END_TEST

/* The PID of a process that was killed is used again by another program. */
START_TEST(used_again)
{
	put_pid(PID_FILE, getpid());
	put_comm(getpid(), "bash\n");
	find();
	expect(HAPROXY, "running", "false");
}
END_TEST

START_TEST(strange_pid_files)
{
	static const char *const contents[] = {
	    "", "-1\n", "0\n", "99999999999\n", "x\n"};

	for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
		scratch_put(PID_FILE, contents[i], 0644);
		find();
		expect(HAPROXY, "running", "null");
		ck_assert(!has_problem(HAPROXY " is not running"));
	}
}
END_TEST

START_TEST(watcher_by_its_report)
{
	find();
	expect(WATCH, "running", "false");
	json_object_set_new(report, "pid", json_integer(getpid()));
	find();
	expect(WATCH, "running", "true");
	expect(WATCH, "outdated", "false");
	expect(WATCH, "version", "null");
}
END_TEST

/* A package has its program with an old date; only the time of its installation counts.
 */
START_TEST(program_replaced)
{
	const struct utimbuf built = {.actime = 1, .modtime = 1};
	const struct utimbuf before = {.actime = 1000, .modtime = 1000};
	const struct utimbuf later = {.actime = 4000000000, .modtime = 4000000000};

	scratch_put(PROGRAM, "", 0755);
	ck_assert_int_eq(utime(scratch_path(PROGRAM), &built), 0);
	put_pid(PID_FILE, getpid());
	ck_assert_int_eq(utime(scratch_path(PID_FILE), &later), 0);
	find();
	expect(HAPROXY, "outdated", "false");
	ck_assert_int_eq(utime(scratch_path(PID_FILE), &before), 0);
	find();
	expect(HAPROXY, "outdated", "true");
	ck_assert(
	    has_problem(HAPROXY " runs an older /usr/sbin/haproxy than is installed; "
				"run when it suits: systemctl reload " HAPROXY));
}
END_TEST

/* The field after the name, which may have blanks and brackets, in ticks since boot. */
static void
put_stat(pid_t pid, long ticks)
{
	char *path = format_string("proc/%d/stat", (int)pid);
	char *line =
	    format_string("%d (a) b) S 1 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 "
			  "1 0 %ld 100 200\n",
		(int)pid, ticks);

	scratch_put(path, line, 0644);
	free(line);
	free(path);
}

/*
 * The clock was late when the machine started, so the PID file has an old date; and
 * once it was early. By the clock as it is now the process started after the program
 * was installed, or before.
 */
START_TEST(clock_was_wrong_at_boot)
{
	const struct utimbuf late = {.actime = 1000, .modtime = 1000};
	const struct utimbuf early = {.actime = 4000000000, .modtime = 4000000000};
	struct timespec up;

	ck_assert_int_eq(clock_gettime(CLOCK_BOOTTIME, &up), 0);
	scratch_put(PROGRAM, "", 0755);
	put_pid(PID_FILE, getpid());
	put_stat(getpid(), (up.tv_sec + 60) * sysconf(_SC_CLK_TCK));
	ck_assert_int_eq(utime(scratch_path(PID_FILE), &late), 0);
	find();
	expect(HAPROXY, "outdated", "false");
	put_stat(getpid(), 0);
	ck_assert_int_eq(utime(scratch_path(PID_FILE), &early), 0);
	find();
	expect(HAPROXY, "outdated", "true");
	/* After a reload the start is the old one and the file is new. */
	ck_assert_int_eq(utime(scratch_path(PID_FILE), NULL), 0);
	find();
	expect(HAPROXY, "outdated", "false");
}
END_TEST

/* HAProxy tells which version runs; keepalived runs what is installed or is outdated.
 */
START_TEST(versions)
{
	const struct utimbuf before = {.actime = 1000, .modtime = 1000};
	const struct utimbuf later = {.actime = 4000000000, .modtime = 4000000000};

	json_object_set_new(report, "haproxy", json_pack("{s:s}", "version", "2.6.12"));
	json_object_set_new(report, "installed",
	    json_pack("{s:s, s:s}", "haproxy", "2.6.13", "keepalived", "2.2.7"));
	put_pid(PID_FILE, getpid());
	put_pid("run/keepalived-cmonha-ui/keepalived.pid", getpid());
	scratch_put("usr/sbin/keepalived", "", 0755);
	ck_assert_int_eq(
	    utime(scratch_path("run/keepalived-cmonha-ui/keepalived.pid"), &later), 0);
	find();
	expect(HAPROXY, "version", "\"2.6.12\"");
	expect(HAPROXY, "installed", "\"2.6.13\"");
	expect(KEEPALIVED, "version", "\"2.2.7\"");
	expect(KEEPALIVED, "installed", "\"2.2.7\"");
	ck_assert_int_eq(
	    utime(scratch_path("run/keepalived-cmonha-ui/keepalived.pid"), &before), 0);
	find();
	expect(KEEPALIVED, "version", "null");
	expect(KEEPALIVED, "outdated", "true");
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("units");
	TCase *cases = tcase_create("all");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, begin, end);
	tcase_add_test(cases, running);
	tcase_add_test(cases, started_by_the_old_version);
	tcase_add_test(cases, hidden_processes);
	tcase_add_test(cases, exited);
	tcase_add_test(cases, used_again);
	tcase_add_test(cases, strange_pid_files);
	tcase_add_test(cases, watcher_by_its_report);
	tcase_add_test(cases, program_replaced);
	tcase_add_test(cases, clock_was_wrong_at_boot);
	tcase_add_test(cases, versions);
	suite_add_tcase(suite, cases);
	return suite;
}
