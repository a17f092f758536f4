#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "ui/command.h"
#include "ui/context.h"

/*
 * Prometheus documentation, "file_sd_config": a list of groups, each of addresses and
 * of the labels that their samples get. A group for each node, for the label with its
 * name. Never NULL; the caller owns it.
 */
static json_t *
list_targets(const struct cluster *cluster)
{
	json_t *groups = json_array();
	char vip[ADDRESS_TEXT_MAX];

	address_format(&cluster->vips.at[0].address, vip);
	for (size_t i = 0; i < cluster->node_count; i++) {
		const struct node *node = &cluster->nodes[i];
		char address[ADDRESS_TEXT_MAX];
		char *target = format_string("%s:%d",
		    address_format_url(&node->address, address), cluster->check_port);
		json_t *group = json_pack("{s:[s], s:{s:s, s:s}}", "targets", target,
		    "labels", "cluster", vip, "node", node->name);

		free(target);
		if (json_array_append_new(groups, group) < 0)
			log_fatal(EX_OSERR, "out of memory");
	}
	return groups;
}

int
command_targets(const struct arguments *arguments)
{
	struct context *context = context_create(arguments);
	int status = context_read(context);

	if (status == 0) {
		json_t *groups = list_targets(&context->cluster);

		if (json_dumpf(groups, stdout, JSON_INDENT(2)) == 0)
			puts("");
		json_decref(groups);
	}
	context_free(context);
	return status;
}
