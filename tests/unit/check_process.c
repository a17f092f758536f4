#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/process.h"
#include "descriptors.h"
#include "unit.h"

#define LONG_MS 10000
#define SLEEP   "60" /* seconds: much longer than any test takes */
#define SLEEP_S 60

static struct process_result result;

static void
forget(void)
{
	text_free(&result.output);
}

static void
run_shell(const char *script, int milliseconds, bool capture_stderr)
{
	const char *argv[] = {"sh", "-c", script, "sh", NULL};
	struct process_options options = {
	    .milliseconds = milliseconds, .capture_stderr = capture_stderr};

	process_run(argv, &options, &result);
}

static const char *
words(void)
{
	static char buffer[64];

	return process_describe_end(&result, buffer);
}

static const struct {
	const char *script;
	const char *words;
	bool succeeded;
} ends[] = {
    {"exit 0", "exited with status 0", true},
    {"exit 1", "exited with status 1", false},
    {"exit 255", "exited with status 255", false},
    {"kill -TERM $$", "killed by signal 15", false},
    {"kill -KILL $$", "killed by signal 9", false},
    {"exec 1>&- 2>&-; exit 7", "exited with status 7", false},
};

START_TEST(how_it_ends)
{
	run_shell(ends[_i].script, LONG_MS, false);
	ck_assert_str_eq(words(), ends[_i].words);
	ck_assert_int_eq(process_succeeded(&result), ends[_i].succeeded);
	ck_assert_str_eq(text_string(&result.output), "");
}
END_TEST

START_TEST(output_alone)
{
	run_shell("echo out; echo err >&2", LONG_MS, false);
	ck_assert_str_eq(text_string(&result.output), "out\n");
}
END_TEST

START_TEST(output_with_errors)
{
	run_shell("echo out; echo err >&2; echo out", LONG_MS, true);
	ck_assert_str_eq(text_string(&result.output), "out\nerr\nout\n");
}
END_TEST

START_TEST(output_is_bytes)
{
	run_shell("printf 'a\\000b'", LONG_MS, false);
	ck_assert_uint_eq(result.output.length, 3);
	ck_assert_mem_eq(result.output.data, "a\0b", 4);
}
END_TEST

/* Arguments are passed as they are: there is no shell. */
START_TEST(no_shell)
{
	const char *argv[] = {
	    "printf", "%s|", "a b", "$HOME", ";exit 3", "", "*", NULL};
	struct process_options options = {.milliseconds = LONG_MS};

	process_run(argv, &options, &result);
	ck_assert(process_succeeded(&result));
	ck_assert_str_eq(text_string(&result.output), "a b|$HOME|;exit 3||*|");
}
END_TEST

START_TEST(environment)
{
	char one[] = "ONE=1";
	char *const own[] = {one, NULL};
	const char *argv[] = {"/usr/bin/env", NULL};
	struct process_options options = {.milliseconds = LONG_MS, .environment = own};

	process_run(argv, &options, &result);
	ck_assert_str_eq(text_string(&result.output), "ONE=1\n");
	text_free(&result.output);
	options.environment = NULL;
	ck_assert_int_eq(setenv("CMONHA_TEST", "inherited", 1), 0);
	process_run(argv, &options, &result);
	ck_assert_ptr_nonnull(
	    strstr(text_string(&result.output), "CMONHA_TEST=inherited\n"));
}
END_TEST

static const struct {
	const char *program;
	int error;
} missing[] = {
    {"/nonexistent/program", ENOENT},
    {"cmonha-no-such-program", ENOENT},
    {"/etc/passwd", EACCES},
    {"/", EACCES},
};

START_TEST(not_started)
{
	const char *argv[] = {missing[_i].program, NULL};
	struct process_options options = {.milliseconds = LONG_MS};
	char wanted[64];

	process_run(argv, &options, &result);
	ck_assert_int_eq(result.end, PROCESS_NOT_STARTED);
	ck_assert_int_eq(result.status, missing[_i].error);
	ck_assert(!process_succeeded(&result));
	snprintf(wanted, sizeof(wanted), "cannot be started: %s",
	    strerror(missing[_i].error));
	ck_assert_str_eq(words(), wanted);
}
END_TEST

/* The whole group is killed, children of the child too; the output is kept. */
START_TEST(deadline)
{
	clock_ms_t begin = clock_now(), took;
	pid_t child;
	int tries = 0;

	run_shell("trap '' TERM; sleep " SLEEP " & echo $!; wait", 200, false);
	took = clock_now() - begin;
	ck_assert_int_eq(result.end, PROCESS_TIMED_OUT);
	ck_assert_str_eq(words(), "timed out");
	/* As long as allowed, and not until the child's own sleep was over. */
	ck_assert_msg(took >= 200 && took < SLEEP_S * 1000, "%d ms", (int)took);
	child = atoi(text_string(&result.output));
	ck_assert_int_gt(child, 1);
	/* It was killed; its new parent may need a moment to reap it. */
	while (kill(child, 0) == 0 && tries++ < 200) {
		char name[64], state = ' ';
		FILE *file;

		snprintf(name, sizeof(name), "/proc/%d/stat", child);
		file = fopen(name, "r");
		if (!file || fscanf(file, "%*d %*s %c", &state) != 1 || state == 'Z')
			tries = 1000;
		if (file)
			fclose(file);
		usleep(10000);
	}
	ck_assert_msg(tries != 201, "process %d is still running", child);
}
END_TEST

START_TEST(no_time_at_all)
{
	run_shell("sleep 60", 0, false);
	ck_assert_int_eq(result.end, PROCESS_TIMED_OUT);
}
END_TEST

/* A daemon that keeps the output open is not waited for. */
START_TEST(daemon_left_behind)
{
	clock_ms_t begin = clock_now();
	pid_t child;

	run_shell("sleep " SLEEP " & echo $!", LONG_MS, false);
	ck_assert_str_eq(words(), "exited with status 0");
	ck_assert_int_lt(clock_now() - begin, SLEEP_S * 1000);
	child = atoi(text_string(&result.output));
	ck_assert_int_gt(child, 1);
	ck_assert_int_eq(kill(child, SIGKILL), 0);
}
END_TEST

/* The limit itself is accepted; one byte more is not. */
START_TEST(most_output)
{
	char script[128];

	snprintf(script, sizeof(script), "head -c %d /dev/zero", PROCESS_OUTPUT_LIMIT);
	run_shell(script, LONG_MS, false);
	ck_assert_str_eq(words(), "exited with status 0");
	ck_assert_uint_eq(result.output.length, PROCESS_OUTPUT_LIMIT);
}
END_TEST

START_TEST(too_much_output)
{
	char script[128];

	snprintf(script, sizeof(script), "head -c %d /dev/zero; exec sleep 60",
	    PROCESS_OUTPUT_LIMIT + 1);
	run_shell(script, LONG_MS, false);
	ck_assert_int_eq(result.end, PROCESS_OUTPUT_EXCEEDED);
	ck_assert_str_eq(words(), "printed too much output");
	ck_assert(!process_succeeded(&result));
}
END_TEST

START_TEST(endless_output)
{
	run_shell("exec cat /dev/zero", LONG_MS, false);
	ck_assert_int_eq(result.end, PROCESS_OUTPUT_EXCEEDED);
	ck_assert_uint_le(result.output.length, PROCESS_OUTPUT_LIMIT + 4096);
}
END_TEST

/* Standard input is empty, and the process group is its own. */
START_TEST(input_and_group)
{
	int group = 0, pid = 1;

	run_shell("readlink /proc/self/fd/0; cat; cut -d' ' -f5 /proc/$$/stat; echo $$",
	    LONG_MS, false);
	ck_assert_str_eq(words(), "exited with status 0");
	ck_assert_ptr_eq(
	    strstr(text_string(&result.output), "/dev/null\n"), result.output.data);
	ck_assert_int_eq(
	    sscanf(result.output.data, "/dev/null %d %d", &group, &pid), 2);
	ck_assert_int_eq(group, pid);
}
END_TEST

/* Signals that this process ignores or blocks have default actions in the child. */
START_TEST(signals_are_fresh)
{
	sigset_t blocked;

	signal(SIGTERM, SIG_IGN);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	ck_assert_int_eq(sigprocmask(SIG_BLOCK, &blocked, NULL), 0);
	run_shell("kill -TERM $$; exit 0", LONG_MS, false);
	ck_assert_str_eq(words(), "killed by signal 15");
}
END_TEST

/* Except that a program which must not act on SIGTERM can have it blocked. */
START_TEST(sigterm_is_blocked)
{
	const char *argv[] = {"sh", "-c", "kill -TERM $$; exit 3", NULL};
	struct process_options options = {
	    .milliseconds = LONG_MS, .block_sigterm = true};

	process_run(argv, &options, &result);
	ck_assert_str_eq(words(), "exited with status 3");
}
END_TEST

/* The kernel then keeps no exit status: that is not a child that never exits. */
START_TEST(sigchld_is_ignored)
{
	signal(SIGCHLD, SIG_IGN);
	run_shell("echo out; exit 0", LONG_MS, false);
	ck_assert_int_eq(result.end, PROCESS_LOST);
	ck_assert_str_eq(words(), "exited with an unknown status (SIGCHLD is ignored)");
	ck_assert(!process_succeeded(&result));
	ck_assert_str_eq(text_string(&result.output), "out\n");
}
END_TEST

/* What main() makes of what it inherits. */
START_TEST(prepare)
{
	ck_assert_int_eq(setenv("PATH", "/nonexistent", 1), 0);
	ck_assert_int_eq(setenv("LANGUAGE", "tr", 1), 0);
	ck_assert_int_eq(setenv("LC_ALL", "tr_TR.UTF-8", 1), 0);
	signal(SIGCHLD, SIG_IGN);
	umask(077);
	close(0);
	close(2);
	process_prepare();
	ck_assert_int_ge(fcntl(0, F_GETFD), 0);
	ck_assert_int_ge(fcntl(2, F_GETFD), 0);
	ck_assert_int_eq(umask(022), 022);
	run_shell("readlink /proc/$PPID/fd/0; echo \"$LC_ALL$LANGUAGE $PATH\"; umask",
	    LONG_MS, false);
	ck_assert_str_eq(words(), "exited with status 0");
	ck_assert_str_eq(text_string(&result.output),
	    "/dev/null\nC.UTF-8 "
	    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n0022\n");
}
END_TEST

START_TEST(leaves_nothing_open)
{
	int before = descriptors_count();

	for (int i = 0; i < 20; i++) {
		const char *argv[] = {i % 2 ? "true" : "/nonexistent", NULL};
		struct process_options options = {.milliseconds = LONG_MS};

		process_run(argv, &options, &result);
		text_free(&result.output);
	}
	ck_assert_int_eq(descriptors_count(), before);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("process");
	TCase *cases = tcase_create("process");

	tcase_add_checked_fixture(cases, NULL, forget);
	tcase_add_loop_test(cases, how_it_ends, 0, sizeof(ends) / sizeof(ends[0]));
	tcase_add_test(cases, output_alone);
	tcase_add_test(cases, output_with_errors);
	tcase_add_test(cases, output_is_bytes);
	tcase_add_test(cases, no_shell);
	tcase_add_test(cases, environment);
	tcase_add_loop_test(
	    cases, not_started, 0, sizeof(missing) / sizeof(missing[0]));
	tcase_add_test(cases, deadline);
	tcase_add_test(cases, no_time_at_all);
	tcase_add_test(cases, daemon_left_behind);
	tcase_add_test(cases, most_output);
	tcase_add_test(cases, too_much_output);
	tcase_add_test(cases, endless_output);
	tcase_add_test(cases, input_and_group);
	tcase_add_test(cases, signals_are_fresh);
	tcase_add_test(cases, sigterm_is_blocked);
	tcase_add_test(cases, sigchld_is_ignored);
	tcase_add_test(cases, prepare);
	tcase_add_test(cases, leaves_nothing_open);
	tcase_set_timeout(cases, 60);
	suite_add_tcase(suite, cases);
	return suite;
}
