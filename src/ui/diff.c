#include "ui/diff.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sysexits.h>
#include <unistd.h>

#include "apply/apply.h"
#include "apply/journal.h"
#include "base/process.h"
#include "ui/command.h"

#define DIFF_MS 10000

/* A file in memory that a child inherits: passwords are not written to the disk. */
static int
text_in_memory(const struct text *text)
{
	int fd = memfd_create("cmonha-ui", 0);

	if (fd < 0)
		log_fatal(EX_OSERR, "cannot write to memory");
	if (text && text->length &&
	    write(fd, text->data, text->length) != (ssize_t)text->length)
		log_fatal(EX_OSERR, "cannot write to memory");
	return fd;
}

static void
print_difference(void *context, const struct difference *difference)
{
	struct process_options how = {.milliseconds = DIFF_MS};
	struct process_result result;
	struct text before_text = {0}, after_text = {0};
	int before, after;
	char *before_path, *after_path;

	(void)context;
	if (difference->before)
		passwords_mask(
		    difference->target, difference->before, NULL, &before_text);
	if (difference->after)
		passwords_mask(difference->target, difference->after,
		    difference->before, &after_text);
	before = text_in_memory(&before_text);
	after = text_in_memory(&after_text);
	before_path = format_string("/proc/self/fd/%d", before);
	after_path = format_string("/proc/self/fd/%d", after);
	const char *argv[] = {"diff", "-u", "--label",
	    difference->before ? difference->target : "/dev/null", "--label",
	    difference->after ? difference->target : "/dev/null", before_path,
	    after_path, NULL};

	process_run(argv, &how, &result);
	if (result.end == PROCESS_EXITED && result.status <= 1)
		fputs(text_string(&result.output), stdout);
	else
		printf("%s differs\n", difference->target);
	text_free(&result.output);
	free(before_path);
	free(after_path);
	text_free(&before_text);
	text_free(&after_text);
	close(before);
	close(after);
}

int
diff_plan(struct context *context, int *differences)
{
	int status = context_find_self(context);

	if (status == 0)
		status = context_plan(context, context->self, false);
	if (status)
		return status;
	*differences = apply_differences(
	    &context->machine, &context->plan, print_difference, NULL);
	if (*differences >= 0)
		return 0;
	return errno == EACCES || errno == EPERM ? EX_NOPERM : EX_UNAVAILABLE;
}

int
command_diff(const struct arguments *arguments)
{
	struct context *context = context_create(arguments);
	int differences;
	int status = diff_plan(context, &differences);

	if (status == 0 && journal_is_interrupted(&context->machine)) {
		log_warnx(JOURNAL_INTERRUPTED);
		status = 1;
	}
	if (status == 0 && differences > 0)
		status = 1;
	context_free(context);
	return status;
}
