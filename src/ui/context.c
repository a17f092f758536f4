#include "ui/context.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/file.h"
#include "ui/command.h"

int
context_option(struct context *context, const char *command, int option)
{
	switch (option) {
	case 'c':
		context->config = optarg;
		return -1;
	case 'n':
		context->node = optarg;
		return -1;
	case 't':
		context->templates = optarg;
		return -1;
	case 'r':
		if (*optarg != '/')
			return usage_error(command, "--root must be an absolute path");
		context->root = strcmp(optarg, "/") == 0 ? "" : optarg;
		return -1;
	case 'h': {
		char help[] = "help";
		char *argv[] = {help, (char *)command, NULL};

		return command_help(2, argv);
	}
	default:
		/* getopt has said what is wrong. */
		return usage_error(command, "the options are not understood");
	}
}

int
context_may_change(const struct context *context, const char *command)
{
	if (context->root || geteuid() == 0)
		return -1;
	log_warnx("%s must be run as root", command);
	return EX_NOPERM;
}

static int
read_source(struct context *context, struct problems *problems)
{
	char *path = context->config ? copy_string(context->config)
				     : machine_path(&context->machine, CLUSTER_FILE);
	int result = -1;

	problems->file = path;
	if (file_read(path, FILE_LIMIT, &context->source) < 0)
		problem_error(problems, (struct place){0},
		    "cannot read the cluster file: %s%s", strerror(errno),
		    errno == ENOENT ? "; \"cmonha-ui init\" writes one" : "");
	else
		result = cluster_parse(&context->source, &context->cluster, problems);
	problems_print(problems);
	problems->file = NULL;
	free(path);
	return result;
}

int
context_read(struct context *context)
{
	struct problems problems = {0};
	int result;

	context->machine = machine_at(context->root);
	result = read_source(context, &problems);
	problems_free(&problems);
	if (result < 0)
		return EX_CONFIG;
	return network_local_addresses(&context->addresses) < 0 ? EX_OSERR : 0;
}

int
context_find_self(struct context *context)
{
	const char *reason;
	int status = context_read(context);

	if (status)
		return status;
	context->self = cluster_find_self(
	    &context->cluster, context->node, &context->addresses, &reason);
	if (context->self)
		return 0;
	log_warnx("%s: %s", context->config ? context->config : CLUSTER_FILE, reason);
	return EX_CONFIG;
}

int
context_plan(struct context *context, const struct node *self, bool make_passwords)
{
	struct problems problems = {
	    .file = context->config ? context->config : CLUSTER_FILE};
	int result;

	facts_free(&context->site);
	plan_free(&context->plan);
	result = facts_gather(&context->machine, &context->cluster, self,
	    &context->addresses, make_passwords, &context->site, &problems);
	if (context->templates) {
		free(context->site.templates_packaged);
		context->site.templates_packaged = copy_string(context->templates);
	}
	if (result == 0)
		result = plan_make(&context->cluster, &context->source, &context->site,
		    &context->plan, &problems);
	problems_print(&problems);
	problems_free(&problems);
	return result < 0 ? EX_CONFIG : 0;
}

void
context_free(struct context *context)
{
	plan_free(&context->plan);
	facts_free(&context->site);
	text_free(&context->source);
}
