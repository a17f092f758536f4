/*
 * From a request and a verdict to the bytes of the response: status line, headers and
 * body. Pure, but for what /status reports of this node; never sends anything (see
 * connection.h).
 */
#ifndef CMONHA_CHECK_HTTP_RESPONSE_H
#define CMONHA_CHECK_HTTP_RESPONSE_H

#include "base/text.h"
#include "check/http_request.h"
#include "check/status_json.h"
#include "probe/config.h"
#include "probe/verdict.h"

enum http_need {
	NEED_NOTHING, /* the response is an error: http_response_error() */
	NEED_VERDICT, /* on this node: http_response_verdict() */
	NEED_SURVEY,  /* of the cluster: http_response_page() */
};

/* `allowed`: whether the client may query the check, see access.h. */
enum http_need http_response_need(const struct http_request *request, bool allowed);

/* All of these replace the content of `response`. */
void http_response_verdict(struct text *response, const struct http_request *request,
    const struct status *status);
/* A page of pages.h: 200, or 503 for the one in place of a UI. */
void http_response_page(
    struct text *response, const struct http_request *request, const struct text *page);
/*
 * The request was not complete in time (408), the client is not allowed (403), no such
 * path (404), no such method (405), a bad request (400) or a long one (414).
 */
void http_response_error(
    struct text *response, const struct http_request *request, bool allowed);

#endif
