/*
 * Whether the web interface of this node responds: an HTTP request to each port that
 * users are forwarded to, beside the rounds, so that no response waits for it. Owns the
 * requests and their last results; never waits, and decides nothing about the role.
 */
#ifndef CMONHA_PROBE_UI_H
#define CMONHA_PROBE_UI_H

#include <curl/curl.h>
#include <stdbool.h>

#include "base/clock.h"
#include "probe/config.h"

#define UI_FAULT_MAX 160

struct ui_port {
	CURL *easy;
	int port;
	bool plain; /* HAProxy forwards plain HTTP to it: TLS would be a fault */
	bool tls;   /* what the next request speaks: found by trying */
	bool
	    switched; /* the last request failed in a way that TLS, or none, explains */
	bool running;
	clock_ms_t started;       /* the last request; NEVER: none yet */
	size_t received;          /* bytes of its body */
	int failures;             /* requests in a row */
	char fault[UI_FAULT_MAX]; /* of the last failure, for people */
};

struct ui {
	const struct config *config;
	CURLM *multi;
	struct ui_port ports[FORWARDS_MAX]; /* as in the list of forwards */
	size_t count;
	int interval_ms, answer_ms; /* UI_INTERVAL_MS and UI_ANSWER_MS but in tests */
};

void ui_init(struct ui *ui, const struct config *config, CURLM *multi);
void ui_clear(struct ui *ui);

/* Begins the requests that are due; see timing.h. The caller runs the CURLM handle. */
void ui_query(struct ui *ui);
bool ui_is_querying(const struct ui *ui);

/* Takes the end of a request that `multi` reports. False: it is none of these. */
bool ui_finish(struct ui *ui, const CURLMsg *message);

/*
 * Why users cannot use the port of forward `i`; NULL if it responds, or if that is not
 * known yet: a web interface is not taken for hung before it had its time.
 */
const char *ui_fault(const struct ui *ui, size_t i);

#endif
