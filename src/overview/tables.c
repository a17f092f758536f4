#include "overview/tables.h"

#include <stdlib.h>
#include <string.h>

#include "overview/html.h"
#include "overview/timeline.h"
#include "overview/view.h"

#define TRANSITIONS_SHOWN 8

static bool
is_word(const json_t *status, const char *member, const char *word)
{
	const char *string = json_string_value(json_object_get(status, member));

	return string && strcmp(string, word) == 0;
}

/* A leader is good, a follower and a mere proxy are calm, all else is wrong. */
static void
add_role(struct text *page, const struct node *node, const json_t *status)
{
	const char *class = " critical", *words = "unknown";

	if (!status) {
		words = "no answer";
	} else if (!(node->roles & NODE_CONTROLLER)) {
		class = "";
		words = "proxy only";
	} else if (is_word(status, "role", "leader")) {
		class = " good";
		words = "leader";
	} else if (is_word(status, "role", "follower")) {
		class = "";
		words = "follower";
	} else if (view_is_shown(status)) {
		class = " good";
		words = "shown";
	} else if (view_claims_to_lead(status)) {
		words = "claims to lead";
	}
	text_addf(page, "<span class=\"role%s\">%s</span>", class, words);
}

static const char *const node_columns[] = {
    "Node", "Role", "Reason", "Virtual IP", "HAProxy sends users to", "Version", NULL};

static void
add_node(struct text *page, const struct node *node, const json_t *judged)
{
	const json_t *status = json_object_get(judged, "status");
	const char *const *column = &node_columns[1];
	struct text cells[4] = {{0}};
	char address[ADDRESS_TEXT_MAX];

	if (!json_is_object(status))
		status = NULL;
	html_begin_row(page);
	text_addf(page, "%s<small>%s</small>", node->name,
	    address_format(&node->address, address));
	html_end_row_heading(page);
	html_begin_cell(page, *column++);
	add_role(page, node, status);
	html_end_cell(page);
	if (status)
		view_add_text(&cells[0], json_object_get(status, "explanation"));
	else
		view_add_text(&cells[0], json_object_get(judged, "fault"));
	view_add_vips(&cells[1], status);
	view_add_servers(&cells[2], status);
	if (status)
		view_add_text(&cells[3], json_object_get(status, "version"));
	else
		text_addf(&cells[3], "-");
	for (size_t i = 0; i < 4; i++) {
		html_begin_cell(page, *column++);
		html_add_text(page, text_string(&cells[i]));
		html_end_cell(page);
		text_free(&cells[i]);
	}
	html_end_row(page);
}

void
tables_add_nodes(struct text *page, const struct cluster *cluster, const json_t *judged)
{
	json_t *node;
	size_t i;

	html_begin_table(page, "nodes", "Nodes", node_columns);
	json_array_foreach (json_object_get(judged, "nodes"), i, node)
		if (i < cluster->node_count)
			add_node(page, &cluster->nodes[i], node);
	html_end_table(page);
}

void
tables_add_transitions(struct text *page, const json_t *judged)
{
	static const char *const columns[] = {"Time", "Ago", "Node", "New state", NULL};
	struct event *events = allocate(TIMELINE_MAX * sizeof(*events));
	size_t count = timeline_make(judged, events);

	if (count > TRANSITIONS_SHOWN)
		count = TRANSITIONS_SHOWN;
	if (count > 0)
		html_begin_table(page, "transitions", "Last transitions", columns);
	for (size_t i = 0; i < count; i++) {
		html_begin_row(page);
		html_add_time(page, events[i].at);
		html_end_row_heading(page);
		html_begin_cell(page, columns[1]);
		html_add_duration(page, events[i].ago);
		html_end_cell(page);
		html_begin_cell(page, columns[2]);
		html_add_text(page, events[i].node);
		html_end_cell(page);
		html_begin_cell(page, columns[3]);
		html_add_text(page, events[i].text);
		html_end_cell(page);
		html_end_row(page);
	}
	if (count > 0)
		html_end_table(page);
	free(events);
}
