#include "apply/verify.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/haproxy_socket.h"
#include "apply/service.h"
#include "base/file.h"
#include "base/listener.h"
#include "base/network.h"
#include "base/stream.h"

#define RETRY_MS      50
#define RESPONSE_MAX  (256 * 1024)
#define HAPROXY_MS    1000
#define CHECK_GONE_MS 1000
#define CONNECT_MS    500
#define SETTLE_MS     400 /* RestartSec of its unit is 100 ms */

json_t *
verify_query_check(
    const struct address *address, int port, int milliseconds, const char **reason)
{
	clock_ms_t deadline = clock_now() + milliseconds;
	char words[] = "GET /status HTTP/1.0\r\n\r\n";
	struct text request = {.data = words, .length = strlen(words)};
	struct text response = {0};
	json_t *status = NULL;
	const char *body;
	int fd = network_connect(address, port, deadline);

	if (fd < 0 || stream_write(fd, &request, deadline) < 0 ||
	    stream_read(fd, RESPONSE_MAX, deadline, &response) < 0) {
		*reason = strerror(errno);
		goto out;
	}
	*reason = "the response is not cmonhachk's";
	body = strstr(text_string(&response), "\r\n\r\n");
	if (body && strncmp(response.data, "HTTP/1.", 7) == 0)
		status = json_loads(body + 4, 0, NULL);
out:
	if (fd >= 0)
		close(fd);
	text_free(&response);
	return status;
}

/* These try once. NULL if the service serves the plan, else a reason. */
typedef const char *
find_fault(const struct machine *machine, const struct plan *plan, pid_t before);

static pid_t
pid_in(const json_t *status)
{
	return (pid_t)json_integer_value(json_object_get(status, "pid"));
}

static const char *
check_fault(const struct machine *machine, const struct plan *plan, pid_t before)
{
	const char *reason = NULL;
	const char *checksum;
	json_t *status = verify_query_check(&plan->self->address,
	    plan->cluster->check_port, plan->cluster->deadline + 500, &reason);

	(void)machine;
	if (!status)
		return reason;
	checksum = json_string_value(json_object_get(status, "checksum"));
	if (!checksum || strcmp(checksum, plan->cluster->checksum) != 0)
		reason = "it still uses an earlier cluster file";
	else if (before && pid_in(status) == before)
		reason = "it still runs as its earlier file started it";
	else
		reason = NULL;
	json_decref(status);
	return reason;
}

/* The present worker, from the master's "show proc" (management guide, 9.4). */
static pid_t
haproxy_worker(const struct machine *machine)
{
	struct text processes = {0};
	const char *line = NULL;
	int pid = 0, length = 0;

	if (haproxy_query(machine->root, HAPROXY_MASTER_SOCKET, "show proc;quit",
		clock_now() + HAPROXY_MS, &processes) == 0)
		line = strstr(text_string(&processes), "# workers\n");
	if (!line || sscanf(line, "# workers\n%d worker%n", &pid, &length) != 1 ||
	    !length)
		pid = 0;
	text_free(&processes);
	return pid;
}

/*
 * The text of the line "description" of a haproxy.cfg, which HAProxy reports;
 * allocated. NULL if an administrator's template has none.
 */
static char *
find_description(const char *line)
{
	for (; line; line = strchr(line, '\n')) {
		line += strspn(line, " \t\n");
		if (strncmp(line, "description", 11) == 0 && strspn(line + 11, " \t")) {
			line += 11 + strspn(line + 11, " \t");
			return format_string("%.*s", (int)strcspn(line, "\n"), line);
		}
	}
	return NULL;
}

static char *
planned_description(const struct plan *plan)
{
	for (size_t i = 0; i < plan->file_count; i++)
		if (plan->files[i].service == SERVICE_HAPROXY)
			return find_description(text_string(&plan->files[i].content));
	return NULL;
}

/* Whether it says from which inputs the file was made. */
static bool
is_proof(const struct plan *plan, const char *description)
{
	return description && (strstr(description, plan->digest) ||
				  strstr(description, plan->cluster->checksum));
}

static const char *
description_fault(const struct machine *machine, const char *description)
{
	struct text info = {0};
	const char *reason = NULL;

	if (haproxy_query(machine->root, HAPROXY_SOCKET, "show info",
		clock_now() + HAPROXY_MS, &info) < 0)
		reason = strerror(errno);
	else if (!strstr(text_string(&info), description))
		reason = "it still uses an earlier configuration";
	text_free(&info);
	return reason;
}

static const char *
haproxy_fault(const struct machine *machine, const struct plan *plan, pid_t before)
{
	pid_t worker = haproxy_worker(machine);
	char *description = planned_description(plan);
	const char *reason = NULL;

	if (before && worker == before)
		reason = "the new configuration could not be loaded, so it still uses "
			 "the earlier one";
	else if (!is_proof(plan, description))
		reason = worker ? NULL : "its master process does not answer";
	else
		reason = description_fault(machine, description);
	free(description);
	return reason;
}

/*
 * keepalived reports no digest of its file. It reads the file again at a reload, and a
 * process that cannot use it (status 2, CONFIG: no such interface, say) exits, and its
 * unit starts it again and again. So the file is live if the main process lives on.
 */
static const char *
keepalived_fault(const struct machine *machine, const struct plan *plan, pid_t before)
{
	int pid;

	(void)machine;
	(void)plan;
	(void)before;
	if (!service_is_active(SERVICE_KEEPALIVED))
		return "it is not running";
	pid = service_main_pid(SERVICE_KEEPALIVED);
	poll(NULL, 0, SETTLE_MS);
	if (!service_is_active(SERVICE_KEEPALIVED) ||
	    service_main_pid(SERVICE_KEEPALIVED) != pid)
		return "it exits and is started again";
	return NULL;
}

static const char *
watch_fault(const struct machine *machine, const struct plan *plan, pid_t before)
{
	(void)machine;
	(void)plan;
	(void)before;
	return service_is_active(SERVICE_WATCH) ? NULL : "it is not running";
}

pid_t
verify_process(const struct machine *machine, const struct plan *plan,
    enum service service, int check_port)
{
	const char *reason;
	json_t *status;
	pid_t pid = 0;

	if (service == SERVICE_HAPROXY)
		return haproxy_worker(machine);
	if (service == SERVICE_KEEPALIVED || service == SERVICE_WATCH || !check_port)
		return 0;
	status = verify_query_check(
	    &plan->self->address, check_port, CHECK_GONE_MS, &reason);
	if (status)
		pid = pid_in(status);
	json_decref(status);
	return pid;
}

static void
warn_without_proof(const struct plan *plan)
{
	char *description = planned_description(plan);

	if (!is_proof(plan, description))
		log_warnx("haproxy.cfg, from a template of the administrator, has no "
			  "line \"description cmonha-ui {{name}} {{digest}}\": only "
			  "that HAProxy has loaded a file is verified, not which");
	free(description);
}

int
verify_service(const struct machine *machine, const struct plan *plan,
    enum service service, pid_t before, int milliseconds)
{
	static find_fault *const faults[SERVICES] = {
	    [SERVICE_XINETD] = check_fault,
	    [SERVICE_CHECK_SOCKET] = check_fault,
	    [SERVICE_HAPROXY] = haproxy_fault,
	    [SERVICE_KEEPALIVED] = keepalived_fault,
	    [SERVICE_WATCH] = watch_fault,
	};
	clock_ms_t deadline = clock_now() + milliseconds;
	const char *reason;

	while ((reason = faults[service](machine, plan, before)) &&
	       clock_left(deadline) > 0)
		poll(NULL, 0, RETRY_MS);
	if (reason)
		log_warnx("%s does not serve the new configuration: %s (see "
			  "\"journalctl -u %s\")",
		    service_unit(service), reason, service_unit(service));
	else if (service == SERVICE_HAPROXY)
		warn_without_proof(plan);
	return reason ? -1 : 0;
}

int
verify_haproxy_file(const struct machine *machine, const char *target, int milliseconds)
{
	clock_ms_t deadline = clock_now() + milliseconds;
	char *path = machine_path(machine, target);
	struct text content = {0};
	const char *reason = NULL;
	char *description = NULL;

	if (file_read(path, FILE_LIMIT, &content) == 0)
		description = find_description(text_string(&content));
	while (description && (reason = description_fault(machine, description)) &&
	       clock_left(deadline) > 0)
		poll(NULL, 0, RETRY_MS);
	free(description);
	text_free(&content);
	free(path);
	return reason ? -1 : 0;
}

/* Whether a node, this or another one, accepts connections at each virtual IP. */
static const char *
vips_fault(const struct plan *plan)
{
	const struct cluster *cluster = plan->cluster;

	for (size_t i = 0; i < cluster->vips.count; i++) {
		int fd = network_connect(&cluster->vips.at[i].address,
		    cluster->forwards.at[0].listen, clock_now() + CONNECT_MS);

		if (fd < 0)
			return strerror(errno);
		close(fd);
	}
	return NULL;
}

void
verify_vips(const struct plan *plan, int milliseconds)
{
	clock_ms_t deadline = clock_now() + milliseconds;
	const char *reason;

	while ((reason = vips_fault(plan)) && clock_left(deadline) > 0)
		poll(NULL, 0, RETRY_MS);
	if (reason)
		log_warnx("the virtual IP does not answer yet: %s (see \"cmonha-ui "
			  "status\" on each node)",
		    reason);
}

int
verify_check_stopped(const struct address *address, int port, int milliseconds)
{
	clock_ms_t deadline = clock_now() + milliseconds;
	const char *reason;
	json_t *status;

	while ((status = verify_query_check(address, port, CHECK_GONE_MS, &reason)) &&
	       clock_left(deadline) > 0) {
		json_decref(status);
		poll(NULL, 0, RETRY_MS);
	}
	if (!status)
		return 0;
	log_warnx("cmonhachk still answers on port %d", port);
	json_decref(status);
	return -1;
}

void
verify_port_free(int port, int milliseconds)
{
	struct address loopback = {.family = AF_INET};
	clock_ms_t deadline = clock_now() + milliseconds;
	const char *reason;

	loopback.v4.s_addr = htonl(INADDR_LOOPBACK);
	while (port && listener_find(&loopback, port) == LISTENER_FOUND &&
	       clock_left(deadline) > 0) {
		json_decref(verify_query_check(&loopback, port, RETRY_MS, &reason));
		poll(NULL, 0, RETRY_MS);
	}
}
