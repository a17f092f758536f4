#include "check/responder.h"

#include <errno.h>
#include <malloc.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "probe/probe_thread.h"

#define REFUSED_QUIET_MS 60000

void
responder_start(struct responder *responder, const struct config *config)
{
	responder->config = config;
	responder->verdict_ready = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	responder->survey_ready = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (responder->verdict_ready < 0 || responder->survey_ready < 0)
		log_fatal(EX_OSERR, "cannot start the server: %s", strerror(errno));
	node_state_init(&responder->node, "");
	pages_init(&responder->pages, config, responder->survey_ready);
	responder->counters = (struct counters){.started = clock_now()};
	responder->counters.since = responder->counters.started;
	responder->refused_quiet_until = 0;
	verdict_init(&responder->verdict, REASON_TIME_OUT, responder->counters.started);
	responder->response = (struct text){0};
	responder->probe_thread = probe_thread_start(config, responder->verdict_ready);
}

void
responder_stop(struct responder *responder)
{
	pages_clear(&responder->pages);
	probe_thread_stop(responder->probe_thread);
	node_state_clear(&responder->node);
	text_free(&responder->response);
	close(responder->verdict_ready);
	close(responder->survey_ready);
}

enum http_need
responder_need(const struct connection *connection)
{
	return http_response_need(&connection->request, connection->allowed);
}

bool
responder_has(struct responder *responder, enum http_need need)
{
	switch (need) {
	case NEED_VERDICT:
		if (clock_now() < responder->verdict.expires)
			return true;
		probe_thread_request(responder->probe_thread);
		return false;
	case NEED_SURVEY:
		if (pages_are_fresh(&responder->pages))
			return true;
		pages_request(&responder->pages);
		return false;
	case NEED_NOTHING:
		break;
	}
	return true;
}

/* Counts, and logs one line for, each change of role or reason. */
static void
note_change(struct responder *responder, const struct verdict *verdict)
{
	struct counters *counters = &responder->counters;
	const struct verdict *before = &responder->verdict;
	bool is_first = before->rounds == 0;
	clock_ms_t now = clock_now(), lasted = now - counters->since;
	struct text explanation = {0};

	if (!is_first && before->role == verdict->role &&
	    before->reason == verdict->reason)
		return;
	verdict_explain(&explanation, verdict);
	if (is_first)
		log_info("role: %s (%s). %s", role_name(verdict->role),
		    reason_name(verdict->reason), text_string(&explanation));
	else
		log_info("role changed from %s (%s) to %s (%s) after %lld.%03d s. %s",
		    role_name(before->role), reason_name(before->reason),
		    role_name(verdict->role), reason_name(verdict->reason),
		    (long long)(lasted / 1000), (int)(lasted % 1000),
		    text_string(&explanation));
	text_free(&explanation);
	counters->since = now;
	if (!is_first)
		counters->last[counters->transitions++ % TRANSITIONS_KEPT] =
		    (struct transition){
			now, time(NULL), verdict->role, verdict->reason};
	/* The first round used more memory than any later one will. */
	if (is_first)
		malloc_trim(0);
}

void
responder_update_verdict(struct responder *responder)
{
	struct verdict verdict;
	eventfd_t ignored;

	if (eventfd_read(responder->verdict_ready, &ignored) < 0)
		return;
	probe_thread_get(responder->probe_thread, &verdict);
	note_change(responder, &verdict);
	responder->verdict = verdict;
}

void
responder_update_pages(struct responder *responder)
{
	pages_update(&responder->pages);
}

/* Counts, and logs one client a minute at most: strangers must not fill the journal. */
static void
note_refused(struct responder *responder, int fd)
{
	struct sockaddr_storage peer;
	socklen_t length = sizeof(peer);
	struct address client;
	char text[ADDRESS_TEXT_MAX];
	clock_ms_t now = clock_now();

	responder->counters.refused++;
	if (now < responder->refused_quiet_until ||
	    getpeername(fd, (struct sockaddr *)&peer, &length) < 0 ||
	    !address_from_socket((struct sockaddr *)&peer, &client))
		return;
	responder->refused_quiet_until = now + REFUSED_QUIET_MS;
	log_info(
	    "refused the query of %s, which is not in \"allow\" of the cluster file",
	    address_format(&client, text));
}

static void
respond_with_page(struct responder *responder, const struct http_request *request)
{
	struct text page = {0};

	pages_add(&responder->pages, request->path, &page);
	http_response_page(&responder->response, request, &page);
	text_free(&page);
}

static void
respond_with_verdict(
    struct responder *responder, const struct http_request *request, bool late)
{
	struct verdict verdict = responder->verdict;
	struct status status = {
	    responder->config, &verdict, &responder->counters, &responder->node};

	/* A slow request has less time left than the round takes. */
	if (late) {
		verdict.role = verdict.claim = ROLE_UNKNOWN;
		verdict.reason = REASON_TIME_OUT;
		verdict.detail[0] = '\0';
	}
	http_response_verdict(&responder->response, request, &status);
}

const struct text *
responder_respond(
    struct responder *responder, const struct connection *connection, bool late)
{
	const struct http_request *request = &connection->request;
	struct text *response = &responder->response;

	responder->counters.answers++;
	if (!connection->allowed && request->state >= REQUEST_COMPLETE)
		note_refused(responder, connection->fd);
	switch (responder_need(connection)) {
	case NEED_VERDICT:
		respond_with_verdict(responder, request, late);
		break;
	case NEED_SURVEY:
		respond_with_page(responder, request);
		break;
	case NEED_NOTHING:
		http_response_error(response, request, connection->allowed);
	}
	return response;
}
