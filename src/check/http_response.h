/*
 * From a request and a verdict to the bytes of the answer. Pure.
 */
#ifndef CMONHA_CHECK_HTTP_RESPONSE_H
#define CMONHA_CHECK_HTTP_RESPONSE_H

#include "base/text.h"
#include "check/http_request.h"
#include "probe/config.h"
#include "check/status_json.h"
#include "probe/verdict.h"

/* Whether the answer depends on what this node is. */
bool http_response_needs_verdict(const struct request *request);

/* All of these replace the content of `answer`. */
void http_response_verdict(struct text *answer, const struct config *config,
    const struct request *request, const struct verdict *verdict,
    const struct counters *service);
/* No such path (404), no such method (405) or a bad request (400). */
void http_response_fault(struct text *answer, const struct request *request);
void
http_response_timeout(struct text *answer); /* 408: the request never came in full */
void
http_response_forbidden(struct text *answer); /* 403: `allow` does not name the asker */

#endif
