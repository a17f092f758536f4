/*
 * One controller asked by RPC ping: a libcurl handle that is used again and again, so
 * that connections and TLS sessions are. Limits on time and size are set here.
 */
#ifndef CMONHA_CHECK_ASK_H
#define CMONHA_CHECK_ASK_H

#include <curl/curl.h>
#include <stdbool.h>

#include "base/clock.h"
#include "base/text.h"
#include "check/reply.h"
#include "check/setup.h"

struct ask {
	CURL *easy;
	struct curl_slist *headers;
	struct text body;
	char request[128];
	bool running;
	bool too_large;
	unsigned long count; /* of questions so far */
	clock_ms_t started;
};

void ask_open(struct ask *ask);
void ask_close(struct ask *ask, CURLM *multi);

/* Adds the question to `multi`; it ends there by itself in at most so long. */
void ask_start(
    struct ask *ask, CURLM *multi, const struct endpoint *endpoint, int milliseconds);

/* The ask that `multi` says has ended; takes it off and tells what came of it. */
struct ask *ask_ended(CURLM *multi, const CURLMsg *message, struct reply *reply);

/* Gives it up; what may still come is not looked at. */
void ask_cancel(struct ask *ask, CURLM *multi);

/* Whether no connection has come about yet: its first packet may be lost. */
bool ask_is_unconnected(const struct ask *ask);

#endif
