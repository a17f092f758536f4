#include "apply/apply.h"

#include <stdio.h>
#include <sysexits.h>

#include "apply/preflight.h"
#include "apply/recovery.h"
#include "ui/command.h"
#include "ui/context.h"
#include "ui/diff.h"

static int
dry_run(struct context *context)
{
	int differences;
	int status = context_plan(context, context->self, false);

	if (status == 0)
		status = diff_plan(context, &differences);
	if (status == 0 && differences == 0)
		puts("nothing to change");
	return status;
}

static int
apply(struct context *context)
{
	enum recovery recovery;
	enum apply_result result;
	int lock;
	int status = context_lock(context, &lock);

	if (status)
		return status;
	recovery = recovery_run(&context->machine);
	if (recovery > RECOVERY_NONE)
		log_info("rolled back an interrupted run");
	status = recovery == RECOVERY_FAILED
		     ? EX_UNAVAILABLE
		     : context_plan(context, context->self, true);
	if (status == 0 && context->machine.services && !context->arguments->force)
		status = context_preflight(context);
	if (status == 0) {
		result = apply_plan(&context->machine, &context->plan);
		status = result == APPLY_DONE     ? 0
			 : result == APPLY_FAILED ? EX_UNAVAILABLE
						  : EX_SOFTWARE;
	}
	machine_unlock(lock);
	if (status == 0 && !context->machine.services && !*context->machine.root)
		log_info("systemd is not running: the services start at the next boot");
	return status;
}

int
command_apply(const struct arguments *arguments)
{
	struct context *context = context_create(arguments);
	int status = arguments->dry_run ? 0 : context_require_root(context, "apply");

	if (status == 0)
		status = context_find_self(context);
	if (status == 0)
		status = arguments->dry_run ? dry_run(context) : apply(context);
	context_free(context);
	return status;
}
