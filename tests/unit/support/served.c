#include "served.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/stream.h"
#include "check/server.h"
#include "unit.h"

#define RESPONSE_MAX (64 * 1024)

struct served served;

void
served_start(void)
{
	sigset_t blocked, before;
	int pipefd[2];

	ck_assert_int_eq(pipe2(pipefd, O_CLOEXEC | O_NONBLOCK), 0);
	/* Check has a handler of its own, which must not run before the
	 * server blocks them. */
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGINT);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	served.server = fork();
	if (served.server != 0)
		sigprocmask(SIG_SETMASK, &before, NULL);
	ck_assert_int_ge(served.server, 0);
	if (served.server == 0) {
		dup2(pipefd[1], 2);
		close(pipefd[0]);
		exit(server_run(served.config, served.listener));
	}
	close(pipefd[1]);
	served.messages = pipefd[0];
}

void
served_read_log(struct text *log)
{
	char buffer[1024];

	for (ssize_t got; (got = read(served.messages, buffer, sizeof(buffer))) > 0;)
		text_add_bytes(log, buffer, (size_t)got);
}

int
served_terminate(int signal)
{
	clock_ms_t deadline = clock_now() + SERVED_PATIENCE;
	int status;

	if (signal)
		kill(served.server, signal);
	while (waitpid(served.server, &status, WNOHANG) == 0) {
		ck_assert_msg(clock_left(deadline) > 0, "the server does not exit");
		poll(NULL, 0, 1);
	}
	served.server = 0;
	ck_assert_msg(WIFEXITED(status), "killed by signal %d", WTERMSIG(status));
	return WEXITSTATUS(status);
}

void
served_begin(void)
{
	struct rlimit files;

	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max < 4096 ? files.rlim_max : 4096;
	setrlimit(RLIMIT_NOFILE, &files);
	fake_cmon_open(&served.cmon, "CmonControllerLeader");
	served.config = allocate(sizeof(*served.config));
	served.config->unusable = REASONS;
	served.config->users.at[served.config->users.count++] = geteuid();
	served.config->cluster.source = SOURCE_RPC;
	served.config->cluster.deadline = SERVED_DEADLINE;
	served.config->own_count = 1;
	served.config->own[0].port = served.cmon.port;
	address_parse("127.0.0.1", &served.config->own[0].address);
	served.config->address = served.config->own[0].address;
	snprintf(served.config->name, sizeof(served.config->name), "cc1");
	snprintf(served.config->cluster.checksum,
	    sizeof(served.config->cluster.checksum), "0123456789abcdef");
	served.port = 0;
	served.listener = fake_cmon_listen("0.0.0.0", &served.port);
	/* The thread comes after the process: a fork copies none. */
	served_start();
	fake_cmon_start(&served.cmon);
}

void
served_end(void)
{
	if (served.server)
		ck_assert_int_eq(served_terminate(SIGTERM), 0);
	fake_cmon_stop(&served.cmon);
	close(served.messages);
	close(served.listener);
	free(served.config);
}

int
served_connect_from(const char *source)
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
	length = address_to_socket(&address, served.port, &at);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&at, length), 0);
	return fd;
}

int
served_connect(void)
{
	return served_connect_from("127.0.0.1");
}

void
served_send(int fd, const char *bytes)
{
	struct text text = {.data = (char *)bytes, .length = strlen(bytes)};

	ck_assert_int_eq(stream_write(fd, &text, clock_now() + SERVED_PATIENCE), 0);
}

char *
served_receive(int fd)
{
	struct text response = {0};

	text_addf(&response, "%s", "");
	if (stream_read(fd, RESPONSE_MAX, clock_now() + SERVED_PATIENCE, &response) < 0)
		ck_abort_msg("%s after \"%s\"", strerror(errno), response.data);
	close(fd);
	return response.data;
}

char *
served_query(const char *request)
{
	int fd = served_connect();

	served_send(fd, request);
	return served_receive(fd);
}

void
served_expect(char *response, const char *begins, const char *has)
{
	ck_assert_msg(strncmp(response, begins, strlen(begins)) == 0, "%s", response);
	ck_assert_msg(
	    strstr(response, has) != NULL, "no \"%s\" in:\n%s", has, response);
	free(response);
}
