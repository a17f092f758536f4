/*
 * cmonha-ui: from one cluster file to this node's HAProxy, keepalived and check.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/message.h"
#include "ui/command.h"

const struct command commands[] = {
	{"init",
		"--vip ADDRESS… --node NAME=ADDRESS… [--forward LIST] "
		"[--set SECTION.KEY=VALUE…] [--config FILE] [--force]",
		"write the cluster file", false, command_init},
	{"check", "[--live] [--node NAME] [FILE]",
		"say all that is wrong with the cluster file", false, command_check},
	{"render",
		"[--node NAME | --all] [--output DIR] [--templates DIR] [--config "
		"FILE]",
		"print or write a node's files", false, command_render},
	{"diff", "[--node NAME] [--config FILE] [--root DIR]",
		"show what apply would change", false, command_diff},
	{"apply", "[--dry-run] [--force] [--node NAME] [--config FILE] [--root DIR]",
		"make this node as the cluster file says", true, command_apply},
	{"status", "[--json] [--node NAME] [--config FILE]",
		"tell how this node is, and why", false, command_status},
	{"remove", "[--root DIR]", "undo everything that apply did", true,
		command_remove},
	{"hook", "NAME", "for the units of this package only", false, command_hook},
	{"help", "[config | COMMAND]", "explain", false, command_help},
	{"version", "", "print the version", false, command_version},
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

static bool
has_root_option(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strncmp(argv[i], "--root", 6) == 0 ||
			strcmp(argv[i], "--dry-run") == 0 ||
			strcmp(argv[i], "--help") == 0)
			return true;
	return false;
}

int
main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "help";

	message_to_stderr("cmonha-ui");
	umask(022);
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		name = "help";
	else if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
		name = "version";
	for (size_t i = 0; i < command_count; i++) {
		const struct command *command = &commands[i];

		if (strcmp(command->name, name) != 0)
			continue;
		if (command->needs_root && geteuid() != 0 &&
			!has_root_option(argc, argv)) {
			warn("%s must be run as root", name);
			return EX_NOPERM;
		}
		return argc > 1 ? command->run(argc - 1, argv + 1)
				: command->run(1, argv);
	}
	return usage_error(NULL, "unknown command \"%s\"", name);
}
