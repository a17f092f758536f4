/*
 * The body of /status, and the output of the command line with --json: all that is
 * known, for programs. cmonhachk(8) describes every field. Owns the field names and
 * nothing else; never queries anything.
 */
#ifndef CMONHA_CHECK_STATUS_JSON_H
#define CMONHA_CHECK_STATUS_JSON_H

#include "base/text.h"
#include "probe/config.h"
#include "probe/verdict.h"

/* What the server counts; times are those of clock_now(). */
struct counters {
	clock_ms_t started;
	clock_ms_t since; /* of the current role and reason */
	unsigned long answers;
	unsigned long refused; /* of these, because the client is not allowed */
	unsigned long dropped; /* connections closed without an answer */
};

void status_json_add(struct text *body, const struct config *config,
    const struct verdict *verdict, const struct counters *counters);

#endif
