/*
 * The body of /status, and the output of the command line with --json: all that is
 * known, for programs. cmonhachk(8) describes every field, and status.schema.json their
 * types. Owns the field names and nothing else.
 */
#ifndef CMONHA_CHECK_STATUS_JSON_H
#define CMONHA_CHECK_STATUS_JSON_H

#include <jansson.h>

#include "base/text.h"
#include "check/node_state.h"
#include "probe/config.h"
#include "probe/verdict.h"

/* Of the object; a change of a field's meaning, or its removal, makes it another one.
 */
#define STATUS_SCHEMA 2

#define TRANSITIONS_KEPT 8

/* A change of role or reason. */
struct transition {
	clock_ms_t at;
	int64_t second; /* the same by the wall clock, since the Epoch */
	enum role role; /* from then on */
	enum reason reason;
};

/* What the server counts; times are those of clock_now(). */
struct counters {
	clock_ms_t started;
	clock_ms_t since; /* of the current role and reason */
	unsigned long answers;
	unsigned long refused; /* of these, because the client is not allowed */
	unsigned long dropped; /* connections closed without an answer */
	unsigned long transitions;
	/* The latest: number n is at n % TRANSITIONS_KEPT. */
	struct transition last[TRANSITIONS_KEPT];
};

/* All that a response is made from; not owned. */
struct status {
	const struct config *config;
	const struct verdict *verdict;
	const struct counters *counters;
	struct node_state *node;
};

/* A new object, for json_decref(). */
json_t *status_json_make(const struct status *status);

/* Appends that object as text, with a newline at its end. */
void status_json_add(struct text *body, const struct status *status);

#endif
