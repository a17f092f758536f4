#include "apply/apply.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apply/changes.h"
#include "apply/service.h"
#include "apply/verify.h"
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

/* The check's port in the applied configuration; 0 if unknown. */
static int
applied_check_port(const struct machine *machine)
{
	char *path = machine_path(machine, CLUSTER_FILE_APPLIED);
	struct cluster *applied = allocate(sizeof(*applied));
	struct problems ignored = {0};
	int port;

	cluster_read(path, applied, &ignored);
	port = applied->check_port;
	problems_free(&ignored);
	free(applied);
	free(path);
	return port;
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
		if (service == SERVICE_XINETD)
			verify_port_free(check_port, VERIFY_MS);
	}
	return result;
}

/* Those whose files changed read them; the others are started if they do not run. */
static int
start_or_reload(const struct transaction *transaction, enum service service)
{
	if (transaction_changes(transaction, service))
		return service_reload(service);
	return service_is_active(service) ? 0 : service_start(service);
}

static int
update_services(const struct machine *machine, const struct plan *plan,
    const struct transaction *transaction)
{
	if (changes_units(transaction) && service_reload_units() < 0)
		return -1;
	if (stop_unwanted(transaction, plan->services, plan->cluster->check_port) < 0)
		return -1;
	for (enum service service = 0; service < SERVICES; service++)
		if (plan->services[service] &&
		    (start_or_reload(transaction, service) < 0 ||
			verify_service(machine, plan, service, VERIFY_MS) < 0))
			return -1;
	if (plan->services[SERVICE_KEEPALIVED])
		verify_vips(plan, VERIFY_MS);
	return 0;
}

/* The files are restored already; the services that read the new ones reload them. */
static void
roll_back_services(const struct machine *machine, const struct plan *plan,
    const struct transaction *transaction)
{
	bool had_file[SERVICES] = {false};

	if (changes_units(transaction))
		service_reload_units();
	for (size_t i = 0; i < plan->file_count; i++) {
		char *path = machine_path(machine, plan->files[i].target);

		if (plan->files[i].service != SERVICES && access(path, F_OK) == 0)
			had_file[plan->files[i].service] = true;
		free(path);
	}
	stop_unwanted(transaction, had_file, applied_check_port(machine));
	for (enum service service = 0; service < SERVICES; service++)
		if (had_file[service] && transaction_changes(transaction, service))
			service_reload(service);
}

/* Without systemd a service can only be enabled for the next boot. */
static int
enable_services(const struct machine *machine, const struct plan *plan)
{
	int result = 0;

	for (enum service service = 0; service < SERVICES; service++)
		if (plan->services[service] && service_enable(machine, service) < 0)
			result = -1;
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

int
apply_plan(const struct machine *machine, const struct plan *plan)
{
	struct transaction transaction = {.machine = machine};
	int result = -1;

	changes_remove_staged(machine);
	if (changes_for_plan(&transaction, plan) < 0 ||
	    transaction_stage(&transaction) < 0)
		goto out;
	if (machine->validate && validate_all(&transaction) < 0)
		goto out;
	if (!machine->services)
		disable_services(machine, plan);
	if (transaction.count && transaction_swap(&transaction) < 0)
		goto out;
	if (machine->services && update_services(machine, plan, &transaction) < 0) {
		if (transaction.count && transaction_recover(machine) < 0)
			goto out;
		roll_back_services(machine, plan, &transaction);
		log_warnx("rolled back to the previous configuration");
		goto out;
	}
	if (transaction.count && transaction_finish(&transaction) < 0)
		goto out;
	result = 0;
	changes_report_saved(&transaction);
	/* Not earlier: a rollback would remove the unit and leave the link to it. */
	if (!machine->services && enable_services(machine, plan) < 0)
		log_warnx(
		    "the services are not enabled: they will not start at the next boot");
out:
	transaction_free(&transaction);
	return result;
}

int
apply_differences(const struct machine *machine, const struct plan *plan,
    void (*report)(void *context, const struct difference *difference), void *context)
{
	struct transaction transaction = {.machine = machine};
	int count = -1;
	int kept_errno;

	if (changes_for_plan(&transaction, plan) == 0) {
		count = (int)transaction.count;
		for (size_t i = 0; i < transaction.count; i++) {
			const struct change *change = &transaction.changes[i];
			struct difference difference = {.target = change->target,
			    .before = change->existed ? &change->before : NULL,
			    .after = change->wanted ? &change->content : NULL};

			report(context, &difference);
		}
	}
	kept_errno = errno;
	transaction_free(&transaction);
	errno = kept_errno;
	return count;
}

static void
stop_check(int port)
{
	struct address loopback = {.family = AF_INET};

	loopback.v4.s_addr = htonl(INADDR_LOOPBACK);
	service_stop_or_reload(SERVICE_XINETD);
	if (port)
		verify_check_stopped(&loopback, port, VERIFY_MS);
}

int
apply_remove(const struct machine *machine)
{
	struct transaction transaction = {.machine = machine};
	int check_port = machine->services ? applied_check_port(machine) : 0;
	int result = -1;

	changes_remove_staged(machine);
	if (!machine->services)
		disable_services(machine, NULL);
	/* keepalived first, as above; xinetd last, when its file is removed. */
	for (int i = SERVICES - 1; machine->services && i > SERVICE_XINETD; i--)
		service_stop_or_reload((enum service)i);
	if (changes_for_removal(&transaction) < 0 ||
	    transaction_stage(&transaction) < 0)
		goto out;
	if (transaction.count && (transaction_swap(&transaction) < 0 ||
				     transaction_finish(&transaction) < 0))
		goto out;
	if (machine->services) {
		service_reload_units();
		stop_check(check_port);
	}
	result = 0;
out:
	transaction_free(&transaction);
	return result;
}
