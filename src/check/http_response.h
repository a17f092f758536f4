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
	NEED_NOTHING, /* the request is answered with an error */
	NEED_VERDICT, /* on this node: http_response_verdict() */
	NEED_SURVEY,  /* of the cluster: http_response_page() */
};

/* Of a request that is complete, or in error. */
enum http_need http_response_need(const struct http_request *request);

/* All of these replace the content of `response`. */
void http_response_verdict(struct text *response, const struct http_request *request,
    const struct status *status);
/* A page of pages.h: 200, or 503 for the one in place of a UI. */
void http_response_page(
    struct text *response, const struct http_request *request, const struct text *page);
/* No such path (404), no such method (405), a bad request (400) or a long one (414). */
void http_response_error(struct text *response, const struct http_request *request);
/* 408: the request was not complete in time. */
void http_response_timeout(struct text *response);
/* 403: the client is not allowed; see access.h. */
void http_response_forbidden(struct text *response);

#endif
