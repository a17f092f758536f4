#include "check/once.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "check/access.h"
#include "check/connection.h"
#include "check/http_response.h"
#include "check/pages.h"
#include "probe/probe.h"

/* Whether the socket is ready before the deadline. */
static bool
wait_until_ready(const struct connection *connection, clock_ms_t deadline)
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
make_verdict(const struct config *config, clock_ms_t deadline, struct verdict *verdict,
    struct counters *counters)
{
	struct probe *probe;

	counters->started = counters->since = clock_now();
	probe = probe_create(config);
	probe_round(probe, deadline, verdict);
	probe_free(probe);
}

/* There is one client, so nodes that are slow do not keep others waiting. */
static void
respond_with_page(const struct config *config, const struct connection *connection,
    struct text *response)
{
	const struct http_request *request = &connection->request;
	struct text page = {0};
	struct pages pages;

	pages_init(&pages, config, -1);
	pages_survey(&pages, clock_left(connection->deadline) + SURVEY_EXTRA_MS);
	pages_add(&pages, request->path, &page);
	http_response_page(response, request, &page);
	pages_clear(&pages);
	text_free(&page);
}

static void
respond_with_verdict(const struct config *config, const struct connection *connection,
    struct text *response)
{
	struct counters counters = {.answers = 1};
	struct node_state node;
	struct verdict verdict;
	struct status status = {config, &verdict, &counters, &node};

	make_verdict(config,
	    connection->deadline - config->cluster.deadline + probe_round_ms(config),
	    &verdict, &counters);
	node_state_init(&node, "");
	http_response_verdict(response, &connection->request, &status);
	node_state_clear(&node);
}

static void
respond(const struct config *config, const struct connection *connection,
    struct text *response)
{
	const struct http_request *request = &connection->request;

	switch (http_response_need(request, connection->allowed)) {
	case NEED_VERDICT:
		respond_with_verdict(config, connection, response);
		break;
	case NEED_SURVEY:
		respond_with_page(config, connection, response);
		break;
	case NEED_NOTHING:
		http_response_error(response, request, connection->allowed);
	}
}

int
once_serve(const struct config *config, int fd)
{
	struct connection connection;
	struct address client = {.family = AF_UNSPEC};
	struct sockaddr_storage peer;
	socklen_t length = sizeof(peer);
	enum progress progress = PROGRESS_WAIT;
	struct text response = {0};

	signal(SIGPIPE, SIG_IGN);
	if (getpeername(fd, (struct sockaddr *)&peer, &length) == 0)
		address_from_socket((struct sockaddr *)&peer, &client);
	connection_init(&connection, fd, access_allows(config, &client),
	    clock_now() + config->cluster.deadline);
	while (progress == PROGRESS_WAIT &&
	       wait_until_ready(&connection, connection.deadline))
		progress = connection_read(&connection);
	/* A connection without a byte, as of a port scan, is closed without an answer.
	 */
	if (progress != PROGRESS_CLOSED && connection.request.head_bytes > 0) {
		clock_ms_t linger_end;

		respond(config, &connection, &response);
		progress = connection_respond(&connection, &response);
		linger_end = clock_now() + LINGER_MS;
		while (progress != PROGRESS_CLOSED &&
		       wait_until_ready(&connection, linger_end))
			progress = connection.phase == PHASE_WRITING
				       ? connection_write(&connection)
				       : connection_read(&connection);
	}
	text_free(&response);
	connection_close(&connection);
	return 0;
}

int
once_print(const struct config *config, bool json)
{
	struct counters counters = {.answers = 0};
	struct text output = {0};
	struct node_state node;
	struct verdict verdict;
	struct status status = {config, &verdict, &counters, &node};
	clock_ms_t begin = clock_now();

	make_verdict(config, begin + probe_round_ms(config), &verdict, &counters);
	if (json) {
		node_state_init(&node, "");
		status_json_add(&output, &status);
		node_state_clear(&node);
	} else {
		text_addf(&output, "%s: %s (%s) by %s in %lld ms\n", config->name,
		    role_name(verdict.role), reason_name(verdict.reason),
		    verdict.source == SOURCE_S9S ? "s9s" : "rpc",
		    (long long)(clock_now() - begin));
		verdict_explain(&output, &verdict);
		text_addf(&output, "\n");
	}
	fputs(text_string(&output), stdout);
	text_free(&output);
	switch (verdict.role) {
	case ROLE_LEADER:
		return 0;
	case ROLE_FOLLOWER:
		return 1;
	case ROLE_UNKNOWN:
		break;
	}
	return 2;
}
