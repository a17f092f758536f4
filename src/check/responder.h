/*
 * What the resident check knows at the moment, and the responses made from it: the
 * latest verdict of the probe's thread, the pages, the state of this node, the
 * counters. Owns these and logs each change of role; never waits, and never touches a
 * client's socket (see server.h).
 */
#ifndef CMONHA_CHECK_RESPONDER_H
#define CMONHA_CHECK_RESPONDER_H

#include "check/connection.h"
#include "check/http_response.h"
#include "check/node_state.h"
#include "check/pages.h"
#include "check/status_json.h"
#include "probe/config.h"

struct probe_thread;

struct responder {
	const struct config *config;
	int verdict_ready; /* eventfd: responder_update_verdict() is due */
	int survey_ready;  /* eventfd: responder_update_pages() is due */
	struct probe_thread *probe_thread;
	struct verdict verdict; /* the latest */
	struct counters counters;
	clock_ms_t refused_quiet_until; /* no refused client is logged before */
	struct node_state node;
	struct pages pages;
	struct text response; /* its memory is used for all */
};

/* Ends the program if there are no more descriptors or threads. */
void responder_start(struct responder *responder, const struct config *config);
void responder_stop(struct responder *responder);

/* What the connection's request needs; nothing if the client is refused. */
enum http_need responder_need(const struct connection *connection);

/* Whether that is known and recent; if not, it is requested. */
bool responder_has(struct responder *responder, enum http_need need);

void responder_update_verdict(struct responder *responder);
void responder_update_pages(struct responder *responder);

/*
 * The response to a request, by the latest that is known; `late` is for one that cannot
 * wait any longer: its verdict is a time-out. Owned by the responder, valid until the
 * next call.
 */
const struct text *responder_respond(
    struct responder *responder, const struct connection *connection, bool late);

#endif
