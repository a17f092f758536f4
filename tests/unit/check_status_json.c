/*
 * The fields of /status, as cmonhachk(8) lists them: names, kinds and values.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check/status_json.h"
#include "unit.h"

static struct config *config;
static struct verdict verdict;
static struct counters counters;
static struct node_state node;
static json_t *status;

static void
begin(void)
{
	config = allocate(sizeof(*config));
	snprintf(config->name, sizeof(config->name), "cc1");
	ck_assert_ptr_null(address_parse("10.0.0.101", &config->address));
	config->cluster.quorum = true;
	config->cluster.forwards.count = 2;
	config->cluster.forwards.at[0].port = 80;
	config->cluster.forwards.at[1].port = 443;
	snprintf(config->cluster.checksum, sizeof(config->cluster.checksum),
	    "0123456789abcdef");
	config->peer_count = 2;
	for (size_t i = 0; i < 2; i++) {
		snprintf(config->peers[i].name, sizeof(config->peers[i].name), "cc%zu",
		    i + 2);
		ck_assert_ptr_null(address_parse(i ? "10.0.0.103" : "10.0.0.102",
		    &config->peers[i].endpoint.address));
	}
	verdict_init(&verdict, REASON_LEADER, clock_now());
	counters = (struct counters){.started = clock_now() - 5000,
	    .since = clock_now() - 3000,
	    .answers = 7,
	    .refused = 2,
	    .dropped = 1};
	node_state_init(&node, "/nonexistent");
	status = NULL;
}

static void
end(void)
{
	json_decref(status);
	node_state_clear(&node);
	free(config);
}

static void
load(void)
{
	struct status from = {config, &verdict, &counters, &node};
	struct text body = {0};

	status_json_add(&body, &from);
	ck_assert_int_eq(body.data[body.length - 1], '\n');
	status = json_loadb(body.data, body.length, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_msg(json_is_object(status), "not JSON: %s", body.data);
	text_free(&body);
}

static void
lead(void)
{
	verdict.role = verdict.claim = ROLE_LEADER;
	verdict.reachable = verdict.needed = 1;
	verdict.rounds = 11;
	verdict.pings = 13;
	verdict.pings_ms = 26;
	verdict.ui_known = verdict.ui_open[0] = true;
	verdict.peers[0].last_answer = clock_now();
	verdict.peers[0].last_role = ROLE_FOLLOWER;
	verdict.peers[0].last_reason = REASON_FOLLOWER;
	verdict.peers[1].last_reason = REASON_TIME_OUT;
	verdict.peers[1].failed = true;
}

START_TEST(of_a_leader)
{
	const char *role, *reason, *explanation, *claim, *source, *node_name, *address,
	    *checksum, *version;
	int schema, shown, pid, controllers, reachable, needed, wanted, answers,
	    refused, dropped, rounds, pings, ping_ms, transitions;
	json_int_t age, since, uptime;

	lead();
	load();
	ck_assert_int_eq(
	    json_unpack_ex(status, NULL, 0,
		"{s:i, s:s, s:s, s:s, s:s, s:b, s:s, s:I, s:I, s:s, s:s, s:n, s:s, s:{s:b, "
		"s:i, s:i, s:i !}, s:o, s:o, s:{s:i, s:i, s:i, s:i, s:i, s:i, s:i !}, "
		"s:s, s:i, s:I, s:[], s:[], s:{!}, s:n, s:[], s:s, s:{s:s, s:n, s:n !}, "
		"s:n !}",
		"schema", &schema, "role", &role, "reason", &reason, "explanation",
		&explanation, "claim", &claim, "shown", &shown, "source", &source,
		"age_ms", &age, "since_ms", &since, "node", &node_name, "address",
		&address, "roles", "checksum", &checksum, "quorum", "wanted", &wanted,
		"controllers", &controllers, "reachable", &reachable, "needed", &needed,
		"peers", &(json_t *){NULL}, "ui", &(json_t *){NULL}, "counters",
		"rounds", &rounds, "pings", &pings, "ping_ms_total", &ping_ms,
		"answers", &answers, "refused", &refused, "dropped", &dropped,
		"transitions", &transitions, "version", &version, "pid", &pid,
		"uptime_ms", &uptime, "transitions", "vips", "units", "edited",
		"problems", "watch", &(const char *){NULL}, "vrrp", "state",
		&(const char *){NULL}, "since", "since_ms", "haproxy"),
	    0);
	ck_assert_str_eq(role, "leader");
	ck_assert_str_eq(reason, "leader");
	ck_assert_str_eq(explanation, reason_sentence(REASON_LEADER));
	ck_assert_str_eq(claim, "leader");
	ck_assert_str_eq(source, "rpc");
	ck_assert_str_eq(node_name, "cc1");
	ck_assert_int_eq(schema, STATUS_SCHEMA);
	ck_assert_int_eq(ping_ms, 26);
	ck_assert_int_eq(transitions, 0);
	ck_assert_str_eq(address, "10.0.0.101");
	ck_assert_str_eq(checksum, "0123456789abcdef");
	ck_assert_str_eq(version, CMONHA_VERSION);
	ck_assert(wanted);
	ck_assert_int_eq(controllers, 3);
	ck_assert_int_eq(reachable, 2);
	ck_assert_int_eq(needed, 2);
	ck_assert_int_eq(rounds, 11);
	ck_assert_int_eq(pings, 13);
	ck_assert_int_eq(answers, 7);
	ck_assert_int_eq(refused, 2);
	ck_assert_int_eq(dropped, 1);
	ck_assert_int_eq(pid, getpid());
	ck_assert_int_ge(age, 0);
	ck_assert_int_ge(since, 3000);
	ck_assert_int_ge(uptime, 5000);
}
END_TEST

START_TEST(peers_one_by_one)
{
	json_t *peers, *first, *second;

	lead();
	load();
	peers = json_object_get(status, "peers");
	ck_assert_uint_eq(json_array_size(peers), 2);
	first = json_array_get(peers, 0);
	second = json_array_get(peers, 1);
	ck_assert_str_eq(json_string_value(json_object_get(first, "name")), "cc2");
	ck_assert_str_eq(
	    json_string_value(json_object_get(first, "address")), "10.0.0.102");
	ck_assert_str_eq(json_string_value(json_object_get(first, "role")), "follower");
	ck_assert(json_is_true(json_object_get(first, "reachable")));
	ck_assert(json_is_integer(json_object_get(first, "last_answer_ms")));
	ck_assert_str_eq(json_string_value(json_object_get(second, "role")), "unknown");
	ck_assert(json_is_false(json_object_get(second, "reachable")));
	ck_assert(json_is_null(json_object_get(second, "last_answer_ms")));
	ck_assert_str_eq(
	    json_string_value(json_object_get(second, "last_reason")), "time-out");
}
END_TEST

START_TEST(ui_port_by_port)
{
	json_t *ui;

	lead();
	load();
	ui = json_object_get(status, "ui");
	ck_assert_uint_eq(json_array_size(ui), 2);
	ck_assert_int_eq(
	    json_integer_value(json_object_get(json_array_get(ui, 0), "port")), 80);
	ck_assert(json_is_true(json_object_get(json_array_get(ui, 0), "accepts")));
	ck_assert(json_is_false(json_object_get(json_array_get(ui, 1), "accepts")));
}
END_TEST

/* A follower queries no peers and no UI: what is unknown is null, not false. */
START_TEST(of_a_follower)
{
	json_t *quorum, *ui;

	verdict.role = verdict.claim = ROLE_FOLLOWER;
	verdict.reason = REASON_FOLLOWER;
	verdict.source = SOURCE_S9S;
	load();
	quorum = json_object_get(status, "quorum");
	ck_assert(json_is_null(json_object_get(quorum, "reachable")));
	ck_assert(json_is_null(json_object_get(quorum, "needed")));
	ui = json_array_get(json_object_get(status, "ui"), 0);
	ck_assert(json_is_null(json_object_get(ui, "accepts")));
	ck_assert_str_eq(json_string_value(json_object_get(status, "source")), "s9s");
}
END_TEST

/* Without a cluster file, and with a host name that is not UTF-8. */
START_TEST(what_is_not_known)
{
	config->address.family = AF_UNSPEC;
	config->cluster.checksum[0] = '\0';
	snprintf(config->name, sizeof(config->name), "\xff\xfe");
	load();
	ck_assert(json_is_null(json_object_get(status, "address")));
	ck_assert(json_is_null(json_object_get(status, "checksum")));
	ck_assert(json_is_null(json_object_get(status, "node")));
}
END_TEST

/* The newest first, and no more than are kept. */
START_TEST(transitions_newest_first)
{
	json_t *list;

	for (counters.transitions = 0; counters.transitions < TRANSITIONS_KEPT + 3;
	     counters.transitions++)
		counters.last[counters.transitions % TRANSITIONS_KEPT] =
		    (struct transition){
			clock_now() - 1000 * (20 - (clock_ms_t)counters.transitions),
			1800000000 + (int64_t)counters.transitions, ROLE_UNKNOWN,
			REASON_REFUSED};
	load();
	list = json_object_get(status, "transitions");
	ck_assert_uint_eq(json_array_size(list), TRANSITIONS_KEPT);
	for (size_t i = 0; i < TRANSITIONS_KEPT; i++) {
		json_int_t ago = json_integer_value(
		    json_object_get(json_array_get(list, i), "ago_ms"));

		ck_assert_int_ge(ago, (json_int_t)(10 + i) * 1000);
		ck_assert_int_lt(ago, (json_int_t)(10 + i) * 1000 + 900);
		ck_assert_int_eq(
		    json_integer_value(json_object_get(json_array_get(list, i), "at")),
		    1800000000 + TRANSITIONS_KEPT + 2 - (int64_t)i);
	}
}
END_TEST

/* A follower is no problem; a controller without a role is one. */
START_TEST(problem_of_the_controller)
{
	json_t *problems;

	verdict.role = verdict.claim = ROLE_FOLLOWER;
	verdict.reason = REASON_FOLLOWER;
	load();
	ck_assert_uint_eq(json_array_size(json_object_get(status, "problems")), 0);
	json_decref(status);
	verdict.role = verdict.claim = ROLE_UNKNOWN;
	verdict.reason = REASON_NOT_A_CONTROLLER;
	load();
	ck_assert_uint_eq(json_array_size(json_object_get(status, "problems")), 0);
	json_decref(status);
	verdict.reason = REASON_REFUSED;
	load();
	problems = json_object_get(status, "problems");
	ck_assert_uint_eq(json_array_size(problems), 1);
	ck_assert_str_eq(
	    json_string_value(json_object_get(json_array_get(problems, 0), "kind")),
	    "controller");
	ck_assert_str_eq(
	    json_string_value(json_object_get(json_array_get(problems, 0), "text")),
	    reason_sentence(REASON_REFUSED));
}
END_TEST

/* A leader asks its peers; a follower once did. */
START_TEST(peer_with_another_key)
{
	json_t *problem;

	lead();
	verdict.peers[1].last_reason = REASON_WRONG_PIN;
	load();
	ck_assert_uint_eq(json_array_size(json_object_get(status, "problems")), 1);
	problem = json_array_get(json_object_get(status, "problems"), 0);
	ck_assert_str_eq(
	    json_string_value(json_object_get(problem, "kind")), "wrong-pin");
	ck_assert_str_eq(json_string_value(json_object_get(problem, "text")),
	    "the controller of cc3 has another key than its pin, and is not believed: "
	    "see \"cmonha-ui pins\"");
	json_decref(status);
	verdict.role = verdict.claim = ROLE_FOLLOWER;
	verdict.reason = REASON_FOLLOWER;
	load();
	ck_assert_uint_eq(json_array_size(json_object_get(status, "problems")), 0);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("status_json");
	TCase *cases = tcase_create("all");

	tcase_add_checked_fixture(cases, begin, end);
	tcase_add_test(cases, of_a_leader);
	tcase_add_test(cases, peers_one_by_one);
	tcase_add_test(cases, ui_port_by_port);
	tcase_add_test(cases, of_a_follower);
	tcase_add_test(cases, what_is_not_known);
	tcase_add_test(cases, transitions_newest_first);
	tcase_add_test(cases, problem_of_the_controller);
	tcase_add_test(cases, peer_with_another_key);
	suite_add_tcase(suite, cases);
	return suite;
}
