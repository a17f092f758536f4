/*
 * A fixture: the resident server in a process of its own, behind it a controller of the
 * test's, and what is needed to ask over real connections.
 *
 *	tcase_add_checked_fixture(cases, served_begin, served_end);
 */
#ifndef CMONHA_UNIT_SERVED_H
#define CMONHA_UNIT_SERVED_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/stream.h"
#include "check/server.h"
#include "fake_cmon.h"
#include "unit.h"

#define DEADLINE   400
#define PATIENCE   5000 /* of the tests */
#define ANSWER_MAX (64 * 1024)

static struct fake_cmon cmon;
static struct config *config;
static int listener, port, messages;
static pid_t server;

static inline void
start_server(void)
{
	sigset_t ending, before;
	int ends[2];

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	/* Check has a handler of its own, which must not run before the server blocks.
	 */
	sigemptyset(&ending);
	sigaddset(&ending, SIGTERM);
	sigaddset(&ending, SIGINT);
	sigprocmask(SIG_BLOCK, &ending, &before);
	server = fork();
	if (server != 0)
		sigprocmask(SIG_SETMASK, &before, NULL);
	ck_assert_int_ge(server, 0);
	if (server == 0) {
		dup2(ends[1], 2);
		close(ends[0]);
		exit(server_run(config, listener));
	}
	close(ends[1]);
	messages = ends[0];
}

/* The exit status, after this signal (0: it ends by itself). */
static inline int
end_server(int signal)
{
	clock_ms_t deadline = clock_now() + PATIENCE;
	int status;

	if (signal)
		kill(server, signal);
	while (waitpid(server, &status, WNOHANG) == 0) {
		ck_assert_msg(clock_left(deadline) > 0, "the server does not end");
		poll(NULL, 0, 1);
	}
	server = 0;
	ck_assert_msg(WIFEXITED(status), "ended by signal %d", WTERMSIG(status));
	return WEXITSTATUS(status);
}

static inline void
served_begin(void)
{
	struct rlimit files;

	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max < 4096 ? files.rlim_max : 4096;
	setrlimit(RLIMIT_NOFILE, &files);
	fake_open(&cmon, "CmonControllerLeader");
	config = allocate(sizeof(*config));
	config->unusable = REASONS;
	config->source = SOURCE_RPC;
	config->deadline = DEADLINE;
	config->own_count = 1;
	config->own[0].port = cmon.port;
	address_parse("127.0.0.1", &config->own[0].address);
	config->address = config->own[0].address;
	snprintf(config->name, sizeof(config->name), "cc1");
	snprintf(config->checksum, sizeof(config->checksum), "0123456789abcdef");
	port = 0;
	listener = fake_listen("0.0.0.0", &port);
	/* The thread comes after the process: a fork copies none. */
	start_server();
	fake_start(&cmon);
}

static inline void
served_end(void)
{
	if (server)
		ck_assert_int_eq(end_server(SIGTERM), 0);
	fake_stop(&cmon);
	close(messages);
	close(listener);
	free(config);
}

static inline int
connect_from(const char *source)
{
	struct address address;
	struct sockaddr_storage at;
	socklen_t length;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	address_parse(source, &address);
	length = address_to_socket(&address, 0, &at);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, length), 0);
	if (address_is_loopback(&address))
		address_parse("127.0.0.1", &address);
	length = address_to_socket(&address, port, &at);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&at, length), 0);
	return fd;
}

static inline int
connect_here(void)
{
	return connect_from("127.0.0.1");
}

static inline void
say(int fd, const char *bytes)
{
	struct text text = {.data = (char *)bytes, .length = strlen(bytes)};

	ck_assert_int_eq(stream_write(fd, &text, clock_now() + PATIENCE), 0);
}

/* The whole answer, to its end; a reset fails. */
static inline char *
hear(int fd)
{
	struct text answer = {0};

	text_addf(&answer, "%s", "");
	if (stream_read(fd, ANSWER_MAX, clock_now() + PATIENCE, &answer) < 0)
		ck_abort_msg("%s after \"%s\"", strerror(errno), answer.data);
	close(fd);
	return answer.data;
}

static inline char *
ask(const char *request)
{
	int fd = connect_here();

	say(fd, request);
	return hear(fd);
}

static inline void
expect(char *answer, const char *begins, const char *has)
{
	ck_assert_msg(strncmp(answer, begins, strlen(begins)) == 0, "%s", answer);
	ck_assert_msg(strstr(answer, has) != NULL, "no \"%s\" in:\n%s", has, answer);
	free(answer);
}

#endif
