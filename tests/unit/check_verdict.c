/*
 * When a controller that says leader is believed. Times are milliseconds on a clock of
 * the test's own; a round begins at 0, with the own controller's word.
 */
#include <stdlib.h>
#include <string.h>

#include "probe/verdict.h"
#include "unit.h"

#define DEADLINE 750

/* How a peer stands. What it is asked in this round it is asked at 0. */
#define ANSWERED(at, role)                                                             \
	{                                                                              \
		at, NEVER, ROLE_##role, REASON_FOLLOWER, false, true, true             \
	}
#define ASKED_FIRST                                                                    \
	{                                                                              \
		NEVER, 0, ROLE_UNKNOWN, REASON_NO_ANSWER, false, false, false          \
	}
#define ASKED_SINCE(last, since)                                                       \
	{                                                                              \
		last, since, ROLE_FOLLOWER, REASON_FOLLOWER, false, false, false       \
	}
#define RIVAL_ASKED(last)                                                              \
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
	struct peer_view peers[4];
	size_t count;
	bool no_quorum_wanted;
	clock_ms_t now;
	enum reason expected; /* or WAIT */
	clock_ms_t moment;    /* again, or expires; 0: not looked at */
} cases[] = {
    {"alone", {{0}}, 0, false, 1, REASON_LEADER, INT64_MAX},
    {"nobody has answered yet", {ASKED_FIRST, ASKED_FIRST}, 2, false, 1, WAIT, 100},
    {"still nobody", {ASKED_FIRST, ASKED_FIRST}, 2, false, 101, WAIT, DEADLINE},
    {"nobody until the deadline", {ASKED_FIRST, ASKED_FIRST}, 2, false, DEADLINE,
	REASON_NO_QUORUM, 0},

    /* All have answered. */
    {"all answered", {ANSWERED(5, FOLLOWER), ANSWERED(7, FOLLOWER)}, 2, false, 7,
	REASON_LEADER, 1007},
    {"one answered, one in its grace", {ANSWERED(5, FOLLOWER), ASKED_FIRST}, 2, false,
	5, WAIT, 100},
    {"its grace is over", {ANSWERED(5, FOLLOWER), ASKED_FIRST}, 2, false, 100,
	REASON_LEADER, 1005},
    {"one answered, one refused", {ANSWERED(5, FOLLOWER), REFUSED(-200)}, 2, false, 5,
	REASON_LEADER, 1005},
    {"one answered, one long silent",
	{ANSWERED(5, FOLLOWER), ASKED_SINCE(-9000, -8800)}, 2, false, 5, REASON_LEADER,
	1005},
    {"one answered, one timed out", {ANSWERED(5, FOLLOWER), TIMED_OUT(NEVER, 0)}, 2,
	false, 5, REASON_LEADER, 1005},

    /* Another one says leader. */
    {"two leaders", {ANSWERED(5, FOLLOWER), ANSWERED(6, LEADER)}, 2, false, 6,
	REASON_TWO_LEADERS, 0},
    {"two leaders, the third silent", {ASKED_FIRST, ANSWERED(6, LEADER)}, 2, false, 6,
	REASON_TWO_LEADERS, 0},
    {"two leaders, no majority",
	{ANSWERED(6, LEADER), REFUSED(-9), REFUSED(-9), REFUSED(-9)}, 4, false, 6,
	REASON_TWO_LEADERS, 0},
    {"two leaders, no majority wanted", {ANSWERED(6, LEADER)}, 1, true, 6,
	REASON_TWO_LEADERS, 0},
    {"a former claim is no claim", {RIVAL_ASKED(-200), ANSWERED(5, FOLLOWER)}, 2, false,
	5, WAIT, 100},
    {"but its answer is waited for", {RIVAL_ASKED(-200), ANSWERED(5, FOLLOWER)}, 2,
	false, 300, WAIT, DEADLINE},
    {"until the deadline", {RIVAL_ASKED(-200), ANSWERED(5, FOLLOWER)}, 2, false,
	DEADLINE, REASON_LEADER, 1005},
    {"or until it is forgotten", {RIVAL_ASKED(-600), ANSWERED(5, FOLLOWER)}, 2, false,
	400, REASON_LEADER, 1005},

    /* One lost packet is not a lost quorum. */
    {"remembered, in its grace", {ASKED_SINCE(-250, 0), ASKED_SINCE(-250, 0)}, 2, false,
	50, WAIT, 100},
    {"remembered", {ASKED_SINCE(-250, 0), ASKED_SINCE(-300, 0)}, 2, false, 100,
	REASON_LEADER, 750},
    {"remembered though it timed out", {TIMED_OUT(-850, -800), REFUSED(-1)}, 2, false,
	10, REASON_LEADER, 150},
    {"the memory ends", {ASKED_SINCE(-999, -750), REFUSED(-1)}, 2, false, 0, WAIT, 1},
    {"the memory has ended", {ASKED_SINCE(-999, -750), REFUSED(-1)}, 2, false, 1,
	REASON_NO_QUORUM, 0},

    /* An isolated leader: both silent since -1000, asked all the time. */
    {"isolated", {ASKED_SINCE(-1000, -750), ASKED_SINCE(-1000, -750)}, 2, false, 0,
	REASON_NO_QUORUM, 0},
    {"isolated, one refused", {ASKED_SINCE(-1000, -750), REFUSED(-1000)}, 2, false, 0,
	REASON_NO_QUORUM, 0},
    {"isolated, asked for too short a time",
	{ASKED_SINCE(-1000, -400), ASKED_SINCE(-1000, -400)}, 2, false, 0, WAIT, 100},
    {"isolated, asked long enough",
	{ASKED_SINCE(-1000, -400), ASKED_SINCE(-1000, -400)}, 2, false, 100,
	REASON_NO_QUORUM, 0},
    {"nobody asked for a minute", {ASKED_SINCE(-60000, 0), ASKED_SINCE(-60000, 0)}, 2,
	false, 200, WAIT, DEADLINE},
    {"never answered, asked for a second",
	{ASKED_SINCE(NEVER, -1000), ASKED_SINCE(NEVER, -1000)}, 2, false, 0,
	REASON_NO_QUORUM, 0},
    {"never answered, asked for less",
	{ASKED_SINCE(NEVER, -999), ASKED_SINCE(NEVER, -999)}, 2, false, 0, WAIT, 1},

    /* Refused counts at once, whatever is remembered. */
    {"both refused", {REFUSED(-1), REFUSED(-1)}, 2, false, 0, REASON_NO_QUORUM, 0},
    {"one refused, one not yet", {REFUSED(-1), ASKED_FIRST}, 2, false, 0, WAIT, 100},
    {"refused before, asked again", {REFUSED_BEFORE(-300), REFUSED(-1)}, 2, false, 0,
	WAIT, 0},

    /* Majorities of other sizes. */
    {"two nodes, other answers", {ANSWERED(3, FOLLOWER)}, 1, false, 3, REASON_LEADER,
	1003},
    {"two nodes, other refused", {REFUSED(-1)}, 1, false, 3, REASON_NO_QUORUM, 0},
    {"two nodes, no majority wanted", {REFUSED(-1)}, 1, true, 3, REASON_LEADER,
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

static struct judgement
judge_case(int i, clock_ms_t now)
{
	struct question question = {
	    .peers = cases[i].peers,
	    .count = cases[i].count,
	    .quorum = !cases[i].no_quorum_wanted,
	    .own_at = 0,
	    .deadline = DEADLINE,
	};

	return judge(&question, now);
}

START_TEST(leaders_are_judged)
{
	struct judgement judgement = judge_case(_i, cases[_i].now);
	enum reason reason = judgement.wait ? WAIT : judgement.reason;
	clock_ms_t moment = judgement.wait ? judgement.again : judgement.expires;

	ck_assert_msg(reason == cases[_i].expected, "%s: %s", cases[_i].what,
	    judgement.wait ? "wait" : reason_name(reason));
	if (cases[_i].moment)
		ck_assert_msg(moment == cases[_i].moment, "%s: %lld", cases[_i].what,
		    (long long)moment);
}
END_TEST

/* Who follows `again` must never wait for ever, nor in vain. */
static void
wait_to_the_end(int row)
{
	clock_ms_t now = cases[row].now;
	struct judgement judgement;

	for (int i = 0; (judgement = judge_case(row, now)).wait; i++) {
		ck_assert_int_lt(i, 10);
		ck_assert_int_gt(judgement.again, now);
		ck_assert_int_le(judgement.again, DEADLINE);
		now = judgement.again;
	}
}

START_TEST(waiting_ends)
{
	for (int row = 0; row < CASES; row++)
		wait_to_the_end(row);
}
END_TEST

/* Between two moments named by `again` the judgement does not change. */
static void
look_each_millisecond(int row)
{
	struct judgement announced = judge_case(row, cases[row].now);

	for (clock_ms_t now = cases[row].now; announced.wait && now <= DEADLINE;
	     now++) {
		struct judgement judgement = judge_case(row, now);

		if (now < announced.again)
			ck_assert_msg(judgement.wait, "%s, %lld", cases[row].what,
			    (long long)now);
		else
			announced = judgement;
	}
}

START_TEST(time_alone_changes_nothing_unannounced)
{
	for (int row = 0; row < CASES; row++)
		look_each_millisecond(row);
}
END_TEST

static void
look_at_expiry(int row)
{
	struct judgement judgement = judge_case(row, cases[row].now);

	if (judgement.wait || judgement.reason != REASON_LEADER ||
	    judgement.expires == INT64_MAX)
		return;
	ck_assert_int_eq(
	    judge_case(row, judgement.expires - 1).reachable >= judgement.needed, true);
	ck_assert_int_eq(
	    judge_case(row, judgement.expires).reachable < judgement.needed, true);
}

START_TEST(leader_expires_with_its_majority)
{
	for (int row = 0; row < CASES; row++)
		look_at_expiry(row);
}
END_TEST

START_TEST(counts_are_told)
{
	const struct peer_view peers[] = {
	    ANSWERED(1, FOLLOWER), REFUSED(-1), ANSWERED(1, LEADER)};
	struct question question = {
	    .peers = peers, .count = 3, .quorum = true, .deadline = DEADLINE};
	struct judgement judgement = judge(&question, 2);

	ck_assert_uint_eq(judgement.reachable, 2);
	ck_assert_uint_eq(judgement.needed, 2);
	ck_assert_uint_eq(judgement.other, 2);
}
END_TEST

START_TEST(explanations_have_their_detail)
{
	struct verdict verdict;
	struct text words = {0};

	verdict_begin(&verdict, REASON_UI_DOWN, 5);
	ck_assert_int_eq(verdict.expires, 5);
	ck_assert_int_eq(verdict.peers[NODES_MAX - 1].last_answer, NEVER);
	verdict_explain(&words, &verdict);
	ck_assert_str_eq(words.data, reason_sentence(REASON_UI_DOWN));
	memcpy(verdict.detail, "port 80", 8);
	text_clear(&words);
	verdict_explain(&words, &verdict);
	ck_assert_ptr_nonnull(strstr(words.data, "connections. (port 80)"));
	text_free(&words);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("verdict");
	TCase *test = tcase_create("verdict");

	tcase_add_loop_test(test, leaders_are_judged, 0, CASES);
	tcase_add_test(test, waiting_ends);
	tcase_add_test(test, time_alone_changes_nothing_unannounced);
	tcase_add_test(test, leader_expires_with_its_majority);
	tcase_add_test(test, counts_are_told);
	tcase_add_test(test, explanations_have_their_detail);
	suite_add_tcase(suite, test);
	return suite;
}
