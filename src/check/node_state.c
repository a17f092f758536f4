#include "check/node_state.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/file.h"
#include "base/listener.h"
#include "check/units.h"
#include "check/watch_report.h"

/* As HAProxy's statistics have the result of such a check: status and code. */
#define REFUSED "L7STS/403"

void
node_state_init(struct node_state *state, const char *root)
{
	*state = (struct node_state){.root = root};
}

void
node_state_clear(struct node_state *state)
{
	json_decref(state->facts);
	state->facts = NULL;
}

void
node_state_add_problem(json_t *problems, const char *kind, const char *text)
{
	/* Text that is not UTF-8 is refused: "?" then. */
	json_t *copy = json_string(text);

	if (!copy)
		copy = json_string("?");
	json_array_append_new(
	    problems, json_pack("{s:s, s:o}", "kind", kind, "text", copy));
}

static json_t *
find_vips(const struct config *config)
{
	struct local_addresses *local = allocate(sizeof(*local));
	const struct prefix_list *list = &config->cluster.vips;
	json_t *vips = json_array();

	network_local_addresses(local);
	for (size_t i = 0; i < list->count; i++) {
		const struct local_address *here =
		    network_find(local, &list->at[i].address);
		char text[ADDRESS_TEXT_MAX];

		json_array_append_new(vips,
		    json_pack("{s:s, s:b, s:s?}", "address",
			address_format(&list->at[i].address, text), "here",
			here != NULL, "interface", here ? here->interface : NULL));
	}
	free(local);
	return vips;
}

static json_t *
find_units(const char *root, const struct config *config, const json_t *report,
    json_t *problems)
{
	const struct node *self = cluster_node(&config->cluster, config->name);

	if (!self || !(self->roles & NODE_PROXY))
		return json_object();
	return units_find(root, report, problems);
}

/* NULL if one of the files cannot be read. */
static json_t *
find_edited(const char *root, json_t *problems)
{
	char *edited = format_string("%s" CLUSTER_FILE, root);
	char *applied = format_string("%s" CLUSTER_FILE_APPLIED, root);
	struct text first = {0}, second = {0};
	json_t *differs = NULL;

	if (file_read(edited, FILE_LIMIT, &first) == 0 &&
	    file_read(applied, FILE_LIMIT, &second) == 0)
		differs = json_boolean(!text_equal(&first, &second));
	if (json_is_true(differs))
		node_state_add_problem(problems, "not-applied",
		    CLUSTER_FILE " was edited and not applied (cmonha-ui apply)");
	text_free(&first);
	text_free(&second);
	free(edited);
	free(applied);
	return differs;
}

/* The watcher's problems, and that there is no report though there was one. */
static json_t *
find_report(const char *root, json_t *problems)
{
	char *path = format_string("%s" WATCH_REPORT_FILE, root);
	json_t *report = watch_report_read(path);
	json_t *text;
	size_t i;

	json_array_foreach (json_object_get(report, "problems"), i, text)
		node_state_add_problem(problems, "watch", json_string_value(text));
	if (strcmp(json_string_value(json_object_get(report, "watch")), "stale") == 0)
		node_state_add_problem(problems, "watch-stale",
		    WATCH_REPORT_FILE " is older than 10 seconds: is the watcher "
				      "running?");
	json_object_del(report, "problems");
	free(path);
	return report;
}

/*
 * That a server is down is no problem of this node, but that its check refuses this
 * node is. HAProxy forgets a drain at a reload: server_state.h restores a server's
 * health alone.
 */
static void
check_server(const json_t *server, json_t *problems)
{
	const char *name = json_string_value(json_object_get(server, "name"));
	const char *backend = json_string_value(json_object_get(server, "backend"));
	const char *state = json_string_value(json_object_get(server, "state"));
	const char *reason = json_string_value(json_object_get(server, "reason"));
	struct text text = {0};

	if (strcmp(state, "maintenance") == 0 || strcmp(state, "drain") == 0) {
		text_addf(&text,
		    "HAProxy: server %s of %s is in the state %s, until it is enabled "
		    "or HAProxy is reloaded",
		    name, backend, state);
		node_state_add_problem(problems, "drained", text.data);
	} else if (strcmp(state, "no-check") == 0) {
		text_addf(&text,
		    "HAProxy: server %s of %s is not checked and gets users whatever "
		    "it answers, until its health checks are enabled",
		    name, backend);
		node_state_add_problem(problems, "unchecked", text.data);
	} else if (reason && strcmp(reason, REFUSED) == 0) {
		text_addf(&text,
		    "HAProxy: the check of %s refuses this node (403): apply the same "
		    "cluster file there",
		    name);
		node_state_add_problem(problems, "refused", text.data);
	}
	text_free(&text);
}

static void
check_servers(const json_t *report, json_t *problems)
{
	const json_t *haproxy = json_object_get(report, "haproxy");
	json_t *server;
	size_t i;

	json_array_foreach (json_object_get(haproxy, "servers"), i, server)
		check_server(server, problems);
}

static void
check_only_service(int port, json_t *problems)
{
	char *text;

	if (listener_services(port) < 2)
		return;
	text = format_string("another service listens on port %d too, and gets a part "
			     "of its connections: see \"ss -Htlnp sport = :%d\"",
	    port, port);
	node_state_add_problem(problems, "port", text);
	free(text);
}

static void
check_user(const struct config *config, const struct address *address, int port,
    json_t *problems)
{
	uid_t user;
	char *text;

	if (!trusted_users_find_foreign(&config->users, address, port, &user))
		return;
	text =
	    format_string("a program of user %u listens on port %d, and neither root "
			  "nor listener_users has that number: see \"cmonha-ui "
			  "status\"",
		(unsigned)user, port);
	node_state_add_problem(problems, "foreign-listener", text);
	free(text);
}

/*
 * HAProxy shares its ports with every program of root that asks for that, and must:
 * with its option noreuseport, a reload that changes the address of one port would
 * leave it without the others.
 */
static void
check_haproxy_port(const struct config *config, int port, json_t *problems)
{
	const struct address any = {.family = AF_UNSPEC};

	check_only_service(port, problems);
	check_user(config, &any, port, problems);
}

/*
 * Of a port that clients reach at every address any listener counts, of a port of the
 * controller one that this node, and the HAProxy of others, would reach.
 */
static void
check_ports(const struct config *config, json_t *problems)
{
	const struct address any = {.family = AF_UNSPEC};
	const struct cluster *cluster = &config->cluster;
	const struct node *self = cluster_node(cluster, config->name);
	bool controller = self && self->roles & NODE_CONTROLLER;
	bool proxy = self && self->roles & NODE_PROXY;

	if (self)
		check_user(config, &any, cluster->check_port, problems);
	if (controller)
		check_user(config, &self->address, cluster->rpc_port, problems);
	for (size_t i = 0; i < cluster->forwards.count; i++) {
		const struct forward *forward = &cluster->forwards.at[i];

		if (controller)
			check_user(config, &self->address, forward->port, problems);
		if (proxy)
			check_haproxy_port(config, forward->listen, problems);
	}
	if (proxy && cluster->stats)
		check_haproxy_port(config, cluster->stats, problems);
}

const json_t *
node_state_get(struct node_state *state, const struct config *config)
{
	clock_ms_t now = clock_now();
	json_t *problems, *facts, *report;

	if (state->facts && now < state->expires)
		return state->facts;
	problems = json_array();
	report = find_report(state->root, problems);
	facts = json_pack("{s:o, s:o, s:o?}", "vips", find_vips(config), "units",
	    find_units(state->root, config, report, problems), "edited",
	    find_edited(state->root, problems));
	check_servers(report, problems);
	check_ports(config, problems);
	json_object_del(report, "pid");
	json_object_del(report, "installed");
	json_object_update(facts, report);
	json_decref(report);
	if (!facts || json_object_set_new(facts, "problems", problems) < 0)
		log_fatal(EX_OSERR, "out of memory");
	json_decref(state->facts);
	state->facts = facts;
	state->expires = now + NODE_STATE_LIFE_MS;
	return facts;
}
