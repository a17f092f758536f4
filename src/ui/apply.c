#include "apply/apply.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "apply/preflight.h"
#include "apply/transaction.h"
#include "ui/command.h"
#include "ui/context.h"
#include "ui/diff.h"

static int
show(struct context *context)
{
	int count =
	    apply_differences(&context->machine, &context->plan, diff_print, NULL);

	if (count == 0)
		puts("nothing to change");
	return count < 0 ? EX_NOPERM : 0;
}

static int
carry_out(struct context *context, bool force)
{
	int lock = machine_lock(&context->machine, true);
	int undone, status = EX_UNAVAILABLE;

	if (lock < 0)
		return EX_TEMPFAIL;
	undone = transaction_recover(&context->machine);
	if (undone > 0)
		log_info(
		    "an earlier run was interrupted: its changes were undone first");
	if (undone >= 0)
		status = context_plan(context, context->self, true);
	if (status == 0 && context->machine.services && !force &&
	    preflight_check(&context->machine, &context->plan, &context->site,
		&context->addresses) < 0)
		status = EX_CONFIG;
	if (status == 0 && apply_plan(&context->machine, &context->plan) < 0)
		status = EX_UNAVAILABLE;
	machine_unlock(lock);
	if (status == 0 && !context->machine.services && !context->root)
		log_info(
		    "systemd does not run here: the services start at the next boot");
	return status;
}

int
command_apply(int argc, char **argv)
{
	static const struct option options[] = {CONTEXT_OPTIONS,
	    {"dry-run", no_argument, NULL, 'd'}, {"force", no_argument, NULL, 'f'},
	    {0}};
	struct context *context = allocate(sizeof(*context));
	bool dry_run = false, force = false;
	int option, status = -1;

	while (
	    status < 0 && (option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (option == 'd')
			dry_run = true;
		else if (option == 'f')
			force = true;
		else
			status = context_option(context, "apply", option);
	}
	if (status < 0 && optind < argc)
		status = usage_error("apply", "too many words");
	if (status < 0 && !dry_run)
		status = context_may_change(context, "apply");
	if (status >= 0)
		goto out;
	status = context_find_self(context);
	if (status == 0 && dry_run) {
		status = context_plan(context, context->self, false);
		if (status == 0)
			status = show(context);
	} else if (status == 0) {
		status = carry_out(context, force);
	}
out:
	context_free(context);
	free(context);
	return status;
}
