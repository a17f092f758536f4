#include "apply/hook.h"

#include "ui/command.h"

int
command_hook(const struct arguments *arguments)
{
	const struct hook *hook =
	    arguments->words.count ? hook_find(arguments->words.at[0]) : NULL;
	struct machine machine = machine_at(NULL);

	return hook ? hook->run(&machine) : usage_error("hook", "no such hook");
}
