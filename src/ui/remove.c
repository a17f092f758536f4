#include <sysexits.h>

#include "apply/apply.h"
#include "apply/recovery.h"
#include "ui/command.h"
#include "ui/context.h"

int
command_remove(const struct arguments *arguments)
{
	struct context *context = context_create(arguments);
	bool image = *context->machine.root;
	int lock = -1;
	int status = context_require_root(context, "remove");

	if (status == 0)
		status = context_lock(context, &lock);
	if (status == 0 && recovery_run(&context->machine) == RECOVERY_FAILED && image)
		status = EX_UNAVAILABLE;
	/* On this machine services were stopped: a package must be removable now. */
	if (status == 0 && apply_remove(&context->machine) != APPLY_DONE)
		status = image ? EX_SOFTWARE : 0;
	machine_unlock(lock);
	context_free(context);
	return status;
}
