#include "check/ask.h"

#include <errno.h>
#include <stdio.h>
#include <sysexits.h>

#define REPLY_BUFFER 4096L /* of libcurl, per question */

static size_t
take_body(char *bytes, size_t size, size_t count, void *context)
{
	struct ask *ask = context;
	size_t length = size * count;

	if (ask->body.length + length > REPLY_LIMIT) {
		ask->too_large = true;
		return 0;
	}
	text_add_bytes(&ask->body, bytes, length);
	return length;
}

static void
set_protocols(CURL *easy)
{
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	curl_easy_setopt(
	    easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

/*
 * The certificate is not verified: CMON makes a self-signed one, which nobody could
 * verify. Nothing secret is sent, and who can stand between a node and itself, or
 * between two nodes, can stop the cluster anyway. No CA bundle is loaded for it.
 */
static void
set_tls(CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
	curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
}

/*
 * All options, since they are set anew for each question: libcurl repeats one that met
 * a connection from before the controller's restart, but counts these repetitions over
 * the handle's whole life and fails at the sixth. curl_easy_reset() forgets the count,
 * and keeps connections and TLS sessions.
 */
static void
set_options(struct ask *ask)
{
	curl_easy_reset(ask->easy);
	set_protocols(ask->easy);
	set_tls(ask->easy);
	curl_easy_setopt(ask->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(ask->easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(ask->easy, CURLOPT_PROXY, "");
	curl_easy_setopt(ask->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(ask->easy, CURLOPT_USERAGENT, "cmonhachk/" CMONHA_VERSION);
	curl_easy_setopt(ask->easy, CURLOPT_HTTPHEADER, ask->headers);
	curl_easy_setopt(ask->easy, CURLOPT_BUFFERSIZE, REPLY_BUFFER);
	curl_easy_setopt(ask->easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(ask->easy, CURLOPT_WRITEDATA, ask);
	curl_easy_setopt(ask->easy, CURLOPT_PRIVATE, ask);
}

void
ask_open(struct ask *ask)
{
	struct curl_slist *headers;

	*ask = (struct ask){.easy = curl_easy_init()};
	headers = curl_slist_append(NULL, "Content-Type: application/json");
	if (headers)
		ask->headers = curl_slist_append(headers, "Expect:");
	if (!ask->easy || !ask->headers)
		die(EX_OSERR, "out of memory");
}

void
ask_close(struct ask *ask, CURLM *multi)
{
	ask_cancel(ask, multi);
	curl_easy_cleanup(ask->easy);
	curl_slist_free_all(ask->headers);
	text_free(&ask->body);
}

void
ask_start(
    struct ask *ask, CURLM *multi, const struct endpoint *endpoint, int milliseconds)
{
	char address[ADDRESS_TEXT_MAX], url[ADDRESS_TEXT_MAX + 64];
	char stamp[CLOCK_STAMP_MAX];

	snprintf(url, sizeof(url), "%s://%s:%d/v2/controller/",
	    endpoint->tls ? "https" : "http",
	    address_format_url(&endpoint->address, address), endpoint->port);
	snprintf(ask->request, sizeof(ask->request),
	    "{\"operation\":\"ping\",\"request_created\":\"%s\","
	    "\"request_id\":%lu}",
	    clock_stamp(stamp), ++ask->count);
	text_clear(&ask->body);
	ask->too_large = false;
	set_options(ask);
	curl_easy_setopt(ask->easy, CURLOPT_URL, url);
	curl_easy_setopt(ask->easy, CURLOPT_POSTFIELDS, ask->request);
	/* 0 would mean for ever. */
	curl_easy_setopt(
	    ask->easy, CURLOPT_TIMEOUT_MS, milliseconds > 0 ? (long)milliseconds : 1L);
	if (curl_multi_add_handle(multi, ask->easy) != CURLM_OK)
		die(EX_SOFTWARE, "libcurl refuses the question to %s", url);
	ask->running = true;
	ask->started = clock_now();
}

static enum reason
why_not(struct ask *ask, CURLcode code)
{
	long system_error = 0, http_status = 0;

	curl_easy_getinfo(ask->easy, CURLINFO_OS_ERRNO, &system_error);
	curl_easy_getinfo(ask->easy, CURLINFO_RESPONSE_CODE, &http_status);
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
	case CURLE_WRITE_ERROR:
		return ask->too_large ? REASON_TOO_LARGE : REASON_MALFORMED;
	case CURLE_GOT_NOTHING:
	case CURLE_SEND_ERROR:
		return REASON_NO_ANSWER;
	case CURLE_RECV_ERROR: /* also what libcurl calls broken chunks */
		return http_status ? REASON_MALFORMED : REASON_NO_ANSWER;
	default: /* libcurl's words for an answer that is no HTTP */
		return REASON_MALFORMED;
	}
}

struct ask *
ask_ended(CURLM *multi, const CURLMsg *message, struct reply *reply)
{
	CURLcode code = message->data.result;
	struct ask *ask = NULL;
	long http_status = 0;

	curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &ask);
	if (code == CURLE_OK) {
		curl_easy_getinfo(ask->easy, CURLINFO_RESPONSE_CODE, &http_status);
		reply_read(
		    http_status, text_string(&ask->body), ask->body.length, reply);
	} else {
		*reply = reply_none(why_not(ask, code));
		if (reply->reason == REASON_MALFORMED ||
		    reply->reason == REASON_TLS_FAILURE)
			reply_set_detail(reply, "", curl_easy_strerror(code));
	}
	ask_cancel(ask, multi);
	return ask;
}

void
ask_cancel(struct ask *ask, CURLM *multi)
{
	if (ask->running)
		curl_multi_remove_handle(multi, ask->easy);
	ask->running = false;
}

bool
ask_is_unconnected(const struct ask *ask)
{
	double seconds = 0;

	return curl_easy_getinfo(ask->easy, CURLINFO_CONNECT_TIME, &seconds) ==
		   CURLE_OK &&
	       seconds <= 0;
}
