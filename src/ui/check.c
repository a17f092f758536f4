#include <stdio.h>

#include "ui/command.h"
#include "ui/context.h"

int
command_check(const struct arguments *arguments)
{
	struct context *context;
	struct arguments own = *arguments;
	int status;

	if (own.words.count && own.config)
		return usage_error("check", "--config and FILE exclude each other");
	if (own.words.count)
		own.config = own.words.at[0];
	context = context_create(&own);
	status = own.live ? context_find_self(context) : context_read(context);
	if (status == 0 && own.live)
		status = context_plan(context, context->self, false);
	if (status == 0 && own.live)
		status = context_preflight(context);
	if (status == 0)
		printf("%s: %zu nodes, no errors\n", context->file,
		    context->cluster.node_count);
	context_free(context);
	return status;
}
