/*
 * When a controller that says leader is believed. Times are milliseconds on a clock of
 * the test's own; a round begins at 0, with the reply of the own controller.
 */
#include <stdlib.h>
#include <string.h>

#include "probe/quorum.h"
#include "unit.h"

#define DEADLINE 750

/* States of a peer. The query of this round, if there is one, begins at 0. */
#define ANSWERED(at, role)                                                             \
	{                                                                              \
		at, NEVER, ROLE_##role, REASON_FOLLOWER, false, true, true             \
	}
#define QUERIED_FIRST                                                                  \
	{                                                                              \
		NEVER, 0, ROLE_UNKNOWN, REASON_NO_ANSWER, false, false, false          \
	}
#define QUERIED_SINCE(last, since)                                                     \
	{                                                                              \
		last, since, ROLE_FOLLOWER, REASON_FOLLOWER, false, false, false       \
	}
#define SAID_LEADER(last)                                                              \
	{                                                                              \
		last, 0, ROLE_LEADER, REASON_LEADER, false, false, false               \
	}
#define REFUSED(last)                                                                  \
	{                                                                              \
		last, 0, ROLE_FOLLOWER, REASON_REFUSED, true, true, false              \
	}
#define REFUSED_BEFORE(last)                                                           \
	{                                                                              \
		last, -250, ROLE_FOLLOWER, REASON_REFUSED, true, false, false          \
	}
#define TIMED_OUT(last, since)                                                         \
	{                                                                              \
		last, since, ROLE_FOLLOWER, REASON_TIME_OUT, false, true, false        \
	}

#define WAIT REASONS

static const struct {
	const char *what;
	struct peer_state peers[4];
	size_t count;
	bool not_required;
	clock_ms_t now;
	enum reason expected; /* or WAIT */
	clock_ms_t moment;    /* judge_at, or expires; 0: not checked */
} cases[] = {
    {"alone", {{0}}, 0, false, 1, REASON_LEADER, INT64_MAX},
    {"no answer yet", {QUERIED_FIRST, QUERIED_FIRST}, 2, false, 1, WAIT, 100},
    {"still no answer", {QUERIED_FIRST, QUERIED_FIRST}, 2, false, 101, WAIT, DEADLINE},
    {"no answer until the deadline", {QUERIED_FIRST, QUERIED_FIRST}, 2, false, DEADLINE,
	REASON_NO_QUORUM, 0},

    /* All have answered. */
    {"all answered", {ANSWERED(5, FOLLOWER), ANSWERED(7, FOLLOWER)}, 2, false, 7,
	REASON_LEADER, 1007},
    {"one answered, one in its grace", {ANSWERED(5, FOLLOWER), QUERIED_FIRST}, 2, false,
	5, WAIT, 100},
    {"its grace is over", {ANSWERED(5, FOLLOWER), QUERIED_FIRST}, 2, false, 100,
	REASON_LEADER, 1005},
    {"one answered, one refused", {ANSWERED(5, FOLLOWER), REFUSED(-200)}, 2, false, 5,
	REASON_LEADER, 1005},
    {"one answered, one long silent",
	{ANSWERED(5, FOLLOWER), QUERIED_SINCE(-9000, -8800)}, 2, false, 5,
	REASON_LEADER, 1005},
    {"one answered, one timed out", {ANSWERED(5, FOLLOWER), TIMED_OUT(NEVER, 0)}, 2,
	false, 5, REASON_LEADER, 1005},

    /* Another controller says leader. */
    {"two leaders", {ANSWERED(5, FOLLOWER), ANSWERED(6, LEADER)}, 2, false, 6,
	REASON_TWO_LEADERS, 0},
    {"two leaders, the third silent", {QUERIED_FIRST, ANSWERED(6, LEADER)}, 2, false, 6,
	REASON_TWO_LEADERS, 0},
    {"two leaders, no majority",
	{ANSWERED(6, LEADER), REFUSED(-9), REFUSED(-9), REFUSED(-9)}, 4, false, 6,
	REASON_TWO_LEADERS, 0},
    {"two leaders, no majority required", {ANSWERED(6, LEADER)}, 1, true, 6,
	REASON_TWO_LEADERS, 0},
    {"a former leader is no second one", {SAID_LEADER(-200), ANSWERED(5, FOLLOWER)}, 2,
	false, 5, WAIT, 100},
    {"but its answer is waited for", {SAID_LEADER(-200), ANSWERED(5, FOLLOWER)}, 2,
	false, 300, WAIT, DEADLINE},
    {"until the deadline", {SAID_LEADER(-200), ANSWERED(5, FOLLOWER)}, 2, false,
	DEADLINE, REASON_LEADER, 1005},
    {"or until it is forgotten", {SAID_LEADER(-600), ANSWERED(5, FOLLOWER)}, 2, false,
	400, REASON_LEADER, 1005},

    /* One lost packet is not a lost quorum. */
    {"remembered, in its grace", {QUERIED_SINCE(-250, 0), QUERIED_SINCE(-250, 0)}, 2,
	false, 50, WAIT, 100},
    {"remembered", {QUERIED_SINCE(-250, 0), QUERIED_SINCE(-300, 0)}, 2, false, 100,
	REASON_LEADER, 750},
    {"remembered though it timed out", {TIMED_OUT(-850, -800), REFUSED(-1)}, 2, false,
	10, REASON_LEADER, 150},
    {"the memory ends", {QUERIED_SINCE(-999, -750), REFUSED(-1)}, 2, false, 0, WAIT, 1},
    {"the memory has ended", {QUERIED_SINCE(-999, -750), REFUSED(-1)}, 2, false, 1,
	REASON_NO_QUORUM, 0},

    /* An isolated leader: both silent since -1000, queried all the time. */
    {"isolated", {QUERIED_SINCE(-1000, -750), QUERIED_SINCE(-1000, -750)}, 2, false, 0,
	REASON_NO_QUORUM, 0},
    {"isolated, one refused", {QUERIED_SINCE(-1000, -750), REFUSED(-1000)}, 2, false, 0,
	REASON_NO_QUORUM, 0},
    {"isolated, queried for too short a time",
	{QUERIED_SINCE(-1000, -400), QUERIED_SINCE(-1000, -400)}, 2, false, 0, WAIT,
	100},
    {"isolated, queried long enough",
	{QUERIED_SINCE(-1000, -400), QUERIED_SINCE(-1000, -400)}, 2, false, 100,
	REASON_NO_QUORUM, 0},
    {"no query for a minute", {QUERIED_SINCE(-60000, 0), QUERIED_SINCE(-60000, 0)}, 2,
	false, 200, WAIT, DEADLINE},
    {"never answered, queried for a second",
	{QUERIED_SINCE(NEVER, -1000), QUERIED_SINCE(NEVER, -1000)}, 2, false, 0,
	REASON_NO_QUORUM, 0},
    {"never answered, queried for less",
	{QUERIED_SINCE(NEVER, -999), QUERIED_SINCE(NEVER, -999)}, 2, false, 0, WAIT, 1},

    /* Refused counts at once, whatever is remembered. */
    {"both refused", {REFUSED(-1), REFUSED(-1)}, 2, false, 0, REASON_NO_QUORUM, 0},
    {"one refused, one not yet", {REFUSED(-1), QUERIED_FIRST}, 2, false, 0, WAIT, 100},
    {"refused before, queried again", {REFUSED_BEFORE(-300), REFUSED(-1)}, 2, false, 0,
	WAIT, 0},

    /* Majorities of other sizes. */
    {"two nodes, other answers", {ANSWERED(3, FOLLOWER)}, 1, false, 3, REASON_LEADER,
	1003},
    {"two nodes, other refused", {REFUSED(-1)}, 1, false, 3, REASON_NO_QUORUM, 0},
    {"two nodes, no majority required", {REFUSED(-1)}, 1, true, 3, REASON_LEADER,
	INT64_MAX},
    {"four nodes need two others", {ANSWERED(3, FOLLOWER), REFUSED(-1), REFUSED(-1)}, 3,
	false, 3, REASON_NO_QUORUM, 0},
    {"four nodes have two others",
	{ANSWERED(3, FOLLOWER), ANSWERED(4, FOLLOWER), REFUSED(-1)}, 3, false, 4,
	REASON_LEADER, 1003},
    {"five nodes: the second freshest is what lasts",
	{ANSWERED(5, FOLLOWER), TIMED_OUT(-100, -50), TIMED_OUT(-300, -50),
	    REFUSED(-1)},
	4, false, 10, REASON_LEADER, 900},
    {"five nodes: three refused",
	{ANSWERED(5, FOLLOWER), REFUSED(-1), REFUSED(-1), REFUSED(-1)}, 4, false, 5,
	REASON_NO_QUORUM, 0},
};

#define CASES ((int)(sizeof(cases) / sizeof(cases[0])))

static struct quorum_result
judge_case(int i, clock_ms_t now)
{
	struct quorum_input input = {
	    .peers = cases[i].peers,
	    .count = cases[i].count,
	    .required = !cases[i].not_required,
	    .claimed_at = 0,
	    .deadline = DEADLINE,
	};

	return quorum_judge(&input, now);
}

START_TEST(leaders_are_judged)
{
	struct quorum_result result = judge_case(_i, cases[_i].now);
	enum reason reason = result.wait ? WAIT : result.reason;
	clock_ms_t moment = result.wait ? result.judge_at : result.expires;

	ck_assert_msg(reason == cases[_i].expected, "%s: %s", cases[_i].what,
	    result.wait ? "wait" : reason_name(reason));
	if (cases[_i].moment)
		ck_assert_msg(moment == cases[_i].moment, "%s: %lld", cases[_i].what,
		    (long long)moment);
}
END_TEST

/* A caller that follows `judge_at` must not wait for ever, nor in vain. */
static void
wait_to_the_end(int row)
{
	clock_ms_t now = cases[row].now;
	struct quorum_result result;

	for (int i = 0; (result = judge_case(row, now)).wait; i++) {
		ck_assert_int_lt(i, 10);
		ck_assert_int_gt(result.judge_at, now);
		ck_assert_int_le(result.judge_at, DEADLINE);
		now = result.judge_at;
	}
}

START_TEST(waiting_ends)
{
	for (int row = 0; row < CASES; row++)
		wait_to_the_end(row);
}
END_TEST

/* Between two moments given by `judge_at` the result does not change. */
static void
check_each_millisecond(int row)
{
	struct quorum_result announced = judge_case(row, cases[row].now);

	for (clock_ms_t now = cases[row].now; announced.wait && now <= DEADLINE;
	     now++) {
		struct quorum_result result = judge_case(row, now);

		if (now < announced.judge_at)
			ck_assert_msg(
			    result.wait, "%s, %lld", cases[row].what, (long long)now);
		else
			announced = result;
	}
}

START_TEST(time_alone_changes_nothing_unannounced)
{
	for (int row = 0; row < CASES; row++)
		check_each_millisecond(row);
}
END_TEST

static void
check_expiry(int row)
{
	struct quorum_result result = judge_case(row, cases[row].now);

	if (result.wait || result.reason != REASON_LEADER ||
	    result.expires == INT64_MAX)
		return;
	ck_assert_int_eq(
	    judge_case(row, result.expires - 1).reachable >= result.needed, true);
	ck_assert_int_eq(
	    judge_case(row, result.expires).reachable < result.needed, true);
}

START_TEST(leader_expires_with_its_majority)
{
	for (int row = 0; row < CASES; row++)
		check_expiry(row);
}
END_TEST

START_TEST(counts_are_reported)
{
	const struct peer_state peers[] = {
	    ANSWERED(1, FOLLOWER), REFUSED(-1), ANSWERED(1, LEADER)};
	struct quorum_input input = {
	    .peers = peers, .count = 3, .required = true, .deadline = DEADLINE};
	struct quorum_result result = quorum_judge(&input, 2);

	ck_assert_uint_eq(result.reachable, 2);
	ck_assert_uint_eq(result.needed, 2);
	ck_assert_uint_eq(result.other_leader, 2);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("quorum");
	TCase *test = tcase_create("quorum");

	tcase_add_loop_test(test, leaders_are_judged, 0, CASES);
	tcase_add_test(test, waiting_ends);
	tcase_add_test(test, time_alone_changes_nothing_unannounced);
	tcase_add_test(test, leader_expires_with_its_majority);
	tcase_add_test(test, counts_are_reported);
	suite_add_tcase(suite, test);
	return suite;
}
