#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "apply/preflight.h"
#include "ui/command.h"
#include "ui/context.h"

int
command_check(int argc, char **argv)
{
	static const struct option options[] = {
	    CONTEXT_OPTIONS, {"live", no_argument, NULL, 'l'}, {0}};
	struct context *context = allocate(sizeof(*context));
	bool live = false;
	int option, status = -1;

	while (
	    status < 0 && (option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (option == 'l')
			live = true;
		else
			status = context_option(context, "check", option);
	}
	if (status >= 0)
		goto out;
	if (optind < argc)
		context->config = argv[optind++];
	if (optind < argc) {
		status = usage_error("check", "too many words");
		goto out;
	}
	status = live ? context_find_self(context) : context_read(context);
	if (status == 0 && live)
		status = context_plan(context, context->self, false);
	if (status == 0 && live)
		status = preflight_check(&context->machine, &context->plan,
			     &context->site, &context->addresses) < 0
			     ? EX_CONFIG
			     : 0;
	if (status == 0)
		printf("%s: %zu nodes, no errors\n",
		    context->config ? context->config : CLUSTER_FILE,
		    context->cluster.node_count);
out:
	context_free(context);
	free(context);
	return status;
}
