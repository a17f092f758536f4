/*
 * The probe in its thread: rounds begin on request, one at a time, and can be aborted.
 */
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "fake_cmon.h"
#include "probe/probe_thread.h"
#include "probe/timing.h"
#include "unit.h"

#define PATIENCE 5000

static struct fake_cmon own;
static struct config *config;
static struct verdict verdict;

static void
begin(void)
{
	fake_cmon_open(&own, "CmonControllerLeader");
	fake_cmon_start(&own);
	config = allocate(sizeof(*config));
	config->unusable = REASONS;
	config->users.at[config->users.count++] = geteuid();
	config->cluster.source = SOURCE_RPC;
	config->cluster.deadline = PATIENCE;
	config->own_count = 1;
	config->own[0].port = own.port;
	ck_assert_ptr_null(address_parse("127.0.0.1", &config->own[0].address));
	config->address = config->own[0].address;
}

static void
end(void)
{
	fake_cmon_stop(&own);
	free(config);
}

/* A client that finds the old verdict expired just then must not begin a second round.
 */
START_TEST(unread_verdict_is_read_first)
{
	eventfd_t times;
	int ready = eventfd(0, EFD_CLOEXEC);
	struct probe_thread *probe_thread;
	struct pollfd state = {.fd = ready, .events = POLLIN};

	probe_thread = probe_thread_start(config, ready);
	probe_thread_request(probe_thread);
	ck_assert_int_eq(poll(&state, 1, PATIENCE), 1);
	probe_thread_request(probe_thread);
	ck_assert_int_eq(eventfd_read(ready, &times), 0);
	ck_assert_int_eq(poll(&state, 1, 2 * PEER_GRACE_MS), 0);
	probe_thread_get(probe_thread, &verdict);
	ck_assert_int_eq(verdict.role, ROLE_LEADER);
	ck_assert_int_eq(own.pings, 1);
	probe_thread_request(probe_thread);
	ck_assert_int_eq(poll(&state, 1, PATIENCE), 1);
	ck_assert_int_eq(own.pings, 2);
	probe_thread_stop(probe_thread);
	close(ready);
}
END_TEST

/* However many requests there are while a round runs, it is one round. */
START_TEST(requests_share_a_round)
{
	int ready = eventfd(0, EFD_CLOEXEC);
	struct probe_thread *probe_thread = probe_thread_start(config, ready);
	struct pollfd state = {.fd = ready, .events = POLLIN};

	own.delay = PEER_GRACE_MS;
	for (int i = 0; i < 10; i++)
		probe_thread_request(probe_thread);
	ck_assert_int_eq(poll(&state, 1, PATIENCE), 1);
	probe_thread_get(probe_thread, &verdict);
	ck_assert_uint_eq(verdict.rounds, 1);
	ck_assert_int_eq(own.pings, 1);
	probe_thread_stop(probe_thread);
	close(ready);
}
END_TEST

/* Its deadline is far away, and its controller never replies. */
START_TEST(stopping_aborts_a_round)
{
	int ready = eventfd(0, EFD_CLOEXEC);
	struct probe_thread *probe_thread;
	struct pollfd state = {.fd = ready, .events = POLLIN};
	clock_ms_t begin = clock_now();

	own.hangs = true;
	config->cluster.deadline = 10 * PATIENCE;
	probe_thread = probe_thread_start(config, ready);
	probe_thread_request(probe_thread);
	while (own.pings == 0 && clock_left(begin + PATIENCE) > 0)
		poll(NULL, 0, 1);
	ck_assert_int_eq(own.pings, 1);
	probe_thread_stop(probe_thread);
	ck_assert_int_lt(clock_now() - begin, 2 * PATIENCE);
	ck_assert_int_eq(poll(&state, 1, 0), 0);
	close(ready);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("probe_thread");
	TCase *cases = tcase_create("probe_thread");

	tcase_add_checked_fixture(cases, begin, end);
	tcase_add_test(cases, unread_verdict_is_read_first);
	tcase_add_test(cases, requests_share_a_round);
	tcase_add_test(cases, stopping_aborts_a_round);
	suite_add_tcase(suite, cases);
	return suite;
}
