/*
 * soak-client RATE FROM TO PORT: asks the check at TO from the address FROM, RATE times
 * a second, a new connection each time, until SIGTERM.
 *
 * Prints a line for each row of equal answers: when the first of them was asked and
 * answered, the same of the last (CLOCK_MONOTONIC, ms), how many, and the answer:
 * status and reason, or what went wrong.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LIMIT_MS 3000 /* several times the check's own deadline */

static const char REQUEST[] =
    "GET / HTTP/1.1\r\nHost: soak\r\nConnection: close\r\n\r\n";
static const char REASON[] = "\r\nX-Cmonha-Reason: ";

struct row {
	double first_asked, first_answered, last_asked, last_answered;
	unsigned long count;
	char answer[64];
};

static volatile sig_atomic_t ending;

static void
end(int signal)
{
	(void)signal;
	ending = 1;
}

static double
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void
sleep_until(double ms)
{
	long long ns = (long long)(ms * 1e6);
	struct timespec at = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

static int
parse(const char *text, in_port_t port, struct sockaddr_in *address)
{
	*address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port)};
	return inet_pton(AF_INET, text, &address->sin_addr) == 1;
}

/* Reads until the other side closes. Returns the length, or -1 with errno. */
static ssize_t
read_all(int fd, char *reply, size_t size)
{
	size_t length = 0;

	for (;;) {
		ssize_t got = recv(fd, reply + length, size - 1 - length, 0);

		if (got < 0)
			return -1;
		length += got;
		if (got == 0 || length == size - 1) {
			reply[length] = '\0';
			return length;
		}
	}
}

/* A reset may also come after the end of the answer. */
static int
was_reset(int fd)
{
	struct pollfd state = {.fd = fd};

	return poll(&state, 1, 0) == 1 && (state.revents & POLLERR);
}

static void
exchange(int fd, const struct sockaddr_in *to, char answer[64])
{
	static char reply[65536];
	const char *reason;
	int status;

	if (connect(fd, (const struct sockaddr *)to, sizeof(*to)) < 0 ||
	    send(fd, REQUEST, sizeof(REQUEST) - 1, MSG_NOSIGNAL) < 0 ||
	    read_all(fd, reply, sizeof(reply)) < 0) {
		snprintf(answer, 64, "%s", strerror(errno));
		return;
	}
	reason = strstr(reply, REASON);
	if (was_reset(fd))
		snprintf(answer, 64, "reset after the answer");
	else if (sscanf(reply, "HTTP/1.1 %3d", &status) != 1 || !reason)
		snprintf(answer, 64, "garbage");
	else
		snprintf(answer, 64, "%d %.*s", status,
		    (int)strcspn(reason + sizeof(REASON) - 1, "\r"),
		    reason + sizeof(REASON) - 1);
}

static void
ask(const struct sockaddr_in *from, const struct sockaddr_in *to, char answer[64])
{
	struct timeval limit = {.tv_sec = LIMIT_MS / 1000};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (const struct sockaddr *)from, sizeof(*from)) < 0) {
		snprintf(answer, 64, "not asked: %s", strerror(errno));
	} else {
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
		exchange(fd, to, answer);
	}
	if (fd >= 0)
		close(fd);
}

static void
print_row(const struct row *row)
{
	if (row->count > 0)
		printf("%.3f %.3f %.3f %.3f %lu %s\n", row->first_asked,
		    row->first_answered, row->last_asked, row->last_answered,
		    row->count, row->answer);
	fflush(stdout);
}

static void
add(struct row *row, double asked, double answered, const char *answer)
{
	if (row->count == 0 || strcmp(row->answer, answer) != 0) {
		print_row(row);
		*row = (struct row){.first_asked = asked, .first_answered = answered};
		snprintf(row->answer, sizeof(row->answer), "%s", answer);
	}
	row->last_asked = asked;
	row->last_answered = answered;
	row->count++;
}

int
main(int argc, char **argv)
{
	struct sockaddr_in from, to;
	struct row row = {.count = 0};
	double rate, due;

	if (argc != 5 || (rate = strtod(argv[1], NULL)) <= 0 ||
	    !parse(argv[2], 0, &from) ||
	    !parse(argv[3], (in_port_t)atoi(argv[4]), &to)) {
		fprintf(stderr, "usage: soak-client RATE FROM TO PORT\n");
		return 64;
	}
	sigaction(SIGTERM, &(struct sigaction){.sa_handler = end}, NULL);
	for (due = now_ms(); !ending; due += 1000 / rate) {
		char answer[64];
		double asked;

		sleep_until(due);
		asked = now_ms();
		ask(&from, &to, answer);
		if (ending)
			break; /* this one was perhaps cut off by the signal */
		add(&row, asked, now_ms(), answer);
		if (now_ms() > due + 1000)
			due = now_ms(); /* what was missed is not made up for */
	}
	print_row(&row);
	return 0;
}
