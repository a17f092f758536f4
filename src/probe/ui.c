#include "probe/ui.h"

#include <stdio.h>
#include <sysexits.h>

#include "base/log.h"
#include "probe/http_options.h"
#include "probe/timing.h"

#define UI_BUFFER 4096L /* of libcurl, per request */
/* Read, so that the connection can be used again; of a larger page the rest is not. */
#define UI_BODY_MAX 65536

static size_t
discard_body(char *bytes, size_t size, size_t count, void *context)
{
	struct ui_port *port = context;

	(void)bytes;
	port->received += size * count;
	return port->received > UI_BODY_MAX ? 0 : size * count;
}

void
ui_init(struct ui *ui, const struct config *config, CURLM *multi)
{
	const struct forward_list *forwards = &config->cluster.forwards;

	*ui = (struct ui){.config = config,
	    .multi = multi,
	    .count = forwards->count,
	    .interval_ms = UI_INTERVAL_MS,
	    .answer_ms = UI_ANSWER_MS};
	for (size_t i = 0; i < ui->count; i++) {
		const struct forward *forward = &forwards->at[i];

		ui->ports[i] = (struct ui_port){.easy = curl_easy_init(),
		    .port = forward->port,
		    .plain = forward->http,
		    .tls = !forward->http,
		    .started = NEVER};
		if (!ui->ports[i].easy)
			log_fatal(EX_OSERR, "out of memory");
	}
}

static void
end_request(struct ui *ui, struct ui_port *port)
{
	if (port->running)
		curl_multi_remove_handle(ui->multi, port->easy);
	port->running = false;
}

void
ui_clear(struct ui *ui)
{
	for (size_t i = 0; i < ui->count; i++) {
		end_request(ui, &ui->ports[i]);
		curl_easy_cleanup(ui->ports[i].easy);
	}
}

static void
begin_request(struct ui *ui, struct ui_port *port)
{
	char address[ADDRESS_TEXT_MAX], url[ADDRESS_TEXT_MAX + 32];
	CURL *easy = port->easy;

	snprintf(url, sizeof(url), "%s://%s:%d/", port->tls ? "https" : "http",
	    address_format_url(&ui->config->address, address), port->port);
	http_options_set(easy);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, UI_BUFFER);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, discard_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, port);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, port);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)ui->answer_ms);
	port->received = 0;
	port->started = clock_now();
	if (curl_multi_add_handle(ui->multi, easy) != CURLM_OK)
		log_fatal(EX_SOFTWARE, "libcurl refuses the request to %s", url);
	port->running = true;
}

void
ui_query(struct ui *ui)
{
	clock_ms_t now = clock_now();

	for (size_t i = 0; i < ui->count; i++) {
		struct ui_port *port = &ui->ports[i];

		if (port->running ||
		    (port->started != NEVER && now - port->started < ui->interval_ms))
			continue;
		/* What was seen when this node last got users is not known now. */
		if (port->started != NEVER && now - port->started >= UI_MEMORY_MS)
			port->failures = 0;
		begin_request(ui, port);
	}
}

bool
ui_is_querying(const struct ui *ui)
{
	for (size_t i = 0; i < ui->count; i++)
		if (ui->ports[i].running)
			return true;
	return false;
}

/* Whether the other protocol may be the right one: no answer in this one arrived. */
static bool
may_be_other_protocol(const struct ui_port *port, CURLcode code)
{
	switch ((int)code) {
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_UNSUPPORTED_PROTOCOL: /* of an answer that is not HTTP */
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_GOT_NOTHING:
	case CURLE_RECV_ERROR:
		return true;
	case CURLE_OPERATION_TIMEDOUT:
		/* A server of lines may wait for the end of the hello's. */
		return port->tls;
	default:
		return false;
	}
}

static void
judge(struct ui_port *port, CURLcode code, long status)
{
	if (status >= 100 && status < 500) {
		if (!port->plain || !port->tls) {
			port->failures = 0;
			return;
		}
		snprintf(port->fault, sizeof(port->fault),
		    "port %d speaks TLS, and HAProxy forwards plain HTTP to it: write "
		    "LISTEN:%d/tcp in forward",
		    port->port, port->port);
	} else if (status) {
		snprintf(port->fault, sizeof(port->fault),
		    "port %d answers with HTTP status %ld", port->port, status);
	} else {
		snprintf(port->fault, sizeof(port->fault),
		    "port %d does not respond: %s", port->port,
		    curl_easy_strerror(code));
	}
	port->failures++;
}

bool
ui_finish(struct ui *ui, const CURLMsg *message)
{
	CURLcode code = message->data.result;
	struct ui_port *port = NULL;
	char *context = NULL;
	long status = 0;

	curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &context);
	for (size_t i = 0; i < ui->count; i++)
		if (context == (char *)&ui->ports[i])
			port = &ui->ports[i];
	if (!port)
		return false;
	/* A page that is too large, or too slow at its end, is an answer. */
	curl_easy_getinfo(port->easy, CURLINFO_RESPONSE_CODE, &status);
	end_request(ui, port);
	if (!status && may_be_other_protocol(port, code) && !port->switched) {
		port->tls = !port->tls;
		port->switched = true;
		begin_request(ui, port);
		return true;
	}
	/* Neither protocol: the next request begins with this one again. */
	port->switched = false;
	judge(port, code, status);
	return true;
}

const char *
ui_fault(const struct ui *ui, size_t i)
{
	const struct ui_port *port = &ui->ports[i];

	return port->failures >= UI_FAILURES ? port->fault : NULL;
}
