/*
 * cmonha-ui: from one cluster file to this node's HAProxy, keepalived and check.
 */
#include <string.h>

#include "base/process.h"
#include "ui/command.h"

int
main(int argc, char **argv)
{
	static char help[] = "help";
	char *no_words[] = {help, NULL};
	char **words = argc > 1 ? argv + 1 : no_words;
	const char *name = words[0];
	const struct command *command;
	struct arguments arguments;
	int status;

	process_prepare();
	log_to_stderr("cmonha-ui");
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		name = help;
	else if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
		name = "version";
	command = command_find(name);
	if (!command)
		return usage_error(NULL, "unknown command \"%s\"", name);
	status = arguments_parse(command, argc > 1 ? argc - 1 : 1, words, &arguments);
	if (status == 0 && arguments.help)
		help_print_command(command);
	else if (status == 0)
		status = command->run(&arguments);
	return status;
}
