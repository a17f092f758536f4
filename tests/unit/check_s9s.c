/*
 * Recorded output of the s9s client (facts/s9s), replayed as each node; and what the
 * recordings do not have.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "probe/s9s.h"
#include "scratch.h"
#include "unit.h"

static const struct {
	const char *recording;
	const char *address; /* this node's; "": it has none that is listed */
	const char *host_name;
	enum role role;
	enum reason reason;
} recordings[] = {
    {"three-by-address", "10.0.0.101", "a", ROLE_LEADER, REASON_LEADER},
    {"three-by-address", "10.0.0.102", "a", ROLE_FOLLOWER, REASON_FOLLOWER},
    {"three-by-address", "10.0.0.103", "a", ROLE_FOLLOWER, REASON_FOLLOWER},
    {"three-by-address", "10.0.0.104", "a", ROLE_UNKNOWN, REASON_NOT_LISTED},
    {"three-by-address", "10.0.0.10", "a", ROLE_UNKNOWN, REASON_NOT_LISTED},
    {"three-by-hostname", "10.0.0.101", "a", ROLE_FOLLOWER, REASON_FOLLOWER},
    {"three-by-hostname", "10.0.0.102", "a", ROLE_LEADER, REASON_LEADER},
    {"three-by-hostname", "", "cc2.example.net", ROLE_LEADER, REASON_LEADER},
    {"three-by-hostname", "", "CC2.Example.NET", ROLE_LEADER, REASON_LEADER},
    {"three-by-hostname", "", "cc2", ROLE_LEADER, REASON_LEADER},
    {"three-by-hostname", "", "cc3", ROLE_FOLLOWER, REASON_FOLLOWER},
    {"three-by-hostname", "", "cc", ROLE_UNKNOWN, REASON_NOT_LISTED},
    {"three-by-hostname", "", "cc2.example", ROLE_UNKNOWN, REASON_NOT_LISTED},
    {"three-by-hostname", "", "cc2.example.com", ROLE_UNKNOWN, REASON_NOT_LISTED},
    /* The address counts, not the name. */
    {"three-by-hostname", "10.0.0.101", "cc2", ROLE_FOLLOWER, REASON_FOLLOWER},
    {"asked-on-follower", "10.0.0.101", "a", ROLE_LEADER, REASON_LEADER},
    {"asked-on-follower", "10.0.0.102", "a", ROLE_FOLLOWER, REASON_FOLLOWER},
    {"leader-alone", "10.0.0.101", "a", ROLE_LEADER, REASON_LEADER},
    {"leader-alone", "10.0.0.102", "a", ROLE_UNKNOWN, REASON_OFFLINE},
    {"leader-offline", "10.0.0.101", "a", ROLE_UNKNOWN, REASON_OFFLINE},
    {"leader-offline", "10.0.0.102", "a", ROLE_FOLLOWER, REASON_FOLLOWER},
    {"no-leader", "10.0.0.101", "a", ROLE_FOLLOWER, REASON_FOLLOWER},
    {"no-leader", "10.0.0.104", "a", ROLE_UNKNOWN, REASON_NOT_LISTED},
    {"cmon-down", "10.0.0.101", "a", ROLE_UNKNOWN, REASON_NO_ANSWER},
    {"ha-not-enabled", "10.0.0.101", "a", ROLE_UNKNOWN, REASON_HA_NOT_ENABLED},
};

#define ROW(name, ip, status, role)                                                    \
	"{\"hostname\": \"" name "\", \"ip\": \"" ip "\", \"hoststatus\": \"" status   \
	"\", \"role\": \"" role "\"}"
#define SAYS(ip, role, message)                                                        \
	"{\"ip\": \"" ip "\", \"hoststatus\": \"CmonHostOnline\", \"role\": \"" role   \
	"\", \"message\": \"" message "\"}"
#define OTHER_ROW  ROW("o", "10.0.0.9", "CmonHostOnline", "follower")
#define LIST(rows) "{\"request_status\": \"Ok\", \"controllers\": [" rows "]}"

/* As node n1, 10.0.0.1. */
static const struct {
	const char *output;
	enum role role;
	enum reason reason;
} outputs[] = {
    {LIST(ROW("n1", "", "CmonHostOnline", "leader")), ROLE_LEADER, REASON_LEADER},
    {LIST(ROW("10.0.0.1", "", "CmonHostOnline", "Leader")), ROLE_LEADER, REASON_LEADER},
    {LIST(ROW("x", "10.0.0.1", "CmonHostOnline", "controller")), ROLE_UNKNOWN,
	REASON_UNKNOWN_STATUS},
    {LIST(ROW("x", "10.0.0.1", "cmonhostonline", "leader")), ROLE_UNKNOWN,
	REASON_OFFLINE},
    {LIST(ROW("x", "10.0.0.1", "", "leader")), ROLE_UNKNOWN, REASON_OFFLINE},
    {LIST("{\"ip\": \"10.0.0.1\", \"role\": \"leader\"}"), ROLE_UNKNOWN,
	REASON_OFFLINE},
    {LIST("{\"ip\": \"10.0.0.1\", \"hoststatus\": \"CmonHostOnline\", \"role\": 1}"),
	ROLE_UNKNOWN, REASON_UNKNOWN_STATUS},
    /* Which of the two lines? */
    {LIST(ROW("x", "10.0.0.1", "CmonHostOnline", "leader") "," ROW(
	 "y", "10.0.0.1", "CmonHostOnline", "follower")),
	ROLE_UNKNOWN, REASON_NOT_LISTED},
    {LIST(ROW("n1.a", "", "CmonHostOnline", "leader") "," ROW(
	 "n1.b", "", "CmonHostOnline", "follower")),
	ROLE_UNKNOWN, REASON_NOT_LISTED},
    /* The better fit wins, in either order. */
    {LIST(ROW("n1", "", "CmonHostOnline", "leader") "," ROW(
	 "y", "10.0.0.1", "CmonHostOnline", "follower")),
	ROLE_FOLLOWER, REASON_FOLLOWER},
    {LIST(ROW("y", "10.0.0.1", "CmonHostOnline", "follower") "," ROW(
	 "n1", "", "CmonHostOnline", "leader")),
	ROLE_FOLLOWER, REASON_FOLLOWER},
    /* The loopback address is everybody's. */
    {LIST(ROW("localhost", "127.0.0.1", "CmonHostOnline", "leader")), ROLE_UNKNOWN,
	REASON_NOT_LISTED},
    {LIST(ROW("x", "10.0.0.1", "CmonHostOnline", "leader") "," ROW(
	 "y", "10.0.0.2", "CmonHostOnline", "leader")),
	ROLE_UNKNOWN, REASON_TWO_LEADERS},
    {LIST(ROW("x", "10.0.0.1", "CmonHostOnline", "leader") "," ROW(
	 "y", "10.0.0.2", "CmonHostOffLine", "leader")),
	ROLE_LEADER, REASON_LEADER},
    {LIST(OTHER_ROW), ROLE_UNKNOWN, REASON_NOT_LISTED},
    {LIST("1, null, \"leader\", []"), ROLE_UNKNOWN, REASON_NOT_LISTED},
    {"{\"request_status\": \"Redirect\", \"controllers\": {\"10.0.0.1:9501\": " ROW(
	 "10.0.0.1", "10.0.0.1", "CmonHostOnline", "leader") "}}",
	ROLE_UNKNOWN, REASON_REDIRECTED},
    {"{\"request_status\": \"Ok\"}", ROLE_UNKNOWN, REASON_MALFORMED},
    {"{\"request_status\": \"Ok\", \"controllers\": 3}", ROLE_UNKNOWN,
	REASON_MALFORMED},
    {"{\"request_status\": \"AuthRequired\"}", ROLE_UNKNOWN, REASON_AUTH_REQUIRED},
    {"l 1.9.8.6000 system admins 10.0.0.1 10.0.0.1 9501 Acting as leader.\n",
	ROLE_UNKNOWN, REASON_MALFORMED},
    {"", ROLE_UNKNOWN, REASON_MALFORMED},
    /* Comments do not matter. */
    {LIST(
	 SAYS("10.0.0.1", "leader", "CmonHa just become enabled, starting as leader.")),
	ROLE_LEADER, REASON_LEADER},
    {LIST(SAYS("10.0.0.1", "follower", "Responding to heartbeats.") "," SAYS(
	 "10.0.0.9", "leader", "Acting as leader.")),
	ROLE_FOLLOWER, REASON_FOLLOWER},
    /* Of a controller pool: another form of the list. */
    {LIST("{\"hostname\": \"n1\", \"properties\": \"main_controller\", "
	  "\"status\": \"active\"}"),
	ROLE_UNKNOWN, REASON_OFFLINE},
};

static struct config *
make_config(const char *address, const char *host_name)
{
	struct config *config = allocate(sizeof(*config));

	if (*address)
		ck_assert_ptr_null(address_parse(address, &config->address));
	snprintf(config->host_name, sizeof(config->host_name), "%s", host_name);
	snprintf(config->name, sizeof(config->name), "node");
	return config;
}

/* The tests are run from the top of the sources. */
static void
read_recording(const char *name, struct text *output)
{
	char *path = format_string("tests/unit/s9s/%s.json", name);

	ck_assert_msg(file_read(path, FILE_LIMIT, output) == 0, "%s", path);
	free(path);
}

static void
expect(const struct reply *reply, enum role role, enum reason reason)
{
	ck_assert_msg(reply->role == role && reply->reason == reason, "%s, %s (%s)",
	    role_name(reply->role), reason_name(reply->reason), reply->detail);
}

START_TEST(recordings_are_parsed)
{
	struct config *config =
	    make_config(recordings[_i].address, recordings[_i].host_name);
	struct text output = {0};
	struct reply reply;

	read_recording(recordings[_i].recording, &output);
	s9s_parse(config, output.data, output.length, &reply);
	expect(&reply, recordings[_i].role, recordings[_i].reason);
	text_free(&output);
	free(config);
}
END_TEST

START_TEST(other_output_is_parsed)
{
	struct config *config = make_config("10.0.0.1", "n1");
	struct reply reply;

	s9s_parse(config, outputs[_i].output, strlen(outputs[_i].output), &reply);
	expect(&reply, outputs[_i].role, outputs[_i].reason);
	free(config);
}
END_TEST

START_TEST(local_addresses_count)
{
	struct config *config = make_config("", "a");
	struct text output = {0};
	struct reply reply;

	config->local.count = 1;
	ck_assert_ptr_null(
	    address_parse("10.0.0.101", &config->local.at[0].prefix.address));
	read_recording("three-by-hostname", &output);
	s9s_parse(config, output.data, output.length, &reply);
	expect(&reply, ROLE_FOLLOWER, REASON_FOLLOWER);
	text_free(&output);
	free(config);
}
END_TEST

/* As the s9s client: its arguments and its environment matter. */
static void
install_client(const char *script)
{
	char *path;

	scratch_put("bin/s9s", script, 0755);
	path = format_string("%s:/usr/bin:/bin", scratch_path("bin"));
	setenv("PATH", path, 1);
	setenv("SECRET", "1", 1);
	free(path);
}

static struct reply
query_client(int milliseconds, bool started)
{
	struct config *config = make_config("10.0.0.1", "n1");
	struct reply reply;

	snprintf(
	    config->cluster.s9s_home, sizeof(config->cluster.s9s_home), "/the/home");
	ck_assert_int_eq(s9s_query(config, milliseconds, &reply), started);
	free(config);
	return reply;
}

START_TEST(client_is_run_with_its_own_environment)
{
	struct reply reply;

	install_client(
	    "#!/bin/sh\n"
	    "[ \"$*\" = 'controller --list --long --print-json' ] || exit 9\n"
	    "[ \"$HOME\" = /the/home ] && [ -z \"$SECRET\" ] || exit 8\n"
	    "read line && exit 7\n"
	    "echo '" LIST(ROW("n1", "", "CmonHostOnline", "leader")) "'\n"
								     "exit 2\n");
	reply = query_client(5000, true);
	expect(&reply, ROLE_LEADER, REASON_LEADER);
}
END_TEST

START_TEST(client_that_fails_is_no_leader)
{
	struct reply reply;

	install_client("#!/bin/sh\necho leader >&2\nexit 3\n");
	reply = query_client(5000, true);
	expect(&reply, ROLE_UNKNOWN, REASON_S9S_FAILED);
	ck_assert_str_eq(reply.detail, "s9s exited with status 3");
}
END_TEST

START_TEST(client_that_hangs_is_killed)
{
	clock_ms_t begin = clock_now();
	struct reply reply;

	/* Left alone it would take a minute. */
	install_client(
	    "#!/bin/sh\n"
	    "echo '" LIST(ROW("n1", "", "CmonHostOnline", "leader")) "'\n"
								     "exec sleep 60\n");
	reply = query_client(200, true);
	expect(&reply, ROLE_UNKNOWN, REASON_TIME_OUT);
	ck_assert_int_lt(clock_now() - begin, 30000);
}
END_TEST

START_TEST(missing_client_is_reported)
{
	struct reply reply;

	setenv("PATH", scratch_path("none"), 1);
	reply = query_client(1000, false);
	expect(&reply, ROLE_UNKNOWN, REASON_S9S_FAILED);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("s9s");
	TCase *cases = tcase_create("s9s");
	TCase *client = tcase_create("client");

	tcase_add_loop_test(cases, recordings_are_parsed, 0,
	    sizeof(recordings) / sizeof(recordings[0]));
	tcase_add_loop_test(
	    cases, other_output_is_parsed, 0, sizeof(outputs) / sizeof(outputs[0]));
	tcase_add_test(cases, local_addresses_count);
	suite_add_tcase(suite, cases);
	tcase_add_unchecked_fixture(client, scratch_create, scratch_remove);
	tcase_add_checked_fixture(client, scratch_empty, NULL);
	tcase_add_test(client, client_is_run_with_its_own_environment);
	tcase_add_test(client, client_that_fails_is_no_leader);
	tcase_add_test(client, client_that_hangs_is_killed);
	tcase_add_test(client, missing_client_is_reported);
	suite_add_tcase(suite, client);
	return suite;
}
