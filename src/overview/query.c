#include "overview/query.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/clock.h"

struct query {
	CURL *easy;
	struct text body;
	struct answer *answer;
};

/* libcurl gives up if it does not get `size * count` back. */
static size_t
receive(char *bytes, size_t size, size_t count, void *context)
{
	struct query *query = context;

	if (query->body.length + size * count > QUERY_LIMIT)
		return 0;
	text_add_bytes(&query->body, bytes, size * count);
	return size * count;
}

static void
begin_query(struct query *query, CURLM *multi, const struct address *address, int port,
    int milliseconds)
{
	char text[ADDRESS_TEXT_MAX], url[ADDRESS_TEXT_MAX + 32];

	query->easy = curl_easy_init();
	if (!query->easy)
		log_fatal(EX_OSERR, "out of memory");
	snprintf(url, sizeof(url), "http://%s:%d/status",
	    address_format_url(address, text), port);
	curl_easy_setopt(query->easy, CURLOPT_URL, url);
	curl_easy_setopt(query->easy, CURLOPT_NOSIGNAL, 1L);
	/* A proxy of the environment is not meant for the nodes. */
	curl_easy_setopt(query->easy, CURLOPT_PROXY, "");
	curl_easy_setopt(query->easy, CURLOPT_TIMEOUT_MS, (long)milliseconds);
	curl_easy_setopt(query->easy, CURLOPT_WRITEFUNCTION, receive);
	curl_easy_setopt(query->easy, CURLOPT_WRITEDATA, query);
	curl_easy_setopt(query->easy, CURLOPT_PRIVATE, query);
	if (curl_multi_add_handle(multi, query->easy) != CURLM_OK)
		log_fatal(EX_SOFTWARE, "libcurl refuses the query to %s", url);
}

static void
end_query(struct query *query, CURLcode result)
{
	struct answer *answer = query->answer;
	long code = 0;

	curl_easy_getinfo(query->easy, CURLINFO_RESPONSE_CODE, &code);
	if (result != CURLE_OK) {
		snprintf(answer->fault, sizeof(answer->fault), "%s",
		    result == CURLE_OPERATION_TIMEDOUT ? "no answer in time"
						       : curl_easy_strerror(result));
	} else if (code == 403) {
		snprintf(answer->fault, sizeof(answer->fault),
		    "this machine is not in \"allow\" of its cluster file");
	} else if (code != 200) {
		snprintf(answer->fault, sizeof(answer->fault), "HTTP status %ld", code);
	} else {
		answer->status = json_loadb(text_string(&query->body),
		    query->body.length, JSON_REJECT_DUPLICATES, NULL);
		if (json_is_object(answer->status))
			return;
		json_decref(answer->status);
		answer->status = NULL;
		snprintf(answer->fault, sizeof(answer->fault),
		    "its answer is not that of cmonhachk");
	}
}

/* Until all have ended, or the deadline, or `stop` can be read. */
static void
run(CURLM *multi, int stop, clock_ms_t deadline)
{
	struct curl_waitfd wait = {.fd = stop, .events = CURL_WAIT_POLLIN};
	int running = 1, left;

	while (running && clock_left(deadline) > 0 && !wait.revents) {
		CURLMsg *message;
		char *query;

		curl_multi_perform(multi, &running);
		while ((message = curl_multi_info_read(multi, &left))) {
			if (message->msg != CURLMSG_DONE)
				continue;
			curl_easy_getinfo(
			    message->easy_handle, CURLINFO_PRIVATE, &query);
			end_query((struct query *)(void *)query, message->data.result);
		}
		if (running)
			curl_multi_wait(
			    multi, &wait, stop >= 0, clock_left(deadline), NULL);
	}
}

void
query_nodes(const struct cluster *cluster, int milliseconds, int stop,
    struct answer answers[static NODES_MAX])
{
	clock_ms_t deadline = clock_now() + milliseconds;
	struct query *queries = allocate(NODES_MAX * sizeof(*queries));
	CURLM *multi;

	if (curl_global_init(CURL_GLOBAL_ALL) != 0 || !(multi = curl_multi_init()))
		log_fatal(EX_SOFTWARE, "cannot initialize libcurl");
	for (size_t i = 0; i < cluster->node_count; i++) {
		answers[i] = (struct answer){.fault = "no answer in time"};
		queries[i].answer = &answers[i];
		begin_query(&queries[i], multi, &cluster->nodes[i].address,
		    cluster->check_port, milliseconds);
	}
	run(multi, stop, deadline);
	for (size_t i = 0; i < cluster->node_count; i++) {
		curl_multi_remove_handle(multi, queries[i].easy);
		curl_easy_cleanup(queries[i].easy);
		text_free(&queries[i].body);
	}
	curl_multi_cleanup(multi);
	curl_global_cleanup();
	free(queries);
}

void
query_free(struct answer answers[static NODES_MAX])
{
	for (size_t i = 0; i < NODES_MAX; i++) {
		json_decref(answers[i].status);
		answers[i].status = NULL;
	}
}
