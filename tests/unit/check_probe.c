/*
 * Rounds against controllers that answer, over real connections, in every way that a
 * controller can fail to.
 */
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/listener.h"
#include "probe/probe.h"
#include "probe/timing.h"
#include "fake_cmon.h"
#include "own_network.h"
#include "skip.h"
#include "unit.h"

#define PEERS_MAX 2
#define ROUND_MS  750
#define SHORT_MS  200 /* where it is known to run out */
/* How late a busy machine may be; far below what a missing limit would take. */
#define LATE_MS 3000

static bool in_own_network;
static struct fake_cmon own, others[PEERS_MAX];
static struct config *config;
static struct probe *probe;
static struct verdict verdict;

static struct endpoint
endpoint_of(const struct fake_cmon *fake)
{
	struct endpoint endpoint = {.port = fake->port};

	ck_assert_ptr_null(address_parse("127.0.0.1", &endpoint.address));
	return endpoint;
}

static void
begin(size_t peers)
{
	fake_cmon_open(&own, "CmonControllerLeader");
	fake_cmon_start(&own);
	config = allocate(sizeof(*config));
	config->unusable = REASONS;
	config->users.at[config->users.count++] = geteuid();
	config->cluster.source = SOURCE_RPC;
	config->cluster.quorum = true;
	config->own[config->own_count++] = endpoint_of(&own);
	config->address = config->own[0].address;
	for (size_t i = 0; i < peers; i++) {
		struct peer *peer = &config->peers[config->peer_count++];

		fake_cmon_open(&others[i], "CmonControllerFollower");
		fake_cmon_start(&others[i]);
		snprintf(peer->name, sizeof(peer->name), "peer%zu", i);
		peer->endpoint = endpoint_of(&others[i]);
	}
	probe = probe_create(config);
}

static void
begin_alone(void)
{
	begin(0);
}

static void
begin_with_peers(void)
{
	begin(PEERS_MAX);
}

static void
end(void)
{
	probe_free(probe);
	fake_cmon_stop(&own);
	for (size_t i = 0; i < config->peer_count; i++)
		if (!others[i].stop)
			fake_cmon_stop(&others[i]);
	free(config);
}

static int
run_round_for(int milliseconds)
{
	clock_ms_t start = clock_now();

	ck_assert(probe_round(probe, start + milliseconds, &verdict));
	return (int)(clock_now() - start);
}

static int
run_round(void)
{
	return run_round_for(ROUND_MS);
}

/* What a round takes that is not held up by other programs. */
static int
run_fast_round(void)
{
	int fastest = run_round();

	for (int i = 0; i < 9; i++) {
		int took = run_round();

		if (took < fastest)
			fastest = took;
	}
	return fastest;
}

static void
expect(enum role role, enum reason reason)
{
	ck_assert_msg(verdict.role == role && verdict.reason == reason, "%s, %s (%s)",
	    role_name(verdict.role), reason_name(verdict.reason), verdict.detail);
}

/* As the bytes come; what the JSON can say is in check_rpc_reply.c. */
#define GOOD "{\"request_status\": \"Ok\", \"controller_status\": \"leader\"}"
#define HEAD "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

static const struct {
	const char *answer;
	int padding;
	enum reason reason;
} wires[] = {
    {HEAD "Content-Length: 55\r\n\r\n" GOOD, 0, REASON_LEADER},
    {HEAD "\r\n" GOOD, 0, REASON_LEADER},
    {"HTTP/1.0 200 OK\r\n\r\n" GOOD, 0, REASON_LEADER},
    {HEAD "Transfer-Encoding: chunked\r\n\r\n20\r\n{\"request_status\": \"Ok\", "
	  "\"contro\r\n15\r\nller_status\": \"leader\r\n2\r\n\"}\r\n0\r\n\r\n",
	0, REASON_LEADER},
    /* Not whole. */
    {HEAD "Content-Length: 56\r\n\r\n" GOOD, 0, REASON_MALFORMED},
    {HEAD "Content-Length: 54\r\n\r\n" GOOD, 0, REASON_MALFORMED},
    {HEAD "Transfer-Encoding: chunked\r\n\r\n37\r\n" GOOD "\r\n", 0, REASON_MALFORMED},
    {HEAD "Transfer-Encoding: chunked\r\n\r\nzz\r\n" GOOD "\r\n0\r\n\r\n", 0,
	REASON_MALFORMED},
    {HEAD, 0, REASON_MALFORMED},
    {"", 0, REASON_NO_ANSWER},
    /* Too much. */
    {HEAD "\r\n" GOOD, 10 * 1024 * 1024, REASON_TOO_LARGE},
    {HEAD "Content-Length: 10485760\r\n\r\n" GOOD, 10 * 1024 * 1024, REASON_TOO_LARGE},
    /* Not for us, or not HTTP. */
    {"HTTP/1.1 500 No\r\nContent-Length: 55\r\n\r\n" GOOD, 0, REASON_HTTP_ERROR},
    {"HTTP/1.1 404 No\r\n\r\n" GOOD, 0, REASON_HTTP_ERROR},
    {"HTTP/1.1 302 Go\r\nLocation: /v2/\r\nContent-Length: 0\r\n\r\n", 0,
	REASON_HTTP_ERROR},
    {"SSH-2.0-OpenSSH_9.2\r\n", 0, REASON_MALFORMED},
    {"\x15\x03\x03\x00\x02\x02\x28", 0, REASON_MALFORMED},
    {GOOD, 0, REASON_MALFORMED},
};

START_TEST(replies_over_the_wire)
{
	fake_cmon_reply(&own, wires[_i].answer);
	own.padding = wires[_i].padding;
	run_round();
	expect(wires[_i].reason == REASON_LEADER ? ROLE_LEADER : ROLE_UNKNOWN,
	    wires[_i].reason);
	/* libcurl must not have queried anything else. */
	ck_assert_int_eq(own.pings, wires[_i].answer[0] ? 1 : own.pings);
}
END_TEST

START_TEST(silence_ends_at_the_deadline)
{
	int took;

	own.hangs = true;
	took = run_round_for(SHORT_MS);
	expect(ROLE_UNKNOWN, REASON_TIME_OUT);
	ck_assert_int_ge(took, SHORT_MS - 1);
	ck_assert_int_lt(took, SHORT_MS + LATE_MS);
	own.hangs = false;
	run_round();
	expect(ROLE_LEADER, REASON_LEADER);
}
END_TEST

START_TEST(slow_drip_ends_at_the_deadline)
{
	own.bytes_at_once = 1;
	ck_assert_int_lt(run_round_for(SHORT_MS), SHORT_MS + LATE_MS);
	expect(ROLE_UNKNOWN, REASON_TIME_OUT);
}
END_TEST

/* Counted from its arrival: no second query comes earlier than that. */
START_TEST(late_replies_live_as_long_as_others)
{
	own.delay = VERDICT_LIFE_MS / 2;
	run_round();
	expect(ROLE_LEADER, REASON_LEADER);
	ck_assert_int_eq(verdict.expires, verdict.at + VERDICT_LIFE_MS);
}
END_TEST

/* A stall is not remembered: the next request begins a new round. */
START_TEST(silence_is_not_used_again)
{
	own.hangs = true;
	run_round_for(SHORT_MS);
	expect(ROLE_UNKNOWN, REASON_TIME_OUT);
	ck_assert_int_le(verdict.expires, clock_now());
}
END_TEST

/* More often than libcurl repeats a query of one handle. */
START_TEST(connections_of_before_a_restart_do_no_harm)
{
	own.restarts = true;
	fake_cmon_reply(&own,
	    "HTTP/1.1 200 OK\r\nContent-Length: 55\r\n\r\n"
	    "{\"request_status\": \"Ok\", \"controller_status\": \"leader\"}");
	for (int i = 0; i < 15; i++) {
		run_round();
		expect(ROLE_LEADER, REASON_LEADER);
	}
}
END_TEST

START_TEST(refusal_is_reported_at_once)
{
	fake_cmon_stop(&own);
	ck_assert_int_lt(run_fast_round(), 300);
	expect(ROLE_UNKNOWN, REASON_REFUSED);
}
END_TEST

START_TEST(next_endpoint_is_for_refusal_alone)
{
	struct fake_cmon plain;

	fake_cmon_open(&plain, "CmonControllerFollower");
	fake_cmon_start(&plain);
	config->own[config->own_count++] = endpoint_of(&plain);
	run_round();
	expect(ROLE_LEADER, REASON_LEADER);
	fake_cmon_reply(&own, "HTTP/1.1 500 No\r\n\r\n");
	run_round();
	expect(ROLE_UNKNOWN, REASON_HTTP_ERROR);
	ck_assert_int_eq(plain.pings, 0);
	fake_cmon_stop(&own);
	run_round();
	expect(ROLE_FOLLOWER, REASON_FOLLOWER);
	ck_assert_int_eq(plain.pings, 1);
	ck_assert_uint_eq(verdict.pings, 4);
	fake_cmon_stop(&plain);
}
END_TEST

START_TEST(tls_is_not_spoken_to_plain_http)
{
	config->own[0].tls = true;
	run_round();
	expect(ROLE_UNKNOWN, REASON_TLS_FAILURE);
}
END_TEST

START_TEST(web_interface_must_listen)
{
	struct forward_list *forwards = &config->cluster.forwards;
	int port = 0;
	int fd = fake_cmon_listen("127.0.0.1", &port);

	forwards->at[forwards->count++].port = own.port;
	forwards->at[forwards->count++].port = port;
	run_round();
	expect(ROLE_LEADER, REASON_LEADER);
	close(fd);
	run_round();
	expect(ROLE_UNKNOWN, REASON_UI_DOWN);
	ck_assert_int_eq(verdict.claim, ROLE_LEADER);
	ck_assert(verdict.ui_open[0] && !verdict.ui_open[1]);
	ck_assert_int_eq(own.pings, 2);
	fake_cmon_reply_status(&own, "CmonControllerFollower");
	run_round();
	expect(ROLE_FOLLOWER, REASON_FOLLOWER);
}
END_TEST

static void
begin_in_own_network(void)
{
	in_own_network = own_network_enter_with_peer();
	begin(0);
}

/* Of an address that nobody has, a connection just takes its time. */
START_TEST(ports_of_web_interface_share_one_deadline)
{
	struct forward_list *forwards = &config->cluster.forwards;
	int took = INT_MAX;

	if (!in_own_network)
		return;
	ck_assert_ptr_null(address_parse("10.9.0.77", &config->address));
	while (forwards->count < FORWARDS_MAX)
		forwards->at[forwards->count++].port = 80;
	for (int i = 0; i < 5 && took >= UI_CONNECT_MS * FORWARDS_MAX / 2; i++)
		took = run_round();
	ck_assert_int_lt(took, UI_CONNECT_MS * FORWARDS_MAX / 2);
	expect(ROLE_UNKNOWN, REASON_UI_DOWN);
}
END_TEST

/* A user with an account on the node, while the controller or the UI is down. */
START_TEST(foreign_listeners_are_not_believed)
{
	struct forward_list *forwards = &config->cluster.forwards;
	struct fake_cmon ui;

	fake_cmon_open(&ui, "");
	fake_cmon_start(&ui);
	forwards->at[forwards->count++].port = ui.port;
	run_round();
	expect(ROLE_LEADER, REASON_LEADER);
	config->users.at[0] = geteuid() + 1;
	run_round();
	expect(ROLE_UNKNOWN, REASON_FOREIGN_LISTENER);
	ck_assert_int_eq(verdict.claim, ROLE_UNKNOWN);
	ck_assert_int_eq(own.pings, 1);
	config->users.at[config->users.count++] = geteuid();
	run_round();
	expect(ROLE_LEADER, REASON_LEADER);
	fake_cmon_stop(&ui);
}
END_TEST

static void
serve_ui_as(uid_t user)
{
	int port = config->cluster.forwards.at[0].port;
	pid_t child = fork();

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (setuid(user) < 0 || fake_cmon_listen("127.0.0.1", &port) < 0)
			_exit(1);
		for (;;)
			pause();
	}
	while (listener_find(&config->address, port) != LISTENER_FOUND)
		poll(NULL, 0, 1);
}

START_TEST(foreign_web_interface_gets_no_users)
{
	struct forward_list *forwards = &config->cluster.forwards;
	int port = 0;

	if (geteuid() != 0) {
		skip_test("needs root");
		return;
	}
	close(fake_cmon_listen("127.0.0.1", &port));
	forwards->at[forwards->count++].port = port;
	serve_ui_as(65534);
	run_round();
	expect(ROLE_UNKNOWN, REASON_FOREIGN_LISTENER);
	ck_assert_int_eq(verdict.claim, ROLE_LEADER);
	ck_assert_ptr_nonnull(strstr(verdict.detail, ", user 65534"));
	config->cluster.show = SHOW_ANY;
	run_round();
	expect(ROLE_UNKNOWN, REASON_FOREIGN_LISTENER);
	ck_assert(!verdict.shown);
}
END_TEST

#define POOL                                                                           \
	"{\"request_status\": \"Ok\", \"pool_id\": \"p\", \"controllers_pool\": "      \
	"[{\"hostname\": \"cc1\"}, {\"hostname\": \"cc2\"}]}"

START_TEST(pool_is_named)
{
	fake_cmon_reply_json(&own, POOL);
	run_round();
	expect(ROLE_UNKNOWN, REASON_POOL);
	ck_assert_str_eq(verdict.detail, "2 controllers");
	ck_assert(!verdict.shown);
	/* In no pool: what the reply to the ping was stays the reason. */
	fake_cmon_reply_json(&own, "{\"request_status\": \"Ok\"}");
	run_round();
	expect(ROLE_UNKNOWN, REASON_NO_STATUS);
	fake_cmon_reply_status(&own, "CmonControllerMain");
	run_round();
	expect(ROLE_UNKNOWN, REASON_UNKNOWN_STATUS);
	ck_assert_str_eq(verdict.detail, "controller_status CmonControllerMain");
}
END_TEST

static const struct {
	const char *json;
	enum role role;
	enum reason reason;
	bool shown;
} any[] = {
    {POOL, ROLE_UNKNOWN, REASON_SERVING, true},
    {"{\"request_status\": \"Ok\"}", ROLE_UNKNOWN, REASON_SERVING, true},
    {"{\"request_status\": \"Ok\", \"controllers\": []}", ROLE_UNKNOWN, REASON_SERVING,
	true},
    {"{\"request_status\": \"AuthRequired\"}", ROLE_UNKNOWN, REASON_SERVING, true},
    {"{\"request_status\": \"Ok\", \"controller_status\": \"leader\"}", ROLE_LEADER,
	REASON_LEADER, true},
    {"{\"request_status\": \"Redirect\", \"status\": \"follower\"}", ROLE_FOLLOWER,
	REASON_FOLLOWER, true},
    {"{\"request_status\": \"TryAgain\"}", ROLE_UNKNOWN, REASON_TRY_AGAIN, false},
    {"{\"request_status\": \"UnknownError\"}", ROLE_UNKNOWN, REASON_REJECTED, false},
    {"{}", ROLE_UNKNOWN, REASON_MALFORMED, false},
};

START_TEST(any_controller_that_responds_is_shown)
{
	struct forward_list *forwards = &config->cluster.forwards;
	int port = 0;
	int fd = fake_cmon_listen("127.0.0.1", &port);

	config->cluster.show = SHOW_ANY;
	forwards->at[forwards->count++].port = port;
	fake_cmon_reply_json(&own, any[_i].json);
	run_round();
	expect(any[_i].role, any[_i].reason);
	ck_assert_int_eq(verdict.shown, any[_i].shown);
	ck_assert_int_eq(own.pings, 1);
	close(fd);
	run_round();
	ck_assert(!verdict.shown);
	if (any[_i].shown)
		ck_assert_int_eq(verdict.reason, REASON_UI_DOWN);
}
END_TEST

START_TEST(only_a_leader_is_shown_otherwise)
{
	run_round();
	ck_assert(verdict.shown);
	fake_cmon_reply_status(&own, "CmonControllerFollower");
	run_round();
	ck_assert(!verdict.shown);
	/* A leader without its majority is shown where every node is. */
	fake_cmon_reply_status(&own, "CmonControllerLeader");
	fake_cmon_stop(&others[0]);
	fake_cmon_stop(&others[1]);
	run_round();
	expect(ROLE_UNKNOWN, REASON_NO_QUORUM);
	ck_assert(!verdict.shown);
	config->cluster.show = SHOW_ANY;
	run_round();
	expect(ROLE_UNKNOWN, REASON_NO_QUORUM);
	ck_assert(verdict.shown);
}
END_TEST

START_TEST(nothing_is_queried_without_a_configuration)
{
	config->unusable = REASON_NOT_CONFIGURED;
	snprintf(config->explanation, sizeof(config->explanation), "%0500d", 0);
	run_round();
	expect(ROLE_UNKNOWN, REASON_NOT_CONFIGURED);
	ck_assert_int_eq(own.pings, 0);
	ck_assert_int_eq(verdict.expires - verdict.at, VERDICT_LIFE_MS);
}
END_TEST

/* A process per query: its verdict is used for longer. */
START_TEST(verdicts_of_the_client_live_longer)
{
	config->cluster.source = SOURCE_S9S;
	setenv("PATH", "/nonexistent", 1);
	run_round();
	expect(ROLE_UNKNOWN, REASON_S9S_FAILED);
	ck_assert_int_eq(own.pings, 0);
	ck_assert_int_le(verdict.expires - verdict.at, S9S_VERDICT_LIFE_MS);
	ck_assert_int_gt(verdict.expires - verdict.at, VERDICT_LIFE_MS);
}
END_TEST

START_TEST(follower_queries_no_peer)
{
	fake_cmon_reply_status(&own, "CmonControllerFollower");
	run_round();
	expect(ROLE_FOLLOWER, REASON_FOLLOWER);
	ck_assert_int_eq(others[0].pings + others[1].pings, 0);
}
END_TEST

START_TEST(leader_has_its_majority)
{
	run_round();
	expect(ROLE_LEADER, REASON_LEADER);
	ck_assert_uint_eq(verdict.reachable, 2);
	ck_assert_int_eq(others[0].pings, 1);
	ck_assert_int_eq(others[1].pings, 1);
	fake_cmon_stop(&others[0]);
	ck_assert_int_lt(run_fast_round(), PEER_GRACE_MS);
	expect(ROLE_LEADER, REASON_LEADER);
	ck_assert_uint_eq(verdict.reachable, 1);
	fake_cmon_stop(&others[1]);
	run_round();
	expect(ROLE_UNKNOWN, REASON_NO_QUORUM);
	ck_assert_int_eq(verdict.claim, ROLE_LEADER);
	ck_assert_str_eq(
	    verdict.detail, "1 of 3 reachable, this node included; 2 required");
	config->cluster.quorum = false;
	run_round();
	expect(ROLE_LEADER, REASON_LEADER);
}
END_TEST

START_TEST(two_leaders_are_none)
{
	run_round();
	expect(ROLE_LEADER, REASON_LEADER);
	fake_cmon_reply_status(&others[1], "CmonControllerLeader");
	run_round();
	expect(ROLE_UNKNOWN, REASON_TWO_LEADERS);
	ck_assert_str_eq(verdict.detail, "peer1, 127.0.0.1");
	fake_cmon_reply_status(&others[1], "CmonControllerFollower");
	run_round();
	expect(ROLE_LEADER, REASON_LEADER);
}
END_TEST

/* It answers only after the grace, so it must be waited for once it is known. */
START_TEST(slow_second_leader_is_seen)
{
	fake_cmon_reply_status(&others[1], "CmonControllerLeader");
	others[1].delay = 200;
	run_round();
	expect(ROLE_LEADER, REASON_LEADER);
	for (int i = 0; i < 10 && verdict.reason == REASON_LEADER; i++)
		run_round();
	expect(ROLE_UNKNOWN, REASON_TWO_LEADERS);
	run_round();
	expect(ROLE_UNKNOWN, REASON_TWO_LEADERS);
}
END_TEST

START_TEST(answers_without_a_role_do_not_count)
{
	fake_cmon_reply_json(&others[0], "{\"request_status\": \"TryAgain\"}");
	fake_cmon_reply(&others[1], "HTTP/1.1 500 No\r\n\r\n");
	run_round();
	expect(ROLE_UNKNOWN, REASON_NO_QUORUM);
}
END_TEST

/* Both peers stop responding: the majority lasts a second, and not much longer. */
START_TEST(isolated_leader_is_none)
{
	clock_ms_t silent, lost;
	int queries, slow_rounds = 0;

	run_round();
	expect(ROLE_LEADER, REASON_LEADER);
	others[0].hangs = others[1].hangs = true;
	silent = clock_now();
	do {
		int took = run_round();

		if (took >= 300)
			slow_rounds++;
		if (verdict.role == ROLE_LEADER) {
			clock_ms_t late = silent + PEER_MEMORY_MS - 125;

			/* Even a round that begins when the memory is nearly over. */
			ck_assert_int_le(verdict.expires, silent + PEER_MEMORY_MS);
			poll(NULL, 0,
			    clock_left(clock_now() < late && late < verdict.expires
					   ? late
					   : verdict.expires));
		}
		lost = clock_now();
		ck_assert_int_lt(lost - silent, PEER_MEMORY_MS + LATE_MS);
	} while (verdict.role == ROLE_LEADER);
	expect(ROLE_UNKNOWN, REASON_NO_QUORUM);
	ck_assert_int_ge(lost - silent, PEER_MEMORY_MS - 50);
	/* It does not wait for its peers until the end of each round. */
	ck_assert_int_le(slow_rounds, 1);
	/* An open query is not repeated. */
	queries = others[0].pings;
	ck_assert_int_le(queries, 4);
	others[0].hangs = false;
	for (int i = 0; i < 20 && verdict.role != ROLE_LEADER; i++) {
		poll(NULL, 0, clock_left(verdict.expires));
		run_round();
	}
	expect(ROLE_LEADER, REASON_LEADER);
}
END_TEST

/* At the start nothing is remembered: they have all of the round to answer. */
START_TEST(first_round_waits_for_a_majority)
{
	int took;

	others[0].delay = 300;
	others[1].hangs = true;
	took = run_round_for(LATE_MS);
	expect(ROLE_LEADER, REASON_LEADER);
	ck_assert_int_ge(took, 300);
	/* Then it has its majority, and does not wait for the silent one. */
	ck_assert_int_lt(took, PEER_QUERY_MS);
}
END_TEST

START_TEST(stopping_aborts_a_round)
{
	probe_stop(probe);
	own.hangs = true;
	ck_assert(!probe_round(probe, clock_now() + 60000, &verdict));
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("probe");
	TCase *alone = tcase_create("alone"), *peers = tcase_create("peers");
	TCase *unreachable = tcase_create("unreachable");

	tcase_add_checked_fixture(alone, begin_alone, end);
	tcase_add_loop_test(
	    alone, replies_over_the_wire, 0, sizeof(wires) / sizeof(wires[0]));
	tcase_add_test(alone, silence_ends_at_the_deadline);
	tcase_add_test(alone, slow_drip_ends_at_the_deadline);
	tcase_add_test(alone, late_replies_live_as_long_as_others);
	tcase_add_test(alone, silence_is_not_used_again);
	tcase_add_test(alone, connections_of_before_a_restart_do_no_harm);
	tcase_add_test(alone, refusal_is_reported_at_once);
	tcase_add_test(alone, next_endpoint_is_for_refusal_alone);
	tcase_add_test(alone, tls_is_not_spoken_to_plain_http);
	tcase_add_test(alone, web_interface_must_listen);
	tcase_add_test(alone, foreign_listeners_are_not_believed);
	tcase_add_test(alone, foreign_web_interface_gets_no_users);
	tcase_add_test(alone, pool_is_named);
	tcase_add_loop_test(alone, any_controller_that_responds_is_shown, 0,
	    sizeof(any) / sizeof(any[0]));
	tcase_add_test(alone, nothing_is_queried_without_a_configuration);
	tcase_add_test(alone, verdicts_of_the_client_live_longer);
	suite_add_tcase(suite, alone);
	tcase_add_checked_fixture(unreachable, begin_in_own_network, end);
	tcase_add_test(unreachable, ports_of_web_interface_share_one_deadline);
	suite_add_tcase(suite, unreachable);
	tcase_add_checked_fixture(peers, begin_with_peers, end);
	tcase_add_test(peers, follower_queries_no_peer);
	tcase_add_test(peers, leader_has_its_majority);
	tcase_add_test(peers, only_a_leader_is_shown_otherwise);
	tcase_add_test(peers, two_leaders_are_none);
	tcase_add_test(peers, slow_second_leader_is_seen);
	tcase_add_test(peers, answers_without_a_role_do_not_count);
	tcase_add_test(peers, isolated_leader_is_none);
	tcase_add_test(peers, first_round_waits_for_a_majority);
	tcase_add_test(peers, stopping_aborts_a_round);
	suite_add_tcase(suite, peers);
	return suite;
}
