#include "apply/node_status.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "apply/apply.h"
#include "apply/haproxy_socket.h"
#include "apply/service.h"
#include "apply/verify.h"
#include "base/json.h"

#define ASK_MS 1500

static void
problem(json_t *status, const char *what, const char *reason)
{
	json_push(json_object_get(status, "problems"),
	    json_sprintf("%s%s%s", what, reason ? ": " : "", reason ? reason : ""));
}

static void
take_difference(void *context, const struct difference *difference)
{
	json_push(context, json_string(difference->target));
}

static void
collect_files(json_t *status, const struct machine *machine, const struct plan *plan)
{
	json_t *differing = json_array();

	if (geteuid() != 0) {
		json_put(status, "files",
		    json_string("unknown: only root can read them all"));
		json_decref(differing);
		return;
	}
	if (apply_differences(machine, plan, take_difference, differing) < 0)
		problem(status, "the files cannot be compared", NULL);
	if (json_array_size(differing))
		problem(status,
		    "files differ from what the cluster file says (\"cmonha-ui "
		    "diff\")",
		    NULL);
	json_put(status, "files_differing", differing);
}

static void
collect_services(json_t *status, const struct plan *plan)
{
	json_t *services = json_object();

	for (enum service service = 0; service < SERVICES; service++) {
		bool active;

		if (!plan->services[service])
			continue;
		active = service_is_active(service);
		json_put(services, service_unit(service),
		    json_string(active ? "active" : "inactive"));
		if (!active)
			problem(status, service_unit(service), "is not running");
	}
	json_put(status, "services", services);
}

static void
collect_vips(
    json_t *status, const struct plan *plan, const struct local_addresses *addresses)
{
	json_t *vips = json_array();

	for (size_t i = 0; i < plan->cluster->vips.count; i++) {
		const struct prefix *vip = &plan->cluster->vips.at[i];
		const struct local_address *here =
		    network_find(addresses, &vip->address);
		char text[ADDRESS_TEXT_MAX];
		json_t *object = json_object();

		json_put(object, "address",
		    json_string(address_format(&vip->address, text)));
		json_put(object, "here", json_boolean(here != NULL));
		if (here)
			json_put(object, "interface", json_string(here->interface));
		json_push(vips, object);
	}
	json_put(status, "vips", vips);
}

static const char *
role_of(const json_t *check)
{
	const char *role = json_string_value(json_object_get(check, "role"));

	return role ? role : "unknown";
}

static void
collect_role(json_t *status, const struct plan *plan)
{
	const char *reason = NULL;
	const char *checksum;
	json_t *check;

	if (!(plan->self->roles & NODE_CONTROLLER))
		return;
	check = verify_ask_check(
	    &plan->self->address, plan->cluster->check_port, ASK_MS, &reason);
	if (!check) {
		problem(status, "cmonhachk does not answer", reason);
		return;
	}
	checksum = json_string_value(json_object_get(check, "checksum"));
	if (!checksum || strcmp(checksum, plan->cluster->checksum) != 0)
		problem(status, "cmonhachk answers from another cluster file", NULL);
	if (strcmp(role_of(check), "unknown") == 0)
		problem(status, "this node's controller",
		    json_string_value(json_object_get(check, "explanation")));
	json_put(status, "check", check);
}

/* The servers of the first backend, as "show stat" lists them: name and state. */
static void
collect_proxy(json_t *status, const struct plan *plan)
{
	struct text answer = {0};
	json_t *servers;
	char *rest, *line;
	bool any_up = false;

	if (!(plan->self->roles & NODE_PROXY) || geteuid() != 0)
		return;
	if (haproxy_query(HAPROXY_SOCKET, "show stat -1 4 -1", clock_now() + ASK_MS,
		&answer) < 0) {
		problem(status, "HAProxy does not answer", strerror(errno));
		text_free(&answer);
		return;
	}
	servers = json_object();
	for (line = strtok_r(answer.data, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		char *fields[18] = {NULL};
		char *at = line;

		for (int i = 0; i < 18 && at; i++)
			fields[i] = strsep(&at, ",");
		/* Columns pxname, svname, status: management guide, section 9.1. */
		if (!fields[17] || line[0] == '#' ||
		    json_object_get(servers, fields[1]))
			continue;
		json_put(servers, fields[1], json_string(fields[17]));
		if (strncmp(fields[17], "UP", 2) == 0)
			any_up = true;
	}
	if (!any_up)
		problem(
		    status, "HAProxy sees no leader, so nobody's UI is shown", NULL);
	json_put(status, "haproxy_servers", servers);
	text_free(&answer);
}

json_t *
status_collect(const struct machine *machine, const struct plan *plan,
    const struct local_addresses *addresses)
{
	json_t *status = json_object();

	json_put(status, "node", json_string(plan->self->name));
	json_put(status, "version", json_string(CMONHA_VERSION));
	json_put(status, "checksum", json_string(plan->cluster->checksum));
	json_put(status, "problems", json_array());
	collect_files(status, machine, plan);
	collect_services(status, plan);
	collect_vips(status, plan, addresses);
	collect_role(status, plan);
	collect_proxy(status, plan);
	json_put(status, "well",
	    json_boolean(json_array_size(json_object_get(status, "problems")) == 0));
	return status;
}
