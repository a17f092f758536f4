#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/file.h"
#include "ui/command.h"
#include "ui/context.h"

static int
write_file(
    const char *directory, const struct plan_file *file, const struct text *content)
{
	char *path = format_string("%s/%s", directory, file->name);
	int result = file_make_directories(directory);

	if (result == 0)
		result = file_replace(path, content, file->mode);
	free(path);
	return result;
}

/* Prints the node's files, or writes them to `directory` if that is not NULL. */
static int
render_node(struct context *context, const struct node *node, const char *directory)
{
	int status = context_plan(context, node, false);
	struct text content = {0};

	for (size_t i = 0; status == 0 && i < context->plan.file_count; i++) {
		const struct plan_file *file = &context->plan.files[i];

		if (!file->wanted || strcmp(file->target, CLUSTER_FILE_APPLIED) == 0 ||
		    strcmp(file->target, NODE_FILE) == 0 ||
		    strcmp(file->target, PASSWORDS_FILE) == 0)
			continue;
		text_clear(&content);
		passwords_mask(file->name, &file->content, NULL, &content);
		if (directory)
			status = write_file(directory, file, &content) < 0
				     ? EX_CANTCREAT
				     : 0;
		else
			printf("### %s: %s\n%s\n", node->name, file->target,
			    text_string(&content));
	}
	if (status == 0 && !directory && *context->plan.services_line)
		printf("### %s: a line in /etc/services\n%s\n\n", node->name,
		    context->plan.services_line);
	text_free(&content);
	return status;
}

static int
render_all(struct context *context, const char *output)
{
	int status = context_read(context);

	for (size_t i = 0; status == 0 && i < context->cluster.node_count; i++) {
		const struct node *node = &context->cluster.nodes[i];
		char *directory =
		    output ? format_string("%s/%s", output, node->name) : NULL;

		status = render_node(context, node, directory);
		free(directory);
	}
	return status;
}

int
command_render(const struct arguments *arguments)
{
	const char *output = arguments->output;
	struct context *context;
	int status;

	if (arguments->all && arguments->node)
		return usage_error("render", "--all and --node exclude each other");
	if (output && !*output)
		return usage_error("render", "--output must name a directory");
	context = context_create(arguments);
	if (arguments->all) {
		status = render_all(context, output);
	} else {
		status = context_find_self(context);
		if (status == 0)
			status = render_node(context, context->self, output);
	}
	context_free(context);
	return status;
}
