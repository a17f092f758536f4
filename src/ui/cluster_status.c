#include "ui/cluster_status.h"

#include "overview/view.h"

static void
add_row(struct text *text, const json_t *node)
{
	const json_t *status = json_object_get(node, "status");
	struct text cells[5] = {{0}};
	static const char *const members[] = {"role", "reason"};

	if (!json_is_object(status)) {
		text_addf(text, "%-16s %s\n",
		    json_string_value(json_object_get(node, "name")),
		    json_string_value(json_object_get(node, "fault")));
		return;
	}
	for (size_t i = 0; i < 2; i++)
		view_add_text(&cells[i], json_object_get(status, members[i]));
	view_add_vips(&cells[2], status);
	view_add_servers(&cells[3], status);
	view_add_text(&cells[4], json_object_get(status, "version"));
	text_addf(text, "%-16s %-8s %-16s %-16s %-16s %s\n",
	    json_string_value(json_object_get(node, "name")), cells[0].data,
	    cells[1].data, cells[2].data, cells[3].data, cells[4].data);
	for (size_t i = 0; i < 5; i++)
		text_free(&cells[i]);
}

void
cluster_status_add_table(struct text *text, const json_t *judged)
{
	json_t *item;
	size_t i;

	text_addf(text, "%-16s %-8s %-16s %-16s %-16s %s\n", "NODE", "ROLE", "REASON",
	    "VIRTUAL IP", "USERS GO TO", "VERSION");
	json_array_foreach (json_object_get(judged, "nodes"), i, item)
		add_row(text, item);
	json_array_foreach (json_object_get(judged, "problems"), i, item)
		text_addf(text, "%s: %s\n",
		    json_string_value(json_object_get(item, "severity")),
		    json_string_value(json_object_get(item, "text")));
	if (i == 0)
		text_addf(text, "status: OK\n");
}

void
cluster_status_add_plugin(struct text *text, const json_t *judged)
{
	static const char *const words[] = {"OK", "WARNING", "CRITICAL"};
	const json_t *nodes = json_object_get(judged, "nodes");
	json_t *problems = json_object_get(judged, "problems");
	json_t *item;
	size_t i, answering = 0;

	json_array_foreach ((json_t *)nodes, i, item)
		answering += json_is_object(json_object_get(item, "status"));
	text_addf(text, "CMONHA %s: ", words[judgement_severity(judged)]);
	/* A bar would begin the performance data. */
	json_array_foreach (problems, i, item) {
		text_addf(text, "%s", i ? "; " : "");
		for (const char *at = json_string_value(json_object_get(item, "text"));
		     *at; at++)
			text_addf(text, "%c", *at == '|' ? '/' : *at);
	}
	if (i == 0)
		text_addf(text, "%zu nodes", answering);
	text_addf(text, " | nodes_answering=%zu;;;0;%zu problems=%zu;;;0\n", answering,
	    json_array_size(nodes), json_array_size(problems));
}
