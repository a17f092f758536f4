/*
 * Every reply that facts/ documents or leaves open, and the role in it.
 */
#include <string.h>

#include "base/text.h"
#include "probe/rpc_reply.h"
#include "unit.h"

#define OK           "\"request_status\": \"Ok\""
#define STATUS(text) "{" OK ", \"controller_status\": " text "}"

static const struct {
	long http_status;
	const char *body;
	enum role role;
	enum reason reason;
	bool is_from_cmon;
} replies[] = {
    {200, STATUS("\"CmonControllerLeader\""), ROLE_LEADER, REASON_LEADER, true},
    {200, STATUS("\"CmonControllerFollower\""), ROLE_FOLLOWER, REASON_FOLLOWER, true},
    {200, STATUS("\"CMONCONTROLLERLEADER\""), ROLE_LEADER, REASON_LEADER, true},
    {200, STATUS("\"leader\""), ROLE_LEADER, REASON_LEADER, true},
    {200, STATUS("\"CMON_CONTROLLER_LEADER\""), ROLE_LEADER, REASON_LEADER, true},
    {200, STATUS("\"Cmon-Controller-Leader\""), ROLE_LEADER, REASON_LEADER, true},
    {200, STATUS("\"ControllerFollower\""), ROLE_FOLLOWER, REASON_FOLLOWER, true},
    {200, STATUS("\"Follower\""), ROLE_FOLLOWER, REASON_FOLLOWER, true},
    {200, "{\"request_status\": \"ok\", \"controller_status\": \"leader\"}",
	ROLE_LEADER, REASON_LEADER, true},
    {200, " \r\n" STATUS("\"leader\"") "\n", ROLE_LEADER, REASON_LEADER, true},
    /* Not a role. */
    {200, STATUS("\"CmonControllerLeaders\""), ROLE_UNKNOWN, REASON_UNKNOWN_STATUS,
	true},
    {200, STATUS("\"LeaderElection\""), ROLE_UNKNOWN, REASON_UNKNOWN_STATUS, true},
    {200, STATUS("\"leader \""), ROLE_UNKNOWN, REASON_UNKNOWN_STATUS, true},
    {200, STATUS("\"eader\""), ROLE_UNKNOWN, REASON_UNKNOWN_STATUS, true},
    {200, STATUS("\"\""), ROLE_UNKNOWN, REASON_UNKNOWN_STATUS, true},
    {200, STATUS("\"l\\u00e9ader\""), ROLE_UNKNOWN, REASON_UNKNOWN_STATUS, true},
    {200, STATUS("\"noleader\""), ROLE_UNKNOWN, REASON_UNKNOWN_STATUS, true},
    {200, STATUS("\"CmonControllerNoLeader\""), ROLE_UNKNOWN, REASON_UNKNOWN_STATUS,
	true},
    {200, STATUS("\"CMON_CONTROLLER_NOT_LEADER\""), ROLE_UNKNOWN, REASON_UNKNOWN_STATUS,
	true},
    {200, STATUS("\"CMONCONTROLLERNOLEADER\""), ROLE_UNKNOWN, REASON_UNKNOWN_STATUS,
	true},
    {200, STATUS("\"not a leader\""), ROLE_UNKNOWN, REASON_UNKNOWN_STATUS, true},
    {200, STATUS("\"ex-leader\""), ROLE_UNKNOWN, REASON_UNKNOWN_STATUS, true},
    {200, STATUS("\"NonFollower\""), ROLE_UNKNOWN, REASON_UNKNOWN_STATUS, true},
    /* Words that contain a role, or begin or end in one. */
    {200, STATUS("\"CmonHaLeader\""), ROLE_UNKNOWN, REASON_UNKNOWN_STATUS, true},
    {200, STATUS("\"ElectingLeader\""), ROLE_UNKNOWN, REASON_UNKNOWN_STATUS, true},
    {200, STATUS("\"WaitingForLeader\""), ROLE_UNKNOWN, REASON_UNKNOWN_STATUS, true},
    {200, STATUS("\"CmonControllerNextLeader\""), ROLE_UNKNOWN, REASON_UNKNOWN_STATUS,
	true},
    /* "_" and "-" only between the words, one at a time. */
    {200, STATUS("\"Controller_Leader\""), ROLE_LEADER, REASON_LEADER, true},
    {200, STATUS("\"l-eader\""), ROLE_UNKNOWN, REASON_UNKNOWN_STATUS, true},
    {200, STATUS("\"cmoncontrollerlead_er\""), ROLE_UNKNOWN, REASON_UNKNOWN_STATUS,
	true},
    {200, STATUS("\"-leader\""), ROLE_UNKNOWN, REASON_UNKNOWN_STATUS, true},
    {200, STATUS("\"leader-\""), ROLE_UNKNOWN, REASON_UNKNOWN_STATUS, true},
    {200, STATUS("\"controller--leader\""), ROLE_UNKNOWN, REASON_UNKNOWN_STATUS, true},
    {200, STATUS("\"cmon-leader\""), ROLE_UNKNOWN, REASON_UNKNOWN_STATUS, true},
    {200, STATUS("\"CmonLeader\""), ROLE_UNKNOWN, REASON_UNKNOWN_STATUS, true},
    {200, STATUS("\"ControllerCmonLeader\""), ROLE_UNKNOWN, REASON_UNKNOWN_STATUS,
	true},
    {200, STATUS("\"leaderfollower\""), ROLE_UNKNOWN, REASON_UNKNOWN_STATUS, true},
    {200, STATUS("\"CmonController\""), ROLE_UNKNOWN, REASON_UNKNOWN_STATUS, true},
    {200, STATUS("\"CmonControllerMain\""), ROLE_UNKNOWN, REASON_UNKNOWN_STATUS, true},
    {200, STATUS("\"main_controller\""), ROLE_UNKNOWN, REASON_UNKNOWN_STATUS, true},
    {200, STATUS("null"), ROLE_UNKNOWN, REASON_NO_STATUS, true},
    {200, "{" OK "}", ROLE_UNKNOWN, REASON_NO_STATUS, true},
    {200, "{" OK ", \"Controller_Status\": \"leader\"}", ROLE_UNKNOWN, REASON_NO_STATUS,
	true},
    {200, STATUS("1"), ROLE_UNKNOWN, REASON_MALFORMED, true},
    {200, STATUS("true"), ROLE_UNKNOWN, REASON_MALFORMED, true},
    {200, STATUS("[\"leader\"]"), ROLE_UNKNOWN, REASON_MALFORMED, true},
    {200, STATUS("{\"leader\": 1}"), ROLE_UNKNOWN, REASON_MALFORMED, true},
    /* Without CMON HA. */
    {200, "{" OK ", \"total\": 0, \"controllers\": []}", ROLE_UNKNOWN,
	REASON_HA_NOT_ENABLED, true},
    {200, "{" OK ", \"controllers\": [{\"role\": \"leader\"}]}", ROLE_UNKNOWN,
	REASON_NO_STATUS, true},
    /* A Redirect never makes a leader. */
    {200, "{\"request_status\": \"Redirect\", \"status\": \"CmonControllerFollower\"}",
	ROLE_FOLLOWER, REASON_FOLLOWER, true},
    {200, "{\"request_status\": \"Redirect\", \"status\": \"CmonControllerLeader\"}",
	ROLE_UNKNOWN, REASON_REDIRECTED, true},
    {200, "{\"request_status\": \"Redirect\", \"controller_status\": \"leader\"}",
	ROLE_UNKNOWN, REASON_REDIRECTED, true},
    {200, "{\"request_status\": \"Redirect\"}", ROLE_UNKNOWN, REASON_REDIRECTED, true},
    /* Refusals, even if they name a role. */
    {200, "{\"request_status\": \"AuthRequired\", \"controller_status\": \"leader\"}",
	ROLE_UNKNOWN, REASON_AUTH_REQUIRED, true},
    {200, "{\"request_status\": \"AccessDenied\"}", ROLE_UNKNOWN, REASON_AUTH_REQUIRED,
	true},
    {200, "{\"request_status\": \"TryAgain\", \"controller_status\": \"leader\"}",
	ROLE_UNKNOWN, REASON_TRY_AGAIN, true},
    {200, "{\"request_status\": \"InvalidRequest\"}", ROLE_UNKNOWN, REASON_REJECTED,
	true},
    {200, "{\"request_status\": \"UnknownError\"}", ROLE_UNKNOWN, REASON_REJECTED,
	true},
    {200, "{\"request_status\": \"Okay\", \"controller_status\": \"leader\"}",
	ROLE_UNKNOWN, REASON_REJECTED, true},
    /* Not a CMON reply. */
    {200, "{\"controller_status\": \"leader\"}", ROLE_UNKNOWN, REASON_MALFORMED, false},
    {200, "{\"request_status\": 1, \"controller_status\": \"leader\"}", ROLE_UNKNOWN,
	REASON_MALFORMED, false},
    {200, "{}", ROLE_UNKNOWN, REASON_MALFORMED, false},
    {200, "[]", ROLE_UNKNOWN, REASON_MALFORMED, false},
    {200, "\"leader\"", ROLE_UNKNOWN, REASON_MALFORMED, false},
    {200, "leader", ROLE_UNKNOWN, REASON_MALFORMED, false},
    {200, "", ROLE_UNKNOWN, REASON_MALFORMED, false},
    {200, "<html>leader</html>", ROLE_UNKNOWN, REASON_MALFORMED, false},
    {200, STATUS("\"leader\"") "x", ROLE_UNKNOWN, REASON_MALFORMED, false},
    {200, STATUS("\"leader\"") STATUS("\"leader\""), ROLE_UNKNOWN, REASON_MALFORMED,
	false},
    {200, "{" OK ", \"controller_status\": \"leader\"", ROLE_UNKNOWN, REASON_MALFORMED,
	false},
    {200, "{" OK ", \"controller_status\": \"lea", ROLE_UNKNOWN, REASON_MALFORMED,
	false},
    {200, STATUS("\"leader\", \"a\": \"\xff\xfe\""), ROLE_UNKNOWN, REASON_MALFORMED,
	false},
    {200, STATUS("\"leader\\u0000\""), ROLE_UNKNOWN, REASON_MALFORMED, false},
    /* Said twice: which of the two? */
    {200, STATUS("\"follower\", \"controller_status\": \"leader\""), ROLE_UNKNOWN,
	REASON_MALFORMED, false},
    /* HTTP, whatever the body says; 0: an answer without a status, from old
       libcurl. */
    {500, STATUS("\"leader\""), ROLE_UNKNOWN, REASON_HTTP_ERROR, false},
    {404, STATUS("\"leader\""), ROLE_UNKNOWN, REASON_HTTP_ERROR, false},
    {301, STATUS("\"leader\""), ROLE_UNKNOWN, REASON_HTTP_ERROR, false},
    {204, "", ROLE_UNKNOWN, REASON_HTTP_ERROR, false},
    {0, "SSH-2.0-OpenSSH_9.2\r\n", ROLE_UNKNOWN, REASON_MALFORMED, false},
};

static struct reply
parse_text(long http_status, const struct text *body)
{
	struct reply reply;

	rpc_reply_parse(http_status, text_string(body), body->length, &reply);
	return reply;
}

#define MEMBER "{\"controller_id\": 2, \"hostname\": \"cc2\", \"status\": \"active\"}"
#define POOL(list)                                                                     \
	"{\"request_status\": \"Ok\", \"pool_id\": \"p\", \"controllers_pool\": " list \
	"}"

static const struct {
	long http_status;
	const char *body;
	size_t size;
} pools[] = {
    {200, POOL("[" MEMBER "]"), 1},
    {200, POOL("[" MEMBER ", " MEMBER ", " MEMBER "]"), 3},
    /* Their form may change: how many there are is enough. */
    {200, POOL("[\"cc1\", {\"properties\": \"main_controller\"}]"), 2},
    {200, POOL("[]"), 0},
    {200, POOL("{\"cc1\": " MEMBER "}"), 0},
    {200, POOL("null"), 0},
    {200, POOL("3"), 0},
    {200, "{" OK ", \"package_version\": \"2.3.2\"}", 0},
    {200, "{\"controllers_pool\": [" MEMBER "]}", 0},
    {200, "{\"request_status\": \"AccessDenied\", \"controllers_pool\": [1]}", 0},
    {200, "[" MEMBER "]", 0},
    {200, "pool", 0},
    {200, "", 0},
    {404, POOL("[" MEMBER "]"), 0},
};

START_TEST(pools_are_counted)
{
	const char *body = pools[_i].body;

	ck_assert_uint_eq(
	    rpc_reply_pool_size(pools[_i].http_status, body, strlen(body)),
	    pools[_i].size);
}
END_TEST

START_TEST(replies_are_parsed)
{
	const char *body = replies[_i].body;
	struct reply reply;

	rpc_reply_parse(replies[_i].http_status, body, strlen(body), &reply);
	ck_assert_msg(
	    reply.role == replies[_i].role, "%s: %s", body, role_name(reply.role));
	ck_assert_msg(reply.reason == replies[_i].reason, "%s: %s", body,
	    reason_name(reply.reason));
	ck_assert_int_eq(reply.is_from_cmon, replies[_i].is_from_cmon);
}
END_TEST

static struct reply
parse_nested(size_t depth)
{
	struct text body = {0};
	struct reply reply;

	text_addf(&body, "{" OK ", \"controller_status\": \"leader\", \"deep\": ");
	for (size_t i = 1; i < depth; i++)
		text_addf(&body, "[");
	text_addf(&body, "\"[[[[{{{{\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"");
	for (size_t i = 1; i < depth; i++)
		text_addf(&body, "]");
	text_addf(&body, "}");
	reply = parse_text(200, &body);
	text_free(&body);
	return reply;
}

START_TEST(depth_has_a_limit)
{
	ck_assert_int_eq(parse_nested(REPLY_DEPTH).role, ROLE_LEADER);
	ck_assert_int_eq(parse_nested(REPLY_DEPTH + 1).reason, REASON_MALFORMED);
	ck_assert_int_eq(parse_nested(20000).reason, REASON_MALFORMED);
}
END_TEST

static struct reply
parse_padded(size_t length)
{
	struct text body = {0};
	struct reply reply;

	text_addf(&body, "%s", STATUS("\"leader\""));
	text_addf(&body, "%*s", (int)(length - body.length), "");
	reply = parse_text(200, &body);
	text_free(&body);
	return reply;
}

START_TEST(size_has_a_limit)
{
	ck_assert_int_eq(parse_padded(REPLY_LIMIT).role, ROLE_LEADER);
	ck_assert_int_eq(parse_padded(REPLY_LIMIT + 1).role, ROLE_UNKNOWN);
}
END_TEST

START_TEST(details_are_short_and_printable)
{
	struct text body = {0};
	struct reply reply;

	text_addf(
	    &body, "{" OK ", \"controller_status\": \"a\\r\\nX: b\\u00e9%0500d\"}", 0);
	reply = parse_text(200, &body);
	ck_assert_int_eq(reply.reason, REASON_UNKNOWN_STATUS);
	ck_assert_uint_eq(strlen(reply.detail), REPLY_DETAIL - 1);
	ck_assert(strncmp(reply.detail, "controller_status a??X: b??000", 30) == 0);
	text_free(&body);
}
END_TEST

/* The other source is tried for these alone: a reply without a usable role. */
START_TEST(few_reasons_lead_to_the_other_source)
{
	for (enum reason reason = 0; reason < REASONS; reason++) {
		struct reply reply = rpc_reply_none(reason);

		ck_assert_int_eq(rpc_reply_is_unusable(&reply),
		    reason == REASON_MALFORMED || reason == REASON_NO_STATUS ||
			reason == REASON_UNKNOWN_STATUS || reason == REASON_REDIRECTED);
	}
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("rpc_reply");
	TCase *cases = tcase_create("rpc_reply");

	tcase_add_loop_test(
	    cases, replies_are_parsed, 0, sizeof(replies) / sizeof(replies[0]));
	tcase_add_loop_test(
	    cases, pools_are_counted, 0, sizeof(pools) / sizeof(pools[0]));
	tcase_add_test(cases, depth_has_a_limit);
	tcase_add_test(cases, size_has_a_limit);
	tcase_add_test(cases, details_are_short_and_printable);
	tcase_add_test(cases, few_reasons_lead_to_the_other_source);
	suite_add_tcase(suite, cases);
	return suite;
}
