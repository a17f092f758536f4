#include "overview/page.h"

#include <stdlib.h>
#include <string.h>

#include "overview/html.h"
#include "overview/timeline.h"
#include "overview/view.h"

#define REFRESH_S 5

/* Appends a string of a node, printable and escaped. */
static void
add_foreign(struct text *page, const json_t *string)
{
	struct text printable = {0};

	view_add_text(&printable, string);
	html_add_text(page, text_string(&printable));
	text_free(&printable);
}

static const char *
name_of(const json_t *node)
{
	return json_string_value(json_object_get(node, "name"));
}

/* Appends the names of the nodes for which `is` is true, with commas; how many. */
static size_t
add_names(struct text *text, const json_t *judged,
    bool (*is)(const json_t *status, const char *which), const char *which)
{
	json_t *node;
	size_t i, count = 0;

	json_array_foreach (json_object_get(judged, "nodes"), i, node)
		if (is(json_object_get(node, "status"), which))
			text_addf(text, "%s%s", count++ ? ", " : "", name_of(node));
	return count;
}

static bool
is_shown(const json_t *status, const char *which)
{
	(void)which;
	return view_is_shown(status);
}

static void
add_title(struct text *title, const struct cluster *cluster, const json_t *judged)
{
	struct text names = {0};
	size_t count = add_names(&names, judged, is_shown, NULL);

	if (!judged)
		text_addf(title, "Querying the nodes");
	else if (cluster->show == SHOW_ANY && count > 0)
		text_addf(title, "Users may be sent to %s", names.data);
	else if (count > 1)
		text_addf(title, "%zu nodes are leaders: %s", count, names.data);
	else if (count == 1)
		text_addf(title, "%s is the leader", names.data);
	else
		text_addf(title, cluster->show == SHOW_ANY ? "No web UI is shown"
							   : "There is no leader");
	text_free(&names);
}

/* Since when a node has its role: the time of its last transition, or of its start. */
static void
add_since(struct text *page, const json_t *judged, int64_t second)
{
	json_t *node;
	size_t i;

	json_array_foreach (json_object_get(judged, "nodes"), i, node) {
		const json_t *status = json_object_get(node, "status");
		json_int_t ago =
		    json_integer_value(json_object_get(status, "since_ms"));

		if (!view_is_shown(status))
			continue;
		text_addf(page, "<p>%s has this role since ", name_of(node));
		html_add_time(page, second - ago / 1000);
		text_addf(page, " (");
		html_add_duration(page, ago);
		text_addf(page, ").</p>\n");
	}
}

static void
add_vips(struct text *page, const struct cluster *cluster, const json_t *judged)
{
	for (size_t i = 0; judged && i < cluster->vips.count; i++) {
		char vip[ADDRESS_TEXT_MAX];
		struct text names = {0};

		address_format(&cluster->vips.at[i].address, vip);
		if (add_names(&names, judged, view_has_vip, vip) == 0)
			text_addf(&names, "no node that answers");
		text_addf(
		    page, "<p>The virtual IP %s is on %s.</p>\n", vip, names.data);
		text_free(&names);
	}
}

static void
add_problems(struct text *page, const json_t *judged)
{
	json_t *problems = json_object_get(judged, "problems");
	json_t *problem;
	size_t i;

	text_addf(page, "<h2 id=\"problems\">Problems</h2>\n");
	if (json_array_size(problems) == 0) {
		text_addf(page, "<p>%s</p>\n", judged ? "None." : "Not known yet.");
		return;
	}
	text_addf(page, "<ul aria-labelledby=\"problems\">\n");
	json_array_foreach (problems, i, problem) {
		const char *severity =
		    json_string_value(json_object_get(problem, "severity"));

		text_addf(page, "<li class=\"%s\"><strong>%s:</strong> ", severity,
		    strcmp(severity, "critical") == 0 ? "Critical" : "Warning");
		html_add_text(
		    page, json_string_value(json_object_get(problem, "text")));
		text_addf(page, "</li>\n");
	}
	text_addf(page, "</ul>\n");
}

/* A leader is good, a follower and a mere proxy are calm, all else is wrong. */
static void
add_role(struct text *page, const struct node *node, const json_t *status)
{
	const char *role = json_string_value(json_object_get(status, "role"));

	if (!status)
		text_addf(page, "<span class=\"role wrong\">no answer</span>");
	else if (!(node->roles & NODE_CONTROLLER))
		text_addf(page, "<span class=\"role\">proxy only</span>");
	else if (role && strcmp(role, "leader") == 0)
		text_addf(page, "<span class=\"role leader\">leader</span>");
	else if (role && strcmp(role, "follower") == 0)
		text_addf(page, "<span class=\"role\">follower</span>");
	else if (view_is_shown(status))
		text_addf(page, "<span class=\"role leader\">shown</span>");
	else
		text_addf(page, "<span class=\"role wrong\">unknown</span>");
}

static void
begin_cell(struct text *page, const char *label)
{
	text_addf(page, "<td role=\"cell\" data-label=\"%s\">", label);
}

static void
add_row(struct text *page, const struct node *node, const json_t *judged)
{
	const json_t *status = json_object_get(judged, "status");
	struct text cell = {0};
	char address[ADDRESS_TEXT_MAX];

	if (!json_is_object(status))
		status = NULL;
	text_addf(page,
	    "<tr role=\"row\">\n<th role=\"rowheader\" scope=\"row\">%s"
	    "<small>%s</small></th>\n",
	    node->name, address_format(&node->address, address));
	begin_cell(page, "Role");
	add_role(page, node, status);
	text_addf(page, "</td>\n");
	begin_cell(page, "Reason");
	if (status)
		add_foreign(page, json_object_get(status, "explanation"));
	else
		html_add_text(
		    page, json_string_value(json_object_get(judged, "fault")));
	text_addf(page, "</td>\n");
	begin_cell(page, "Virtual IP");
	view_add_vips(&cell, status);
	html_add_text(page, cell.data);
	text_addf(page, "</td>\n");
	text_clear(&cell);
	begin_cell(page, "HAProxy sends users to");
	view_add_servers(&cell, status);
	html_add_text(page, cell.data);
	text_addf(page, "</td>\n");
	begin_cell(page, "Version");
	add_foreign(page, json_object_get(status, "version"));
	text_addf(page, "</td>\n</tr>\n");
	text_free(&cell);
}

static void
begin_table(struct text *page, const char *label, const char *const columns[])
{
	text_addf(page,
	    "<h2 id=\"%s\">%s</h2>\n<table role=\"table\" aria-labelledby=\"%s\">\n"
	    "<thead role=\"rowgroup\">\n<tr role=\"row\">",
	    label, label, label);
	for (size_t i = 0; columns[i]; i++)
		text_addf(page, "<th role=\"columnheader\" scope=\"col\">%s</th>",
		    columns[i]);
	text_addf(page, "</tr>\n</thead>\n<tbody role=\"rowgroup\">\n");
}

static void
end_table(struct text *page)
{
	text_addf(page, "</tbody>\n</table>\n");
}

static void
add_nodes(struct text *page, const struct cluster *cluster, const json_t *judged)
{
	static const char *const columns[] = {"Node", "Role", "Reason", "Virtual IP",
	    "HAProxy sends users to", "Version", NULL};
	json_t *node;
	size_t i;

	begin_table(page, "Nodes", columns);
	json_array_foreach (json_object_get(judged, "nodes"), i, node)
		if (i < cluster->node_count)
			add_row(page, &cluster->nodes[i], node);
	end_table(page);
}

static void
add_transitions(struct text *page, const json_t *judged)
{
	static const char *const columns[] = {"Time", "Ago", "Node", "New state", NULL};
	struct event *events = allocate(TIMELINE_MAX * sizeof(*events));
	size_t count = timeline_make(judged, events);

	if (count > 0)
		begin_table(page, "Transitions", columns);
	for (size_t i = 0; i < count; i++) {
		text_addf(page, "<tr role=\"row\">\n");
		begin_cell(page, "Time");
		html_add_time(page, events[i].at);
		text_addf(page, "</td>\n");
		begin_cell(page, "Ago");
		html_add_duration(page, events[i].ago);
		text_addf(page, "</td>\n");
		begin_cell(page, "Node");
		text_addf(page, "%s</td>\n", events[i].node);
		begin_cell(page, "New state");
		html_add_text(page, events[i].text);
		text_addf(page, "</td>\n</tr>\n");
	}
	if (count > 0)
		end_table(page);
	free(events);
}

static void
add_links(struct text *page, const struct cluster *cluster)
{
	char vip[ADDRESS_TEXT_MAX];

	text_addf(page, "<nav aria-label=\"Links\">\n<p>");
	for (size_t i = 0; i < cluster->forwards.count && cluster->vips.count > 0;
	     i++) {
		const struct forward *forward = &cluster->forwards.at[i];

		address_format_url(&cluster->vips.at[0].address, vip);
		text_addf(page, "<a href=\"%s://%s:%d/\">ClusterControl, port %d</a> ",
		    forward->http ? "http" : "https", vip, forward->listen,
		    forward->listen);
	}
	text_addf(page,
	    "<a href=\"/haproxy\">HAProxy's statistics of this node</a></p>\n</nav>\n");
}

void
page_add_overview(struct text *page, const struct cluster *cluster,
    const json_t *judged, const struct page_origin *origin)
{
	struct text title = {0};

	add_title(&title, cluster, judged);
	html_add_head(page, text_string(&title), judged ? REFRESH_S : 1);
	text_addf(page, "<h1>%s</h1>\n", text_string(&title));
	add_since(page, judged, origin->second);
	add_vips(page, cluster, judged);
	add_links(page, cluster);
	add_problems(page, judged);
	if (judged) {
		add_nodes(page, cluster, judged);
		add_transitions(page, judged);
	}
	text_addf(page, "<footer>\n<p>As seen by ");
	html_add_text(page, origin->node);
	text_addf(page, " at ");
	html_add_time(page, origin->second);
	text_addf(page,
	    ". This page loads itself again every %d seconds. In a shell: <code>cmonha-ui "
	    "status --cluster --watch</code></p>\n</footer>\n",
	    REFRESH_S);
	html_add_end(page);
	text_free(&title);
}
