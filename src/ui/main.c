/*
 * cmonha-ui: from one cluster file to this node's HAProxy, keepalived and check.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "ui/command.h"

const struct command commands[] = {
    {"init",
	"--vip ADDRESS… --node NAME=ADDRESS… [--forward LIST] "
	"[--set SECTION.KEY=VALUE…] [--config FILE] [--force]",
	"write the cluster file", command_init},
    {"check", "[--live] [--node NAME] [FILE]",
	"say all that is wrong with the cluster file", command_check},
    {"render",
	"[--node NAME | --all] [--output DIR] [--templates DIR] "
	"[--config FILE]",
	"print or write a node's files", command_render},
    {"diff", "[--node NAME] [--config FILE] [--root DIR]",
	"show what apply would change", command_diff},
    {"apply", "[--dry-run] [--force] [--node NAME] [--config FILE] [--root DIR]",
	"make this node as the cluster file says", command_apply},
    {"status", "[--json] [--node NAME] [--config FILE]",
	"tell how this node is, and why", command_status},
    {"remove", "[--root DIR]", "undo everything that apply did", command_remove},
    {"hook", "NAME", "for the units of this package only", command_hook},
    {"help", "[config | COMMAND]", "explain", command_help},
    {"version", "", "print the version", command_version},
};

const size_t command_count = sizeof(commands) / sizeof(commands[0]);

int
usage_error(const char *command, const char *format, ...)
{
	va_list arguments;

	fputs("cmonha-ui: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	for (size_t i = 0; i < command_count; i++)
		if (command && strcmp(commands[i].name, command) == 0)
			fprintf(stderr, "usage: cmonha-ui %s %s\n", command,
			    commands[i].synopsis);
	if (!command)
		fputs("\"cmonha-ui help\" lists the commands\n", stderr);
	return EX_USAGE;
}

int
main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "help";

	log_to_stderr("cmonha-ui");
	umask(022);
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		name = "help";
	else if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
		name = "version";
	for (size_t i = 0; i < command_count; i++) {
		const struct command *command = &commands[i];

		if (strcmp(command->name, name) != 0)
			continue;
		return argc > 1 ? command->run(argc - 1, argv + 1)
				: command->run(1, argv);
	}
	return usage_error(NULL, "unknown command \"%s\"", name);
}
