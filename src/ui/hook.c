#include "apply/hook.h"

#include "ui/command.h"

int
command_hook(const struct options *options)
{
	const struct hook *hook =
	    options->words.count ? hook_find(options->words.at[0]) : NULL;
	struct machine machine = machine_at(NULL);

	return hook ? hook->run(&machine) : usage_error("hook", "no such hook");
}
