/*
 * cmonha-ui: from one cluster file to this node's HAProxy, keepalived and check.
 */
#include <string.h>

#include "base/process.h"
#include "ui/command.h"

int
main(int argc, char **argv)
{
	static char help[] = "help", version[] = "version";
	char *no_words[] = {help, NULL};

	process_prepare();
	log_to_stderr("cmonha-ui");
	if (argc < 2)
		return command_run(1, no_words);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		argv[1] = help;
	else if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)
		argv[1] = version;
	return command_run(argc - 1, argv + 1);
}
