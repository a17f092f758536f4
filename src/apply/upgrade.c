#include "apply/upgrade.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apply/service.h"
#include "base/file.h"
#include "base/process.h"
#include "cluster/cluster.h"

#define SHOW_MS      5000
#define JOBS_MS      30000 /* longer than both services take to stop */
#define POLL_JOBS_MS 50

/* The word after `before` in the file, if it can be a node's name; or NULL. */
static char *
find_name(const struct machine *machine, const char *target, const char *before)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
	char *path = machine_path(machine, target);
	struct text content = {0};
	const char *at = NULL;
	char *name = NULL;
	size_t length;

	if (file_read(path, FILE_LIMIT, &content) == 0)
		at = strstr(text_string(&content), before);
	if (at) {
		at += strlen(before);
		length = strspn(at, letters);
		if (length > 0 && length <= NAME_LENGTH)
			name = format_string("%.*s", (int)length, at);
	}
	text_free(&content);
	free(path);
	return name;
}

char *
upgrade_applied_node(const struct machine *machine)
{
	static const char *const marks[] = {PLAN_MARK " for node ", "--node "};
	char *name = find_name(machine, NODE_FILE, "");

	/* Version 0.1.0 had no NODE_FILE. */
	for (size_t i = 0; !name && i < sizeof(marks) / sizeof(marks[0]); i++)
		for (size_t j = 0; !name && j < plan_target_count(); j++)
			if (strcmp(plan_target(j), CLUSTER_FILE_APPLIED) != 0)
				name = find_name(machine, plan_target(j), marks[i]);
	return name;
}

/* Whether a job of systemd's is queued or running for the unit. */
static bool
has_job(const char *unit)
{
	const char *argv[] = {
	    "systemctl", "show", "--property=Job", "--value", unit, NULL};
	struct process_options how = {.milliseconds = SHOW_MS};
	struct process_result result;
	bool found;

	process_run(argv, &how, &result);
	found = process_succeeded(&result) && atoi(text_string(&result.output)) != 0;
	text_free(&result.output);
	return found;
}

/*
 * `systemctl stop cmonha-ui.target` returns before the services have stopped, and a
 * reload would cancel their stop.
 */
static void
wait_for_jobs(void)
{
	clock_ms_t deadline = clock_now() + JOBS_MS;

	for (enum service service = 0; service < SERVICES; service++)
		while (has_job(service_unit(service)) && clock_left(deadline) > 0)
			poll(NULL, 0, POLL_JOBS_MS);
}

static bool
has_file_of(
    const struct machine *machine, const struct plan *plan, enum service service)
{
	bool found = false;

	for (size_t i = 0; i < plan->file_count && !found; i++) {
		char *path = machine_path(machine, plan->files[i].target);

		found = plan->files[i].service == service && access(path, F_OK) == 0;
		free(path);
	}
	return found;
}

/*
 * Whether the check is served by another program now, and runs; or whether the service
 * is the watcher, which version 0.1.0 did not have, and keepalived runs.
 */
static bool
replaces_running(
    const struct machine *machine, const struct plan *plan, enum service service)
{
	enum service other = SERVICES;

	if (service == SERVICE_WATCH)
		return !has_file_of(machine, plan, SERVICE_WATCH) &&
		       service_is_active(SERVICE_KEEPALIVED);
	if (service == SERVICE_XINETD)
		other = SERVICE_CHECK_SOCKET;
	else if (service == SERVICE_CHECK_SOCKET)
		other = SERVICE_XINETD;
	return other != SERVICES && !plan->services[other] &&
	       has_file_of(machine, plan, other) &&
	       !has_file_of(machine, plan, service) && service_is_active(other);
}

unsigned
upgrade_inactive(void)
{
	unsigned inactive = 0;

	wait_for_jobs();
	for (enum service service = 0; service < SERVICES; service++)
		if (service_is_inactive(service))
			inactive |= 1u << service;
	return inactive;
}

void
upgrade_limit(struct machine *machine, struct plan *plan)
{
	struct text names = {0};

	for (enum service service = 0; service < SERVICES; service++) {
		if (!plan->services[service] || !(machine->left_alone & 1u << service))
			continue;
		if (replaces_running(machine, plan, service)) {
			machine->left_alone &= ~(1u << service);
			continue;
		}
		text_addf(
		    &names, "%s%s", names.length ? ", " : "", service_unit(service));
		plan->services[service] = false;
		for (size_t i = 0; i < plan->file_count; i++)
			if (plan->files[i].service == service)
				plan->files[i].service = SERVICES;
	}
	if (names.length)
		log_info("not running, and not started: %s", text_string(&names));
	text_free(&names);
}
