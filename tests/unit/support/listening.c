#include "listening.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "scratch.h"
#include "unit.h"

#define SERVERS_MAX 8

static pid_t servers[SERVERS_MAX];
static size_t server_count;

struct file_answer {
	const char *file, *log;
};

/* Requests of all kinds end with a newline. */
static void
answer_file(int fd, const void *context)
{
	const struct file_answer *files = context;
	struct text response = {0};
	char request[4096];
	size_t length = 0;
	int out;

	while (length < sizeof(request) && (!length || request[length - 1] != '\n')) {
		ssize_t got = read(fd, request + length, sizeof(request) - length);

		if (got <= 0)
			break;
		length += (size_t)got;
	}
	out = open(files->log, O_WRONLY | O_CREAT | O_APPEND, 0644);
	if (out >= 0 && write(out, request, length) < 0)
		perror(files->log);
	close(out);
	if (file_read(files->file, FILE_LIMIT, &response) == 0 &&
	    write(fd, response.data, response.length) < 0)
		perror(files->file);
	text_free(&response);
}

void
listening_serve(
    int listener, void (*answer)(int fd, const void *context), const void *context)
{
	pid_t parent = getpid();
	pid_t child = fork();

	ck_assert_int_ge(child, 0);
	ck_assert_uint_lt(server_count, SERVERS_MAX);
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGPIPE, SIG_IGN);
		while (getppid() == parent) {
			int fd = accept(listener, NULL, NULL);

			if (fd < 0)
				continue;
			answer(fd, context);
			close(fd);
		}
		_exit(0);
	}
	servers[server_count++] = child;
	close(listener);
}

static void
serve(int listener, const char *name)
{
	char *file = copy_string(scratch_path(name));
	char *log = format_string("%s.requests", file);

	listening_serve(listener, answer_file, &(struct file_answer){file, log});
	free(file);
	free(log);
}

/* On different addresses the kernel may choose one port, which a cluster file must not.
 */
#define PORTS_MAX 32
static int ports[PORTS_MAX];
static size_t port_count;

static bool
is_used(int port)
{
	for (size_t i = 0; i < port_count; i++)
		if (ports[i] == port)
			return true;
	return false;
}

static int
bind_any_port(const struct address *address, int *port)
{
	struct sockaddr_storage name;
	socklen_t length = address_to_socket(address, 0, &name);
	int fd = socket(address->family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&name, length), 0);
	ck_assert_int_eq(listen(fd, 16), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&name, &length), 0);
	*port = ntohs(address->family == AF_INET
			  ? ((struct sockaddr_in *)&name)->sin_port
			  : ((struct sockaddr_in6 *)&name)->sin6_port);
	return fd;
}

int
listening_socket(const struct address *address, int *port)
{
	int fd = bind_any_port(address, port);

	/* The one that is in use stays open until another was found. */
	while (is_used(*port)) {
		int other = bind_any_port(address, port);

		close(fd);
		fd = other;
	}
	ck_assert_uint_lt(port_count, PORTS_MAX);
	ports[port_count++] = *port;
	return fd;
}

int
listening_tcp(const char *host, const char *file)
{
	struct address address;
	int port;

	ck_assert(!address_parse(host, &address));
	serve(listening_socket(&address, &port), file);
	return port;
}

void
listening_unix(const char *path, const char *file)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	char *directory = copy_string(scratch_path(path));
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	*strrchr(directory, '/') = '\0';
	ck_assert_int_eq(file_make_directories(directory), 0);
	ck_assert_uint_lt(strlen(scratch_path(path)), sizeof(name.sun_path));
	strcpy(name.sun_path, scratch_path(path));
	unlink(name.sun_path);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	ck_assert_int_eq(listen(fd, 16), 0);
	serve(fd, file);
	free(directory);
}

void
listening_stop(void)
{
	port_count = 0;
	while (server_count) {
		pid_t child = servers[--server_count];

		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
}
