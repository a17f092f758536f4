#include "check/http_request.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

void
http_request_begin(struct request *request)
{
	*request = (struct request){.state = REQUEST_LINE, .target = PATH_OTHER};
}

static void
fail(struct request *request, const char *fault)
{
	request->state = REQUEST_BAD;
	request->fault = fault;
}

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
same(const char *text, size_t length, const char *word)
{
	return strlen(word) == length && memcmp(text, word, length) == 0;
}

static enum method
find_method(const char *text, size_t length)
{
	static const char *const names[] = {
	    [METHOD_GET] = "GET",
	    [METHOD_HEAD] = "HEAD",
	    [METHOD_OPTIONS] = "OPTIONS",
	};

	for (enum method method = 0; method < METHOD_OTHER; method++)
		if (same(text, length, names[method]))
			return method;
	return METHOD_OTHER;
}

static enum http_path
find_target(const char *text, size_t length)
{
	static const struct {
		const char *path;
		enum http_path target;
	} targets[] = {
	    {"/", PATH_LEADER},
	    {"*", PATH_LEADER}, /* of OPTIONS */
	    {"/leader", PATH_LEADER},
	    {"/follower", PATH_FOLLOWER},
	    {"/health", PATH_HEALTH},
	    {"/status", PATH_STATUS},
	};
	const char *query = memchr(text, '?', length);

	if (query)
		length = (size_t)(query - text);
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
		if (same(text, length, targets[i].path))
			return targets[i].target;
	return PATH_OTHER;
}

/* What a proxy is asked, "http://host/path", means the path. */
static void
cut_authority(const char **text, size_t *length)
{
	const char *slash;

	if (*length < 7 || strncasecmp(*text, "http://", 7) != 0)
		return;
	slash = memchr(*text + 7, '/', *length - 7);
	if (!slash) {
		*text = "/";
		*length = 1;
		return;
	}
	*length -= (size_t)(slash - *text);
	*text = slash;
}

/* The last eight bytes of a line, as one number. */
static uint64_t
eight_bytes(const char *text)
{
	uint64_t bytes = 0;

	for (int i = 0; i < 8; i++)
		bytes = bytes << 8 | (unsigned char)text[i];
	return bytes;
}

static void
take_request_line(struct request *request)
{
	const char *line = request->line;
	const char *end = line + request->line_length;
	const char *method_end, *target, *target_end;
	size_t length;

	if (request->line_length == 0)
		return; /* RFC 9112, 2.2: empty lines before it are skipped */
	method_end = memchr(line, ' ', request->line_length);
	if (!method_end || !is_token(line, (size_t)(method_end - line))) {
		fail(request, "The request line must begin with a method.");
		return;
	}
	target = method_end + 1;
	target_end = memchr(target, ' ', (size_t)(end - target));
	if (!target_end && request->line_cut)
		target_end = end;
	if (!target_end || target_end == target ||
	    (!request->line_cut && end - target_end != 9) ||
	    (request->line_end != eight_bytes("HTTP/1.0") &&
		request->line_end != eight_bytes("HTTP/1.1"))) {
		fail(request, "The request line must end in HTTP/1.0 or HTTP/1.1.");
		return;
	}
	request->method = find_method(line, (size_t)(method_end - line));
	length = (size_t)(target_end - target);
	cut_authority(&target, &length);
	request->target = find_target(target, length);
	request->state = REQUEST_HEADERS;
}

static void
take_length(struct request *request, const char *value, size_t length)
{
	uint64_t total = 0;

	for (size_t i = 0; i < length; i++) {
		if (value[i] < '0' || value[i] > '9' || i >= 18) {
			fail(request, "Content-Length must be a number.");
			return;
		}
		total = total * 10 + (uint64_t)(value[i] - '0');
	}
	if (length == 0 || (request->has_length && request->body_left != total)) {
		fail(request, "Content-Length must be one number.");
		return;
	}
	request->has_length = true;
	request->body_left = total;
}

static void
take_header(struct request *request)
{
	const char *line = request->line;
	const char *end = line + request->line_length;
	const char *colon = memchr(line, ':', request->line_length);
	const char *value;
	size_t name_length;

	if (!colon && request->line_cut)
		return;
	if (!colon || !is_token(line, (size_t)(colon - line))) {
		fail(request, "A header line must be a name, a colon and a value.");
		return;
	}
	name_length = (size_t)(colon - line);
	for (value = colon + 1; value < end && (*value == ' ' || *value == '\t');)
		value++;
	while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	if (name_length == 14 && strncasecmp(line, "Content-Length", 14) == 0)
		take_length(request, value, (size_t)(end - value));
	else if (name_length == 17 && strncasecmp(line, "Transfer-Encoding", 17) == 0)
		fail(request, "A body must have a Content-Length.");
	else if (name_length == 6 && strncasecmp(line, "Expect", 6) == 0)
		request->expects = true;
}

static void
end_line(struct request *request)
{
	if (!request->line_cut && request->line_length &&
	    request->line[request->line_length - 1] == '\r')
		request->line_length--;
	if (request->state == REQUEST_LINE)
		take_request_line(request);
	else if (request->line_length)
		take_header(request);
	else
		request->state = request->body_left && !request->expects
				     ? REQUEST_BODY
				     : REQUEST_COMPLETE;
	request->line_length = 0;
	request->line_end = 0;
	request->line_cut = false;
}

static void
keep(struct request *request, char byte)
{
	if (byte != '\r')
		request->line_end = request->line_end << 8 | (unsigned char)byte;
	if (request->line_length < sizeof(request->line))
		request->line[request->line_length++] = byte;
	else if (byte != '\r')
		request->line_cut = true;
}

static void
take_head_byte(struct request *request, char byte)
{
	if (++request->head_bytes > REQUEST_HEAD_LIMIT)
		fail(request, "The request's head is larger than 8 KiB.");
	else if (byte == '\n')
		end_line(request);
	else if (byte != '\r' && byte != '\t' && (unsigned char)byte < ' ')
		fail(request, "The request has control characters in it.");
	else
		keep(request, byte);
}

enum request_state
http_request_feed(struct request *request, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length && request->state <= REQUEST_HEADERS; i++) {
		take_head_byte(request, bytes[i]);
		if (request->state == REQUEST_BODY) {
			length -= i + 1;
			bytes += i + 1;
			break;
		}
	}
	if (request->state == REQUEST_BODY) {
		request->body_left -=
		    length < request->body_left ? length : request->body_left;
		if (request->body_left == 0)
			request->state = REQUEST_COMPLETE;
	}
	return request->state;
}
