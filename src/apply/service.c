#include "apply/service.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/process.h"
#include "base/value.h"

/* Longer than any start or stop takes, see TimeoutStopSec in the units. */
#define SYSTEMCTL_MS 60000

static const struct {
	const char *unit;
	bool shared;        /* others use it too */
	const char *starts; /* the service that a socket starts */
} services[SERVICES] = {
    [SERVICE_XINETD] = {"xinetd.service", true, NULL},
    [SERVICE_CHECK_SOCKET] = {"cmonha-ui-check.socket", false,
	"cmonha-ui-check.service"},
    [SERVICE_HAPROXY] = {"cmonha-ui-haproxy.service", false, NULL},
    [SERVICE_KEEPALIVED] = {"cmonha-ui-keepalived.service", false, NULL},
    [SERVICE_WATCH] = {"cmonha-ui-watch.service", false, NULL},
};

static bool no_block;

void
service_set_waiting(bool wait)
{
	no_block = !wait;
}

/* Of a verb that queues a job. */
static const char *
option(void)
{
	return no_block ? "--no-block" : "--quiet";
}

const char *
service_unit(enum service service)
{
	return services[service].unit;
}

static void
run_systemctl(const char *verb, const char *option, const char *unit,
    struct process_result *result)
{
	const char *argv[] = {"systemctl", verb, option, unit, NULL};
	struct process_options how = {
	    .milliseconds = SYSTEMCTL_MS, .capture_stderr = true};

	process_run(argv, &how, result);
}

/* systemctl's output is part of the message: it names the unit and the next step. */
static int
systemctl(const char *verb, const char *option, const char *unit, bool quiet)
{
	struct process_result result;
	char words[64];
	int status = -1;

	run_systemctl(verb, option, unit, &result);
	if (process_succeeded(&result))
		status = 0;
	else if (!quiet)
		log_warnx("systemctl %s%s%s %s\n%s", verb, unit ? " " : "",
		    unit ? unit : "", process_describe_end(&result, words),
		    text_string(&result.output));
	text_free(&result.output);
	return status;
}

/* Exit statuses of systemctl(1): 0, running or reloading; 3, not; 4, no such unit. */
enum activity { RUNS, RUNS_NOT, UNKNOWN };

static enum activity
find_activity(enum service service)
{
	struct process_result result;
	enum activity activity = UNKNOWN;

	run_systemctl("is-active", "--quiet", services[service].unit, &result);
	if (process_succeeded(&result))
		activity = RUNS;
	else if (result.end == PROCESS_EXITED &&
		 (result.status == 3 || result.status == 4))
		activity = RUNS_NOT;
	text_free(&result.output);
	return activity;
}

bool
service_is_active(enum service service)
{
	return find_activity(service) == RUNS;
}

bool
service_is_inactive(enum service service)
{
	return find_activity(service) == RUNS_NOT;
}

/* Its output counts: it fails too for a unit that is static, or does not exist. */
enum service_state
service_state(enum service service)
{
	const char *argv[] = {"systemctl", "is-enabled", services[service].unit, NULL};
	struct process_options how = {.milliseconds = SYSTEMCTL_MS};
	struct process_result result;
	enum service_state state = SERVICE_ENABLED;

	process_run(argv, &how, &result);
	if (strncmp(text_string(&result.output), "disabled", 8) == 0)
		state = SERVICE_DISABLED;
	else if (strncmp(text_string(&result.output), "masked", 6) == 0)
		state = SERVICE_MASKED;
	text_free(&result.output);
	return state;
}

int
service_main_pid(enum service service)
{
	const char *argv[] = {"systemctl", "show", "--property=MainPID", "--value",
	    services[service].unit, NULL};
	struct process_options how = {.milliseconds = SYSTEMCTL_MS};
	struct process_result result;
	int64_t pid = 0;

	process_run(argv, &how, &result);
	if (process_succeeded(&result) && result.output.data)
		value_number(value_trim(result.output.data), 0, INT_MAX, &pid);
	text_free(&result.output);
	return (int)pid;
}

int
service_reload_units(void)
{
	return systemctl("daemon-reload", "--quiet", NULL, false);
}

static bool
is_installed(const struct machine *machine, const char *unit)
{
	static const char *const directories[] = {
	    "/etc/systemd/system", "/lib/systemd/system", "/usr/lib/systemd/system"};
	bool found = false;

	for (size_t i = 0; i < 3 && !found; i++) {
		char *path =
		    format_string("%s%s/%s", machine->root, directories[i], unit);

		found = file_exists(path) && !machine_leads_out(machine, path);
		free(path);
	}
	return found;
}

/* systemctl would follow such links of an image. */
static bool
links_lead_out(const struct machine *machine)
{
	static const char *const directories[] = {"/etc/systemd/system",
	    "/etc/systemd/system/multi-user.target.wants",
	    "/etc/systemd/system/sockets.target.wants"};
	bool out = false;

	for (size_t i = 0; i < 3 && !out; i++) {
		char *path = machine_path(machine, directories[i]);

		out = machine_leads_out(machine, path);
		free(path);
	}
	return out;
}

static int
systemctl_offline(const struct machine *machine, const char *verb, enum service service)
{
	const char *unit = services[service].unit;
	char *option;
	int result;

	if (services[service].shared || !is_installed(machine, unit))
		return 0;
	if (links_lead_out(machine))
		return -1;
	option = format_string("--root=%s", *machine->root ? machine->root : "/");
	result = systemctl(verb, option, unit, false);
	free(option);
	return result;
}

int
service_enable(const struct machine *machine, enum service service)
{
	return systemctl_offline(machine, "enable", service);
}

int
service_disable(const struct machine *machine, enum service service)
{
	return systemctl_offline(machine, "disable", service);
}

int
service_set_enabled(enum service service, bool enabled)
{
	return systemctl(
	    enabled ? "enable" : "disable", "--quiet", services[service].unit, false);
}

int
service_start(enum service service)
{
	const char *unit = services[service].unit;

	/* A unit that failed too often before would be refused, though its file is new.
	 */
	systemctl("reset-failed", "--quiet", unit, true);
	if (!services[service].shared && service_set_enabled(service, true) < 0)
		return -1;
	/* Left by a socket that failed: systemd would refuse to start it. */
	if (services[service].starts &&
	    systemctl("is-active", "--quiet", services[service].starts, true) == 0 &&
	    systemctl("stop", option(), services[service].starts, false) < 0)
		return -1;
	return systemctl("start", option(), unit, false);
}

/*
 * With the packaged units one call stops the service with its socket and starts both
 * again. It fails if an administrator's own unit file of the service does not require
 * the socket; then nothing may start the service between its stop and the start.
 */
static int
restart_socket(enum service service)
{
	const char *unit = services[service].unit;

	if (systemctl("restart", option(), unit, true) == 0)
		return 0;
	systemctl("stop", option(), unit, true);
	if (systemctl("stop", option(), services[service].starts, false) < 0)
		return -1;
	systemctl("reset-failed", "--quiet", unit, true);
	return systemctl("start", option(), unit, false);
}

int
service_reload(enum service service)
{
	if (service_is_inactive(service))
		return service_start(service);
	if (services[service].starts)
		return restart_socket(service);
	return systemctl("reload", option(), services[service].unit, false);
}

int
service_restart(enum service service)
{
	return systemctl("restart", option(), services[service].unit, false);
}

int
service_replace(enum service service)
{
	if (service_is_inactive(service))
		return service_start(service);
	return systemctl("stop", option(), services[service].starts, false);
}

int
service_stop_or_reload(enum service service)
{
	const char *unit = services[service].unit;
	bool inactive = service_is_inactive(service);

	if (services[service].shared)
		return inactive ? 0 : systemctl("reload", option(), unit, false);
	/* Also if it is not active: systemd may be about to start it again after a
	   failure. That fails for a unit that does not exist. */
	if (systemctl("stop", option(), unit, inactive) < 0 && !inactive)
		return -1;
	/* A service that a socket has started outlives it. */
	if (services[service].starts)
		systemctl("stop", option(), services[service].starts, true);
	systemctl("reset-failed", "--quiet", unit, true);
	/* Fails if its file never existed. */
	systemctl("disable", "--quiet", unit, true);
	return 0;
}

void
service_stop_target(void)
{
	systemctl("stop", option(), "cmonha-ui.target", true);
}
