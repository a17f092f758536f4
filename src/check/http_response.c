#include "check/http_response.h"

#include <stdio.h>
#include <string.h>

#define PLAIN "text/plain; charset=utf-8"
#define JSON  "application/json"

/* A node's name fits a header; a host's name is whatever the kernel was told. */
static void
add_name(struct text *answer, const char *name)
{
	text_addf(answer, "X-Cmonha-Node: ");
	for (; *name; name++)
		text_add_bytes(answer, *name > ' ' && *name <= '~' ? name : "?", 1);
	text_addf(answer, "\r\n");
}

static void
begin(struct text *answer, const char *status, const char *type, size_t length)
{
	text_clear(answer);
	text_addf(answer,
	    "HTTP/1.1 %s\r\n"
	    "Content-Type: %s\r\n"
	    "Content-Length: %zu\r\n"
	    "Connection: close\r\n"
	    "Cache-Control: no-store\r\n",
	    status, type, length);
}

static void
answer_words(struct text *answer, const struct request *request, const char *status,
    const char *headers, const char *words)
{
	begin(answer, status, PLAIN, strlen(words));
	text_addf(answer, "%s\r\n%s", headers,
	    request && request->method == METHOD_HEAD ? "" : words);
}

bool
http_response_needs_verdict(const struct request *request)
{
	return request->state == REQUEST_COMPLETE && request->method != METHOD_OTHER &&
	       request->target != PATH_OTHER;
}

void
http_response_fault(struct text *answer, const struct request *request)
{
	char words[160];

	if (request->state == REQUEST_BAD) {
		snprintf(words, sizeof(words), "Bad request. %s\n", request->fault);
		answer_words(answer, NULL, "400 Bad Request", "", words);
	} else if (request->method == METHOD_OTHER) {
		answer_words(answer, request, "405 Method Not Allowed",
		    "Allow: GET, HEAD, OPTIONS\r\n",
		    "Only GET, HEAD and OPTIONS are understood here.\n");
	} else {
		answer_words(answer, request, "404 Not Found", "",
		    "There is nothing here but /, /leader, /follower, /health "
		    "and /status.\n");
	}
}

void
http_response_timeout(struct text *answer)
{
	answer_words(answer, NULL, "408 Request Timeout", "",
	    "The request did not come in full in time.\n");
}

void
http_response_forbidden(struct text *answer)
{
	answer_words(answer, NULL, "403 Forbidden", "",
	    "Your address may not ask here. To let it, add it to \"allow\" in "
	    "section [check] of the cluster file.\n");
}

static bool
is_good(enum http_path target, const struct verdict *verdict)
{
	switch (target) {
	case PATH_LEADER:
		return verdict->role == ROLE_LEADER;
	case PATH_FOLLOWER:
		return verdict->role == ROLE_FOLLOWER;
	case PATH_HEALTH:
		return verdict->claim != ROLE_UNKNOWN;
	case PATH_STATUS:
		return true;
	case PATH_OTHER:
		break;
	}
	return false;
}

/* The first sentence is the recipe's, for whoever looks for it. */
static void
add_body(struct text *body, const struct verdict *verdict)
{
	switch (verdict->role) {
	case ROLE_LEADER:
		text_addf(body, "This node is a leader. ");
		break;
	case ROLE_FOLLOWER:
		text_addf(body, "This node is a follower. ");
		break;
	case ROLE_UNKNOWN:
		text_addf(body, "This node is in an unknown state. ");
		break;
	}
	verdict_explain(body, verdict);
	text_addf(body, "\n");
}

void
http_response_verdict(struct text *answer, const struct config *config,
    const struct request *request, const struct verdict *verdict,
    const struct counters *service)
{
	bool status = request->target == PATH_STATUS;
	struct text body = {0};

	if (status)
		status_json_add(&body, config, verdict, service);
	else
		add_body(&body, verdict);
	begin(answer,
	    is_good(request->target, verdict) ? "200 OK" : "503 Service Unavailable",
	    status ? JSON : PLAIN, body.length);
	text_addf(answer, "X-Cmonha-Role: %s\r\nX-Cmonha-Reason: %s\r\n",
	    role_name(verdict->role), reason_name(verdict->reason));
	add_name(answer, config->name);
	if (request->method == METHOD_OPTIONS)
		text_addf(answer, "Allow: GET, HEAD, OPTIONS\r\n");
	text_addf(answer, "\r\n");
	if (request->method != METHOD_HEAD)
		text_add_bytes(answer, body.data, body.length);
	text_free(&body);
}
