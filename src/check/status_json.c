#include "check/status_json.h"

#include <jansson.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "probe/quorum.h"

/* For text that may not be UTF-8, which jansson refuses, such as a host name. */
static json_t *
text_or_null(const char *text)
{
	json_t *value = *text ? json_string(text) : NULL;

	return value ? value : json_null();
}

static json_t *
address_or_null(const struct address *address)
{
	char text[ADDRESS_TEXT_MAX];

	return address->family == AF_UNSPEC
		   ? json_null()
		   : json_string(address_format(address, text));
}

static void
append_json(json_t *list, json_t *value)
{
	if (json_array_append_new(list, value) < 0)
		log_fatal(EX_OSERR, "out of memory");
}

static json_t *
peers_to_json(
    const struct config *config, const struct verdict *verdict, clock_ms_t now)
{
	json_t *list = json_array();

	for (size_t i = 0; i < config->peer_count; i++) {
		const struct peer_state *peer = &verdict->peers[i];
		bool answered = peer->last_answer != NEVER;

		append_json(list,
		    json_pack("{s:s, s:o, s:s, s:b, s:o, s:s}", "name",
			config->peers[i].name, "address",
			address_or_null(&config->peers[i].endpoint.address), "role",
			role_name(answered ? peer->last_role : ROLE_UNKNOWN),
			"reachable", quorum_peer_is_reachable(peer, now),
			"last_answer_ms",
			answered ? json_integer(now - peer->last_answer) : json_null(),
			"last_reason", reason_name(peer->last_reason)));
	}
	return list;
}

/* The counts include this node; they are known of a leader only. */
static json_t *
quorum_to_json(const struct config *config, const struct verdict *verdict)
{
	bool known = verdict->claim == ROLE_LEADER &&
		     verdict->reason != REASON_UI_DOWN &&
		     verdict->reason != REASON_FOREIGN_LISTENER;

	return json_pack("{s:b, s:i, s:o, s:o}", "wanted", config->cluster.quorum,
	    "controllers", (int)config->peer_count + 1, "reachable",
	    known ? json_integer((json_int_t)verdict->reachable + 1) : json_null(),
	    "needed",
	    known ? json_integer((json_int_t)verdict->needed + 1) : json_null());
}

static json_t *
ui_to_json(const struct config *config, const struct verdict *verdict)
{
	const struct forward_list *forwards = &config->cluster.forwards;
	json_t *list = json_array();

	for (size_t i = 0; i < forwards->count; i++)
		append_json(list,
		    json_pack("{s:i, s:o}", "port", forwards->at[i].port, "accepts",
			verdict->ui_known ? json_boolean(verdict->ui_open[i])
					  : json_null()));
	return list;
}

/* Newest first. */
static json_t *
transitions_to_json(const struct counters *counters, clock_ms_t now)
{
	json_t *list = json_array();

	for (unsigned long i = 0; i < TRANSITIONS_KEPT && i < counters->transitions;
	     i++) {
		const struct transition *at =
		    &counters->last[(counters->transitions - 1 - i) % TRANSITIONS_KEPT];

		append_json(list,
		    json_pack("{s:I, s:I, s:s, s:s}", "at", (json_int_t)at->second,
			"ago_ms", (json_int_t)(now - at->at), "role",
			role_name(at->role), "reason", reason_name(at->reason)));
	}
	return list;
}

/* Null if this is not a node of a cluster file. */
static json_t *
roles_to_json(const struct config *config)
{
	const struct node *self = cluster_node(&config->cluster, config->name);
	json_t *list;

	if (!self)
		return json_null();
	list = json_array();
	if (self->roles & NODE_CONTROLLER)
		append_json(list, json_string("controller"));
	if (self->roles & NODE_PROXY)
		append_json(list, json_string("proxy"));
	return list;
}

static json_t *
counters_to_json(const struct verdict *verdict, const struct counters *counters)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "rounds",
	    (json_int_t)verdict->rounds, "pings", (json_int_t)verdict->pings,
	    "ping_ms_total", (json_int_t)verdict->pings_ms, "answers",
	    (json_int_t)counters->answers, "refused", (json_int_t)counters->refused,
	    "dropped", (json_int_t)counters->dropped, "transitions",
	    (json_int_t)counters->transitions);
}

/* Of a leader only: others do not ask their peers, and know what was once. */
static void
add_wrong_pins(
    const struct config *config, const struct verdict *verdict, json_t *problems)
{
	for (size_t i = 0; verdict->claim == ROLE_LEADER && i < config->peer_count;
	     i++) {
		char *text;

		if (verdict->peers[i].last_reason != REASON_WRONG_PIN)
			continue;
		text =
		    format_string("the controller of %s has another key than its pin, "
				  "and is not believed: see \"cmonha-ui pins\"",
			config->peers[i].name);
		node_state_add_problem(problems, "wrong-pin", text);
		free(text);
	}
}

/*
 * Those of node_state.h, peers with a wrong key, and that the controller of a node of
 * that role does not say which role it has. That it does not lead is no problem.
 */
static json_t *
problems_to_json(const struct config *config, const struct verdict *verdict,
    const json_t *facts, const char *explanation)
{
	json_t *problems = json_copy(json_object_get(facts, "problems"));

	add_wrong_pins(config, verdict, problems);
	if (verdict->reason == REASON_NOT_CONFIGURED ||
	    verdict->reason == REASON_NOT_A_NODE)
		node_state_add_problem(problems, "configuration", explanation);
	else if (verdict->role == ROLE_UNKNOWN && !verdict->shown &&
		 verdict->reason != REASON_NOT_A_CONTROLLER)
		node_state_add_problem(problems, "controller", explanation);
	return problems;
}

json_t *
status_json_make(const struct status *from)
{
	const struct config *config = from->config;
	const struct verdict *verdict = from->verdict;
	const struct counters *counters = from->counters;
	const json_t *facts = node_state_get(from->node, config);
	clock_ms_t now = clock_now();
	struct text explanation = {0};
	json_t *status;

	verdict_explain(&explanation, verdict);
	status = json_pack(
	    "{s:i, s:s, s:s, s:o, s:s, s:b, s:s, s:I, s:I, s:o, s:o, s:o, "
	    "s:o, s:o, s:o, s:o, s:o, s:s, s:i, s:I, s:o}",
	    "schema", STATUS_SCHEMA, "role", role_name(verdict->role), "reason",
	    reason_name(verdict->reason), "explanation",
	    text_or_null(text_string(&explanation)), "claim", role_name(verdict->claim),
	    "shown", verdict->shown, "source",
	    verdict->source == SOURCE_S9S ? "s9s" : "rpc", "age_ms",
	    (json_int_t)(now - verdict->at), "since_ms",
	    (json_int_t)(now - counters->since), "node", text_or_null(config->name),
	    "address", address_or_null(&config->address), "roles",
	    roles_to_json(config), "checksum", text_or_null(config->cluster.checksum),
	    "quorum", quorum_to_json(config, verdict), "peers",
	    peers_to_json(config, verdict, now), "ui", ui_to_json(config, verdict),
	    "counters", counters_to_json(verdict, counters), "version", CMONHA_VERSION,
	    "pid", (int)getpid(), "uptime_ms", (json_int_t)(now - counters->started),
	    "transitions", transitions_to_json(counters, now));
	if (json_object_update_missing(status, (json_t *)facts) < 0 ||
	    json_object_set_new(status, "problems",
		problems_to_json(config, verdict, facts, text_string(&explanation))) <
		0)
		log_fatal(EX_SOFTWARE, "cannot format the status");
	text_free(&explanation);
	return status;
}

void
status_json_add(struct text *body, const struct status *from)
{
	json_t *status = status_json_make(from);
	char *printed = json_dumps(status, JSON_INDENT(2));

	if (!printed)
		log_fatal(EX_SOFTWARE, "cannot format the status");
	text_addf(body, "%s\n", printed);
	free(printed);
	json_decref(status);
}
