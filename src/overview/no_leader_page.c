#include <string.h>

#include "overview/html.h"
#include "overview/page.h"
#include "overview/view.h"
#include "probe/verdict.h"

#define REFRESH_S 2

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

	json_array_foreach (json_object_get(judged, "nodes"), i, node)
		if (view_is_shown(json_object_get(node, "status")))
			return "There is a leader again; it is about to be shown.";
	for (size_t cause = 0; cause < sizeof(causes) / sizeof(causes[0]); cause++)
		json_array_foreach (json_object_get(judged, "nodes"), i, node)
			if (reason_of(node) == causes[cause].reason)
				return causes[cause].words;
	return cluster->show == SHOW_ANY
		   ? "No node has a controller and a web interface that respond."
		   : "No controller says that it is the leader.";
}

static void
add_controller(struct text *page, const struct node *controller, const json_t *node)
{
	enum reason reason = reason_of(node);

	text_addf(page,
	    "<tr role=\"row\">\n<th role=\"rowheader\" scope=\"row\">%s</th>\n"
	    "<td role=\"cell\">",
	    controller->name);
	if (!json_is_object(json_object_get(node, "status")))
		text_addf(page, "The node does not answer.");
	else
		html_add_text(
		    page, reason < REASONS ? reason_sentence(reason) : "Unknown.");
	text_addf(page, "</td>\n</tr>\n");
}

void
page_add_no_leader(
    struct text *page, const struct cluster *cluster, const json_t *judged)
{
	const char *title = cluster->show == SHOW_ANY
				? "No ClusterControl node can be shown right now"
				: "No ClusterControl leader right now";
	json_t *node;
	size_t i;

	html_add_head(page, title, judged ? REFRESH_S : 1);
	text_addf(page, "<h1>%s</h1>\n<p>%s</p>\n", title,
	    judged ? find_cause(cluster, judged) : "The nodes are being queried.");
	text_addf(page,
	    "<p>This page reloads automatically and shows ClusterControl as soon as "
	    "that is possible.</p>\n");
	if (judged) {
		text_addf(page,
		    "<h2 id=\"controllers\">What the nodes report</h2>\n"
		    "<table role=\"table\" aria-labelledby=\"controllers\">\n"
		    "<thead role=\"rowgroup\">\n<tr role=\"row\">"
		    "<th role=\"columnheader\" scope=\"col\">Node</th>"
		    "<th role=\"columnheader\" scope=\"col\">Its controller</th></tr>\n"
		    "</thead>\n<tbody role=\"rowgroup\">\n");
		json_array_foreach (json_object_get(judged, "nodes"), i, node)
			if (i < cluster->node_count &&
			    cluster->nodes[i].roles & NODE_CONTROLLER)
				add_controller(page, &cluster->nodes[i], node);
		text_addf(page, "</tbody>\n</table>\n");
	}
	text_addf(page, "<footer>\n<p>For administrators: <code>cmonha-ui status "
			"--cluster</code></p>\n</footer>\n");
	html_add_end(page);
}
