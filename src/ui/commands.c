#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "cluster/cluster.h"
#include "ui/command.h"

/* A row's fields from `kind` on, for a member of struct arguments. */
#define FLAG(member) OPTION_FLAG, NULL, offsetof(struct arguments, member), false
#define VALUE(member, argument)                                                        \
	OPTION_VALUE, argument, offsetof(struct arguments, member), false
#define REPEATED(member, argument, required)                                           \
	OPTION_REPEATED, argument, offsetof(struct arguments, member), required

/* clang-format off */
#define CONFIG    {"config", VALUE(config, "FILE"), "cluster file (default: " CLUSTER_FILE ")"}
#define NODE      {"node", VALUE(node, "NAME"), "act as this node (default: by its addresses)"}
#define ROOT      {"root", VALUE(root, "DIR"), "work on the files below DIR, e.g. an image being built"}
#define TEMPLATES {"templates", VALUE(templates, "DIR"), "use the templates in DIR as the packaged ones"}
/* clang-format on */

static const struct option_row no_options[] = {{0}};

static const struct option_row init_options[] = {
    {"vip", REPEATED(vips, "ADDRESS", true), "virtual IP, with or without /LENGTH"},
    {"node", REPEATED(nodes, "NAME=ADDRESS", true), "name and address of a node"},
    {"forward", REPEATED(forwards, "LIST", false), "ports, as LISTEN:PORT, …"},
    {"set", REPEATED(settings, "SECTION.KEY=VALUE", false), "any other key"},
    {"config", VALUE(config, "FILE"), "file to write (default: " CLUSTER_FILE ")"},
    {"force", FLAG(force), "overwrite the file if it exists"}, {0}};

static const struct option_row check_options[] = {
    {"live", FLAG(live), "check also whether it fits this host, as apply does"}, CONFIG,
    NODE, ROOT, TEMPLATES, {0}};

static const struct option_row render_options[] = {
    {"all", FLAG(all), "the files of every node"},
    {"output", VALUE(output, "DIR"), "write them to DIR, by node with --all"}, CONFIG,
    NODE, ROOT, TEMPLATES, {0}};

static const struct option_row diff_options[] = {CONFIG, NODE, ROOT, TEMPLATES, {0}};

static const struct option_row apply_options[] = {
    {"dry-run", FLAG(dry_run), "show what would change, and change nothing"},
    {"force", FLAG(force), "skip the checks of this host (see check --live)"},
    {"no-start", FLAG(no_start), "start and reload nothing; enable for the next boot"},
    {"wait", FLAG(wait), "wait until this host has the address of a node"},
    {"defer", FLAG(defer), "until it has one, leave that to cmonha-ui-setup.service"},
    {"upgrade", FLAG(upgrade), "apply the applied file again; start nothing"}, CONFIG,
    NODE, ROOT, TEMPLATES, {0}};

static const struct option_row status_options[] = {
    {"json", FLAG(json), "print a JSON object"},
    {"cluster", FLAG(cluster), "of all nodes; works on any machine in `allow`"},
    {"monitoring", FLAG(monitoring), "with --cluster: as a monitoring plugin"},
    {"watch", FLAG(watch), "with --cluster: draw it again each second; q ends"}, CONFIG,
    NODE, ROOT, TEMPLATES, {0}};

/* Of commands that only read the cluster file. */
static const struct option_row file_options[] = {CONFIG, ROOT, {0}};

static const struct option_row remove_options[] = {ROOT, {0}};

const struct command commands[] = {
    {"init", "", 0, "write the cluster file", command_init, init_options},
    {"check", "[FILE]", 1, "report every error in the cluster file", command_check,
	check_options},
    {"render", "", 0, "print or write a node's files", command_render, render_options},
    {"diff", "", 0, "show what apply would change", command_diff, diff_options},
    {"apply", "", 0, "apply the cluster file to this node", command_apply,
	apply_options},
    {"status", "", 0, "show the status of this node", command_status, status_options},
    {"targets", "", 0, "print the nodes as targets for Prometheus", command_targets,
	file_options},
    {"pins", "", 0, "print the keys of the controllers, for pin in the cluster file",
	command_pins, file_options},
    {"remove", "", 0, "undo everything that apply did", command_remove, remove_options},
    {"hook", "NAME", 1, "for the units of this package only", command_hook, no_options},
    {"help", "[config | COMMAND]", 1, "show help", command_help, no_options},
    {"version", "", 0, "print the version", command_version, no_options},
};

const size_t command_count = sizeof(commands) / sizeof(commands[0]);

const struct command *
command_find(const char *name)
{
	for (size_t i = 0; i < command_count; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

int
usage_error(const char *command, const char *format, ...)
{
	struct text usage = {0};
	va_list arguments;

	if (format) {
		fprintf(stderr, "cmonha-ui%s%s: ", command ? " " : "",
		    command ? command : "");
		va_start(arguments, format);
		vfprintf(stderr, format, arguments);
		va_end(arguments);
		fputc('\n', stderr);
	}
	if (command)
		arguments_synopsis(command_find(command), &usage);
	else
		text_addf(&usage, "\"cmonha-ui help\" lists the commands\n");
	fputs(text_string(&usage), stderr);
	text_free(&usage);
	return EX_USAGE;
}
