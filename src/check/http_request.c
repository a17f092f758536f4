#include "check/http_request.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

void
http_request_init(struct http_request *request)
{
	request->state = REQUEST_LINE;
	request->method = METHOD_OTHER;
	request->path = PATH_OTHER;
	request->fault = NULL;
	request->line_length = request->head_bytes = 0;
	request->body_left = 0;
	request->has_length = request->expects_continue = false;
}

static void
reject(struct http_request *request, const char *fault)
{
	request->state = REQUEST_BAD;
	request->fault = fault;
}

/* RFC 9110, 5.6.2. */
static bool
is_token(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)text[i]) &&
		    !memchr("!#$%&'*+-.^_`|~", text[i], 15))
			return false;
	return length > 0;
}

static bool
is_word(const char *text, size_t length, const char *word)
{
	return strlen(word) == length && memcmp(text, word, length) == 0;
}

static enum http_method
parse_method(const char *text, size_t length)
{
	static const char *const names[] = {
	    [METHOD_GET] = "GET",
	    [METHOD_HEAD] = "HEAD",
	    [METHOD_OPTIONS] = "OPTIONS",
	};

	for (enum http_method method = 0; method < METHOD_OTHER; method++)
		if (is_word(text, length, names[method]))
			return method;
	return METHOD_OTHER;
}

/* Of "http://host/path", the form for proxies, the path counts; a query is ignored. */
static enum http_path
parse_path(const char *text, size_t length)
{
	static const struct {
		const char *name;
		enum http_path path;
	} paths[] = {
	    {"/", PATH_LEADER},
	    {"*", PATH_LEADER}, /* of OPTIONS */
	    {"/leader", PATH_LEADER},
	    {"/follower", PATH_FOLLOWER},
	    {"/health", PATH_HEALTH},
	    {"/ui", PATH_UI},
	    {"/status", PATH_STATUS},
	    {"/metrics", PATH_METRICS},
	    {"/overview", PATH_OVERVIEW},
	    {"/overview/still", PATH_OVERVIEW_STILL},
	    {"/no-leader", PATH_NO_LEADER},
	};
	const char *slash, *query;

	if (length >= 7 && strncasecmp(text, "http://", 7) == 0) {
		slash = memchr(text + 7, '/', length - 7);
		if (!slash)
			return PATH_LEADER;
		length -= (size_t)(slash - text);
		text = slash;
	}
	query = memchr(text, '?', length);
	if (query)
		length = (size_t)(query - text);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (is_word(text, length, paths[i].name))
			return paths[i].path;
	return PATH_OTHER;
}

/* RFC 9112, 3: method, one space, target, one space, version. */
static void
parse_request_line(struct http_request *request)
{
	const char *line = request->line;
	const char *end = line + request->line_length;
	const char *method_end, *path, *path_end;

	if (request->line_length == 0)
		return; /* RFC 9112, 2.2: empty lines before it are skipped */
	method_end = memchr(line, ' ', request->line_length);
	if (!method_end || !is_token(line, (size_t)(method_end - line))) {
		reject(request, "The request line must begin with a method.");
		return;
	}
	path = method_end + 1;
	path_end = memchr(path, ' ', (size_t)(end - path));
	if (!path_end || path_end == path ||
	    (!is_word(path_end, (size_t)(end - path_end), " HTTP/1.0") &&
		!is_word(path_end, (size_t)(end - path_end), " HTTP/1.1"))) {
		reject(request, "The request line must end in HTTP/1.0 or HTTP/1.1.");
		return;
	}
	request->method = parse_method(line, (size_t)(method_end - line));
	request->path = parse_path(path, (size_t)(path_end - path));
	request->state = REQUEST_HEADERS;
}

static void
parse_content_length(struct http_request *request, const char *value, size_t length)
{
	uint64_t total = 0;

	for (size_t i = 0; i < length; i++) {
		if (value[i] < '0' || value[i] > '9' || i >= 18) {
			reject(request, "Content-Length must be a number.");
			return;
		}
		total = total * 10 + (uint64_t)(value[i] - '0');
	}
	if (length == 0 || (request->has_length && request->body_left != total)) {
		reject(request, "Content-Length must be one number.");
		return;
	}
	request->has_length = true;
	request->body_left = total;
}

static void
parse_header(struct http_request *request)
{
	const char *line = request->line;
	size_t length = request->line_length < sizeof(request->line)
			    ? request->line_length
			    : sizeof(request->line);
	const char *end = line + length;
	const char *colon = memchr(line, ':', length);
	const char *value;
	size_t name_length;

	if (!colon || !is_token(line, (size_t)(colon - line))) {
		reject(request, "A header line must be a name, a colon and a value.");
		return;
	}
	name_length = (size_t)(colon - line);
	for (value = colon + 1; value < end && (*value == ' ' || *value == '\t');)
		value++;
	while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	if (name_length == 14 && strncasecmp(line, "Content-Length", 14) == 0)
		parse_content_length(request, value, (size_t)(end - value));
	else if (name_length == 17 && strncasecmp(line, "Transfer-Encoding", 17) == 0)
		reject(request, "A body must have a Content-Length.");
	else if (name_length == 6 && strncasecmp(line, "Expect", 6) == 0)
		request->expects_continue = true;
}

static void
parse_line(struct http_request *request)
{
	if (request->line_length && request->line_length <= sizeof(request->line) &&
	    request->line[request->line_length - 1] == '\r')
		request->line_length--;
	if (request->state == REQUEST_LINE)
		parse_request_line(request);
	else if (request->line_length)
		parse_header(request);
	else
		request->state = request->body_left && !request->expects_continue
				     ? REQUEST_BODY
				     : REQUEST_COMPLETE;
	request->line_length = 0;
}

enum request_state
http_request_parse(struct http_request *request, const char *bytes, size_t length)
{
	size_t used = 0;

	while (used < length && request->state <= REQUEST_HEADERS) {
		char byte = bytes[used++];

		if (++request->head_bytes > REQUEST_HEAD_LIMIT) {
			reject(request, "The request's head is larger than 8 KiB.");
		} else if (byte == '\n') {
			parse_line(request);
		} else if (byte != '\r' && byte != '\t' && (unsigned char)byte < ' ') {
			reject(request, "The request contains control characters.");
		} else if (request->line_length < sizeof(request->line)) {
			request->line[request->line_length++] = byte;
		} else if (request->state == REQUEST_LINE) {
			request->state = REQUEST_TOO_LONG;
		} else {
			/* Of a long header line only the beginning is needed. */
			request->line_length++;
		}
	}
	if (request->state == REQUEST_BODY) {
		size_t left = length - used;

		request->body_left -=
		    left < request->body_left ? left : request->body_left;
		if (request->body_left == 0)
			request->state = REQUEST_COMPLETE;
	}
	return request->state;
}
