#include "base/stream.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

int
stream_wait(int fd, short events, clock_ms_t deadline)
{
	struct pollfd wait = {.fd = fd, .events = events};

	for (;;) {
		int ready = poll(&wait, 1, clock_left(deadline));

		if (ready > 0)
			return 0;
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready == 0)
			errno = ETIMEDOUT;
		return -1;
	}
}

int
stream_write(int fd, const struct text *message, clock_ms_t deadline)
{
	size_t done = 0;

	while (done < message->length) {
		ssize_t sent = send(fd, message->data + done, message->length - done,
		    MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent >= 0) {
			done += (size_t)sent;
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN || stream_wait(fd, POLLOUT, deadline) < 0)
			return -1;
	}
	return 0;
}

int
stream_read(int fd, size_t limit, clock_ms_t deadline, struct text *message)
{
	size_t start = message->length;

	for (;;) {
		ssize_t got = recv(fd, text_reserve(message, 4096), 4096, MSG_DONTWAIT);

		if (got == 0)
			return 0;
		if (got < 0) {
			if (errno == EINTR)
				continue;
			if (errno != EAGAIN || stream_wait(fd, POLLIN, deadline) < 0)
				return -1;
			continue;
		}
		message->length += (size_t)got;
		message->data[message->length] = '\0';
		if (message->length - start > limit) {
			errno = EMSGSIZE;
			return -1;
		}
	}
}
