#include "fake_cmon.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/network.h"
#include "base/text.h"
#include "unit.h"

int
fake_cmon_listen(const char *address, int *port)
{
	struct address parsed;
	struct sockaddr_storage at;
	socklen_t length;
	int on = 1, fd;

	ck_assert_ptr_null(address_parse(address, &parsed));
	length = address_to_socket(&parsed, *port, &at);
	fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ge(fd, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, length), 0);
	ck_assert_int_eq(listen(fd, 64), 0); /* as many as with xinetd */
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&at, &length), 0);
	*port = ntohs(((struct sockaddr_in *)&at)->sin_port);
	return fd;
}

static void
fake_cmon_set_reply(struct fake_cmon *fake, char *reply)
{
	ck_assert_int_lt(fake->reply_count, FAKE_CMON_REPLIES_MAX);
	fake->replies[fake->reply_count++] = reply;
	fake->reply = reply;
}

void
fake_cmon_reply(struct fake_cmon *fake, const char *reply)
{
	fake_cmon_set_reply(fake, copy_string(reply));
}

void
fake_cmon_reply_json(struct fake_cmon *fake, const char *json)
{
	fake_cmon_set_reply(
	    fake, format_string("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
				"Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
		      strlen(json), json));
}

void
fake_cmon_reply_status(struct fake_cmon *fake, const char *status)
{
	char json[256];

	snprintf(json, sizeof(json),
	    "{\"request_status\": \"Ok\", \"controller_status\": \"%s\"}", status);
	fake_cmon_reply_json(fake, json);
}

/* A whole POST with a small body, as libcurl sends it: one of the two pings. */
static bool
fake_cmon_read_query(struct fake_cmon *fake, int fd)
{
	static const char ping[] = "POST /v2/controller/ HTTP/1.1\r\n";
	static const char info[] = "POST /v2/info HTTP/1.1\r\n";
	char bytes[4096];
	size_t length = 0;

	while (length < sizeof(bytes) - 1) {
		ssize_t got = read(fd, bytes + length, sizeof(bytes) - 1 - length);

		if (got <= 0)
			return false;
		if (bytes[0] != 'P') { /* TLS, where none is spoken */
			send(fd, "HTTP/1.1 400 No\r\n\r\n", 19, MSG_NOSIGNAL);
			return false;
		}
		length += (size_t)got;
		bytes[length] = '\0';
		if (strstr(bytes, "\r\n\r\n") && bytes[length - 1] == '}')
			break;
	}
	if (length == 0 || !strstr(bytes, "{\"operation\":\"ping\","))
		return false;
	if (strncmp(bytes, ping, strlen(ping)) == 0)
		fake->pings++;
	else if (strncmp(bytes, info, strlen(info)) != 0)
		return false;
	return true;
}

static void
fake_cmon_send(struct fake_cmon *fake, int fd, const char *bytes, size_t length)
{
	size_t piece = fake->bytes_at_once ? (size_t)fake->bytes_at_once : length;

	while (length && !fake->stop) {
		ssize_t sent =
		    send(fd, bytes, piece < length ? piece : length, MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		bytes += sent;
		length -= (size_t)sent;
		if (fake->bytes_at_once)
			poll(NULL, 0, 20);
	}
}

static void
fake_cmon_serve(struct fake_cmon *fake, int fd)
{
	static const char blanks[4096];
	const struct linger reset = {.l_onoff = 1};
	const char *reply = fake->reply;

	if (!fake_cmon_read_query(fake, fd)) {
		close(fd);
		return;
	}
	if (fake->hangs) {
		ck_assert_int_lt(fake->held_count, FAKE_CMON_HELD_MAX);
		fake->held[fake->held_count++] = fd;
		return;
	}
	if (fake->delay)
		poll(NULL, 0, fake->delay);
	fake_cmon_send(fake, fd, reply, strlen(reply));
	if (fake->restarts) {
		fake_cmon_read_query(fake, fd);
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		close(fd);
		return;
	}
	for (int left = fake->padding; left > 0; left -= (int)sizeof(blanks))
		fake_cmon_send(fake, fd, blanks, sizeof(blanks));
	shutdown(fd, SHUT_WR);
	close(fd);
}

static void *
fake_cmon_run(void *context)
{
	struct fake_cmon *fake = context;

	while (!fake->stop) {
		struct pollfd wait = {.fd = fake->listener, .events = POLLIN};
		int fd;

		if (poll(&wait, 1, 10) != 1)
			continue;
		fd = accept4(fake->listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			fake_cmon_serve(fake, fd);
	}
	return NULL;
}

void
fake_cmon_open(struct fake_cmon *fake, const char *status)
{
	memset(fake, 0, sizeof(*fake));
	fake->listener = fake_cmon_listen("127.0.0.1", &fake->port);
	fake_cmon_reply_status(fake, status);
}

void
fake_cmon_start(struct fake_cmon *fake)
{
	ck_assert_int_eq(pthread_create(&fake->thread, NULL, fake_cmon_run, fake), 0);
	fake->runs = true;
}

void
fake_cmon_stop(struct fake_cmon *fake)
{
	fake->stop = true;
	if (fake->runs)
		pthread_join(fake->thread, NULL);
	fake->runs = false;
	close(fake->listener);
	while (fake->held_count)
		close(fake->held[--fake->held_count]);
	while (fake->reply_count)
		free(fake->replies[--fake->reply_count]);
}
