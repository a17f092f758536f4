/*
 * One verdict without a server: over a connection that the program was started with,
 * and on the command line. The program's part runs in a child process.
 */
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/network.h"
#include "base/stream.h"
#include "check/once.h"
#include "fake_cmon.h"
#include "unit.h"

#define DEADLINE 400
#define PATIENCE 5000 /* milliseconds; to fail, not to measure */
#define LIMIT    (64 * 1024)

static struct fake_cmon cmon;
static struct config *config;
static pid_t child;

static void
begin(void)
{
	fake_cmon_open(&cmon, "CmonControllerLeader");
	config = allocate(sizeof(*config));
	config->unusable = REASONS;
	config->users.at[config->users.count++] = geteuid();
	config->cluster.source = SOURCE_RPC;
	config->cluster.deadline = DEADLINE;
	config->own_count = 1;
	config->own[0].port = cmon.port;
	ck_assert_ptr_null(address_parse("127.0.0.1", &config->own[0].address));
	config->address = config->own[0].address;
	snprintf(config->name, sizeof(config->name), "cc1");
}

static void
end(void)
{
	fake_cmon_stop(&cmon);
	free(config);
}

static int
wait_for_exit(void)
{
	int status;

	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_msg(WIFEXITED(status), "killed by signal %d", WTERMSIG(status));
	return WEXITSTATUS(status);
}

/* Takes ownership of the server's side; returns the client's. */
static int
serve(int server, int client)
{
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		close(client);
		_exit(once_serve(config, server));
	}
	close(server);
	/* The thread comes after the process: a fork copies none. */
	fake_cmon_start(&cmon);
	return client;
}

/* A client's socket whose other end is served. */
static int
serve_connection(void)
{
	int port = 0, listener = fake_cmon_listen("127.0.0.1", &port);
	int client = network_connect(&config->address, port, clock_now() + PATIENCE);
	int server;

	ck_assert_int_ge(client, 0);
	server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	ck_assert_int_ge(server, 0);
	close(listener);
	return serve(server, client);
}

static void
send_text(int fd, const char *bytes)
{
	struct text text = {.data = (char *)bytes, .length = strlen(bytes)};

	ck_assert_int_eq(stream_write(fd, &text, clock_now() + PATIENCE), 0);
}

static void
expect_response(int fd, const char *begins, const char *has)
{
	struct text response = {0};

	text_addf(&response, "%s", "");
	ck_assert_int_eq(stream_read(fd, LIMIT, clock_now() + PATIENCE, &response), 0);
	close(fd);
	ck_assert_msg(
	    strncmp(response.data, begins, strlen(begins)) == 0, "%s", response.data);
	ck_assert_msg(strstr(response.data, has) != NULL, "no \"%s\" in:\n%s", has,
	    response.data);
	text_free(&response);
	ck_assert_int_eq(wait_for_exit(), 0);
}

static const struct {
	const char *status;
	const char *request;
	const char *begins;
	const char *has;
	int pings;
} requests[] = {
    {"leader", "GET / HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n",
	"\r\nThis node is a leader. ", 1},
    {"follower", "GET / HTTP/1.0\r\n\r\n", "HTTP/1.1 503 ",
	"\r\nThis node is a follower. ", 1},
    {"resting", "GET /health HTTP/1.0\r\n\r\n", "HTTP/1.1 503 ",
	"\r\nX-Cmonha-Reason: unknown-status\r\n", 1},
    {"leader", "GET /status HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n", "\"answers\": 1",
	1},
    {"leader", "GET /overview HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n",
	"This node has no usable cluster file</h1>", 0},
    {"leader", "HEAD /overview/still HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n",
	"text/html", 0},
    {"leader", "GET /no-leader HTTP/1.0\r\n\r\n", "HTTP/1.1 503 ",
	"<p>The cluster file of this node cannot be used.</p>", 0},
    {"leader", "GET /x HTTP/1.0\r\n\r\n", "HTTP/1.1 404 ", "/follower", 0},
    {"leader", "PUT / HTTP/1.0\r\n\r\n", "HTTP/1.1 405 ", "Allow: GET", 0},
    {"leader", "\x16\x03\x01", "HTTP/1.1 400 ", "control", 0},
};

START_TEST(request_is_answered)
{
	int fd;

	fake_cmon_reply_status(&cmon, requests[_i].status);
	fd = serve_connection();
	send_text(fd, requests[_i].request);
	expect_response(fd, requests[_i].begins, requests[_i].has);
	ck_assert_int_eq(cmon.pings, requests[_i].pings);
}
END_TEST

START_TEST(large_request_is_read_to_its_end)
{
	struct text body = {0};
	int fd = serve_connection();

	send_text(fd, "GET / HTTP/1.1\r\nContent-Length: 1048576\r\n\r\n");
	text_addf(&body, "%01048576d", 0);
	send_text(fd, body.data);
	text_free(&body);
	expect_response(fd, "HTTP/1.1 200 ", "leader");
}
END_TEST

START_TEST(half_a_request_is_answered)
{
	int fd = serve_connection();

	send_text(fd, "GET / HTTP/1.0\r\nHost:");
	shutdown(fd, SHUT_WR);
	expect_response(fd, "HTTP/1.1 400 ", "ended before it was complete");
	ck_assert_int_eq(cmon.pings, 0);
}
END_TEST

START_TEST(slow_request_times_out)
{
	clock_ms_t begin = clock_now();
	int fd = serve_connection();

	send_text(fd, "GET / HTTP/1.0\r\nHost:");
	expect_response(fd, "HTTP/1.1 408 ", "in time");
	ck_assert_int_ge(clock_now() - begin, DEADLINE - 1);
	ck_assert_int_eq(cmon.pings, 0);
}
END_TEST

START_TEST(connection_without_a_request_gets_nothing)
{
	int fd = serve_connection();

	shutdown(fd, SHUT_WR);
	expect_response(fd, "", "");
	ck_assert_int_eq(cmon.pings, 0);
}
END_TEST

START_TEST(silent_controller_is_reported)
{
	int fd;

	cmon.hangs = true;
	fd = serve_connection();
	send_text(fd, "GET / HTTP/1.0\r\n\r\n");
	expect_response(fd, "HTTP/1.1 503 ", "\r\nX-Cmonha-Reason: time-out\r\n");
}
END_TEST

/* A socket pair has no address, so it is no client that is allowed. */
START_TEST(client_that_is_not_allowed_is_refused)
{
	int pair[2], fd;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	fd = serve(pair[0], pair[1]);
	send_text(fd, "GET / HTTP/1.0\r\n\r\n");
	expect_response(fd, "HTTP/1.1 403 Forbidden\r\n", "\"allow\"");
	ck_assert_int_eq(cmon.pings, 0);
}
END_TEST

/* Returns the exit status; the output is the caller's. */
static int
print(bool json, struct text *output)
{
	int pipefd[2];

	ck_assert_int_eq(pipe(pipefd), 0);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		int status;

		dup2(pipefd[1], 1);
		close(pipefd[0]);
		status = once_print(config, json);
		fflush(stdout);
		_exit(status);
	}
	close(pipefd[1]);
	fake_cmon_start(&cmon);
	text_addf(output, "%s", "");
	for (ssize_t length;
	     (length = read(pipefd[0], text_reserve(output, 4096), 4096)) > 0;)
		output->length += (size_t)length;
	*text_reserve(output, 1) = '\0';
	close(pipefd[0]);
	return wait_for_exit();
}

static const struct {
	const char *status;
	int exit_status;
	const char *begins;
} roles[] = {
    {"leader", 0, "cc1: leader (leader) by rpc in "},
    {"follower", 1, "cc1: follower (follower) by rpc in "},
    {"resting", 2, "cc1: unknown (unknown-status) by rpc in "},
};

START_TEST(role_is_printed)
{
	struct text output = {0};

	fake_cmon_reply_status(&cmon, roles[_i].status);
	ck_assert_int_eq(print(false, &output), roles[_i].exit_status);
	ck_assert_msg(
	    strncmp(output.data, roles[_i].begins, strlen(roles[_i].begins)) == 0, "%s",
	    output.data);
	/* Two lines: the second explains. */
	ck_assert_ptr_nonnull(strchr(output.data, '\n'));
	ck_assert_str_eq(strrchr(output.data, '\n'), "\n");
	text_free(&output);
}
END_TEST

START_TEST(everything_is_printed_as_json)
{
	static const char *const names[] = {"role", "reason", "explanation", "claim",
	    "source", "age_ms", "since_ms", "node", "address", "checksum", "quorum",
	    "peers", "ui", "counters", "version", "pid", "uptime_ms", "schema", "shown",
	    "roles", "transitions", "vips", "units", "edited", "watch", "vrrp",
	    "haproxy", "problems"};
	struct text output = {0};
	const char *role, *address;
	json_t *root;
	int controllers, wanted;

	ck_assert_int_eq(print(true, &output), 0);
	root = json_loads(output.data, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_msg(root != NULL, "%s", output.data);
	ck_assert_uint_eq(json_object_size(root), sizeof(names) / sizeof(names[0]));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ck_assert_msg(json_object_get(root, names[i]) != NULL, "%s", names[i]);
	ck_assert_int_eq(json_unpack(root, "{s:s, s:s, s:n, s:{s:b, s:i}}", "role",
			     &role, "address", &address, "checksum", "quorum", "wanted",
			     &wanted, "controllers", &controllers),
	    0);
	ck_assert_str_eq(role, "leader");
	ck_assert_str_eq(address, "127.0.0.1");
	ck_assert_int_eq(wanted, 0);
	ck_assert_int_eq(controllers, 1);
	json_decref(root);
	text_free(&output);
}
END_TEST

/* A host name of any bytes is no valid JSON. */
START_TEST(name_may_be_no_utf8)
{
	struct text output = {0};
	json_t *root;

	snprintf(config->name, sizeof(config->name), "\xff\xfe");
	ck_assert_int_eq(print(true, &output), 0);
	root = json_loads(output.data, 0, NULL);
	ck_assert(json_is_null(json_object_get(root, "node")));
	json_decref(root);
	text_free(&output);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("once");
	TCase *served = tcase_create("serve"), *printed = tcase_create("print");

	tcase_add_checked_fixture(served, begin, end);
	tcase_add_loop_test(
	    served, request_is_answered, 0, sizeof(requests) / sizeof(requests[0]));
	tcase_add_test(served, large_request_is_read_to_its_end);
	tcase_add_test(served, half_a_request_is_answered);
	tcase_add_test(served, slow_request_times_out);
	tcase_add_test(served, connection_without_a_request_gets_nothing);
	tcase_add_test(served, silent_controller_is_reported);
	tcase_add_test(served, client_that_is_not_allowed_is_refused);
	suite_add_tcase(suite, served);
	tcase_add_checked_fixture(printed, begin, end);
	tcase_add_loop_test(
	    printed, role_is_printed, 0, sizeof(roles) / sizeof(roles[0]));
	tcase_add_test(printed, everything_is_printed_as_json);
	tcase_add_test(printed, name_may_be_no_utf8);
	suite_add_tcase(suite, printed);
	return suite;
}
