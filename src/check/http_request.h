/*
 * From the bytes of a request to its method and path: whole, in pieces, or never in
 * full. Owns the current line and the limits; keeps no more of a request, so a thousand
 * half requests cost little. Never reads a socket (see connection.h).
 */
#ifndef CMONHA_CHECK_HTTP_REQUEST_H
#define CMONHA_CHECK_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REQUEST_LINE_LIMIT 512  /* bytes; a longer request line is answered by 414 */
#define REQUEST_HEAD_LIMIT 8192 /* bytes up to the empty line */

enum http_method { METHOD_GET, METHOD_HEAD, METHOD_OPTIONS, METHOD_OTHER };

enum http_path {
	PATH_LEADER, /* "/" too */
	PATH_FOLLOWER,
	PATH_HEALTH,
	PATH_UI, /* whether users may be sent to this node */
	PATH_STATUS,
	PATH_METRICS,
	PATH_OVERVIEW,       /* the page of the cluster */
	PATH_OVERVIEW_STILL, /* the same without reloading itself */
	PATH_NO_LEADER,      /* the page that HAProxy shows in place of a UI */
	PATH_OTHER
};

enum request_state {
	REQUEST_LINE,
	REQUEST_HEADERS,
	REQUEST_BODY,
	/* These are final: what follows is ignored. */
	REQUEST_COMPLETE,
	REQUEST_BAD,     /* `fault` says why */
	REQUEST_TOO_LONG /* its first line is */
};

struct http_request {
	enum request_state state;
	enum http_method method;
	enum http_path path;
	const char *fault; /* static, a sentence */

	/* The rest is the parser's own. */
	char line[REQUEST_LINE_LIMIT]; /* the beginning of the current line */
	size_t line_length;            /* of all of it */
	size_t head_bytes;
	uint64_t body_left;
	bool has_length;
	bool expects_continue; /* the client sends no body before a "100 Continue" */
};

void http_request_init(struct http_request *request);

/* Parses the next bytes. Bytes after the end of the request are ignored. */
enum request_state
http_request_parse(struct http_request *request, const char *bytes, size_t length);

#endif
