#include <string.h>

#include "overview/html.h"
#include "overview/page.h"
#include "overview/view.h"
#include "probe/verdict.h"

/* Why there is no leader, the worst first; the words of one node decide. */
static const struct {
	enum reason reason;
	const char *words;
} causes[] = {
    {REASON_TWO_LEADERS,
	"Two controllers claim to lead. Until only one does, neither is shown."},
    {REASON_NO_QUORUM,
	"A controller claims to lead, but no majority of the controllers "
	"can be reached."},
    {REASON_UI_DOWN, "The leader's web interface does not respond."},
    {REASON_FOLLOWER, "The controllers are electing a new leader. This usually takes "
		      "less than ten seconds."},
};

static enum reason
reason_of(const json_t *node)
{
	const char *name = json_string_value(
	    json_object_get(json_object_get(node, "status"), "reason"));
	enum reason reason = 0;

	while (name && reason < REASONS && strcmp(reason_name(reason), name) != 0)
		reason++;
	return name ? reason : REASONS;
}

static const char *
find_cause(const struct cluster *cluster, const json_t *judged)
{
	json_t *node;
	size_t i;

	if (cluster->node_count == 0)
		return "The cluster file of this node cannot be used.";
	if (!judged)
		return "The nodes are being queried.";
	json_array_foreach (json_object_get(judged, "nodes"), i, node)
		if (view_is_shown(json_object_get(node, "status")))
			return "There is a leader again; it is about to be shown.";
	if (cluster->show == SHOW_ANY)
		return "No node has a controller and a web interface that respond.";
	for (size_t cause = 0; cause < sizeof(causes) / sizeof(causes[0]); cause++)
		json_array_foreach (json_object_get(judged, "nodes"), i, node)
			if (reason_of(node) == causes[cause].reason)
				return causes[cause].words;
	return "No controller says that it is the leader.";
}

static const char *const columns[] = {"Node", "Its controller", NULL};

static void
add_controller(struct text *page, const struct node *controller, const json_t *node)
{
	enum reason reason = reason_of(node);

	html_begin_row(page);
	text_addf(page, "%s", controller->name);
	html_end_row_heading(page);
	html_begin_cell(page, columns[1]);
	if (!json_is_object(json_object_get(node, "status")))
		text_addf(page, "The node does not answer.");
	else
		html_add_text(
		    page, reason < REASONS ? reason_sentence(reason) : "Unknown.");
	html_end_cell(page);
	html_end_row(page);
}

static void
add_controllers(struct text *page, const struct cluster *cluster, const json_t *judged)
{
	json_t *node;
	size_t i;

	html_begin_table(page, "controllers", "What the nodes report", columns);
	json_array_foreach (json_object_get(judged, "nodes"), i, node)
		if (i < cluster->node_count &&
		    cluster->nodes[i].roles & NODE_CONTROLLER)
			add_controller(page, &cluster->nodes[i], node);
	html_end_table(page);
}

void
page_add_no_leader(struct text *page, const struct cluster *cluster,
    const json_t *judged, const struct page_view *view)
{
	const char *title = cluster->show == SHOW_ANY
				? "No ClusterControl node can be shown right now"
				: "No ClusterControl leader right now";

	html_add_head(page, title, view->refresh);
	text_addf(page, "<header>\n<h1 class=\"critical\">%s</h1>\n</header>\n<main>\n",
	    title);
	text_addf(page,
	    "<p>%s</p>\n"
	    "<p>This page reloads automatically and shows ClusterControl as soon as "
	    "that is possible.</p>\n",
	    find_cause(cluster, judged));
	if (judged && cluster->node_count > 0)
		add_controllers(page, cluster, judged);
	text_addf(page, "</main>\n<footer>\n<p>For administrators: <code>cmonha-ui "
			"status --cluster</code></p>\n</footer>\n");
	html_add_end(page);
}
