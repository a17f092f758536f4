/*
 * One controller queried by RPC ping. Owns a libcurl handle, which is reused so that
 * connections and TLS sessions are, and the limits on time and size of a query. Never
 * interprets a reply (see rpc_reply.h), and never waits.
 */
#ifndef CMONHA_PROBE_RPC_H
#define CMONHA_PROBE_RPC_H

#include <curl/curl.h>
#include <stdbool.h>

#include "base/clock.h"
#include "base/text.h"
#include "probe/rpc_reply.h"
#include "probe/config.h"

enum rpc_query {
	RPC_PING, /* at /v2/controller/: the role of the controller */
	RPC_INFO, /* at /v2/info: whether it is in a pool, see rpc_reply_pool_size() */
};

struct rpc {
	CURL *easy;
	struct curl_slist *headers;
	struct text body;
	char request[128];
	enum rpc_query query;
	bool running;
	bool too_large;
	unsigned long count; /* of queries so far */
	clock_ms_t started;
};

void rpc_init(struct rpc *rpc);
void rpc_clear(struct rpc *rpc, CURLM *multi);

/* Adds the query to `multi`, where it ends by itself after so long at most. */
void rpc_start(struct rpc *rpc, CURLM *multi, const struct endpoint *endpoint,
    enum rpc_query query, int milliseconds);

/*
 * The query whose end `multi` reports: removed from there, its result in `reply`. That
 * of RPC_INFO has REASON_POOL, or REASON_NO_STATUS if the controller is in no pool.
 */
struct rpc *rpc_finish(CURLM *multi, const CURLMsg *message, struct reply *reply);

/* Aborts the query, if it is running. */
void rpc_cancel(struct rpc *rpc, CURLM *multi);

/* Whether there is no connection yet: its first packet may be lost. */
bool rpc_is_connecting(const struct rpc *rpc);

#endif
