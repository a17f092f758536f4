/*
 * ask ADDRESS PORT COUNT [PAUSE_MS]: asks a check COUNT times, a new connection each
 * time, one after the other.
 *
 * Prints one JSON object: us, the microseconds from connect() to the end of each
 * answer; resets, connections that ended in a reset before or after the answer; empty,
 * those that ended without a byte; bad, answers that are not HTTP; leader, those with
 * status 200. PAUSE_MS: from one beginning to the next.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char REQUEST[] = "GET / HTTP/1.0\r\nUser-Agent: bench\r\n\r\n";

struct tally {
	long resets, empty, bad, leader;
};

static long long
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static void
sleep_until(long long us)
{
	struct timespec at = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR) {
	}
}

/* Whether a reset has come, be it after the end of the answer. */
static int
was_reset(int fd)
{
	int error = 0;
	socklen_t size = sizeof error;
	struct pollfd state = {.fd = fd};

	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
	return error == ECONNRESET ||
	       (poll(&state, 1, 0) == 1 && (state.revents & POLLERR));
}

/* Returns how long it took, or -1 with errno when there is no connection at all. */
static long long
ask(const struct sockaddr_in *to, struct tally *tally)
{
	char answer[8192];
	size_t length = 0;
	ssize_t got = -1;
	long long start = now_us();
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)to, sizeof *to) != 0) {
		close(fd);
		return -1;
	}
	if (send(fd, REQUEST, sizeof REQUEST - 1, MSG_NOSIGNAL) > 0) {
		while (
		    length < sizeof answer - 1 &&
		    (got = read(fd, answer + length, sizeof answer - 1 - length)) > 0) {
			length += (size_t)got;
		}
	}
	answer[length] = '\0';
	long long took = now_us() - start;
	tally->resets += got < 0 || was_reset(fd);
	tally->empty += length == 0;
	tally->bad += length > 0 && strncmp(answer, "HTTP/1.", 7) != 0;
	tally->leader +=
	    strncmp(answer, "HTTP/1.", 7) == 0 && strncmp(answer + 8, " 200", 4) == 0;
	close(fd);
	return took;
}

int
main(int argc, char **argv)
{
	struct sockaddr_in to = {.sin_family = AF_INET};
	struct tally tally = {0};

	if (argc < 4 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1) {
		fprintf(stderr, "usage: ask ADDRESS PORT COUNT [PAUSE_MS]\n");
		return 64;
	}
	to.sin_port = htons((uint16_t)atoi(argv[2]));
	long count = atol(argv[3]);
	long long pause = argc > 4 ? atoll(argv[4]) * 1000 : 0, due = now_us();
	printf("{\"us\": [");
	for (long i = 0; i < count; i++) {
		long long took = ask(&to, &tally);
		if (took < 0) {
			perror("ask");
			return 1;
		}
		printf("%s%lld", i ? ", " : "", took);
		due += pause;
		if (pause) {
			sleep_until(due);
		}
	}
	printf("], \"resets\": %ld, \"empty\": %ld, \"bad\": %ld, \"leader\": %ld}\n",
	    tally.resets, tally.empty, tally.bad, tally.leader);
	return 0;
}
