#include "apply/node_status.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "apply/apply.h"
#include "apply/journal.h"
#include "apply/outdated.h"
#include "apply/ports.h"
#include "apply/preflight.h"
#include "apply/service.h"
#include "apply/services_line.h"
#include "apply/verify.h"
#include "base/haproxy_socket.h"
#include "base/haproxy_stat.h"
#include "plan/vip.h"

#define QUERY_MS 1500

static void
add_problem(json_t *problems, const char *what, const char *reason)
{
	json_array_append_new(problems,
	    json_sprintf("%s%s%s", what, reason ? ": " : "", reason ? reason : ""));
}

/* Nothing depends on the line in /etc/services, and apply goes on without it. */
static bool
differs(json_t *differing)
{
	json_t *target;
	size_t i;

	json_array_foreach (differing, i, target) {
		const char *name = json_string_value(target);
		size_t length = strlen(name), tail = strlen(SERVICES_FILE);

		if (length < tail || strcmp(name + length - tail, SERVICES_FILE) != 0)
			return true;
	}
	return false;
}

static void
add_difference(void *context, const struct difference *difference)
{
	json_array_append_new(context, json_string(difference->target));
}

static json_t *
collect_files(const struct machine *machine, const struct plan *plan, json_t *problems)
{
	json_t *differing;

	if (journal_is_interrupted(machine))
		add_problem(problems, JOURNAL_INTERRUPTED, NULL);
	if (!*machine->root && geteuid() != 0)
		return json_null();
	differing = json_array();
	if (apply_differences(machine, plan, add_difference, differing) < 0)
		add_problem(problems, "the files cannot be compared", NULL);
	if (differs(differing))
		add_problem(problems,
		    "files differ from the cluster file (see \"cmonha-ui diff\")",
		    NULL);
	return differing;
}

static json_t *
collect_services(
    const struct machine *machine, const struct plan *plan, json_t *problems)
{
	json_t *services = json_object();

	for (enum service service = 0; service < SERVICES; service++) {
		char *outdated;
		bool active;

		if (!plan->services[service])
			continue;
		active = service_is_active(service);
		json_object_set_new(services, service_unit(service),
		    json_string(active ? "active" : "inactive"));
		if (!active)
			add_problem(problems, service_unit(service), "is not running");
		outdated = active ? outdated_describe(machine, service) : NULL;
		if (outdated)
			add_problem(problems, outdated, NULL);
		free(outdated);
	}
	return services;
}

static json_t *
collect_vips(const struct plan *plan, const struct local_addresses *addresses)
{
	json_t *vips = json_array();

	for (size_t i = 0; i < plan->cluster->vips.count; i++) {
		const struct address *vip = &plan->cluster->vips.at[i].address;
		const struct local_address *here = network_find(addresses, vip);
		char text[ADDRESS_TEXT_MAX];

		json_array_append_new(
		    vips, json_pack("{s:s, s:b, s:s*}", "address",
			      address_format(vip, text), "here", here != NULL,
			      "interface", here ? here->interface : NULL));
	}
	return vips;
}

static json_t *
collect_urls(const struct plan *plan)
{
	const struct cluster *cluster = plan->cluster;
	json_t *urls = json_array();

	for (size_t i = 0; i < cluster->vips.count; i++)
		for (size_t j = 0; j < cluster->forwards.count; j++) {
			char url[VIP_URL_MAX];

			json_array_append_new(
			    urls, json_string(vip_url(&cluster->vips.at[i].address,
				      &cluster->forwards.at[j], url)));
		}
	return urls;
}

/* Of the check: all but the kinds that are found here too, with more detail. */
static void
add_check_problems(const json_t *check, json_t *problems)
{
	static const char *const found_here[] = {"configuration", "controller",
	    "foreign-listener", "not-applied", "outdated", "unit"};
	const json_t *problem;
	size_t i;

	json_array_foreach (json_object_get(check, "problems"), i, problem) {
		const char *kind = json_string_value(json_object_get(problem, "kind"));
		const char *text = json_string_value(json_object_get(problem, "text"));
		bool is_found = !kind || !text;

		for (size_t j = 0; j < sizeof(found_here) / sizeof(found_here[0]); j++)
			is_found = is_found || strcmp(kind, found_here[j]) == 0;
		if (!is_found)
			add_problem(problems, text, NULL);
	}
}

/* NULL, and a problem, if cmonhachk does not answer. */
static json_t *
collect_check(const struct plan *plan, json_t *problems)
{
	const char *reason = NULL;
	const char *checksum, *role;
	json_t *check;

	check = verify_query_check(
	    &plan->self->address, plan->cluster->check_port, QUERY_MS, &reason);
	if (!check) {
		add_problem(problems, "cmonhachk does not answer", reason);
		return NULL;
	}
	checksum = json_string_value(json_object_get(check, "checksum"));
	if (!checksum || strcmp(checksum, plan->cluster->checksum) != 0)
		add_problem(problems, "cmonhachk uses another cluster file", NULL);
	role = json_string_value(json_object_get(check, "role"));
	if (plan->self->roles & NODE_CONTROLLER &&
	    (!role || strcmp(role, "unknown") == 0))
		add_problem(problems, "this node's controller",
		    json_string_value(json_object_get(check, "explanation")));
	add_check_problems(check, problems);
	return check;
}

/*
 * The servers of the first backend, as "show stat" lists them: name and state. `leader`
 * becomes the name of one that is up, or null.
 */
static json_t *
collect_servers(const struct machine *machine, const struct plan *plan,
    json_t *problems, json_t **leader)
{
	struct text output = {0};
	json_t *servers;
	struct haproxy_server server;
	char *rest;

	/* Its socket is root's. */
	if (!(plan->self->roles & NODE_PROXY) || (!*machine->root && geteuid() != 0))
		return NULL;
	if (haproxy_query(machine->root, HAPROXY_SOCKET, "show stat -1 4 -1",
		clock_now() + QUERY_MS, &output) < 0) {
		add_problem(problems, "HAProxy does not answer", strerror(errno));
		text_free(&output);
		return NULL;
	}
	servers = json_object();
	*leader = json_null();
	rest = output.data;
	while (haproxy_next_server(&rest, &server)) {
		if (json_object_get(servers, server.name))
			continue;
		json_object_set_new(servers, server.name, json_string(server.status));
		if (strncmp(server.status, "UP", 2) == 0 && json_is_null(*leader))
			*leader = json_string(server.name);
	}
	text_free(&output);
	return servers;
}

/* Each line of the preflight, and of what was found before, is a problem or a warning.
 */
static json_t *
collect_preflight(const struct machine *machine, const struct plan *plan,
    const struct host_facts *facts, const struct text *source, struct problems *found,
    json_t *problems)
{
	json_t *warnings = json_array();
	char *line, *rest;

	preflight_check(machine, plan, facts, source, found);
	ports_check_controller(plan->cluster, plan->self,
	    (struct place){.section = "check", .key = "listener_users"}, found);
	rest = found->lines.data;
	while (rest && (line = strsep(&rest, "\n")))
		if (*line)
			json_array_append_new(
			    strstr(line, ": warning: ") ? warnings : problems,
			    json_string(line));
	problems_free(found);
	return warnings;
}

/* Whoever answers on the ports chooses some of the words, and they reach a terminal. */
static void
make_printable(json_t *value)
{
	const char *string = json_string_value(value), *name;
	json_t *member;
	size_t i;

	if (string) {
		char *copy = copy_string(string);

		text_make_printable(copy);
		json_string_set(value, copy);
		free(copy);
	}
	json_array_foreach (value, i, member)
		make_printable(member);
	json_object_foreach (value, name, member)
		make_printable(member);
}

json_t *
node_status_collect(const struct machine *machine, const struct plan *plan,
    const struct host_facts *facts, const struct text *source, struct problems *found)
{
	json_t *problems = json_array(), *leader = NULL;
	json_t *files = collect_files(machine, plan, problems);
	json_t *services = collect_services(machine, plan, problems);
	json_t *check = collect_check(plan, problems);
	json_t *servers = collect_servers(machine, plan, problems, &leader);
	json_t *warnings =
	    collect_preflight(machine, plan, facts, source, found, problems);
	json_t *status = json_pack(
	    "{s:s, s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o*, s:o*, s:o*}",
	    "node", plan->self->name, "version", CMONHA_VERSION, "checksum",
	    plan->cluster->checksum, "well", json_array_size(problems) == 0, "problems",
	    problems, "warnings", warnings, "files_differing", files, "services",
	    services, "vips", collect_vips(plan, facts->addresses), "urls",
	    collect_urls(plan), "check", check, "haproxy_servers", servers, "leader",
	    leader);

	if (!status)
		log_fatal(EX_OSERR, "cannot build the status: out of memory");
	make_printable(status);
	return status;
}
