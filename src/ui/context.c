#include "ui/context.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "apply/journal.h"
#include "apply/preflight.h"
#include "base/file.h"
#include "ui/command.h"

#define LOCK_WAIT_MS 10000

struct context *
context_create(const struct arguments *arguments)
{
	struct context *context = allocate(sizeof(*context));

	context->arguments = arguments;
	context->machine = machine_at(arguments->root);
	if (machine_has_links_out(&context->machine))
		exit(EX_UNAVAILABLE);
	context->file = arguments->config
			    ? copy_string(arguments->config)
			    : machine_path(&context->machine, CLUSTER_FILE);
	return context;
}

void
context_free(struct context *context)
{
	plan_free(&context->plan);
	facts_free(&context->facts);
	text_free(&context->source);
	free(context->file);
	free(context);
}

int
context_require_root(const struct context *context, const char *command)
{
	if (*context->machine.root || geteuid() == 0)
		return 0;
	log_warnx("%s must be run as root", command);
	return EX_NOPERM;
}

int
context_lock(const struct context *context, int *lock)
{
	*lock = machine_lock(&context->machine, LOCK_WAIT_MS);
	if (*lock >= 0)
		return 0;
	if (errno != EWOULDBLOCK)
		return EX_CANTCREAT;
	log_warnx("another instance is running (lock file %s%s)", context->machine.root,
	    LOCK_FILE);
	return EX_TEMPFAIL;
}

int
context_read(struct context *context)
{
	struct problems problems = {0};
	int result;

	text_free(&context->source);
	result =
	    cluster_load(context->file, &context->source, &context->cluster, &problems);
	problems_print(&problems);
	problems_free(&problems);
	if (result < 0) {
		if (journal_is_interrupted(&context->machine))
			log_warnx(JOURNAL_INTERRUPTED);
		return EX_CONFIG;
	}
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
	    &context->cluster, context->arguments->node, &context->addresses, &reason);
	if (context->self)
		return 0;
	log_warnx("%s: %s", context->file, reason);
	return EX_CONFIG;
}

/* `report`: where the errors of the file of passwords go; NULL: they are fatal. */
static int
make_plan(struct context *context, const struct node *self, bool make_passwords,
    struct problems *report)
{
	struct problems problems = {.file = context->file};
	int result;

	facts_free(&context->facts);
	plan_free(&context->plan);
	result = facts_gather(&context->machine, &context->cluster, self,
	    &context->addresses, make_passwords, &context->facts, &problems);
	if (result == FACTS_PASSWORDS && report) {
		problems_append(report, &problems);
		problems = (struct problems){.file = context->file};
		result = FACTS_DONE;
	}
	if (context->arguments->templates) {
		free(context->facts.templates_packaged);
		context->facts.templates_packaged =
		    copy_string(context->arguments->templates);
	}
	if (result == 0)
		result = plan_make(&context->cluster, &context->source, &context->facts,
		    &context->plan, &problems);
	problems_print(&problems);
	problems_free(&problems);
	return result < 0 ? EX_CONFIG : 0;
}

int
context_plan(struct context *context, const struct node *self, bool make_passwords)
{
	return make_plan(context, self, make_passwords, NULL);
}

int
context_plan_report(
    struct context *context, const struct node *self, struct problems *problems)
{
	return make_plan(context, self, false, problems);
}

int
context_preflight(const struct context *context)
{
	struct problems problems = {.file = context->file};
	int result = preflight_check(&context->machine, &context->plan, &context->facts,
	    &context->source, &problems);

	problems_print(&problems);
	problems_free(&problems);
	return result < 0 ? EX_CONFIG : 0;
}
