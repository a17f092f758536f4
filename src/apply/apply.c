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

#define VALIDATOR_MS    15000
#define VALIDATOR_WORDS 8

/* Runs the program that will read the file on its staged form. */
static int
validate(const struct plan_file *file, const char *staged)
{
	struct process_options how = {
	    .milliseconds = VALIDATOR_MS, .capture_stderr = true};
	struct process_result result;
	const char *argv[VALIDATOR_WORDS + 1] = {NULL};
	char *name = NULL;
	char words[64];
	int status = 0;

	for (size_t i = 0; file->validator[i] && i < VALIDATOR_WORDS; i++) {
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
		    "%s is not installed, so %s cannot be used", argv[0], file->name);
		status = -1;
	} else if (!process_succeeded(&result)) {
		log_warnx("%s refuses the new %s (%s); nothing was changed\n%s",
		    argv[0], file->name, process_describe_end(&result, words),
		    text_string(&result.output));
		status = -1;
	}
	text_free(&result.output);
	free(name);
	return status;
}

static const struct change *
find_change(const struct transaction *transaction, const char *target)
{
	for (size_t i = 0; i < transaction->count; i++)
		if (strcmp(transaction->changes[i].name, target) == 0)
			return &transaction->changes[i];
	return NULL;
}

static int
validate_all(const struct transaction *transaction, const struct plan *plan)
{
	int result = 0;

	for (size_t i = 0; i < plan->file_count; i++) {
		const struct plan_file *file = &plan->files[i];
		const struct change *change = find_change(transaction, file->target);

		if (change && change->wanted && file->validator &&
		    validate(file, change->staged) < 0)
			result = -1;
	}
	return result;
}

/* The port of the check that is in force; 0 where none is, or nothing tells. */
static int
applied_check_port(void)
{
	struct cluster *applied = allocate(sizeof(*applied));
	struct problems ignored = {0};
	int port;

	cluster_read(CLUSTER_FILE_APPLIED, applied, &ignored);
	port = applied->check_port;
	problems_free(&ignored);
	free(applied);
	return port;
}

/*
 * Before any other is told: xinetd and systemd's socket want the same port, and while
 * one has it the other cannot get it.
 */
static int
stop_unwanted(const bool wanted[SERVICES], const bool told[SERVICES], int check_port)
{
	int result = 0;

	/* keepalived first: the VIP goes to another node while HAProxy still serves. */
	for (int service = SERVICES - 1; service >= 0; service--)
		if (told[service] && !wanted[service] &&
		    service_stop((enum service)service) < 0)
			result = -1;
	if (told[SERVICE_XINETD] && !wanted[SERVICE_XINETD])
		verify_port_free(check_port);
	return result;
}

static int
tell_services(const struct plan *plan, const bool told[SERVICES], bool units_changed)
{
	if (units_changed && service_reload_units() < 0)
		return -1;
	if (stop_unwanted(plan->services, told, plan->cluster->check_port) < 0)
		return -1;
	for (enum service service = 0; service < SERVICES; service++) {
		if (!plan->services[service])
			continue;
		if (told[service]
			? service_reload(service) < 0
			: !service_is_active(service) && service_start(service) < 0)
			return -1;
		if (verify_service(plan, service) < 0)
			return -1;
	}
	if (plan->services[SERVICE_KEEPALIVED])
		verify_vips(plan);
	return 0;
}

/* Where systemd does not run, all that can be done is that it will start them. */
static int
enable_services(const struct machine *machine, const struct plan *plan)
{
	int result = 0;

	for (enum service service = 0; service < SERVICES; service++)
		if (plan->services[service] &&
		    service_enable(service, machine->root) < 0)
			result = -1;
	return result;
}

/* Those that the plan (NULL: none) does not want, while their unit files are there. */
static void
disable_services(const struct machine *machine, const struct plan *plan)
{
	for (enum service service = 0; service < SERVICES; service++)
		if (!plan || !plan->services[service])
			service_disable(service, machine->root);
}

/* The files are as before again: those who had read the new ones must hear of it. */
static void
tell_of_undo(const struct plan *plan, const bool told[SERVICES], bool units_changed)
{
	bool had_file[SERVICES] = {false};

	if (units_changed)
		service_reload_units();
	for (size_t i = 0; i < plan->file_count; i++)
		if (plan->files[i].service != SERVICES &&
		    access(plan->files[i].target, F_OK) == 0)
			had_file[plan->files[i].service] = true;
	stop_unwanted(had_file, told, applied_check_port());
	for (enum service service = 0; service < SERVICES; service++)
		if (told[service] && had_file[service])
			service_reload(service);
}

int
apply_plan(const struct machine *machine, const struct plan *plan)
{
	struct transaction transaction = {.machine = machine};
	bool told[SERVICES] = {false};
	bool units_changed = false;
	int result = -1;

	changes_sweep(machine);
	if (changes_for_plan(&transaction, plan, told, &units_changed) < 0 ||
	    transaction_stage(&transaction) < 0 ||
	    (!*machine->root && validate_all(&transaction, plan) < 0))
		goto out;
	if (!machine->services)
		disable_services(machine, plan);
	if (transaction.count && transaction_swap(&transaction) < 0)
		goto out;
	if (machine->services && tell_services(plan, told, units_changed) < 0) {
		if (transaction.count && transaction_recover(machine) < 0)
			goto out;
		tell_of_undo(plan, told, units_changed);
		log_warnx("everything is as it was before");
		goto out;
	}
	result = transaction.count ? transaction_finish(&transaction) : 0;
	if (result < 0)
		goto out;
	changes_tell_kept(&transaction);
	/* Only now, since an undoing would take the unit and leave the link to it. */
	if (!machine->services && enable_services(machine, plan) < 0)
		log_warnx(
		    "the services are not enabled: they will not start at the next boot");
out:
	transaction_free(&transaction);
	return result;
}

int
apply_differences(const struct machine *machine, const struct plan *plan,
    void (*tell)(void *context, const struct difference *difference), void *context)
{
	struct transaction transaction = {.machine = machine};
	bool told[SERVICES] = {false};
	bool units_changed = false;
	int count = -1;

	if (changes_for_plan(&transaction, plan, told, &units_changed) == 0) {
		count = (int)transaction.count;
		for (size_t i = 0; i < transaction.count; i++) {
			const struct change *change = &transaction.changes[i];
			struct difference difference = {.target = change->target,
			    .before = change->existed ? &change->before : NULL,
			    .after = change->wanted ? &change->content : NULL};

			tell(context, &difference);
		}
	}
	transaction_free(&transaction);
	return count;
}

static void
stop_services(void)
{
	/* keepalived first: the VIP goes to another node while HAProxy still serves. */
	for (int service = SERVICES - 1; service > SERVICE_XINETD; service--)
		service_stop((enum service)service);
}

static void
end_check(int port)
{
	struct address loopback = {.family = AF_INET};

	loopback.v4.s_addr = htonl(INADDR_LOOPBACK);
	service_stop(SERVICE_XINETD);
	if (port)
		verify_check_gone(&loopback, port);
}

int
apply_remove(const struct machine *machine)
{
	struct transaction transaction = {.machine = machine};
	int check_port = machine->services ? applied_check_port() : 0;
	int result = -1;

	changes_sweep(machine);
	if (machine->services)
		stop_services();
	else
		disable_services(machine, NULL);
	if (changes_for_removal(&transaction) < 0 ||
	    transaction_stage(&transaction) < 0)
		goto out;
	if (transaction.count && (transaction_swap(&transaction) < 0 ||
				     transaction_finish(&transaction) < 0))
		goto out;
	if (machine->services) {
		service_reload_units();
		end_check(check_port);
	}
	result = 0;
out:
	transaction_free(&transaction);
	return result;
}
