#include "check/http_response.h"

#include <stdio.h>
#include <string.h>

#include "check/metrics.h"
#include "overview/html.h"

#define PLAIN "text/plain; charset=utf-8"
#define JSON  "application/json"
#define HTML  "text/html; charset=utf-8"

static void
begin_response(
    struct text *response, const char *status_line, const char *type, size_t length)
{
	text_clear(response);
	text_addf(response,
	    "HTTP/1.1 %s\r\n"
	    "Content-Type: %s\r\n"
	    "Content-Length: %zu\r\n"
	    "Connection: close\r\n"
	    "Cache-Control: no-store\r\n",
	    status_line, type, length);
}

static void
set_response(struct text *response, bool with_body, const char *status_line,
    const char *headers, const char *body)
{
	begin_response(response, status_line, PLAIN, strlen(body));
	text_addf(response, "%s\r\n%s", headers, with_body ? body : "");
}

enum http_need
http_response_need(const struct http_request *request, bool allowed)
{
	if (!allowed || request->state != REQUEST_COMPLETE ||
	    request->method == METHOD_OTHER || request->path == PATH_OTHER)
		return NEED_NOTHING;
	switch (request->path) {
	case PATH_OVERVIEW:
	case PATH_OVERVIEW_STILL:
	case PATH_NO_LEADER:
		return NEED_SURVEY;
	default:
		return NEED_VERDICT;
	}
}

void
http_response_error(
    struct text *response, const struct http_request *request, bool allowed)
{
	bool with_body = request->method != METHOD_HEAD;
	char body[160];

	if (request->state < REQUEST_COMPLETE) {
		set_response(response, true, "408 Request Timeout", "",
		    "The request was not complete in time.\n");
	} else if (!allowed) {
		set_response(response, true, "403 Forbidden", "",
		    "Your address is not allowed to query this check. To allow it, "
		    "add it to \"allow\" in section [check] of the cluster file.\n");
	} else if (request->state == REQUEST_TOO_LONG) {
		set_response(response, true, "414 URI Too Long", "",
		    "The request line is longer than 512 bytes.\n");
	} else if (request->state == REQUEST_BAD) {
		snprintf(body, sizeof(body), "Bad request. %s\n", request->fault);
		set_response(response, true, "400 Bad Request", "", body);
	} else if (request->method == METHOD_OTHER) {
		set_response(response, with_body, "405 Method Not Allowed",
		    "Allow: GET, HEAD, OPTIONS\r\n",
		    "Only GET, HEAD and OPTIONS are supported.\n");
	} else {
		set_response(response, with_body, "404 Not Found", "",
		    "Not found. The paths are /, /leader, /follower, /health, /ui, "
		    "/status, /metrics, /overview, /overview/still and "
		    "/no-leader.\n");
	}
}

void
http_response_page(
    struct text *response, const struct http_request *request, const struct text *page)
{
	bool replaces_ui = request->path == PATH_NO_LEADER;

	begin_response(response, replaces_ui ? "503 Service Unavailable" : "200 OK",
	    HTML, page->length);
	/* RFC 9110, 10.2.3: when a program should try again, in seconds. */
	text_addf(response,
	    "%s"
	    "Content-Security-Policy: " HTML_POLICY "\r\n"
	    "X-Content-Type-Options: nosniff\r\n"
	    "Referrer-Policy: no-referrer\r\n"
	    "%s\r\n",
	    replaces_ui ? "Retry-After: 2\r\n" : "",
	    request->method == METHOD_OPTIONS ? "Allow: GET, HEAD, OPTIONS\r\n" : "");
	if (request->method != METHOD_HEAD)
		text_add_bytes(response, page->data, page->length);
}

static bool
is_good(enum http_path path, const struct verdict *verdict)
{
	switch (path) {
	case PATH_LEADER:
		return verdict->role == ROLE_LEADER;
	case PATH_FOLLOWER:
		return verdict->role == ROLE_FOLLOWER;
	case PATH_HEALTH:
		return verdict->claim != ROLE_UNKNOWN ||
		       verdict->reason == REASON_SERVING;
	case PATH_UI:
		return verdict->shown;
	case PATH_STATUS:
	case PATH_METRICS:
		return true;
	case PATH_OVERVIEW:
	case PATH_OVERVIEW_STILL:
	case PATH_NO_LEADER:
	case PATH_OTHER:
		break;
	}
	return false;
}

/* Appends the body; returns its type. */
static const char *
add_body(struct text *body, enum http_path path, const struct status *status)
{
	/* The first sentence is the recipe's, for scripts that search for it. */
	static const char *const sentences[] = {
	    [ROLE_LEADER] = "This node is a leader. ",
	    [ROLE_FOLLOWER] = "This node is a follower. ",
	    [ROLE_UNKNOWN] = "This node is in an unknown state. ",
	};
	json_t *object;

	if (path == PATH_STATUS) {
		status_json_add(body, status);
		return JSON;
	}
	if (path == PATH_METRICS) {
		object = status_json_make(status);
		metrics_add(body, object);
		json_decref(object);
		return METRICS_TYPE;
	}
	text_addf(body, "%s", sentences[status->verdict->role]);
	verdict_explain(body, status->verdict);
	text_addf(body, "\n");
	return PLAIN;
}

void
http_response_verdict(struct text *response, const struct http_request *request,
    const struct status *status)
{
	const struct verdict *verdict = status->verdict;
	struct text body = {0};
	const char *type = add_body(&body, request->path, status);

	begin_response(response,
	    is_good(request->path, verdict) ? "200 OK" : "503 Service Unavailable",
	    type, body.length);
	text_addf(response,
	    "X-Cmonha-Role: %s\r\n"
	    "X-Cmonha-Reason: %s\r\n"
	    "X-Cmonha-Node: ",
	    role_name(verdict->role), reason_name(verdict->reason));
	/* A node's name fits a header; a host name may contain any byte. */
	for (const char *at = status->config->name; *at; at++)
		text_add_bytes(response, *at > ' ' && *at <= '~' ? at : "?", 1);
	text_addf(response, "\r\n%s\r\n",
	    request->method == METHOD_OPTIONS ? "Allow: GET, HEAD, OPTIONS\r\n" : "");
	if (request->method != METHOD_HEAD)
		text_add_bytes(response, body.data, body.length);
	text_free(&body);
}
