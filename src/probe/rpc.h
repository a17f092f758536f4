/*
 * One controller asked by RPC ping: a libcurl handle that is used again and again, so
 * that connections and TLS sessions are. Limits on time and size are set here.
 */
#ifndef CMONHA_PROBE_RPC_H
#define CMONHA_PROBE_RPC_H

#include <curl/curl.h>
#include <stdbool.h>

#include "base/clock.h"
#include "base/text.h"
#include "probe/rpc_reply.h"
#include "probe/config.h"

struct rpc {
	CURL *easy;
	struct curl_slist *headers;
	struct text body;
	char request[128];
	bool running;
	bool too_large;
	unsigned long count; /* of questions so far */
	clock_ms_t started;
};

void rpc_open(struct rpc *rpc);
void rpc_close(struct rpc *rpc, CURLM *multi);

/* Adds the question to `multi`; it ends there by itself in at most so long. */
void rpc_start(
    struct rpc *rpc, CURLM *multi, const struct endpoint *endpoint, int milliseconds);

/* The ask that `multi` says has ended; takes it off and tells what came of it. */
struct rpc *rpc_finish(CURLM *multi, const CURLMsg *message, struct reply *reply);

/* Gives it up; what may still come is not looked at. */
void rpc_cancel(struct rpc *rpc, CURLM *multi);

/* Whether no connection has come about yet: its first packet may be lost. */
bool rpc_is_connecting(const struct rpc *rpc);

#endif
