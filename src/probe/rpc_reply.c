#include "probe/rpc_reply.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

struct reply
rpc_reply_none(enum reason reason)
{
	return (struct reply){.role = ROLE_UNKNOWN, .reason = reason};
}

bool
rpc_reply_is_unusable(const struct reply *reply)
{
	return reply->reason == REASON_MALFORMED || reply->reason == REASON_NO_STATUS ||
	       reply->reason == REASON_UNKNOWN_STATUS ||
	       reply->reason == REASON_REDIRECTED;
}

void
rpc_reply_set_detail(struct reply *reply, const char *before, const char *text)
{
	snprintf(reply->detail, sizeof(reply->detail), "%s%s", before, text);
	for (char *at = reply->detail; *at; at++)
		if (*at < ' ' || *at > '~')
			*at = '?';
}

/*
 * jansson parses by recursion and allows 2048 levels, more than the stack of the
 * probe's thread has room for.
 */
static bool
too_deep(const char *bytes, size_t length)
{
	bool in_string = false;
	int depth = 0;

	for (size_t i = 0; i < length; i++) {
		char byte = bytes[i];

		if (in_string) {
			if (byte == '\\')
				i++;
			else if (byte == '"')
				in_string = false;
		} else if (byte == '"') {
			in_string = true;
		} else if (byte == '{' || byte == '[') {
			if (++depth > REPLY_DEPTH)
				return true;
		} else if (byte == '}' || byte == ']') {
			depth--;
		}
	}
	return false;
}

json_t *
rpc_reply_load(const char *bytes, size_t length)
{
	json_t *root;

	if (length > REPLY_LIMIT || too_deep(bytes, length))
		return NULL;
	/* A duplicate key would make the reply ambiguous. */
	root = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, NULL);
	if (root && !json_is_object(root)) {
		json_decref(root);
		root = NULL;
	}
	return root;
}

/* Past the word, in any case, and one "_" or "-" after it; `at` if there is another. */
static const char *
skip_word(const char *at, const char *word)
{
	size_t length = strlen(word);

	if (strncasecmp(at, word, length) != 0)
		return at;
	at += length;
	return *at == '_' || *at == '-' ? at + 1 : at;
}

enum role
rpc_reply_role(const char *word)
{
	const char *controller = skip_word(word, "cmon");
	const char *role = skip_word(controller, "controller");

	if (controller != word && role == controller)
		return ROLE_UNKNOWN;
	if (strcasecmp(role, "leader") == 0)
		return ROLE_LEADER;
	return strcasecmp(role, "follower") == 0 ? ROLE_FOLLOWER : ROLE_UNKNOWN;
}

static void
set_role(struct reply *reply, enum role role, enum reason reason)
{
	reply->role = role;
	reply->reason = reason;
}

bool
rpc_reply_is_error(json_t *root, struct reply *reply)
{
	static const struct {
		const char *status;
		enum reason reason;
	} errors[] = {
	    {"AuthRequired", REASON_AUTH_REQUIRED},
	    {"AccessDenied", REASON_AUTH_REQUIRED}, {"TryAgain", REASON_TRY_AGAIN},
	    {"ConnectError", REASON_NO_ANSWER}, /* of the s9s client itself */
	};
	const char *status = json_string_value(json_object_get(root, "request_status"));

	if (!status) {
		set_role(reply, ROLE_UNKNOWN, REASON_MALFORMED);
		rpc_reply_set_detail(reply, "", "no request_status");
		return true;
	}
	reply->is_from_cmon = true;
	if (strcasecmp(status, "Ok") == 0 || strcasecmp(status, "Redirect") == 0)
		return false;
	set_role(reply, ROLE_UNKNOWN, REASON_REJECTED);
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (strcasecmp(status, errors[i].status) == 0)
			reply->reason = errors[i].reason;
	rpc_reply_set_detail(reply, "request_status ", status);
	return true;
}

/*
 * A Redirect has the role in `status`. It cannot come from a leader, so only "follower"
 * counts.
 */
static void
parse_redirect(json_t *root, struct reply *reply)
{
	const char *status = json_string_value(json_object_get(root, "status"));

	if (status && rpc_reply_role(status) == ROLE_FOLLOWER)
		set_role(reply, ROLE_FOLLOWER, REASON_FOLLOWER);
	else
		set_role(reply, ROLE_UNKNOWN, REASON_REDIRECTED);
}

static void
parse_status(json_t *root, struct reply *reply)
{
	json_t *controllers = json_object_get(root, "controllers");
	json_t *status = json_object_get(root, "controller_status");

	if (!status || json_is_null(status)) {
		bool alone =
		    json_is_array(controllers) && json_array_size(controllers) == 0;

		set_role(reply, ROLE_UNKNOWN,
		    alone ? REASON_HA_NOT_ENABLED : REASON_NO_STATUS);
		return;
	}
	if (!json_is_string(status)) {
		set_role(reply, ROLE_UNKNOWN, REASON_MALFORMED);
		rpc_reply_set_detail(reply, "", "controller_status is not a string");
		return;
	}
	reply->role = rpc_reply_role(json_string_value(status));
	switch (reply->role) {
	case ROLE_LEADER:
		reply->reason = REASON_LEADER;
		break;
	case ROLE_FOLLOWER:
		reply->reason = REASON_FOLLOWER;
		break;
	case ROLE_UNKNOWN:
		reply->reason = REASON_UNKNOWN_STATUS;
		rpc_reply_set_detail(
		    reply, "controller_status ", json_string_value(status));
	}
}

void
rpc_reply_parse(long http_status, const char *bytes, size_t length, struct reply *reply)
{
	const char *request_status;
	json_t *root;

	*reply = rpc_reply_none(REASON_MALFORMED);
	if (http_status != 0 && http_status != 200) {
		reply->reason = REASON_HTTP_ERROR;
		snprintf(reply->detail, sizeof(reply->detail), "HTTP status %ld",
		    http_status);
		return;
	}
	root = rpc_reply_load(bytes, length);
	if (!root) {
		rpc_reply_set_detail(reply, "", "not a JSON object");
		return;
	}
	if (!rpc_reply_is_error(root, reply)) {
		request_status =
		    json_string_value(json_object_get(root, "request_status"));
		if (strcasecmp(request_status, "Redirect") == 0)
			parse_redirect(root, reply);
		else
			parse_status(root, reply);
	}
	json_decref(root);
}

size_t
rpc_reply_pool_size(long http_status, const char *bytes, size_t length)
{
	json_t *root = http_status == 200 ? rpc_reply_load(bytes, length) : NULL;
	json_t *pool = json_object_get(root, "controllers_pool");
	struct reply ignored = rpc_reply_none(REASON_POOL);
	size_t size = 0;

	if (root && !rpc_reply_is_error(root, &ignored) && json_is_array(pool))
		size = json_array_size(pool);
	json_decref(root);
	return size;
}
