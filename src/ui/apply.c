#include "apply/apply.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#include "apply/journal.h"
#include "apply/preflight.h"
#include "apply/recovery.h"
#include "apply/service.h"
#include "apply/upgrade.h"
#include "base/file.h"
#include "plan/vip.h"
#include "ui/command.h"
#include "ui/context.h"
#include "ui/diff.h"

#define POLL_ADDRESSES_MS 1000

static int
reject_combinations(const struct arguments *arguments)
{
	if (arguments->root && (arguments->defer || arguments->wait))
		return usage_error("apply", "--%s is not possible with --root",
		    arguments->defer ? "defer" : "wait");
	if (arguments->defer + arguments->wait + arguments->dry_run > 1)
		return usage_error(
		    "apply", "--defer, --wait and --dry-run exclude each other");
	if (arguments->upgrade &&
	    (arguments->config || arguments->node || arguments->dry_run ||
		arguments->defer || arguments->wait))
		return usage_error("apply",
		    "--upgrade excludes --config, --node, --dry-run, --defer and "
		    "--wait");
	return 0;
}

static int
dry_run(struct context *context)
{
	int differences;
	int status = diff_plan(context, &differences);

	if (status == 0 && differences == 0)
		puts("nothing to change");
	return status;
}

static bool
is_pending(const struct context *context)
{
	char *path = machine_path(&context->machine, SETUP_PENDING_FILE);
	bool pending = file_exists(path);

	free(path);
	return pending;
}

/* Whether cmonha-ui-setup.service has something to do at the next boot. */
static int
set_pending(const struct context *context, bool pending)
{
	char *path = machine_path(&context->machine, SETUP_PENDING_FILE);
	struct text empty = {0};
	int result = 0;

	if (!pending)
		result = file_remove(path);
	else if (!is_pending(context))
		result = file_replace(path, &empty, 0644);
	free(path);
	return result;
}

static bool
has_node_address(const struct context *context)
{
	if (context->arguments->node)
		return true;
	for (size_t i = 0; i < context->cluster.node_count; i++)
		if (network_find(
			&context->addresses, &context->cluster.nodes[i].address))
			return true;
	return false;
}

/*
 * Returns when this host has the address of a node. The cluster file may be replaced
 * meanwhile. With `pending`, `done` becomes true if another run of `apply` or `remove`
 * has made the wait superfluous.
 */
static int
wait_for_address(struct context *context, bool pending, bool *done)
{
	struct stat before = {0}, now = {0};
	bool reported = false;
	int status = 0;

	for (;;) {
		if (stat(context->file, &now) < 0 || !before.st_ino ||
		    now.st_ino != before.st_ino || now.st_size != before.st_size ||
		    now.st_mtim.tv_sec != before.st_mtim.tv_sec ||
		    now.st_mtim.tv_nsec != before.st_mtim.tv_nsec) {
			status = context_read(context);
			before = now;
		} else if (network_local_addresses(&context->addresses) < 0) {
			status = EX_OSERR;
		}
		if (status || has_node_address(context))
			return status;
		*done = pending && !is_pending(context);
		if (*done)
			return 0;
		if (!reported)
			log_info(
			    "%s: waiting until this host has the address of a node",
			    context->file);
		reported = true;
		poll(NULL, 0, POLL_ADDRESSES_MS);
	}
}

/* An administrator's edit waits for an `apply` of his own. */
static void
report_unapplied_edit(const struct context *context)
{
	char *path = machine_path(&context->machine, CLUSTER_FILE);
	struct text edited = {0};

	if (file_read(path, FILE_LIMIT, &edited) < 0)
		log_warn("%s: cannot read; the applied copy of it stays in use", path);
	else if (edited.length != context->source.length ||
		 memcmp(edited.data, context->source.data, edited.length) != 0)
		log_info(
		    "%s differs from the applied file, which stays in use; "
		    "\"cmonha-ui diff\" shows what \"cmonha-ui apply\" would change",
		    path);
	text_free(&edited);
	free(path);
}

/* For the node that the applied file was applied for. */
static int
find_applied_self(struct context *context, struct arguments *arguments)
{
	char *node = upgrade_applied_node(&context->machine);
	int status;

	arguments->node = node;
	status = context_find_self(context);
	arguments->node = NULL;
	free(node);
	return status;
}

static int
plan_and_apply(
    struct context *context, const struct arguments *arguments, bool preflight)
{
	int status = context_plan(context, context->self, true);
	enum apply_result result;

	if (status == 0 && preflight)
		status = context_preflight(context);
	if (status == 0 && arguments->upgrade)
		upgrade_limit(&context->machine, &context->plan);
	if (status)
		return status;
	result = apply_plan(&context->machine, &context->plan);
	if (result != APPLY_DONE)
		status = result == APPLY_FAILED ? EX_UNAVAILABLE : EX_SOFTWARE;
	return status;
}

/* The lock; and what an interrupted run has left is undone. */
static int
lock_and_recover(struct context *context, const struct arguments *arguments, int *lock)
{
	struct machine *machine = &context->machine;
	int status = context_lock(context, lock);
	enum recovery recovery;

	if (status)
		return status;
	if (arguments->upgrade && machine->services)
		machine->left_alone = upgrade_inactive();
	recovery = recovery_run(machine);
	if (recovery == RECOVERY_FAILED)
		return EX_UNAVAILABLE;
	if (recovery > RECOVERY_NONE)
		log_info("rolled back an interrupted run");
	return 0;
}

static void
print_urls(const struct context *context)
{
	const struct cluster *cluster = &context->cluster;
	char url[VIP_URL_MAX];

	for (size_t i = 0; i < cluster->forwards.count; i++)
		printf("the UI is at %s\n", vip_url(&cluster->vips.at[0].address,
						&cluster->forwards.at[i], url));
}

/* With the lock held. `systemd`: it runs there, whether or not it is to be used. */
static int
apply(struct context *context, struct arguments *arguments, bool systemd)
{
	const struct machine *machine = &context->machine;
	int status = 0;

	if (arguments->upgrade) {
		if (!file_exists(context->file)) {
			log_info("nothing is applied on this host, and nothing was "
				 "changed (to apply %s: cmonha-ui apply)",
			    CLUSTER_FILE);
			return 0;
		}
		status = find_applied_self(context, arguments);
	}
	if (status == 0)
		status = plan_and_apply(context, arguments,
		    systemd && !arguments->force && !arguments->upgrade);
	if (status)
		return status;
	if (arguments->upgrade)
		report_unapplied_edit(context);
	if (arguments->wait)
		log_info("applied for node %s", context->self->name);
	if (machine->services || *machine->root) {
		if (machine->services && !arguments->upgrade)
			print_urls(context);
		return 0;
	}
	if (systemd && service_reload_units() < 0)
		return EX_UNAVAILABLE;
	if (systemd)
		log_info("nothing was started or reloaded, because of --no-start");
	else if (!arguments->upgrade)
		log_info("systemd is not running: the services start at the next boot");
	return 0;
}

/*
 * The first apply of a package's installation. 0 too, with `pending` true, if this host
 * has no node's address yet, so that nothing can be applied now.
 */
static int
defer(struct context *context, bool *pending)
{
	int status = context_read(context);

	*pending = status == 0 && !has_node_address(context);
	if (!*pending)
		return status;
	if (set_pending(context, true) < 0)
		return EX_CANTCREAT;
	log_info("%s: this host does not have the address of a node yet; "
		 "cmonha-ui-setup.service applies the file as soon as it has one",
	    context->file);
	return 0;
}

int
command_apply(const struct arguments *arguments)
{
	struct arguments own = *arguments;
	struct context *context;
	char *applied =
	    format_string("%s%s", own.root ? own.root : "", CLUSTER_FILE_APPLIED);
	bool pending = false, done = false, systemd;
	int lock = -1;
	int status = reject_combinations(&own);

	if (status) {
		free(applied);
		return status;
	}
	if (own.upgrade)
		own.config = applied;
	context = context_create(&own);
	systemd = context->machine.services;
	context->machine.services = systemd && !own.no_start;
	context->machine.keep_enabled = own.upgrade;
	if (own.dry_run) {
		status = dry_run(context);
		goto out;
	}
	status = context_require_root(context, "apply");
	/* Before the cluster file is read: it may have errors, or not exist. */
	if (status == 0 && journal_exists(&context->machine)) {
		status = lock_and_recover(context, &own, &lock);
		machine_unlock(lock);
		lock = -1;
	}
	if (status == 0 && own.wait) {
		pending = is_pending(context);
		status = wait_for_address(context, pending, &done);
	} else if (status == 0 && own.defer) {
		status = defer(context, &done);
	}
	if (status == 0 && !done && !own.upgrade)
		status = context_find_self(context);
	if (status == 0 && !done)
		status = lock_and_recover(context, &own, &lock);
	/* Another run may have been first. */
	if (status == 0 && !done && (!pending || is_pending(context)))
		status = apply(context, &own, systemd);
	/* What cannot be applied needs an administrator, not another try; a lock does.
	 */
	if (own.defer && status != 0 && status != EX_NOPERM && status != EX_TEMPFAIL)
		set_pending(context, false);
	machine_unlock(lock);
out:
	context_free(context);
	free(applied);
	return status;
}
