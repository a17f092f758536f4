#include "apply/service.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/process.h"

/* Longer than any stop or start of ours can take, see TimeoutStopSec in the units. */
#define SYSTEMCTL_MS 60000

static const struct {
	const char *unit;
	const char *reload; /* systemctl's word for taking in a change */
	bool ours;
	const char *behind; /* the service that a socket starts */
} services[SERVICES] = {
    [SERVICE_XINETD] = {"xinetd.service", "reload", false, NULL},
    /* A socket cannot be reloaded, and its port may have changed. */
    [SERVICE_CHECK_SOCKET] = {"cmonha-ui-check.socket", "restart", true,
	"cmonha-ui-check.service"},
    [SERVICE_HAPROXY] = {"cmonha-ui-haproxy.service", "reload", true, NULL},
    [SERVICE_KEEPALIVED] = {"cmonha-ui-keepalived.service", "reload", true, NULL},
};

const char *
service_unit(enum service service)
{
	return services[service].unit;
}

/* systemctl's own words go into the message: they name the unit and the next step. */
static int
systemctl(const char *verb, const char *option, const char *unit, bool quiet)
{
	const char *argv[] = {"systemctl", verb, option, unit, NULL};
	struct process_options how = {
	    .milliseconds = SYSTEMCTL_MS, .capture_stderr = true};
	struct process_result result;
	char words[64];
	int status = -1;

	process_run(argv, &how, &result);
	if (process_succeeded(&result))
		status = 0;
	else if (!quiet)
		log_warnx("systemctl %s %s %s\n%s", verb, unit ? unit : "",
		    process_describe_end(&result, words), text_string(&result.output));
	text_free(&result.output);
	return status;
}

bool
service_is_active(enum service service)
{
	return systemctl("is-active", "--quiet", services[service].unit, true) == 0;
}

int
service_reload_units(void)
{
	return systemctl("daemon-reload", "--quiet", NULL, false);
}

static bool
is_installed(const char *unit, const char *root)
{
	static const char *const directories[] = {
	    "/etc/systemd/system", "/lib/systemd/system", "/usr/lib/systemd/system"};
	bool found = false;

	for (size_t i = 0; i < 3 && !found; i++) {
		char *path = format_string("%s%s/%s", root, directories[i], unit);

		found = access(path, F_OK) == 0;
		free(path);
	}
	return found;
}

static int
systemctl_offline(const char *verb, enum service service, const char *root)
{
	const char *unit = services[service].unit;
	char *option;
	int result;

	if (!services[service].ours || !is_installed(unit, root))
		return 0;
	option = format_string("--root=%s", *root ? root : "/");
	result = systemctl(verb, option, unit, false);
	free(option);
	return result;
}

int
service_enable(enum service service, const char *root)
{
	return systemctl_offline("enable", service, root);
}

int
service_disable(enum service service, const char *root)
{
	return systemctl_offline("disable", service, root);
}

int
service_start(enum service service)
{
	const char *unit = services[service].unit;

	/* One that failed too often must not be refused now that its file is new. */
	systemctl("reset-failed", "--quiet", unit, true);
	if (!services[service].ours)
		return systemctl("start", "--quiet", unit, false);
	if (systemctl("enable", "--quiet", unit, false) < 0)
		return -1;
	return systemctl("start", "--quiet", unit, false);
}

int
service_reload(enum service service)
{
	if (!service_is_active(service))
		return service_start(service);
	return systemctl(
	    services[service].reload, "--quiet", services[service].unit, false);
}

int
service_stop(enum service service)
{
	const char *unit = services[service].unit;

	if (!services[service].ours)
		return service_is_active(service)
			   ? systemctl("reload", "--quiet", unit, false)
			   : 0;
	if (service_is_active(service) && systemctl("stop", "--quiet", unit, false) < 0)
		return -1;
	/* What a socket has started lives on when the socket is gone. */
	if (services[service].behind)
		systemctl("stop", "--quiet", services[service].behind, true);
	systemctl("reset-failed", "--quiet", unit, true);
	/* Its file may never have been there. */
	systemctl("disable", "--quiet", unit, true);
	return 0;
}
