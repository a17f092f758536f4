#include "check/metrics.h"

#include <string.h>

#include "probe/verdict.h"

/* Of the states of `role` and `vrrp`, and the kinds of problems, in /status. */
static const char *const roles[] = {"leader", "follower", "unknown", NULL};
static const char *const vrrp_states[] = {
    "master", "backup", "fault", "stopped", "unknown", NULL};
static const char *const problem_kinds[] = {"configuration", "controller", "drained",
    "foreign-listener", "not-applied", "outdated", "port", "refused", "unchecked",
    "unit", "watch", "watch-stale", "wrong-pin", NULL};
/* Of a server's states. */
static const char *const up[] = {"up", NULL};
static const char *const drained[] = {"drain", "maintenance", NULL};

/* OpenMetrics, "Metric Families": type, unit and help come before the samples. */
static void
add_family(struct text *body, const char *name, const char *type, const char *help)
{
	size_t length = strlen(name), unit = strlen("_seconds");

	text_addf(body, "# TYPE %s %s\n", name, type);
	if (length > unit && strcmp(name + length - unit, "_seconds") == 0)
		text_addf(body, "# UNIT %s seconds\n", name);
	text_addf(body, "# HELP %s %s\n", name, help);
}

/* OpenMetrics, "Escaping". */
static void
add_label(struct text *body, const char *name, const json_t *value)
{
	const char *string = json_string_value(value);

	text_addf(body, "%s=\"", name);
	for (const char *at = string ? string : ""; *at; at++) {
		if (*at == '\n')
			text_addf(body, "\\n");
		else
			text_addf(body, *at == '"' || *at == '\\' ? "\\%c" : "%c", *at);
	}
	text_addf(body, "\"");
}

static bool
is_known(const json_t *value)
{
	return value && !json_is_null(value);
}

/* A boolean is 0 or 1; milliseconds become seconds. */
static void
add_number(struct text *body, const json_t *value, bool milliseconds)
{
	json_int_t number = json_integer_value(value);

	if (json_is_boolean(value))
		text_addf(body, " %d\n", json_is_true(value));
	else if (milliseconds)
		text_addf(body, " %lld.%03d\n", (long long)(number / 1000),
		    (int)(number % 1000));
	else
		text_addf(body, " %lld\n", (long long)number);
}

/* A number of /status that is one sample. */
static const struct single {
	const char *object; /* NULL: of /status itself */
	const char *member;
	const char *name;
	const char *type; /* a counter's sample has the suffix _total */
	bool milliseconds;
	const char *help;
} singles[] = {
    {NULL, "shown", "cmonha_shown", "gauge", false,
	"1 if users may be sent to this node."},
    {NULL, "since_ms", "cmonha_role_age_seconds", "gauge", true,
	"Time since role or reason last changed."},
    {NULL, "age_ms", "cmonha_reply_age_seconds", "gauge", true,
	"Age of the controller's reply."},
    {NULL, "uptime_ms", "cmonha_uptime_seconds", "gauge", true,
	"Time since this cmonhachk was started."},
    {NULL, "edited", "cmonha_cluster_file_edited", "gauge", false,
	"1 if the cluster file differs from the applied one."},
    {"counters", "transitions", "cmonha_transitions", "counter", false,
	"Changes of role or reason."},
    {"counters", "rounds", "cmonha_rounds", "counter", false,
	"Rounds of queries to the controllers."},
    {"counters", "answers", "cmonha_answers", "counter", false, "HTTP responses sent."},
    {"counters", "refused", "cmonha_answers_refused", "counter", false,
	"HTTP responses to clients that are not allowed."},
    {"counters", "dropped", "cmonha_connections_dropped", "counter", false,
	"Connections closed without a response."},
    {"quorum", "controllers", "cmonha_controllers", "gauge", false,
	"Controllers of the cluster."},
    {"quorum", "reachable", "cmonha_controllers_reachable", "gauge", false,
	"Controllers that this leader reaches, itself included."},
    {"quorum", "needed", "cmonha_controllers_needed", "gauge", false,
	"Controllers that are a majority."},
    {"vrrp", "since_ms", "cmonha_vrrp_state_age_seconds", "gauge", true,
	"Time since keepalived's state last changed."},
    {"haproxy", "answers", "cmonha_haproxy_up", "gauge", false,
	"1 if HAProxy responds on its socket."},
    {"haproxy", "old_workers", "cmonha_haproxy_old_workers", "gauge", false,
	"HAProxy processes that a reload left, with connections."},
};

static void
add_singles(struct text *body, const json_t *status)
{
	for (size_t i = 0; i < sizeof(singles) / sizeof(singles[0]); i++) {
		const struct single *row = &singles[i];
		const json_t *object =
		    row->object ? json_object_get(status, row->object) : status;
		const json_t *value = json_object_get(object, row->member);

		if (!is_known(value))
			continue;
		add_family(body, row->name, row->type, row->help);
		text_addf(body, "%s%s", row->name,
		    strcmp(row->type, "counter") == 0 ? "_total" : "");
		add_number(body, value, row->milliseconds);
	}
}

/* The pings and their time as a summary without quantiles. */
static void
add_pings(struct text *body, const json_t *status)
{
	const char *name = "cmonha_ping_duration_seconds";
	const json_t *counters = json_object_get(status, "counters");

	add_family(body, name, "summary", "Pings of this node's controller.");
	text_addf(body, "%s_count", name);
	add_number(body, json_object_get(counters, "pings"), false);
	text_addf(body, "%s_sum", name);
	add_number(body, json_object_get(counters, "ping_ms_total"), true);
}

/* OpenMetrics, "StateSet": the label has the name of the family. */
static void
add_state(struct text *body, const char *name, const json_t *value, const char *state)
{
	const char *current = json_string_value(value);

	text_addf(body, "%s{%s=\"%s\"} %d\n", name, name, state,
	    current && strcmp(current, state) == 0);
}

static void
add_states(struct text *body, const json_t *status)
{
	const json_t *vrrp = json_object_get(status, "vrrp");

	add_family(body, "cmonha_role", "stateset", "Role of this node.");
	for (size_t i = 0; roles[i]; i++)
		add_state(
		    body, "cmonha_role", json_object_get(status, "role"), roles[i]);
	add_family(body, "cmonha_reason", "stateset", "Reason for the role.");
	for (enum reason reason = 0; reason < REASONS; reason++)
		add_state(body, "cmonha_reason", json_object_get(status, "reason"),
		    reason_name(reason));
	add_family(body, "cmonha_vrrp_state", "stateset", "State of keepalived.");
	for (size_t i = 0; vrrp_states[i]; i++)
		add_state(body, "cmonha_vrrp_state", json_object_get(vrrp, "state"),
		    vrrp_states[i]);
}

/* OpenMetrics, "Info": a sample of value 1 whose labels are the information. */
static void
add_info(struct text *body, const char *name, const char *help, const char *label,
    const json_t *value)
{
	if (!is_known(value))
		return;
	add_family(body, name, "info", help);
	text_addf(body, "%s_info{", name);
	add_label(body, label, value);
	text_addf(body, "} 1\n");
}

/* What the samples of a list of objects are made of. */
struct list {
	const char *name;
	const char *help;
	const char *const (*labels)[2]; /* label, member; ends with NULL */
	const char *member;
	/* The value is 1 if the member is one of these words; NULL: it is a number. */
	const char *const *words;
	bool milliseconds;
};

static bool
is_one_of(const json_t *value, const char *const words[])
{
	const char *string = json_string_value(value);

	for (size_t i = 0; string && words[i]; i++)
		if (strcmp(string, words[i]) == 0)
			return true;
	return false;
}

/* One sample for each object of a list; objects without the member are left out. */
static void
add_list(struct text *body, const json_t *list, const struct list *how)
{
	json_t *item;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	add_family(body, how->name, "gauge", how->help);
	json_array_foreach ((json_t *)list, i, item) {
		const json_t *value = json_object_get(item, how->member);

		if (!is_known(value))
			continue;
		text_addf(body, "%s{", how->name);
		for (size_t j = 0; how->labels[j][0]; j++) {
			text_addf(body, j ? "," : "");
			add_label(body, how->labels[j][0],
			    json_object_get(item, how->labels[j][1]));
		}
		text_addf(body, "}");
		if (how->words)
			text_addf(body, " %d\n", is_one_of(value, how->words));
		else
			add_number(body, value, how->milliseconds);
	}
}

static const char *const vip_labels[][2] = {{"vip", "address"}, {NULL, NULL}};
static const char *const peer_labels[][2] = {{"peer", "name"}, {NULL, NULL}};
static const char *const server_labels[][2] = {
    {"backend", "backend"}, {"server", "name"}, {NULL, NULL}};

static const struct list vip_list = {"cmonha_vip_held",
    "1 if this node has the virtual IP.", vip_labels, "here", NULL, false};
static const struct list peer_list = {"cmonha_peer_reachable",
    "1 if the other controller replied lately.", peer_labels, "reachable", NULL, false};
static const struct list server_lists[] = {
    {"cmonha_haproxy_server_up", "1 if HAProxy sends users to this server.",
	server_labels, "state", up, false},
    {"cmonha_haproxy_server_drained", "1 if an administrator disabled or drained it.",
	server_labels, "state", drained, false},
    {"cmonha_haproxy_server_state_age_seconds", "Time since its state last changed.",
	server_labels, "since_ms", NULL, true},
    {"cmonha_haproxy_server_sessions", "Sessions to this server.", server_labels,
	"sessions", NULL, false},
};

static void
add_lists(struct text *body, const json_t *status)
{
	const json_t *servers =
	    json_object_get(json_object_get(status, "haproxy"), "servers");
	const json_t *reachable =
	    json_object_get(json_object_get(status, "quorum"), "reachable");

	add_list(body, json_object_get(status, "vips"), &vip_list);
	/* A follower does not query its peers. */
	if (is_known(reachable))
		add_list(body, json_object_get(status, "peers"), &peer_list);
	for (size_t i = 0; i < sizeof(server_lists) / sizeof(server_lists[0]); i++)
		add_list(body, servers, &server_lists[i]);
}

/* A boolean member of the units. */
static void
add_units(struct text *body, const json_t *status, const char *member, const char *name,
    const char *help)
{
	json_t *units = json_object_get(status, "units");
	const char *unit;
	json_t *object;

	if (json_object_size(units) == 0)
		return;
	add_family(body, name, "gauge", help);
	json_object_foreach (units, unit, object) {
		const json_t *value = json_object_get(object, member);

		if (!is_known(value))
			continue;
		text_addf(body, "%s{unit=\"%s\"}", name, unit);
		add_number(body, value, false);
	}
}

/* OpenMetrics, "Info". What runs and what is installed, each if it is known. */
static void
add_versions(struct text *body, const json_t *status)
{
	json_t *units = json_object_get(status, "units");
	const char *unit;
	json_t *object;

	if (json_object_size(units) == 0)
		return;
	add_family(body, "cmonha_unit", "info", "Versions of the unit's program.");
	json_object_foreach (units, unit, object) {
		text_addf(body, "cmonha_unit_info{unit=\"%s\",", unit);
		add_label(body, "version", json_object_get(object, "version"));
		text_addf(body, ",");
		add_label(body, "installed", json_object_get(object, "installed"));
		text_addf(body, "} 1\n");
	}
}

static void
add_problems(struct text *body, const json_t *status)
{
	const json_t *problems = json_object_get(status, "problems");
	json_t *problem;
	size_t i;

	add_family(body, "cmonha_problems", "gauge", "Problems of this node by kind.");
	for (size_t kind = 0; problem_kinds[kind]; kind++) {
		int count = 0;

		json_array_foreach ((json_t *)problems, i, problem)
			count +=
			    strcmp(json_string_value(json_object_get(problem, "kind")),
				problem_kinds[kind]) == 0;
		text_addf(body, "cmonha_problems{kind=\"%s\"} %d\n",
		    problem_kinds[kind], count);
	}
}

void
metrics_add(struct text *body, const json_t *status)
{
	const json_t *haproxy = json_object_get(status, "haproxy");

	add_info(body, "cmonha_build", "The running cmonhachk.", "version",
	    json_object_get(status, "version"));
	add_info(body, "cmonha_node", "The node of the cluster file.", "node",
	    json_object_get(status, "node"));
	add_info(body, "cmonha_cluster_file", "The applied cluster file.", "checksum",
	    json_object_get(status, "checksum"));
	add_info(body, "cmonha_haproxy", "The running HAProxy.", "version",
	    json_object_get(haproxy, "version"));
	add_states(body, status);
	add_singles(body, status);
	add_pings(body, status);
	add_lists(body, status);
	add_units(
	    body, status, "running", "cmonha_unit_running", "1 if the unit runs.");
	add_units(body, status, "outdated", "cmonha_unit_outdated",
	    "1 if it runs an older program than is installed.");
	add_versions(body, status);
	add_problems(body, status);
	text_addf(body, "# EOF\n");
}
