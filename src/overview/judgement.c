#include "overview/judgement.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "overview/view.h"

static const char *const severities[] = {[SEVERITY_OK] = "ok",
    [SEVERITY_WARNING] = "warning",
    [SEVERITY_CRITICAL] = "critical"};

/* Critical problems come before the others. */
static void PRINTF_LIKE(3, 4)
    add_problem(json_t *problems, enum severity severity, const char *format, ...)
{
	struct text text = {0};
	va_list arguments;
	size_t at = json_array_size(problems);

	va_start(arguments, format);
	text_vaddf(&text, format, arguments);
	va_end(arguments);
	while (severity == SEVERITY_CRITICAL && at > 0 &&
	       strcmp(json_string_value(json_object_get(
			  json_array_get(problems, at - 1), "severity")),
		   severities[severity]) != 0)
		at--;
	json_array_insert_new(problems, at,
	    json_pack("{s:s, s:s}", "severity", severities[severity], "text",
		text_string(&text)));
	text_free(&text);
}

static void
judge_leader(
    const struct cluster *cluster, const struct answer *answers, json_t *problems)
{
	struct text reasons = {0};
	size_t shown = 0;

	for (size_t i = 0; i < cluster->node_count; i++) {
		const char *reason =
		    json_string_value(json_object_get(answers[i].status, "reason"));

		shown += view_is_shown(answers[i].status);
		if (reason && strcmp(reason, "two-leaders") == 0)
			add_problem(problems, SEVERITY_CRITICAL,
			    "%s reports two leaders", cluster->nodes[i].name);
		if (!answers[i].status || !(cluster->nodes[i].roles & NODE_CONTROLLER))
			continue;
		text_addf(&reasons, "%s%s ", reasons.length ? ", " : "",
		    cluster->nodes[i].name);
		view_add_text(&reasons, json_object_get(answers[i].status, "reason"));
	}
	if (shown == 0)
		add_problem(problems, SEVERITY_CRITICAL, "no web UI is shown: %s",
		    reasons.length ? reasons.data : "no controller answers");
	if (shown > 1 && cluster->show == SHOW_LEADER)
		add_problem(
		    problems, SEVERITY_CRITICAL, "%zu nodes are leaders", shown);
	text_free(&reasons);
}

static void
judge_vips(
    const struct cluster *cluster, const struct answer *answers, json_t *problems)
{
	for (size_t i = 0; i < cluster->vips.count; i++) {
		struct text holders = {0};
		char vip[ADDRESS_TEXT_MAX];
		size_t count = 0;

		address_format(&cluster->vips.at[i].address, vip);
		for (size_t j = 0; j < cluster->node_count; j++)
			if (view_has_vip(answers[j].status, vip))
				text_addf(&holders, "%s%s", count++ ? ", " : "",
				    cluster->nodes[j].name);
		if (count == 0)
			add_problem(problems, SEVERITY_CRITICAL,
			    "no node that answers has the virtual IP %s", vip);
		if (count > 1)
			add_problem(problems, SEVERITY_CRITICAL,
			    "%zu nodes have the virtual IP %s: %s", count, vip,
			    holders.data);
		text_free(&holders);
	}
}

/* Users of one proxy may not be sent to a node that reports that it is not shown. */
static void
judge_servers(const struct cluster *cluster, const struct answer *answers,
    const char *proxy, const json_t *status, json_t *problems)
{
	json_t *servers =
	    json_object_get(json_object_get(status, "haproxy"), "servers");
	bool reported[NODES_MAX] = {false};
	json_t *server;
	size_t i;

	json_array_foreach (servers, i, server) {
		const char *name = json_string_value(json_object_get(server, "name"));
		const char *state = json_string_value(json_object_get(server, "state"));
		const struct node *node = name ? cluster_node(cluster, name) : NULL;
		size_t at = node ? (size_t)(node - cluster->nodes) : 0;

		if (!node || !state || strcmp(state, "up") != 0 || reported[at] ||
		    !answers[at].status || view_is_shown(answers[at].status))
			continue;
		reported[at] = true;
		add_problem(problems, SEVERITY_CRITICAL,
		    "HAProxy of %s sends users to %s, which reports that it may not "
		    "have any",
		    proxy, name);
	}
}

/* A string that all nodes should report alike. */
static void
judge_same(const struct cluster *cluster, const struct answer *answers,
    const char *member, const char *what, json_t *problems)
{
	const char *first = NULL;
	struct text seen = {0};
	bool differs = false;

	for (size_t i = 0; i < cluster->node_count; i++) {
		const json_t *value = json_object_get(answers[i].status, member);
		const char *string = json_string_value(value);

		if (!answers[i].status)
			continue;
		if (!string)
			string = "";
		differs = differs || (first && strcmp(first, string) != 0);
		first = string;
		text_addf(
		    &seen, "%s%s ", seen.length ? ", " : "", cluster->nodes[i].name);
		view_add_text(&seen, value);
	}
	if (differs)
		add_problem(
		    problems, SEVERITY_WARNING, "%s differ: %s", what, seen.data);
	text_free(&seen);
}

static void
judge_node(const struct node *node, const struct answer *answer, json_t *problems)
{
	json_t *problem;
	size_t i;

	if (!answer->status)
		add_problem(
		    problems, SEVERITY_WARNING, "%s: %s", node->name, answer->fault);
	json_array_foreach (json_object_get(answer->status, "problems"), i, problem) {
		struct text text = {0};

		view_add_text(&text, json_object_get(problem, "text"));
		add_problem(problems, SEVERITY_WARNING, "%s: %s", node->name,
		    text_string(&text));
		text_free(&text);
	}
}

json_t *
judgement_make(
    const struct cluster *cluster, const struct answer answers[static NODES_MAX])
{
	json_t *nodes = json_array(), *problems = json_array(), *judged;
	enum severity severity = SEVERITY_OK;

	judge_leader(cluster, answers, problems);
	judge_vips(cluster, answers, problems);
	judge_same(cluster, answers, "checksum", "the applied cluster files", problems);
	judge_same(cluster, answers, "version", "the versions", problems);
	for (size_t i = 0; i < cluster->node_count; i++) {
		const struct node *node = &cluster->nodes[i];
		const struct answer *answer = &answers[i];
		char address[ADDRESS_TEXT_MAX];

		judge_servers(cluster, answers, node->name, answer->status, problems);
		judge_node(node, answer, problems);
		json_array_append_new(
		    nodes, json_pack("{s:s, s:s, s:s?, s:O?}", "name", node->name,
			       "address", address_format(&node->address, address),
			       "fault", answer->status ? NULL : answer->fault, "status",
			       answer->status));
	}
	if (json_array_size(problems) > 0)
		severity = strcmp(json_string_value(json_object_get(
				      json_array_get(problems, 0), "severity")),
			       "critical") == 0
			       ? SEVERITY_CRITICAL
			       : SEVERITY_WARNING;
	judged = json_pack("{s:o, s:o, s:s}", "nodes", nodes, "problems", problems,
	    "severity", severities[severity]);
	if (!judged)
		log_fatal(70, "cannot build the status of the cluster");
	return judged;
}

enum severity
judgement_severity(const json_t *judged)
{
	const char *word = json_string_value(json_object_get(judged, "severity"));

	for (enum severity severity = SEVERITY_OK; severity < SEVERITY_CRITICAL;
	     severity++)
		if (strcmp(word, severities[severity]) == 0)
			return severity;
	return SEVERITY_CRITICAL;
}
