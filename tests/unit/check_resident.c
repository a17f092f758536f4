/*
 * The resident server over time: one round for many, fresh answers, limits, what it
 * logs and how it ends.
 */
#include <netinet/tcp.h>

#include "check/table.h"
#include "served.h"
#include "scratch.h"

START_TEST(askers_share_one_round)
{
	int fds[50];

	cmon.delay = 100;
	for (size_t i = 0; i < 50; i++) {
		fds[i] = connect_here();
		say(fds[i], "GET / HTTP/1.0\r\n\r\n");
	}
	for (size_t i = 0; i < 50; i++)
		expect(hear(fds[i]), "HTTP/1.1 200 ", "leader");
	/* The last may have come after the first had their answer. */
	ck_assert_int_le(cmon.pings, 2);
}
END_TEST

START_TEST(a_thousand_answers_no_reset)
{
	clock_ms_t begin = clock_now();

	for (int i = 0; i < 1000; i++)
		expect(ask("GET / HTTP/1.0\r\n\r\n"), "HTTP/1.1 200 ", "leader");
	ck_assert_int_le(cmon.pings, (clock_now() - begin) / 150 + 1);
	ck_assert_int_ge(cmon.pings, (clock_now() - begin) / 400);
}
END_TEST

START_TEST(answers_are_fresh)
{
	clock_ms_t changed;

	expect(ask("GET / HTTP/1.0\r\n\r\n"), "HTTP/1.1 200 ", "leader");
	fake_say_status(&cmon, "CmonControllerFollower");
	changed = clock_now();
	for (;;) {
		char *answer = ask("GET / HTTP/1.0\r\n\r\n");
		bool fresh = strncmp(answer, "HTTP/1.1 503 ", 13) == 0;

		free(answer);
		if (fresh)
			break;
		ck_assert_int_lt(clock_now() - changed, 300);
	}
}
END_TEST

static bool
find_own_address(char *name)
{
	struct local_addresses *local = allocate(sizeof(*local));
	bool found = false;

	network_local_addresses(local);
	for (size_t i = 0; i < local->count && !found; i++) {
		const struct address *address = &local->at[i].prefix.address;

		found = address->family == AF_INET && !address_is_loopback(address);
		if (found)
			address_format(address, name);
	}
	free(local);
	return found;
}

/* Needs a network besides the loopback; the rule itself is in check_setup.c. */
START_TEST(strangers_are_turned_away)
{
	char own[ADDRESS_TEXT_MAX];
	int fds[2 * STRANGERS_MAX];

	if (!find_own_address(own))
		return;
	for (int i = 0; i < 2 * STRANGERS_MAX; i++)
		fds[i] = connect_from(own);
	for (int i = 0; i < 2 * STRANGERS_MAX; i++) {
		if (i < STRANGERS_MAX) {
			say(fds[i], "GET / HTTP/1.0\r\n\r\n");
			expect(hear(fds[i]), "HTTP/1.1 403 Forbidden\r\n", "\"allow\"");
		} else {
			char *answer = hear(fds[i]);

			ck_assert_str_eq(answer, "");
			free(answer);
		}
	}
	ck_assert_int_eq(cmon.pings, 0);
	expect(ask("GET / HTTP/1.0\r\n\r\n"), "HTTP/1.1 200 ", "leader");
}
END_TEST

/* More than the table holds, all from one address, all silent. */
START_TEST(greedy_asker_delays_nobody_else)
{
	enum { GREEDY = CONNECTIONS_MAX + 200 };
	static int fds[GREEDY];
	clock_ms_t begin;
	int first, half;

	/* On a busy machine all this takes longer than the usual deadline. */
	end_server(SIGTERM);
	config->deadline = PATIENCE;
	start_server();
	half = connect_from("127.0.0.3");
	say(half, "GET / HTTP/1.0\r\n");
	for (int i = 0; i < GREEDY; i++)
		fds[i] = connect_from("127.0.0.2");
	begin = clock_now();
	expect(ask("GET / HTTP/1.0\r\n\r\n"), "HTTP/1.1 200 ", "leader");
	ck_assert_int_lt(clock_now() - begin, 300);
	for (int i = 0; i < 50; i++)
		expect(ask("GET / HTTP/1.0\r\n\r\n"), "HTTP/1.1 200 ", "leader");
	/* Who asks slowly but alone is not the one that has to go. */
	say(half, "\r\n");
	expect(hear(half), "HTTP/1.1 200 ", "leader");
	/* The oldest of the greedy ones was. */
	first = (int)read(fds[0], &first, 1);
	ck_assert_int_le(first, 0);
	for (int i = 0; i < GREEDY; i++)
		close(fds[i]);
}
END_TEST

/* Of a listening socket the kernel tells here how many may wait to be accepted. */
START_TEST(many_may_wait)
{
	struct tcp_info info;
	socklen_t length = sizeof(info);

	expect(ask("GET / HTTP/1.0\r\n\r\n"), "HTTP/1.1 200 ", "leader");
	ck_assert_int_eq(
	    getsockopt(listener, IPPROTO_TCP, TCP_INFO, &info, &length), 0);
	ck_assert_uint_ge(info.tcpi_sacked, CONNECTIONS_MAX);
}
END_TEST

START_TEST(told_to_end_it_answers_and_ends)
{
	clock_ms_t begin;
	int waiting = connect_here(), queued;

	expect(ask("GET / HTTP/1.0\r\n\r\n"), "HTTP/1.1 200 ", "leader");
	poll(NULL, 0, 200); /* so that the next one must wait for a round */
	cmon.delay = 100;
	say(waiting, "GET / HTTP/1.0\r\n\r\n");
	kill(server, SIGSTOP);
	queued = connect_here();
	say(queued, "GET / HTTP/1.0\r\n\r\n");
	kill(server, SIGTERM);
	begin = clock_now();
	kill(server, SIGCONT);
	expect(hear(waiting), "HTTP/1.1 200 ", "leader");
	expect(hear(queued), "HTTP/1.1 200 ", "leader");
	ck_assert_int_eq(end_server(0), 0);
	ck_assert_int_lt(clock_now() - begin, 400);
}
END_TEST

START_TEST(idle_it_ends_at_once)
{
	clock_ms_t begin;
	int silent;

	expect(ask("GET / HTTP/1.0\r\n\r\n"), "HTTP/1.1 200 ", "leader");
	begin = clock_now();
	ck_assert_int_eq(end_server(SIGTERM), 0);
	ck_assert_int_lt(clock_now() - begin, 400);
	/* And who dawdles does not keep it. */
	start_server();
	silent = connect_here();
	expect(ask("GET / HTTP/1.0\r\n\r\n"), "HTTP/1.1 200 ", "leader");
	begin = clock_now();
	ck_assert_int_eq(end_server(SIGINT), 0);
	ck_assert_int_lt(clock_now() - begin, 400);
	close(silent);
}
END_TEST

/* The question that finds it outdated is answered by the next one. */
START_TEST(changed_configuration_ends_it)
{
	int fd;

	end_server(SIGTERM);
	scratch_put("cluster.conf", "old", 0644);
	watch_begin(&config->watches[0], scratch_path("cluster.conf"));
	config->watch_count = 1;
	start_server();
	expect(ask("GET / HTTP/1.0\r\n\r\n"), "HTTP/1.1 200 ", "leader");
	scratch_put("cluster.conf", "newer", 0644);
	poll(NULL, 0, 260); /* it looks four times a second */
	fd = connect_here();
	say(fd, "GET / HTTP/1.0\r\n\r\n");
	ck_assert_int_eq(end_server(0), 0);
	watch_begin(&config->watches[0], scratch_path("cluster.conf"));
	start_server();
	expect(hear(fd), "HTTP/1.1 200 ", "leader");
	unlink(scratch_path("cluster.conf"));
	poll(NULL, 0, 260);
	fd = connect_here();
	ck_assert_int_eq(end_server(0), 0);
	close(fd);
}
END_TEST

/* One line per change of state, none per answer. */
START_TEST(only_changes_are_logged)
{
	struct text log = {0};
	char *line, *rest;

	for (int i = 0; i < 3; i++) {
		free(ask("GET / HTTP/1.0\r\n\r\n"));
		free(ask("GET /x HTTP/1.0\r\n\r\n"));
		poll(NULL, 0, 160); /* so that each is a round of its own */
	}
	fake_say_status(&cmon, "CmonControllerFollower");
	for (int i = 0; i < 20; i++)
		free(ask("GET / HTTP/1.0\r\n\r\n"));
	ck_assert_int_eq(end_server(SIGTERM), 0);
	text_reserve(&log, 4096);
	for (ssize_t got;
	     (got = read(messages, log.data + log.length, 4096 - log.length)) > 0;)
		log.length += (size_t)got;
	log.data[log.length] = '\0';
	line = strtok_r(log.data, "\n", &rest);
	ck_assert_str_eq(line,
	    "this node is: leader (leader). Its controller is the leader of the cluster.");
	line = strtok_r(NULL, "\n", &rest);
	ck_assert_ptr_nonnull(line);
	ck_assert_msg(strncmp(line, "leader (leader) for 0.", 22) == 0, "%s", line);
	ck_assert_str_eq(strstr(line, ", now"),
	    ", now follower (follower). Its controller follows another one.");
	ck_assert_str_eq(strtok_r(NULL, "\n", &rest), "ends: told to");
	ck_assert_ptr_null(strtok_r(NULL, "\n", &rest));
	text_free(&log);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("resident");
	TCase *cases = tcase_create("resident");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, scratch_empty, NULL);
	tcase_add_checked_fixture(cases, served_begin, served_end);
	tcase_add_test(cases, askers_share_one_round);
	tcase_add_test(cases, a_thousand_answers_no_reset);
	tcase_add_test(cases, answers_are_fresh);
	tcase_add_test(cases, strangers_are_turned_away);
	tcase_add_test(cases, greedy_asker_delays_nobody_else);
	tcase_add_test(cases, many_may_wait);
	tcase_add_test(cases, told_to_end_it_answers_and_ends);
	tcase_add_test(cases, idle_it_ends_at_once);
	tcase_add_test(cases, changed_configuration_ends_it);
	tcase_add_test(cases, only_changes_are_logged);
	suite_add_tcase(suite, cases);
	return suite;
}
