/*
 * A controller for tests: plain HTTP on a loopback port of its own, in a thread. What
 * it answers is the test's; one connection at a time, closed after each answer.
 */
#ifndef CMONHA_UNIT_FAKE_CMON_H
#define CMONHA_UNIT_FAKE_CMON_H

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/network.h"
#include "base/text.h"
#include "unit.h"

#define FAKE_HELD_MAX 64
#define FAKE_SAID_MAX 16

struct fake_cmon {
	int listener, port;
	pthread_t thread;
	bool runs;
	atomic_bool stop;
	atomic_int pings;             /* that came in full */
	atomic_int delay;             /* milliseconds before each answer */
	atomic_bool hangs;            /* it reads, and says nothing */
	atomic_bool restarts;         /* it resets who asks again on a connection */
	_Atomic(const char *) answer; /* all bytes of it */
	atomic_int padding;           /* so many blanks behind it */
	atomic_int bytes_at_once;     /* 0: all */
	int held[FAKE_HELD_MAX];
	int held_count;
	char *said[FAKE_SAID_MAX]; /* owned; the one before may be in use */
	int said_count;
};

static inline int
fake_listen(const char *address, int *port)
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

static inline void
fake_take(struct fake_cmon *fake, char *answer)
{
	ck_assert_int_lt(fake->said_count, FAKE_SAID_MAX);
	fake->said[fake->said_count++] = answer;
	fake->answer = answer;
}

/* To say as is, however broken. */
static inline void
fake_say(struct fake_cmon *fake, const char *answer)
{
	fake_take(fake, copy_string(answer));
}

static inline void
fake_say_json(struct fake_cmon *fake, const char *json)
{
	fake_take(
	    fake, format_string("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
				"Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
		      strlen(json), json));
}

static inline void
fake_say_status(struct fake_cmon *fake, const char *status)
{
	char json[256];

	snprintf(json, sizeof(json),
	    "{\"request_status\": \"Ok\", \"controller_status\": \"%s\"}", status);
	fake_say_json(fake, json);
}

/* A whole POST with a small body, as libcurl sends it. */
static inline bool
fake_read(int fd)
{
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
			return strncmp(bytes, "POST /v2/controller/ HTTP/1.1\r\n",
				   31) == 0 &&
			       strstr(bytes, "{\"operation\":\"ping\",");
	}
	return false;
}

static inline void
fake_send(struct fake_cmon *fake, int fd, const char *bytes, size_t length)
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

static inline void
fake_converse(struct fake_cmon *fake, int fd)
{
	static const char blanks[4096];
	const struct linger reset = {.l_onoff = 1};
	const char *answer = fake->answer;

	if (!fake_read(fd)) {
		close(fd);
		return;
	}
	fake->pings++;
	if (fake->hangs) {
		ck_assert_int_lt(fake->held_count, FAKE_HELD_MAX);
		fake->held[fake->held_count++] = fd;
		return;
	}
	if (fake->delay)
		poll(NULL, 0, fake->delay);
	fake_send(fake, fd, answer, strlen(answer));
	if (fake->restarts) {
		fake_read(fd);
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		close(fd);
		return;
	}
	for (int left = fake->padding; left > 0; left -= (int)sizeof(blanks))
		fake_send(fake, fd, blanks, sizeof(blanks));
	shutdown(fd, SHUT_WR);
	close(fd);
}

static inline void *
fake_run(void *context)
{
	struct fake_cmon *fake = context;

	while (!fake->stop) {
		struct pollfd wait = {.fd = fake->listener, .events = POLLIN};
		int fd;

		if (poll(&wait, 1, 10) != 1)
			continue;
		fd = accept4(fake->listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			fake_converse(fake, fd);
	}
	return NULL;
}

/* The port is open from now on; nobody answers before fake_start(). */
static inline void
fake_open(struct fake_cmon *fake, const char *status)
{
	memset(fake, 0, sizeof(*fake));
	fake->listener = fake_listen("127.0.0.1", &fake->port);
	fake_say_status(fake, status);
}

static inline void
fake_start(struct fake_cmon *fake)
{
	ck_assert_int_eq(pthread_create(&fake->thread, NULL, fake_run, fake), 0);
	fake->runs = true;
}

/* Its connections are closed, and new ones refused. */
static inline void
fake_stop(struct fake_cmon *fake)
{
	fake->stop = true;
	if (fake->runs)
		pthread_join(fake->thread, NULL);
	fake->runs = false;
	close(fake->listener);
	while (fake->held_count)
		close(fake->held[--fake->held_count]);
	while (fake->said_count)
		free(fake->said[--fake->said_count]);
}

#endif
