/*
 * The list that the s9s client prints: the order of its lines means nothing.
 */
#include <stdlib.h>

#include "probe/s9s.h"
#include "fuzz.h"

static struct config config = {.name = "cc1", .host_name = "cc1.example.net"};

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	address_parse("10.0.0.101", &config.address);
	prefix_parse("fd00::1/64", &config.local.at[0].prefix);
	config.local.count = 1;
	return 0;
}

static void
check(const struct reply *reply)
{
	assert((reply->role == ROLE_LEADER) == (reply->reason == REASON_LEADER));
	assert((reply->role == ROLE_FOLLOWER) == (reply->reason == REASON_FOLLOWER));
	assert(reply->reason < REASONS);
	for (const char *at = reply->detail; *at; at++)
		assert(*at >= ' ' && *at <= '~');
}

static void
check_backwards(json_t *root, const struct reply *reply)
{
	json_t *controllers = json_object_get(root, "controllers");
	json_t *reversed = json_array();
	struct reply other;
	json_t *row;
	char *text;
	size_t i;

	json_array_foreach (controllers, i, row)
		json_array_insert(reversed, 0, row);
	json_object_set_new(root, "controllers", reversed);
	text = json_dumps(root, JSON_COMPACT);
	s9s_parse(&config, text, strlen(text), &other);
	check(&other);
	assert(other.role == reply->role && other.reason == reply->reason);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *root = rpc_reply_load((const char *)data, size);
	struct reply reply;

	s9s_parse(&config, (const char *)data, size, &reply);
	check(&reply);
	assert(root || reply.reason == REASON_MALFORMED);
	if (json_is_array(json_object_get(root, "controllers")))
		check_backwards(root, &reply);
	json_decref(root);
	return 0;
}
