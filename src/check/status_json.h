/*
 * The body of /status, and of the command line with --json: all that is known, for
 * programs and for people with jq. cmonhachk(8) describes it field by field.
 */
#ifndef CMONHA_CHECK_STATUS_JSON_H
#define CMONHA_CHECK_STATUS_JSON_H

#include "base/text.h"
#include "probe/config.h"
#include "probe/verdict.h"

/* What is known beside the verdict. */
struct counters {
	clock_ms_t started;
	clock_ms_t since; /* of the current role and reason */
	unsigned long answers;
	unsigned long refused; /* of these, because the asker is not allowed */
	unsigned long dropped; /* connections closed without an answer */
};

void status_json_add(struct text *body, const struct config *config,
    const struct verdict *verdict, const struct counters *service);

#endif
