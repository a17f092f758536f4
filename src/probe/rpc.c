#include "probe/rpc.h"

#include <errno.h>
#include <stdio.h>
#include <sysexits.h>

#include "probe/http_options.h"

#define REPLY_BUFFER 4096L /* of libcurl, per query */

static size_t
receive_body(char *bytes, size_t size, size_t count, void *context)
{
	struct rpc *rpc = context;
	size_t length = size * count;

	if (rpc->body.length + length > REPLY_LIMIT) {
		rpc->too_large = true;
		return 0;
	}
	text_add_bytes(&rpc->body, bytes, length);
	return length;
}

/*
 * All options, for each query again: libcurl repeats a query that met a connection from
 * before the controller's restart, but counts these repetitions over the handle's whole
 * life and fails at the sixth. curl_easy_reset() clears the count, and keeps
 * connections and TLS sessions.
 *
 * The certificate is not verified: CMON makes a self-signed one, which cannot be. No CA
 * bundle is loaded for it. Whoever wants to be sure of a peer gives the pin of its key,
 * CURLOPT_PINNEDPUBLICKEY(3), which libcurl compares without verification as well.
 */
static void
set_options(struct rpc *rpc)
{
	CURL *easy = rpc->easy;

	http_options_set(easy);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, rpc->headers);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, REPLY_BUFFER);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, rpc);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, rpc);
}

void
rpc_init(struct rpc *rpc)
{
	struct curl_slist *headers;

	*rpc = (struct rpc){.easy = curl_easy_init()};
	headers = curl_slist_append(NULL, "Content-Type: application/json");
	if (headers)
		rpc->headers = curl_slist_append(headers, "Expect:");
	if (!rpc->easy || !rpc->headers)
		log_fatal(EX_OSERR, "out of memory");
}

void
rpc_clear(struct rpc *rpc, CURLM *multi)
{
	rpc_cancel(rpc, multi);
	curl_easy_cleanup(rpc->easy);
	curl_slist_free_all(rpc->headers);
	text_free(&rpc->body);
}

void
rpc_start(struct rpc *rpc, CURLM *multi, const struct endpoint *endpoint,
    enum rpc_query query, int milliseconds)
{
	static const char *const paths[] = {
	    [RPC_PING] = "controller/", [RPC_INFO] = "info"};
	char address[ADDRESS_TEXT_MAX], url[ADDRESS_TEXT_MAX + 64];
	char source[ADDRESS_TEXT_MAX + 8];
	char stamp[CLOCK_STAMP_MAX];

	snprintf(url, sizeof(url), "%s://%s:%d/v2/%s", endpoint->tls ? "https" : "http",
	    address_format_url(&endpoint->address, address), endpoint->port,
	    paths[query]);
	snprintf(rpc->request, sizeof(rpc->request),
	    "{\"operation\":\"ping\",\"request_created\":\"%s\","
	    "\"request_id\":%lu}",
	    clock_stamp(stamp), ++rpc->count);
	text_clear(&rpc->body);
	rpc->too_large = false;
	rpc->query = query;
	set_options(rpc);
	curl_easy_setopt(rpc->easy, CURLOPT_URL, url);
	if (endpoint->source.family != AF_UNSPEC) {
		/* "host!": libcurl must not look for an interface of that name. */
		snprintf(source, sizeof(source), "host!%s",
		    address_format(&endpoint->source, address));
		curl_easy_setopt(rpc->easy, CURLOPT_INTERFACE, source);
	}
	if (endpoint->pins && *endpoint->pins &&
	    curl_easy_setopt(rpc->easy, CURLOPT_PINNEDPUBLICKEY, endpoint->pins) !=
		CURLE_OK)
		log_fatal(EX_SOFTWARE, "libcurl cannot compare keys of certificates");
	curl_easy_setopt(rpc->easy, CURLOPT_POSTFIELDS, rpc->request);
	/* 0 would mean no limit. */
	curl_easy_setopt(
	    rpc->easy, CURLOPT_TIMEOUT_MS, milliseconds > 0 ? (long)milliseconds : 1L);
	if (curl_multi_add_handle(multi, rpc->easy) != CURLM_OK)
		log_fatal(EX_SOFTWARE, "libcurl refuses the query to %s", url);
	rpc->running = true;
	rpc->started = clock_now();
}

static enum reason
failure_reason(struct rpc *rpc, CURLcode code)
{
	long system_error = 0, http_status = 0;

	curl_easy_getinfo(rpc->easy, CURLINFO_OS_ERRNO, &system_error);
	curl_easy_getinfo(rpc->easy, CURLINFO_RESPONSE_CODE, &http_status);
	switch ((int)code) {
	case CURLE_OPERATION_TIMEDOUT:
		return REASON_TIME_OUT;
	case CURLE_COULDNT_CONNECT:
		return system_error == ECONNREFUSED ? REASON_REFUSED : REASON_NO_ANSWER;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_ENGINE_NOTFOUND:
	case CURLE_PEER_FAILED_VERIFICATION:
		return REASON_TLS_FAILURE;
	case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
		return REASON_WRONG_PIN;
	case CURLE_WRITE_ERROR:
		return rpc->too_large ? REASON_TOO_LARGE : REASON_MALFORMED;
	case CURLE_INTERFACE_FAILED: /* this host has lost the source address */
	case CURLE_GOT_NOTHING:
	case CURLE_SEND_ERROR:
		return REASON_NO_ANSWER;
	case CURLE_RECV_ERROR: /* also what libcurl calls broken chunks */
		return http_status ? REASON_MALFORMED : REASON_NO_ANSWER;
	default: /* libcurl has several codes for a reply that is not HTTP */
		return REASON_MALFORMED;
	}
}

static void
parse_body(const struct rpc *rpc, long http_status, struct reply *reply)
{
	const char *bytes = text_string(&rpc->body);
	size_t length = rpc->body.length, size;

	if (rpc->query == RPC_PING) {
		rpc_reply_parse(http_status, bytes, length, reply);
		return;
	}
	size = rpc_reply_pool_size(http_status, bytes, length);
	*reply = rpc_reply_none(size ? REASON_POOL : REASON_NO_STATUS);
	if (size)
		snprintf(reply->detail, sizeof(reply->detail), "%zu controller%s", size,
		    size == 1 ? "" : "s");
}

struct rpc *
rpc_finish(CURLM *multi, const CURLMsg *message, struct reply *reply)
{
	CURLcode code = message->data.result;
	struct rpc *rpc = NULL;
	long http_status = 0;

	curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &rpc);
	if (code == CURLE_OK) {
		curl_easy_getinfo(rpc->easy, CURLINFO_RESPONSE_CODE, &http_status);
		parse_body(rpc, http_status, reply);
	} else {
		*reply = rpc_reply_none(failure_reason(rpc, code));
		if (reply->reason == REASON_MALFORMED ||
		    reply->reason == REASON_TLS_FAILURE)
			rpc_reply_set_detail(reply, "", curl_easy_strerror(code));
	}
	rpc_cancel(rpc, multi);
	return rpc;
}

void
rpc_cancel(struct rpc *rpc, CURLM *multi)
{
	if (rpc->running)
		curl_multi_remove_handle(multi, rpc->easy);
	rpc->running = false;
}

bool
rpc_is_connecting(const struct rpc *rpc)
{
	double seconds = 0;

	return curl_easy_getinfo(rpc->easy, CURLINFO_CONNECT_TIME, &seconds) ==
		   CURLE_OK &&
	       seconds <= 0;
}
