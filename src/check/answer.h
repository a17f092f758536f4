/*
 * From a request and a verdict to the bytes of the answer. Pure.
 */
#ifndef CMONHA_CHECK_ANSWER_H
#define CMONHA_CHECK_ANSWER_H

#include "base/text.h"
#include "check/request.h"
#include "check/setup.h"
#include "check/status.h"
#include "check/verdict.h"

/* Whether the answer depends on what this node is. */
bool answer_needs_verdict(const struct request *request);

/* All of these replace the content of `answer`. */
void answer_verdict(struct text *answer, const struct check_setup *setup,
    const struct request *request, const struct verdict *verdict,
    const struct service *service);
/* No such path (404), no such method (405) or a bad request (400). */
void answer_fault(struct text *answer, const struct request *request);
void answer_too_slow(struct text *answer);  /* 408: the request never came in full */
void answer_forbidden(struct text *answer); /* 403: `allow` does not name the asker */

#endif
