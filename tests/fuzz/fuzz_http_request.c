/*
 * The request parser: the first four bytes say in which pieces the rest arrives, and
 * nothing must depend on that.
 */
#include "check/http_response.h"
#include "fuzz.h"

#define SIZES 4

static struct http_request
parse_whole(const char *bytes, size_t length)
{
	struct http_request request;

	http_request_init(&request);
	http_request_parse(&request, bytes, length);
	return request;
}

static struct http_request
parse_pieces(const uint8_t *sizes, size_t count, const char *bytes, size_t length)
{
	struct http_request request;
	size_t piece;

	http_request_init(&request);
	for (size_t at = 0, i = 0; at < length; at += piece, i++) {
		piece = 1 + sizes[i % count] % 64;
		if (piece > length - at)
			piece = length - at;
		assert(
		    http_request_parse(&request, bytes + at, piece) == request.state);
	}
	return request;
}

static void
same(const struct http_request *a, const struct http_request *b)
{
	assert(a->state == b->state && a->fault == b->fault);
	assert(a->method == b->method && a->path == b->path);
	assert(a->head_bytes == b->head_bytes && a->body_left == b->body_left);
	assert(a->line_length == b->line_length);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data + SIZES;
	struct http_request whole, pieces, single;
	struct text answer = {0};

	if (size < SIZES)
		return 0;
	whole = parse_whole(bytes, size - SIZES);
	pieces = parse_pieces(data, SIZES, bytes, size - SIZES);
	single = parse_pieces((const uint8_t *)"", 1, bytes, size - SIZES);
	same(&whole, &pieces);
	same(&whole, &single);
	assert((whole.state == REQUEST_BAD) == (whole.fault != NULL));
	assert(whole.head_bytes <= REQUEST_HEAD_LIMIT + 1);
	assert(whole.state > REQUEST_LINE || whole.line_length <= REQUEST_LINE_LIMIT);
	for (int allowed = 0; allowed < 2 && whole.state >= REQUEST_COMPLETE;
	     allowed++) {
		if (http_response_need(&whole, allowed) != NEED_NOTHING)
			continue;
		http_response_error(&answer, &whole, allowed);
		assert(strncmp(answer.data, "HTTP/1.1 4", 10) == 0);
	}
	text_free(&answer);
	return 0;
}
