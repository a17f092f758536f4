#include <stdlib.h>
#include <sysexits.h>

#include "apply/apply.h"
#include "apply/transaction.h"
#include "ui/command.h"
#include "ui/context.h"

int
command_remove(int argc, char **argv)
{
	static const struct option options[] = {{"root", required_argument, NULL, 'r'},
	    {"help", no_argument, NULL, 'h'}, {0}};
	struct context *context = allocate(sizeof(*context));
	int option, status = -1;
	int lock = -1;

	while (status < 0 && (option = getopt_long(argc, argv, "", options, NULL)) >= 0)
		status = context_option(context, "remove", option);
	if (status < 0 && optind < argc)
		status = usage_error("remove", "too many words");
	if (status < 0)
		status = context_may_change(context, "remove");
	if (status >= 0)
		goto out;
	context->machine = machine_at(context->root);
	lock = machine_lock(&context->machine, true);
	if (lock < 0) {
		status = EX_TEMPFAIL;
		goto out;
	}
	status = transaction_recover(&context->machine) < 0 ||
			 apply_remove(&context->machine) < 0
		     ? EX_UNAVAILABLE
		     : 0;
out:
	machine_unlock(lock);
	free(context);
	return status;
}
