#include "apply/preflight.h"

#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apply/service.h"
#include "apply/ui_probe.h"
#include "apply/vip_holder.h"
#include "apply/xinetd_conf.h"
#include "base/file.h"
#include "base/listener.h"
#include "base/network.h"
#include "cluster/ini.h"
#include "cluster/keys.h"
#include "plan/vip.h"

#define PROGRAMS_MAX 4

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

/* Whose sockets may have the ports of the applied configuration. */
static bool
is_expected(const char *program)
{
	static const char *const names[] = {
	    "haproxy", "xinetd", "cmonhachk", "systemd", "cmonha-ui"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(program, names[i]) == 0)
			return true;
	return false;
}

/*
 * A listener on any address, of either family, conflicts with one on all addresses. Of
 * a port that is ours only a program that is known not to be ours is reported.
 */
static void
check_port(bool own, int port, struct place place, struct problems *problems)
{
	const struct address any = {.family = AF_UNSPEC};
	struct listener_program programs[PROGRAMS_MAX];
	struct text who = {0};
	size_t count;

	if (!port || listener_find(&any, port) != LISTENER_FOUND)
		return;
	count = listener_programs(port, programs, PROGRAMS_MAX);
	for (size_t i = 0; i < count; i++)
		if (!own || !is_expected(programs[i].name))
			text_addf(&who, "%s%s (process %d)", who.length ? ", " : "",
			    programs[i].name, programs[i].pid);
	if (who.length)
		problem_error(problems, place,
		    "port %d is in use by %s: stop it, or use another port", port,
		    who.data);
	else if (!own)
		problem_error(problems, place,
		    "port %d is in use by another program; "
		    "\"ss -ltnp sport = :%d\" shows which",
		    port, port);
	text_free(&who);
}

static bool
has_xinetd_service(const struct machine *machine, const struct host_facts *facts)
{
	char *path = machine_path(machine, "/etc/xinetd.d/cmonhachk");
	bool has = facts->has_xinetd && file_exists(path);

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

/* xinetd is not ours: whether it starts at boot, and what else its file says. */
static void
check_xinetd(const struct machine *machine, int port, struct place place,
    struct problems *problems)
{
	char *path = machine_path(machine, "/etc/xinetd.conf");
	struct problems own = {.file = path};
	struct text content = {0};

	if (file_read(path, FILE_LIMIT, &content) == 0)
		xinetd_conf_check(&content, &own);
	problems_append(problems, &own);
	if (machine->services && service_is_disabled(SERVICE_XINETD))
		problem_warning(problems, place,
		    "xinetd.service is not enabled: after the next boot no program "
		    "listens on port %d; run \"systemctl enable xinetd\"",
		    port);
	text_free(&content);
	free(path);
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
	struct place port = find_place(source, "check", "port");
	struct cluster *applied = allocate(sizeof(*applied));
	char label[SECTION_LABEL_MAX];
	size_t errors = problems->errors;
	bool has_applied = machine_read_applied(machine, applied) == 0;
	const struct cluster *own = has_applied ? applied : NULL;

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
			check_port(is_applied_port(own, forwards->at[i].listen),
			    forwards->at[i].listen, forward, problems);
		check_port(is_applied_port(own, cluster->stats), cluster->stats,
		    find_place(source, "ui", "stats"), problems);
	}
	/* If xinetd has a service of this name already, the port is its own. */
	check_port(is_applied_port(own, cluster->check_port) ||
		       has_xinetd_service(machine, facts),
	    cluster->check_port, port, problems);
	if (plan->services[SERVICE_XINETD])
		check_xinetd(machine, cluster->check_port, port, problems);
	check_services_file(machine, problems);
	for (size_t i = 0; controller && i < forwards->count; i++)
		check_ui(facts->self, &forwards->at[i], forward, problems);
	free(applied);
	return problems->errors == errors ? 0 : -1;
}
