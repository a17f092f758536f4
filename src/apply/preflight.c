#include "apply/preflight.h"

#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apply/ports.h"
#include "apply/service.h"
#include "apply/ui_probe.h"
#include "apply/vip_holder.h"
#include "apply/xinetd.h"
#include "base/file.h"
#include "base/listener.h"
#include "base/network.h"
#include "cluster/ini.h"
#include "cluster/keys.h"
#include "plan/vip.h"
#include "probe/certificate.h"

#define PROGRAMS_MAX   4
#define PIN_MS         1000
#define XINETD_MS      2000
#define XINETD_POLL_MS 20

/* The key with its line; line 0, the file as a whole, if it has its default value. */
static struct place
find_place(const struct text *source, const char *section, const char *key)
{
	struct place place = {0, section, key};
	struct problems ignored = {0};
	struct ini ini;

	ini_begin(&ini, source, &ignored);
	while (!place.line && ini_next(&ini))
		if (ini.key && strcmp(ini.section, section) == 0 &&
		    strcmp(ini.key, key) == 0)
			place.line = ini.number;
	problems_free(&ignored);
	return place;
}

static bool
is_applied_port(const struct cluster *applied, int port)
{
	if (!applied)
		return false;
	for (size_t i = 0; i < applied->forwards.count; i++)
		if (applied->forwards.at[i].listen == port)
			return true;
	return applied->stats == port || applied->check_port == port;
}

/* If xinetd has a service of this name already, the port is its own. */
static bool
has_xinetd_service(const struct machine *machine)
{
	char *path = machine_path(machine, "/etc/xinetd.d/cmonhachk");
	bool has = file_exists(path) && xinetd_is_installed(machine) > 0;

	free(path);
	return has;
}

/*
 * A UI that is down now is the check's business, not a wrong cluster file.
 * ClusterControl 2.x only redirects port 80 to https://HOST/, without the port: the
 * browser would leave HAProxy for port 443 of whichever node is active.
 */
static void
check_ui(const struct node *self, const struct forward *forward, struct place place,
    struct problems *problems)
{
	char location[UI_LOCATION_MAX];
	enum ui ui = ui_probe(&self->address, forward->port, !forward->http, location);

	if (forward->http && ui == UI_REDIRECTS)
		problem_error(problems, place,
		    "port %d of this node only redirects to %s, which leaves "
		    "port %d of the virtual IP; use %d:443, as ClusterControl "
		    "2.x needs (or --force)",
		    forward->port, location, forward->listen, forward->listen);
	else if (forward->http && ui == UI_TLS)
		problem_error(problems, place,
		    "port %d of this node speaks TLS, so HAProxy cannot forward plain "
		    "HTTP to it; use %d:%d/tcp",
		    forward->port, forward->listen, forward->port);
	else if (!forward->http && (ui == UI_HTTP || ui == UI_REDIRECTS))
		problem_warning(problems, place,
		    "port %d of this node speaks HTTP without TLS; with %d:%d/http "
		    "users get a page while there is no leader",
		    forward->port, forward->listen, forward->port);
}

/* A controller that does not answer now is the check's business here too. */
static void
check_pin(const struct cluster *cluster, const struct node *self, struct place place,
    struct problems *problems)
{
	char pin[PIN_LENGTH + 1];

	if (*self->pins &&
	    !certificate_pin(&self->address, cluster->rpc_port, PIN_MS, pin) &&
	    !pins_have(self->pins, pin))
		problem_error(problems, place,
		    "this node's controller has another key, so the others do not "
		    "believe it: use %s, or both while its certificate is being "
		    "changed (or --force)",
		    pin);
}

/* The key of this node if it is set there, else that of the cluster. */
static struct place
place_of_interface(const struct text *source, const struct node *self, char *label)
{
	struct place place =
	    find_place(source, section_label(SECTION_NODE, self, label), "interface");

	return place.line ? place : find_place(source, "cluster", "interface");
}

static void
check_interface(
    const struct host_facts *facts, struct place place, struct problems *problems)
{
	unsigned index = if_nametoindex(facts->interface);
	char name[IF_NAMESIZE] = "";
	struct if_nameindex *all;
	struct text names = {0};

	for (size_t i = 0; i < facts->addresses->count; i++)
		if (strcmp(facts->addresses->at[i].interface, facts->interface) == 0)
			return;
	if (index && if_indextoname(index, name) &&
	    strcmp(name, facts->interface) != 0) {
		problem_error(problems, place,
		    "%s is another name of the interface %s: use %s", facts->interface,
		    name, name);
		return;
	}
	if (index)
		return;
	all = if_nameindex();
	for (size_t i = 0; all && all[i].if_index; i++)
		if (strcmp(all[i].if_name, "lo") != 0)
			text_addf(
			    &names, "%s%s", names.length ? ", " : "", all[i].if_name);
	if (all)
		if_freenameindex(all);
	problem_error(problems, place, "there is no interface %s; there %s %s",
	    facts->interface, strchr(text_string(&names), ',') ? "are" : "is",
	    names.length ? names.data : "only lo");
	text_free(&names);
}

/*
 * After the first apply an administrator may have disabled or masked a unit, and xinetd
 * is not ours. What does not run is another matter, and `apply` enables what it starts.
 */
static void
check_unit(enum service service, struct place place, struct problems *problems)
{
	const char *unit = service_unit(service);

	switch (service_state(service)) {
	case SERVICE_MASKED:
		problem_error(problems, place,
		    "%s is masked, so it cannot be started: run \"systemctl unmask "
		    "%s\"%s",
		    unit, unit,
		    service == SERVICE_XINETD ? ", or set server = systemd in [check]"
					      : "");
		break;
	case SERVICE_DISABLED:
		if (service == SERVICE_XINETD)
			problem_warning(problems, place,
			    "%s is not enabled, so it does not start at the next boot; "
			    "\"cmonha-ui apply\" enables it",
			    unit);
		else if (service_is_active(service))
			problem_warning(problems, place,
			    "%s is not enabled, so it does not start at the next boot; "
			    "to enable it, run \"systemctl enable %s\"",
			    unit, unit);
		break;
	case SERVICE_ENABLED:
		break;
	}
}

/* Each in the place of the key that selects it. */
static void
check_units(const struct plan *plan, struct place server, struct problems *problems)
{
	for (enum service service = 0; service < SERVICES; service++)
		if (plan->services[service])
			check_unit(service,
			    service == SERVICE_XINETD ? server : (struct place){0},
			    problems);
}

static bool
xinetd_has(int port)
{
	const struct address any = {.family = AF_UNSPEC};
	struct listener_program programs[PROGRAMS_MAX];
	size_t count = listener_programs(&any, port, programs, PROGRAMS_MAX);

	for (size_t i = 0; i < count; i++)
		if (strcmp(programs[i].name, "xinetd") == 0)
			return true;
	return false;
}

/*
 * An interrupted first apply may have been rolled back a moment ago, by HAProxy's unit,
 * which waits for nothing: xinetd then still closes the port of the removed file.
 */
static void
wait_for_xinetd(int port)
{
	clock_ms_t deadline = clock_now() + XINETD_MS;

	while (xinetd_has(port) && clock_left(deadline) > 0)
		poll(NULL, 0, XINETD_POLL_MS);
}

/* Programs that look up the port or the name use the first line. */
static void
check_services_file(const struct machine *machine, struct problems *problems)
{
	char *path = machine_path(machine, "/etc/services");
	struct problems own = {.file = path};
	struct text content = {0};
	int number = 0, first = 0;
	char *rest, *line;

	file_read(path, FILE_LIMIT, &content);
	rest = content.data;
	while (rest && (line = strsep(&rest, "\n"))) {
		char name[16], protocol[8];

		number++;
		if (sscanf(line, "%15s %*[0-9]/%7[a-z]", name, protocol) != 2 ||
		    strcmp(name, "cmonhachk") != 0 || strcmp(protocol, "tcp") != 0)
			continue;
		if (first)
			problem_warning(&own, (struct place){.line = number},
			    "duplicate line for cmonhachk (first in line %d): keep one",
			    first);
		else
			first = number;
	}
	problems_append(problems, &own);
	text_free(&content);
	free(path);
}

/* What listens for the check. `applied`: NULL if there is none. */
static void
check_check(const struct machine *machine, const struct plan *plan,
    const struct cluster *applied, const struct text *source,
    const struct trusted_users *users, struct problems *problems)
{
	int port = plan->cluster->check_port;
	bool has_service = has_xinetd_service(machine);
	bool own = is_applied_port(applied, port) || has_service;

	if (!own)
		wait_for_xinetd(port);
	ports_check(port, own, find_place(source, "check", "port"), users, problems);
	if (plan->services[SERVICE_XINETD])
		xinetd_check_defaults(machine, problems);
	else if (applied && has_service && plan->cluster->server == SERVER_AUTO)
		problem_warning(problems, find_place(source, "check", "server"),
		    "xinetd, which serves the check, is not enabled or its defaults do "
		    "not let it; \"cmonha-ui apply\" changes to systemd's socket");
}

int
preflight_check(const struct machine *machine, const struct plan *plan,
    const struct host_facts *facts, const struct text *source,
    struct problems *problems)
{
	const struct cluster *cluster = plan->cluster;
	const struct forward_list *forwards = &cluster->forwards;
	bool proxy = facts->self->roles & NODE_PROXY;
	bool controller = facts->self->roles & NODE_CONTROLLER;
	struct place forward = find_place(source, "ui", "forward");
	struct place vip = find_place(source, "cluster", "vip");
	struct cluster *applied = allocate(sizeof(*applied));
	char label[SECTION_LABEL_MAX];
	size_t errors = problems->errors;
	bool has_applied = machine_read_applied(machine, applied) == 0;
	const struct cluster *own = has_applied ? applied : NULL;
	struct trusted_users users;

	trusted_users_find(&users, cluster);
	if (proxy) {
		check_interface(
		    facts, place_of_interface(source, facts->self, label), problems);
		if (problems->errors == errors)
			vip_check_subnets(cluster, facts, vip, problems);
		/* An image has not the interfaces of this host. */
		if ((machine->services || !*machine->root) &&
		    if_nametoindex(facts->interface))
			vip_holder_check(cluster, own, facts, vip, problems);
		for (size_t i = 0; i < forwards->count; i++)
			ports_check(forwards->at[i].listen,
			    is_applied_port(own, forwards->at[i].listen), forward,
			    &users, problems);
		ports_check(cluster->stats, is_applied_port(own, cluster->stats),
		    find_place(source, "ui", "stats"), &users, problems);
	}
	check_check(machine, plan, own, source, &users, problems);
	if (machine->services)
		check_units(plan, find_place(source, "check", "server"), problems);
	check_services_file(machine, problems);
	check_pin(cluster, facts->self,
	    find_place(source, section_label(SECTION_NODE, facts->self, label), "pin"),
	    problems);
	for (size_t i = 0; controller && i < forwards->count; i++)
		check_ui(facts->self, &forwards->at[i], forward, problems);
	free(applied);
	return problems->errors == errors ? 0 : -1;
}
