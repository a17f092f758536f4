#include "check/once.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "check/http_response.h"
#include "check/connection.h"
#include "probe/probe.h"
#include "probe/probe_thread.h"

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
ask(const struct config *config, clock_ms_t deadline, struct verdict *verdict,
    struct counters *service)
{
	struct probe *probe;

	service->started = service->since = clock_now();
	probe = probe_create(config);
	probe_round(probe, deadline, verdict);
	probe_free(probe);
}

static void
compose(const struct config *config, const struct connection *connection, bool whole,
    struct text *answer)
{
	struct counters service = {.answers = 1};
	struct verdict verdict;

	if (!whole) {
		http_response_timeout(answer);
	} else if (!connection->allowed) {
		http_response_forbidden(answer);
	} else if (http_response_needs_verdict(&connection->request)) {
		ask(config,
		    connection->deadline - config->deadline +
			probe_thread_round_ms(config),
		    &verdict, &service);
		http_response_verdict(
		    answer, config, &connection->request, &verdict, &service);
	} else {
		http_response_fault(answer, &connection->request);
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
once_serve(const struct config *config, int fd)
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
	connection_begin(&connection, fd, &from, clock_now() + config->deadline);
	connection.allowed = config_allows(config, &from);
	while (progress == PROGRESS_MORE && wait_for(&connection, connection.deadline))
		progress = connection_read(&connection);
	if (progress == PROGRESS_REQUEST ||
	    (progress == PROGRESS_MORE && connection.request.head_bytes > 0)) {
		compose(config, &connection, progress == PROGRESS_REQUEST, &answer);
		send_and_drain(&connection, &answer);
	}
	text_free(&answer);
	connection_close(&connection);
	return 0;
}

static int
exit_status(enum role role)
{
	switch (role) {
	case ROLE_LEADER:
		return 0;
	case ROLE_FOLLOWER:
		return 1;
	case ROLE_UNKNOWN:
		break;
	}
	return 2;
}

int
once_print(const struct config *config, bool json)
{
	struct counters service = {.answers = 0};
	struct text words = {0};
	struct verdict verdict;
	clock_ms_t begin = clock_now();

	ask(config, begin + probe_thread_round_ms(config), &verdict, &service);
	if (json) {
		status_json_add(&words, config, &verdict, &service);
	} else {
		text_addf(&words, "%s: %s (%s) by %s in %lld ms\n", config->name,
		    role_name(verdict.role), reason_name(verdict.reason),
		    verdict.source == SOURCE_S9S ? "s9s" : "rpc",
		    (long long)(clock_now() - begin));
		verdict_explain(&words, &verdict);
		text_addf(&words, "\n");
	}
	fputs(text_string(&words), stdout);
	text_free(&words);
	return exit_status(verdict.role);
}
