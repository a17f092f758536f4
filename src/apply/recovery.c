#include "apply/recovery.h"

#include <stdlib.h>

#include "apply/changes.h"
#include "apply/service.h"
#include "apply/verify.h"
#include "apply/xinetd.h"
#include "base/file.h"
#include "base/log.h"

#define PORT_FREE_MS 5000
#define SERVE_MS     5000

void
recovery_hold_signals(sigset_t *before)
{
	sigset_t held;

	sigemptyset(&held);
	sigaddset(&held, SIGINT);
	sigaddset(&held, SIGTERM);
	sigaddset(&held, SIGHUP);
	sigaddset(&held, SIGPIPE);
	sigprocmask(SIG_BLOCK, &held, before);
}

void
recovery_release_signals(const sigset_t *before)
{
	sigprocmask(SIG_SETMASK, before, NULL);
}

int
recovery_check_port(const struct machine *machine)
{
	struct cluster *applied = allocate(sizeof(*applied));
	int port;

	machine_read_applied(machine, applied);
	port = applied->check_port;
	free(applied);
	return port;
}

/* The services of the restored files, and which of them have a file now. */
struct affected {
	bool changed[SERVICES];
	bool has_file[SERVICES];
	bool units;
};

static void
find_affected(const struct machine *machine, const struct restored *restored,
    struct affected *affected)
{
	*affected = (struct affected){.units = false};
	for (size_t i = 0; i < restored->count; i++) {
		enum service service = plan_target_service(restored->targets[i]);

		if (changes_is_unit(restored->targets[i]))
			affected->units = true;
		if (service != SERVICES)
			affected->changed[service] = true;
	}
	for (size_t i = 0; i < plan_target_count(); i++) {
		enum service service = plan_target_service(plan_target(i));
		char *path = machine_path(machine, plan_target(i));

		if (service != SERVICES && file_exists(path))
			affected->has_file[service] = true;
		free(path);
	}
}

static void
add_failure(struct text *failures, enum service service, const char *what)
{
	text_addf(failures, "%s%s %s", failures->length ? ", " : "",
	    service_unit(service), what);
}

static void
stop_services(const struct machine *machine, const struct affected *affected,
    int check_port, bool wait, struct text *failures)
{
	for (int i = SERVICES - 1; i >= 0; i--) {
		enum service service = (enum service)i;

		if (!affected->changed[service] || affected->has_file[service])
			continue;
		if (service_stop_or_reload(service) < 0)
			add_failure(failures, service, "still uses the new files");
		else if (service == SERVICE_XINETD && wait)
			verify_port_free(check_port, PORT_FREE_MS);
		if (service == SERVICE_XINETD && xinetd_restore(machine) < 0)
			add_failure(failures, service, "is still enabled");
	}
}

/* A reload may have been reported as successful although the old worker goes on. */
static bool
serves_file(const struct machine *machine, enum service service)
{
	for (size_t i = 0; i < plan_target_count(); i++)
		if (service == SERVICE_HAPROXY &&
		    plan_target_service(plan_target(i)) == service)
			return verify_haproxy_file(machine, plan_target(i), SERVE_MS) ==
			       0;
	return true;
}

/*
 * HAProxy, which is starting if nothing is waited for, is left alone then, and so is
 * what an upgrade of the package found stopped.
 */
static void
reload_services(const struct machine *machine, const struct affected *affected,
    bool wait, struct text *failures)
{
	for (enum service service = 0; service < SERVICES; service++) {
		if (!affected->changed[service] || !affected->has_file[service])
			continue;
		if (!wait && service == SERVICE_HAPROXY)
			continue;
		if (machine->left_alone & 1u << service)
			continue;
		if (!wait && service_is_inactive(service))
			continue;
		if (service_reload(service) < 0)
			add_failure(failures, service,
			    service_is_active(service) ? "still uses the new files"
						       : "is not running");
		else if (wait && !service_is_active(service))
			add_failure(failures, service, "is not running");
		else if (wait && !serves_file(machine, service))
			add_failure(failures, service, "still uses the new files");
	}
}

static enum recovery
update_services(const struct machine *machine, const struct restored *restored,
    int check_port, bool wait)
{
	struct text failures = {0};
	struct affected affected;
	enum recovery result = RECOVERY_DONE;

	find_affected(machine, restored, &affected);
	if (affected.units && service_reload_units() < 0)
		text_addf(&failures, "systemd has not read the unit files");
	service_set_waiting(wait);
	stop_services(machine, &affected, check_port, wait, &failures);
	reload_services(machine, &affected, wait, &failures);
	service_set_waiting(true);
	if (failures.length) {
		log_warnx("the previous files are restored, but %s; "
			  "\"cmonha-ui apply\" tries again",
		    failures.data);
		result = RECOVERY_INCOMPLETE;
	}
	text_free(&failures);
	return result;
}

static enum recovery
recover(const struct machine *machine, bool wait)
{
	struct restored restored = {.count = 0};
	enum recovery result = RECOVERY_DONE;
	/* The interrupted run's, where xinetd may listen. */
	int check_port = machine->services ? recovery_check_port(machine) : 0;
	sigset_t before;
	int undone;

	recovery_hold_signals(&before);
	undone = journal_undo(machine, changes_find_target, &restored);
	if (undone != 0 && machine->services)
		result = update_services(machine, &restored, check_port, wait);
	if (undone < 0) {
		log_warnx("not all files are restored; the journal %s%s remains, and "
			  "the next run tries again",
		    machine->root, JOURNAL_FILE);
		result = RECOVERY_FAILED;
	} else if (undone == 0) {
		result = RECOVERY_NONE;
	} else if (journal_remove(machine) < 0) {
		result = RECOVERY_FAILED;
	}
	restored_free(&restored);
	recovery_release_signals(&before);
	return result;
}

enum recovery
recovery_run(const struct machine *machine)
{
	return recover(machine, true);
}

enum recovery
recovery_run_at_start(const struct machine *machine)
{
	return recover(machine, false);
}
