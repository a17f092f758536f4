#include "watch/old_workers.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "listening.h"
#include "scratch.h"
#include "unit.h"

#define HEADER                                                                         \
	"#<PID>          <type>          <reloads>       <uptime>        <version>\n"  \
	"587             master          2 [failed: 0]   0d00h00m41s     2.6.12\n"     \
	"# workers\n"                                                                  \
	"657             worker          0               0d00h00m01s     2.6.12\n"

static struct old_workers workers;

static size_t
found(const char *output)
{
	struct text processes = {0};

	old_workers_init(&workers);
	text_addf(&processes, "%s", output);
	old_workers_parse(&workers, &processes);
	text_free(&processes);
	return workers.count;
}

/* The second one as HAProxy 2.0 to 2.4 write it. */
START_TEST(old_ones_alone_are_found)
{
	size_t count = found(HEADER
	    "# old workers\n"
	    "603             worker          1               0d00h00m38s     2.6.12\n"
	    "1233            worker          [was: 1]        3               "
	    "0d00h00m43s     2.0\n"
	    "# programs\n"
	    "1244            other           -               0               "
	    "0d00h00m06s     -\n\n");

	ck_assert_uint_eq(count, 2);
	ck_assert_int_eq(workers.worker, 657);
	ck_assert_int_eq(workers.pids[0], 603);
	ck_assert_int_eq(workers.pids[1], 1233);
}
END_TEST

START_TEST(nobody_else_is_found)
{
	static const char *const words[] = {"", HEADER, HEADER "# old workers\n",
	    HEADER "# old workers\n# programs\n\n", "# old workers",
	    "# old workers\n1 worker 1 1\n", "# old workers\n-5 worker 1 1\n",
	    "# old workers\n700 master 1 1\n", "# old workers\nworker\n",
	    "Unknown command.\n"};

	ck_assert_uint_eq(found(words[_i]), 0);
}
END_TEST

START_TEST(no_more_than_there_is_room_for)
{
	struct text many = {0};

	text_addf(&many, "# old workers\n");
	for (int i = 0; i < OLD_WORKERS_MAX + 8; i++)
		text_addf(&many, "%d worker 1 0d00h00m38s 2.6.12\n", 100 + i);
	ck_assert_uint_eq(found(text_string(&many)), OLD_WORKERS_MAX);
	text_free(&many);
}
END_TEST

#define SERVERS(op)                                                                    \
	"1\n# be_id be_name srv_id srv_name ...\n81 ui 1 cc1 10.0.0.1 " op             \
	" 0 1 1 5 15 3 4 6 0 0 1 - 80\n"

static pid_t
start_worker(void)
{
	sigset_t terminate, before;
	pid_t pid;

	/* Check's own handler, which the child has at first, would end the whole test.
	 */
	sigemptyset(&terminate);
	sigaddset(&terminate, SIGTERM);
	sigprocmask(SIG_BLOCK, &terminate, &before);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		signal(SIGTERM, SIG_DFL);
	sigprocmask(SIG_SETMASK, &before, NULL);
	while (pid == 0)
		pause();
	return pid;
}

/* So often as several answers need. */
static void
run_ticks(bool cut)
{
	for (int i = 0; i < 20; i++) {
		old_workers_ask(&workers, scratch, i % 5 == 0, cut);
		poll(NULL, 0, 20);
		old_workers_judge(&workers, scratch);
	}
}

/* One is stopped when a server that was up before the reload is down, not earlier. */
START_TEST(stopped_when_the_leader_changes)
{
	char *processes;
	pid_t worker = start_worker();
	int status;

	processes = format_string(HEADER "# old workers\n%d worker 1 0d 2.6\n", worker);
	scratch_put("processes", processes, 0644);
	scratch_put("servers", SERVERS("2"), 0644);
	scratch_put("run/cmonha-ui/haproxy.state", SERVERS("2"), 0644);
	listening_unix("run/cmonha-ui/master.sock", "processes");
	listening_unix("run/cmonha-ui/haproxy.sock", "servers");
	old_workers_init(&workers);
	run_ticks(true);
	ck_assert_uint_eq(workers.count, 1);
	ck_assert_int_eq(waitpid(worker, &status, WNOHANG), 0);
	scratch_put("servers", SERVERS("0"), 0644);
	/* With cut_sessions = no it may stay. */
	run_ticks(false);
	ck_assert_int_eq(waitpid(worker, &status, WNOHANG), 0);
	run_ticks(true);
	ck_assert_int_eq(waitpid(worker, &status, 0), worker);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	free(processes);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("old_workers");
	TCase *cases = tcase_create("find");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, scratch_empty, listening_stop);
	tcase_add_test(cases, old_ones_alone_are_found);
	tcase_add_loop_test(cases, nobody_else_is_found, 0, 10);
	tcase_add_test(cases, no_more_than_there_is_room_for);
	tcase_add_test(cases, stopped_when_the_leader_changes);
	tcase_set_timeout(cases, 60);
	suite_add_tcase(suite, cases);
	return suite;
}
