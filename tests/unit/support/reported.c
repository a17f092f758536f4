#include "reported.h"

#include <stdio.h>
#include <stdlib.h>

#include "unit.h"

struct cluster *reported_cluster;
struct answer *reported_answers;

void
reported_begin(void)
{
	struct cluster *cluster = allocate(sizeof(*cluster));

	cluster->vips.count = 1;
	address_parse("10.0.0.200", &cluster->vips.at[0].address);
	cluster->node_count = 3;
	for (size_t i = 0; i < 3; i++) {
		struct node *node = &cluster->nodes[i];

		snprintf(node->name, sizeof(node->name), "cc%zu", i + 1);
		node->roles = NODE_CONTROLLER | NODE_PROXY;
		node->address.family = AF_INET;
	}
	reported_cluster = cluster;
	reported_answers = allocate(NODES_MAX * sizeof(*reported_answers));
}

void
reported_end(void)
{
	query_free(reported_answers);
	free(reported_answers);
	free(reported_cluster);
}

void
reported_answer(size_t i, bool leads, bool has_vip, const char *rest)
{
	const char *role = leads ? "leader" : "follower";
	char *text = format_string("{\"role\":\"%s\",\"reason\":\"%s\",\"shown\":%s,"
				   "\"version\":\"1\",\"checksum\":\"a\",\"vips\":[{"
				   "\"address\":\"10.0.0.200\",\"here\":%s}]%s}",
	    role, role, leads ? "true" : "false", has_vip ? "true" : "false", rest);

	json_decref(reported_answers[i].status);
	reported_answers[i].status = json_loads(text, 0, NULL);
	ck_assert_msg(reported_answers[i].status != NULL, "%s", text);
	free(text);
}

void
reported_silence(size_t i, const char *fault)
{
	struct answer *answer = &reported_answers[i];

	json_decref(answer->status);
	answer->status = NULL;
	snprintf(answer->fault, sizeof(answer->fault), "%s", fault);
}

void
reported_unknown(size_t i, const char *claim, const char *reason)
{
	json_t *status;

	reported_answer(i, false, false, "");
	status = reported_answers[i].status;
	json_object_set_new(status, "role", json_string("unknown"));
	json_object_set_new(status, "claim", json_string(claim));
	json_object_set_new(status, "reason", json_string(reason));
}

void
reported_all_is_well(void)
{
	reported_answer(0, true, false, "");
	reported_answer(1, false, true, "");
	reported_answer(2, false, false, "");
}

json_t *
reported_judgement(void)
{
	return judgement_make(reported_cluster, reported_answers);
}
