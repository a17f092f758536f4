/*
 * A controller's reply to a ping: whatever it is, only a whole one that says leader
 * makes a leader.
 */
#include "probe/rpc_reply.h"
#include "fuzz.h"

static void
check(const struct reply *reply)
{
	assert((reply->role == ROLE_LEADER) == (reply->reason == REASON_LEADER));
	assert((reply->role == ROLE_FOLLOWER) == (reply->reason == REASON_FOLLOWER));
	assert(reply->role == ROLE_UNKNOWN || reply->is_from_cmon);
	assert(reply->reason < REASONS);
	assert(memchr(reply->detail, '\0', REPLY_DETAIL));
	for (const char *at = reply->detail; *at; at++)
		assert(*at >= ' ' && *at <= '~');
}

/* What makes a leader, read a second time and in another way. */
static void
check_leader(const char *bytes, size_t length)
{
	const char *request_status = NULL, *status = NULL;
	json_t *root = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, NULL);

	assert(json_unpack(root, "{s:s, s:s}", "request_status", &request_status,
		   "controller_status", &status) == 0);
	assert(strcasecmp(request_status, "Ok") == 0);
	assert(strlen(status) >= 6);
	assert(strcasecmp(status + strlen(status) - 6, "leader") == 0);
	json_decref(root);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	struct reply reply, other;

	rpc_reply_parse(200, bytes, size, &reply);
	check(&reply);
	assert(rpc_reply_pool_size(200, bytes, size) <= size / 2);
	assert(rpc_reply_pool_size(404, bytes, size) == 0);
	if (reply.role == ROLE_LEADER)
		check_leader(bytes, size);
	rpc_reply_parse(500, bytes, size, &other);
	check(&other);
	assert(other.role == ROLE_UNKNOWN);
	/* Without its last byte it says nothing, unless that byte is a blank. */
	if (reply.role == ROLE_UNKNOWN || strchr(" \t\r\n", bytes[size - 1]))
		return 0;
	rpc_reply_parse(200, bytes, size - 1, &other);
	check(&other);
	assert(other.role == ROLE_UNKNOWN);
	return 0;
}
