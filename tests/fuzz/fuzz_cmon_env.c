/*
 * /etc/default/cmon, a file that is shell to others.
 */
#include "probe/cmon_env.h"
#include "fuzz.h"

static void
check(const struct cmon_env *result)
{
	assert(result->rpc_port >= 1 && result->rpc_port <= 65535);
	assert(result->count <= BIND_ADDRESSES_MAX);
	for (size_t i = 0; i < result->count; i++) {
		size_t length = strlen(result->addresses[i]);

		assert(length > 0 && length < BIND_ADDRESS_MAX);
		assert(strcspn(result->addresses[i], ", \t\n") == length);
	}
}

static void
same(const struct cmon_env *a, const struct cmon_env *b)
{
	assert(a->rpc_port == b->rpc_port && a->count == b->count);
	for (size_t i = 0; i < a->count; i++)
		assert(strcmp(a->addresses[i], b->addresses[i]) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text content = fuzz_text(data, size);
	struct cmon_env result, other;

	cmon_env_parse(&content, &result);
	check(&result);
	/* A comment before everything changes nothing. */
	text_free(&content);
	text_addf(&content, "# RPC_PORT=1 \"'\\\n");
	text_add_bytes(&content, data, size);
	cmon_env_parse(&content, &other);
	same(&result, &other);
	text_free(&content);
	return 0;
}
