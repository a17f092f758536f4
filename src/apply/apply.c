#include "apply/apply.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apply/changes.h"
#include "apply/recovery.h"
#include "apply/service.h"
#include "apply/services_line.h"
#include "apply/verify.h"
#include "apply/xinetd.h"
#include "base/file.h"
#include "base/process.h"

#define VALIDATOR_MS        15000
#define VALIDATOR_ARGUMENTS 8
#define VERIFY_MS           5000

/* Runs the program that will read the file on its staged content. */
static int
validate(const struct plan_file *file, const char *staged)
{
	/*
	 * keepalived 2.2.7 kills its own test by SIGTERM when a script has a user other
	 * than root: it mistakes its parent for a dead main process. Blocked, that has
	 * no effect, and needs no privilege, as a process namespace would.
	 */
	struct process_options how = {.milliseconds = VALIDATOR_MS,
	    .capture_stderr = true,
	    .block_sigterm = true};
	struct process_result result;
	const char *argv[VALIDATOR_ARGUMENTS + 1] = {NULL};
	char *name = NULL;
	char words[64];
	int status = 0;

	for (size_t i = 0; file->validator[i] && i < VALIDATOR_ARGUMENTS; i++) {
		const char *place = strstr(file->validator[i], "{}");

		argv[i] = file->validator[i];
		if (place) {
			name = format_string(
			    "%.*s%s", (int)(place - argv[i]), argv[i], staged);
			argv[i] = name;
		}
	}
	process_run(argv, &how, &result);
	if (result.end == PROCESS_NOT_STARTED && result.status == ENOENT) {
		log_warnx(
		    "%s is not installed, so %s cannot be tested", argv[0], file->name);
		status = -1;
	} else if (!process_succeeded(&result)) {
		log_warnx("%s rejects the new %s (%s); nothing was changed\n%s",
		    argv[0], file->name, process_describe_end(&result, words),
		    text_string(&result.output));
		status = -1;
	}
	text_free(&result.output);
	free(name);
	return status;
}

static int
validate_all(const struct transaction *transaction)
{
	int result = 0;

	for (size_t i = 0; i < transaction->count; i++) {
		const struct change *change = &transaction->changes[i];

		if (change->file && change->wanted && change->file->validator &&
		    validate(change->file, change->staged) < 0)
			result = -1;
	}
	return result;
}

/*
 * Stops the changed services that are not wanted. This comes first: xinetd and
 * systemd's socket want the same port, and only one can have it.
 */
static int
stop_unwanted(
    const struct transaction *transaction, const bool wanted[SERVICES], int check_port)
{
	int result = 0;

	/* keepalived first: the virtual IP fails over while HAProxy still serves. */
	for (int i = SERVICES - 1; i >= 0; i--) {
		enum service service = (enum service)i;

		if (wanted[service] || !transaction_changes(transaction, service))
			continue;
		if (service_stop_or_reload(service) < 0)
			result = -1;
		if (service == SERVICE_XINETD) {
			verify_port_free(check_port, VERIFY_MS);
			if (xinetd_restore(transaction->machine) < 0)
				result = -1;
		}
	}
	return result;
}

/* The socket goes on listening if only the service that it starts has changed. */
static bool
changes_only_started(const struct transaction *transaction)
{
	for (size_t i = 0; i < transaction->count; i++) {
		const struct plan_file *file = transaction->changes[i].file;

		if (file && file->service == SERVICE_CHECK_SOCKET &&
		    strcmp(file->name, service_unit(SERVICE_CHECK_SOCKET)) == 0)
			return false;
	}
	return true;
}

/*
 * xinetd lets the cmonhachk that it has started run on; cmonhachk exits when its
 * cluster file changes, also if only in its time.
 */
static void
touch_applied(const struct machine *machine)
{
	char *path = machine_path(machine, CLUSTER_FILE_APPLIED);

	if (utimensat(AT_FDCWD, path, NULL, AT_SYMLINK_NOFOLLOW) < 0)
		log_warn("%s: cannot set its time", path);
	free(path);
}

/* Those whose files changed read them; the others are started if they do not run. */
static int
start_or_reload(const struct machine *machine, const struct transaction *transaction,
    enum service service)
{
	int result;

	if (service == SERVICE_XINETD && !machine->keep_enabled &&
	    xinetd_enable(machine) < 0)
		return -1;
	if (!transaction_changes(transaction, service))
		return service_is_active(service) ? 0 : service_start(service);
	if (service == SERVICE_CHECK_SOCKET && changes_only_started(transaction))
		return service_replace(service);
	result = service_reload(service);
	if (result == 0 && service == SERVICE_XINETD)
		touch_applied(machine);
	return result;
}

/* The processes that a change must replace; 0: none, or not known. */
static void
find_processes(const struct machine *machine, const struct plan *plan,
    const struct transaction *transaction, pid_t processes[SERVICES])
{
	int check_port = recovery_check_port(machine);

	for (enum service service = 0; service < SERVICES; service++)
		processes[service] =
		    plan->services[service] && transaction_changes(transaction, service)
			? verify_process(machine, plan, service, check_port)
			: 0;
}

static int
update_services(const struct machine *machine, const struct plan *plan,
    const struct transaction *transaction, const pid_t before[SERVICES])
{
	if (changes_units(transaction) && service_reload_units() < 0)
		return -1;
	if (stop_unwanted(transaction, plan->services, plan->cluster->check_port) < 0)
		return -1;
	for (enum service service = 0; service < SERVICES; service++)
		if (plan->services[service] &&
		    (start_or_reload(machine, transaction, service) < 0 ||
			verify_service(
			    machine, plan, service, before[service], VERIFY_MS) < 0))
			return -1;
	return 0;
}

static enum apply_result
roll_back(const struct machine *machine, const struct transaction *transaction)
{
	switch (recovery_run(machine)) {
	case RECOVERY_DONE:
		log_warnx("rolled back to the previous configuration");
		return APPLY_FAILED;
	case RECOVERY_NONE:
		if (transaction->count)
			return APPLY_INCOMPLETE;
		log_warnx("no file was changed");
		return APPLY_FAILED;
	default:
		return APPLY_INCOMPLETE;
	}
}

/* Nothing depends on the line, so it is no reason to fail. */
static void
update_services_line(const struct machine *machine, const char *entry)
{
	struct transaction transaction = {.machine = machine};
	int changes = changes_for_services_line(&transaction, entry);

	if (changes < 0 || (transaction.count && transaction_replace(&transaction) < 0))
		log_warnx(
		    "%s%s is not changed: nothing depends on the line \"%s\", and "
		    "with \"services_line = no\" in section [check] none is added",
		    machine->root, SERVICES_FILE, *entry ? entry : "cmonhachk");
	transaction_free(&transaction);
}

/* Whether its unit file is a new one: the check changes from xinetd to a socket. */
static bool
creates_unit(const struct transaction *transaction, enum service service)
{
	for (size_t i = 0; i < transaction->count; i++) {
		const struct change *change = &transaction->changes[i];

		if (change->file && change->file->service == service &&
		    change->wanted && !change->existed &&
		    changes_is_unit(change->file->target))
			return true;
	}
	return false;
}

/* Without systemd a service can only be enabled for the next boot. */
static int
enable_services(const struct machine *machine, const struct plan *plan,
    const struct transaction *transaction)
{
	int result = 0;

	for (enum service service = 0; service < SERVICES; service++) {
		if (!plan->services[service])
			continue;
		if ((!machine->keep_enabled || creates_unit(transaction, service)) &&
		    service_enable(machine, service) < 0)
			result = -1;
		if (service == SERVICE_XINETD && xinetd_is_enabled(machine) == 0)
			result = -1;
	}
	return result;
}

/* Those that the plan (NULL: none) does not want, while their unit files exist. */
static void
disable_services(const struct machine *machine, const struct plan *plan)
{
	for (enum service service = 0; service < SERVICES; service++)
		if (!plan || !plan->services[service])
			service_disable(machine, service);
}

static enum apply_result
swap_and_serve(const struct machine *machine, const struct plan *plan,
    struct transaction *transaction)
{
	pid_t before[SERVICES] = {0};
	enum apply_result result = APPLY_DONE;

	if (machine->services && transaction->count)
		find_processes(machine, plan, transaction, before);
	if (transaction->count && transaction_swap(transaction) < 0)
		result = journal_exists(machine) ? APPLY_INCOMPLETE : APPLY_FAILED;
	else if ((machine->services &&
		     update_services(machine, plan, transaction, before) < 0) ||
		 (transaction->count && transaction_finish(transaction) < 0))
		result = roll_back(machine, transaction);
	return result;
}

enum apply_result
apply_plan(const struct machine *machine, const struct plan *plan)
{
	struct transaction transaction = {.machine = machine};
	enum apply_result result = APPLY_FAILED;
	sigset_t signals;

	changes_remove_staged(machine);
	if (changes_for_plan(&transaction, plan) < 0 ||
	    transaction_stage(&transaction) < 0)
		goto out;
	if (machine->validate && validate_all(&transaction) < 0)
		goto out;
	recovery_hold_signals(&signals);
	if (!machine->services)
		disable_services(machine, plan);
	result = swap_and_serve(machine, plan, &transaction);
	if (result == APPLY_DONE) {
		changes_report_saved(&transaction);
		update_services_line(machine, plan->services_line);
	}
	/* Not earlier: a rollback would remove the unit and leave the link to it. */
	if (result == APPLY_DONE && !machine->services &&
	    enable_services(machine, plan, &transaction) < 0)
		log_warnx(
		    "the services are not enabled: they will not start at the next boot");
	recovery_release_signals(&signals);
	if (result == APPLY_DONE && machine->services &&
	    plan->services[SERVICE_KEEPALIVED])
		verify_vips(plan, VERIFY_MS);
out:
	transaction_free(&transaction);
	return result;
}

static void
report_changes(const struct transaction *transaction,
    void (*report)(void *context, const struct difference *difference), void *context)
{
	for (size_t i = 0; i < transaction->count; i++) {
		const struct change *change = &transaction->changes[i];
		struct difference difference = {.target = change->target,
		    .before = change->existed ? &change->before : NULL,
		    .after = change->wanted ? &change->content : NULL};

		report(context, &difference);
	}
}

int
apply_differences(const struct machine *machine, const struct plan *plan,
    void (*report)(void *context, const struct difference *difference), void *context)
{
	struct transaction transaction = {.machine = machine};
	struct transaction line = {.machine = machine};
	int count = -1;
	int kept_errno;

	if (changes_for_plan(&transaction, plan) == 0) {
		/* If it cannot be read, that is reported and no difference. */
		changes_for_services_line(&line, plan->services_line);
		count = (int)(transaction.count + line.count);
		report_changes(&transaction, report, context);
		report_changes(&line, report, context);
	}
	kept_errno = errno;
	transaction_free(&line);
	transaction_free(&transaction);
	errno = kept_errno;
	return count;
}

/* 0, or -1 after a message. */
static int
stop_check(int port)
{
	struct address loopback = {.family = AF_INET};
	int result = service_stop_or_reload(SERVICE_XINETD);

	loopback.v4.s_addr = htonl(INADDR_LOOPBACK);
	if (port && verify_check_stopped(&loopback, port, VERIFY_MS) < 0)
		result = -1;
	return result;
}

/* All files as one change. 0, or -1 after a message. */
static int
remove_all(const struct machine *machine)
{
	struct transaction transaction = {.machine = machine};
	int result = -1;

	if (changes_for_removal(&transaction) == 0 &&
	    transaction_stage(&transaction) == 0 &&
	    (!transaction.count || transaction_swap(&transaction) == 0))
		result = 0;
	/* Nothing is worse than to restore, at the next run, what is removed now. */
	if (result == 0 && transaction.count && transaction_finish(&transaction) < 0)
		result = transaction_finish(&transaction);
	transaction_free(&transaction);
	return result;
}

/* One file, and the saved one in its place. 0, or -1 after a message. */
static int
remove_one(const struct machine *machine, size_t number)
{
	struct transaction transaction = {.machine = machine};
	int result = 0;

	if (changes_for_removal_of(&transaction, number) < 0 ||
	    transaction_replace(&transaction) < 0) {
		log_warnx("%s%s remains", machine->root, plan_target(number));
		result = -1;
	}
	transaction_free(&transaction);
	return result;
}

/*
 * All at once; if that fails, because one file is immutable for instance, each that can
 * be. A journal that could not be undone is kept for the administrator's files in it.
 */
static int
remove_files(const struct machine *machine)
{
	bool left = journal_exists(machine);
	int result = left ? -1 : 0;

	if (!left && remove_all(machine) == 0)
		return 0;
	for (size_t i = 0; i < plan_target_count(); i++)
		if (remove_one(machine, i) < 0)
			result = -1;
	return result;
}

enum apply_result
apply_remove(const struct machine *machine)
{
	int check_port = machine->services ? recovery_check_port(machine) : 0;
	enum apply_result result = APPLY_DONE;
	sigset_t signals;

	recovery_hold_signals(&signals);
	changes_remove_staged(machine);
	if (!machine->services)
		disable_services(machine, NULL);
	/* keepalived first, as above; xinetd last, when its file is removed. */
	for (int i = SERVICES - 1; machine->services && i > SERVICE_XINETD; i--)
		if (service_stop_or_reload((enum service)i) < 0)
			result = APPLY_INCOMPLETE;
	if (machine->services)
		service_stop_target();
	if (remove_files(machine) < 0)
		result = APPLY_INCOMPLETE;
	update_services_line(machine, "");
	if (machine->services && service_reload_units() < 0)
		result = APPLY_INCOMPLETE;
	if (machine->services && stop_check(check_port) < 0)
		result = APPLY_INCOMPLETE;
	if (xinetd_restore(machine) < 0)
		result = APPLY_INCOMPLETE;
	recovery_release_signals(&signals);
	return result;
}
