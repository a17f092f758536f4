#include "ui/diff.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/process.h"
#include "ui/command.h"
#include "ui/context.h"

#define DIFF_MS 10000

/* A descriptor that a child inherits, with the text in it; nothing touches the disk. */
static int
text_in_memory(const struct text *text)
{
	int fd = memfd_create("cmonha-ui", 0);

	if (fd < 0)
		log_fatal(EX_OSERR, "no memory for a file");
	if (text && text->length &&
	    write(fd, text->data, text->length) != (ssize_t)text->length)
		log_fatal(EX_OSERR, "no memory for a file");
	return fd;
}

void
diff_print(void *context, const struct difference *difference)
{
	struct process_options how = {.milliseconds = DIFF_MS};
	struct process_result result;
	int before = text_in_memory(difference->before);
	int after = text_in_memory(difference->after);
	char *before_path = format_string("/proc/self/fd/%d", before);
	char *after_path = format_string("/proc/self/fd/%d", after);
	const char *argv[] = {"diff", "-u", "--label",
	    difference->before ? difference->target : "/dev/null", "--label",
	    difference->after ? difference->target : "/dev/null", before_path,
	    after_path, NULL};

	(void)context;
	process_run(argv, &how, &result);
	if (result.end == PROCESS_EXITED && result.status <= 1)
		fputs(text_string(&result.output), stdout);
	else
		printf("%s: differs\n", difference->target);
	text_free(&result.output);
	free(before_path);
	free(after_path);
	close(before);
	close(after);
}

int
command_diff(int argc, char **argv)
{
	static const struct option options[] = {CONTEXT_OPTIONS, {0}};
	struct context *context = allocate(sizeof(*context));
	int option, status = -1;

	while (status < 0 && (option = getopt_long(argc, argv, "", options, NULL)) >= 0)
		status = context_option(context, "diff", option);
	if (status < 0 && optind < argc)
		status = usage_error("diff", "too many words");
	if (status >= 0)
		goto out;
	status = context_find_self(context);
	if (status == 0)
		status = context_plan(context, context->self, false);
	if (status == 0) {
		int count = apply_differences(
		    &context->machine, &context->plan, diff_print, NULL);

		status = count < 0 ? EX_NOPERM : count > 0;
	}
out:
	context_free(context);
	free(context);
	return status;
}
