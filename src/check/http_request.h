/*
 * A request, read byte by byte as it comes: whole, in pieces, or never in full. Keeps
 * nothing of it but what decides the answer, so a thousand half requests cost little.
 */
#ifndef CMONHA_CHECK_HTTP_REQUEST_H
#define CMONHA_CHECK_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REQUEST_HEAD_LIMIT 8192 /* bytes up to the empty line */

enum method { METHOD_GET, METHOD_HEAD, METHOD_OPTIONS, METHOD_OTHER };
enum http_path {
	PATH_LEADER, /* "/" too */
	PATH_FOLLOWER,
	PATH_HEALTH,
	PATH_STATUS,
	PATH_OTHER
};

enum request_state {
	REQUEST_LINE,
	REQUEST_HEADERS,
	REQUEST_BODY,
	REQUEST_COMPLETE,
	REQUEST_BAD /* `fault` says why; what follows is not looked at */
};

struct request {
	enum request_state state;
	enum method method;
	enum http_path target;
	const char *fault; /* static, a sentence */

	/* The rest is the reader's own. */
	char line[96]; /* the beginning of the current line */
	size_t line_length;
	bool line_cut;     /* it was longer */
	uint64_t line_end; /* its last eight bytes */
	size_t head_bytes;
	uint64_t body_left;
	bool has_length;
	bool expects; /* waits for our word before it sends the body */
};

void http_request_begin(struct request *request);

/* Takes the next bytes. Bytes behind the end of the request are ignored. */
enum request_state
http_request_feed(struct request *request, const char *bytes, size_t length);

#endif
