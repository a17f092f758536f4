#include <sysexits.h>

#include "apply/apply.h"
#include "apply/transaction.h"
#include "ui/command.h"
#include "ui/context.h"

int
command_remove(const struct arguments *arguments)
{
	struct context *context = context_create(arguments);
	int lock = -1;
	int status = context_require_root(context, "remove");

	if (status == 0)
		status = context_lock(context, &lock);
	if (status == 0 && (transaction_recover(&context->machine) < 0 ||
			       apply_remove(&context->machine) < 0))
		status = EX_UNAVAILABLE;
	machine_unlock(lock);
	context_free(context);
	return status;
}
