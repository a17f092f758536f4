#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/file.h"
#include "ui/command.h"
#include "ui/context.h"

static int
write_file(const char *directory, const struct plan_file *file)
{
	char *path = format_string("%s/%s", directory, file->name);
	int result = file_make_directories(directory);

	if (result == 0)
		result = file_replace(path, &file->content, file->mode);
	free(path);
	return result;
}

static int
render_node(
    struct context *context, const struct node *node, const char *output, bool many)
{
	char *directory = NULL;
	int status = context_plan(context, node, false);

	if (output)
		directory = many ? format_string("%s/%s", output, node->name)
				 : copy_string(output);
	for (size_t i = 0; status == 0 && i < context->plan.file_count; i++) {
		const struct plan_file *file = &context->plan.files[i];

		if (!file->wanted || strcmp(file->target, CLUSTER_FILE_APPLIED) == 0 ||
		    strcmp(file->target, PASSWORDS_FILE) == 0)
			continue;
		if (directory)
			status = write_file(directory, file) < 0 ? EX_CANTCREAT : 0;
		else
			printf("### %s: %s\n%s\n", node->name, file->target,
			    text_string(&file->content));
	}
	if (status == 0 && !directory && *context->plan.services_line)
		printf("### %s: a line in /etc/services\n%s\n\n", node->name,
		    context->plan.services_line);
	free(directory);
	return status;
}

int
command_render(int argc, char **argv)
{
	static const struct option options[] = {CONTEXT_OPTIONS,
	    {"all", no_argument, NULL, 'a'}, {"output", required_argument, NULL, 'o'},
	    {0}};
	struct context *context = allocate(sizeof(*context));
	const char *output = NULL;
	bool all = false;
	int option, status = -1;

	while (
	    status < 0 && (option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (option == 'a')
			all = true;
		else if (option == 'o')
			output = optarg;
		else
			status = context_option(context, "render", option);
	}
	if (status < 0 && optind < argc)
		status = usage_error("render", "too many words");
	else if (status < 0 && all && context->node)
		status = usage_error("render", "--all and --node exclude each other");
	else if (status < 0 && output && !*output)
		status = usage_error("render", "--output must name a directory");
	if (status >= 0)
		goto out;
	status = all ? context_read(context) : context_find_self(context);
	if (!all && status == 0)
		status = render_node(context, context->self, output, false);
	for (size_t i = 0; all && status == 0 && i < context->cluster.node_count; i++)
		status = render_node(context, &context->cluster.nodes[i], output, true);
out:
	context_free(context);
	free(context);
	return status;
}
