#include "check/once.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "check/answer.h"
#include "check/connection.h"
#include "check/probe.h"
#include "check/prober.h"

/* Whether the socket is ready before the time is up. */
static bool
wait_for(const struct connection *connection, clock_ms_t deadline)
{
	struct pollfd wait = {
	    .fd = connection->fd,
	    .events = connection->phase == PHASE_WRITING ? POLLOUT : POLLIN,
	};
	int ready;

	do
		ready = poll(&wait, 1, clock_left(deadline));
	while (ready < 0 && errno == EINTR);
	return ready > 0;
}

static void
ask(const struct check_setup *setup, clock_ms_t deadline, struct verdict *verdict,
    struct service *service)
{
	struct probe *probe;

	service->started = service->since = clock_now();
	probe = probe_create(setup);
	probe_round(probe, deadline, verdict);
	probe_free(probe);
}

static void
compose(const struct check_setup *setup, const struct connection *connection,
    bool whole, struct text *answer)
{
	struct service service = {.answers = 1};
	struct verdict verdict;

	if (!whole) {
		answer_too_slow(answer);
	} else if (!connection->allowed) {
		answer_forbidden(answer);
	} else if (answer_needs_verdict(&connection->request)) {
		ask(setup,
		    connection->deadline - setup->deadline + prober_round_ms(setup),
		    &verdict, &service);
		answer_verdict(answer, setup, &connection->request, &verdict, &service);
	} else {
		answer_fault(answer, &connection->request);
	}
}

static void
send_and_drain(struct connection *connection, const struct text *answer)
{
	enum progress progress = connection_answer(connection, answer);
	clock_ms_t deadline = clock_now() + LINGER_MS;

	while (progress != PROGRESS_CLOSED && wait_for(connection, deadline))
		progress = connection->phase == PHASE_WRITING
			       ? connection_write(connection)
			       : connection_read(connection);
}

int
once_serve(const struct check_setup *setup, int fd)
{
	struct address from = {.family = AF_UNSPEC};
	struct sockaddr_storage peer;
	socklen_t length = sizeof(peer);
	struct connection connection;
	enum progress progress = PROGRESS_MORE;
	struct text answer = {0};

	signal(SIGPIPE, SIG_IGN);
	if (getpeername(fd, (struct sockaddr *)&peer, &length) == 0)
		address_from_socket((struct sockaddr *)&peer, &from);
	connection_begin(&connection, fd, &from, clock_now() + setup->deadline);
	connection.allowed = setup_allows(setup, &from);
	while (progress == PROGRESS_MORE && wait_for(&connection, connection.deadline))
		progress = connection_read(&connection);
	if (progress == PROGRESS_REQUEST ||
	    (progress == PROGRESS_MORE && connection.request.head_bytes > 0)) {
		compose(setup, &connection, progress == PROGRESS_REQUEST, &answer);
		send_and_drain(&connection, &answer);
	}
	text_free(&answer);
	connection_close(&connection);
	return 0;
}

static int
exit_status(enum check_role role)
{
	switch (role) {
	case CHECK_LEADER:
		return 0;
	case CHECK_FOLLOWER:
		return 1;
	case CHECK_UNKNOWN:
		break;
	}
	return 2;
}

int
once_print(const struct check_setup *setup, bool json)
{
	struct service service = {.answers = 0};
	struct text words = {0};
	struct verdict verdict;
	clock_ms_t begin = clock_now();

	ask(setup, begin + prober_round_ms(setup), &verdict, &service);
	if (json) {
		status_write(&words, setup, &verdict, &service);
	} else {
		text_add(&words, "%s: %s (%s) by %s in %lld ms\n", setup->name,
		    check_role_word(verdict.role), reason_word(verdict.reason),
		    verdict.source == SOURCE_S9S ? "s9s" : "rpc",
		    (long long)(clock_now() - begin));
		verdict_explain(&words, &verdict);
		text_add(&words, "\n");
	}
	fputs(text_string(&words), stdout);
	text_free(&words);
	return exit_status(verdict.role);
}
