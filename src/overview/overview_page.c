#include "overview/page.h"

#include <string.h>

#include "overview/html.h"
#include "overview/judgement.h"
#include "overview/tables.h"
#include "overview/view.h"

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

static bool
claims_to_lead(const json_t *status, const char *which)
{
	(void)which;
	return view_claims_to_lead(status);
}

/* What the page is about, in a few words. */
static void
add_state(struct text *title, const struct cluster *cluster, const json_t *judged)
{
	bool any = cluster->show == SHOW_ANY;
	struct text shown = {0}, claims = {0};
	size_t count = add_names(&shown, judged, is_shown, NULL);
	size_t claim_count = add_names(&claims, judged, claims_to_lead, NULL);

	if (cluster->node_count == 0)
		text_addf(title, "This node has no usable cluster file");
	else if (!judged)
		text_addf(title, "Querying the nodes");
	else if (any && count > 0)
		text_addf(title, "Users may be sent to %s", shown.data);
	else if (any)
		text_addf(title, "No web UI is shown");
	else if (count > 1)
		text_addf(title, "%zu nodes are leaders: %s", count, shown.data);
	else if (count == 1)
		text_addf(title, "%s is the leader", shown.data);
	else if (claim_count > 1)
		text_addf(title, "%zu controllers claim to lead: %s", claim_count,
		    claims.data);
	else
		text_addf(title, "There is no leader");
	text_free(&shown);
	text_free(&claims);
}

/* The class of the style for a severity. */
static const char *
class_of(const json_t *judged)
{
	if (!judged)
		return "calm";
	switch (judgement_severity(judged)) {
	case SEVERITY_OK:
		return "good";
	case SEVERITY_WARNING:
		return "warning";
	case SEVERITY_CRITICAL:
		break;
	}
	return "critical";
}

/* With a class of the style, or "". */
static void
add_fact(struct text *page, const char *name, const char *class, const char *value)
{
	text_addf(page, "<div><dt>%s</dt><dd", name);
	if (*class)
		text_addf(page, " class=\"%s\"", class);
	text_addf(page, ">%s</dd></div>\n", value);
}

/* For how long each node that users are sent to has been one. */
static void
add_since(struct text *page, const struct cluster *cluster, const json_t *judged,
    int64_t second)
{
	const char *verb = cluster->show == SHOW_ANY ? "been shown" : "led";
	json_t *node;
	size_t i;

	json_array_foreach (json_object_get(judged, "nodes"), i, node) {
		const json_t *status = json_object_get(node, "status");
		json_int_t since =
		    json_integer_value(json_object_get(status, "since_ms"));

		if (!view_is_shown(status))
			continue;
		text_addf(page, "<div><dt>%s has %s for</dt><dd>", name_of(node), verb);
		html_add_duration(page, since);
		text_addf(page, "<small>since ");
		html_add_time(page, second - since / 1000);
		text_addf(page, "</small></dd></div>\n");
	}
}

static void
add_vips(struct text *page, const struct cluster *cluster, const json_t *judged)
{
	for (size_t i = 0; i < cluster->vips.count; i++) {
		char vip[ADDRESS_TEXT_MAX];
		struct text name = {0}, holders = {0};
		size_t count;

		address_format(&cluster->vips.at[i].address, vip);
		text_addf(&name, "Virtual IP %s is on", vip);
		count = add_names(&holders, judged, view_has_vip, vip);
		if (count == 0)
			text_addf(&holders, "no node that answers");
		add_fact(page, name.data, count == 1 ? "" : "critical", holders.data);
		text_free(&name);
		text_free(&holders);
	}
}

static void
add_facts(struct text *page, const struct cluster *cluster, const json_t *judged,
    int64_t second)
{
	size_t problems = json_array_size(json_object_get(judged, "problems"));
	size_t i, answering = 0;
	struct text value = {0};
	json_t *node;

	text_addf(page, "<dl>\n");
	add_since(page, cluster, judged, second);
	add_vips(page, cluster, judged);
	json_array_foreach (json_object_get(judged, "nodes"), i, node)
		answering += json_is_object(json_object_get(node, "status"));
	text_addf(&value, "%zu of %zu", answering, cluster->node_count);
	add_fact(page, "Nodes that answer",
	    answering < cluster->node_count ? "warning" : "", value.data);
	text_clear(&value);
	text_addf(&value, problems ? "%zu" : "none", problems);
	add_fact(page, "Problems", problems ? class_of(judged) : "", value.data);
	text_addf(page, "</dl>\n");
	text_free(&value);
}

static void
add_problems(struct text *page, const json_t *judged)
{
	json_t *problems = json_object_get(judged, "problems");
	json_t *problem;
	size_t i;

	if (json_array_size(problems) == 0)
		return;
	text_addf(page, "<h2 id=\"problems\">Problems</h2>\n"
			"<ul aria-labelledby=\"problems\">\n");
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

/* The paths are those of HAProxy's frontend, see conf/templates/haproxy.cfg. */
static void
add_links(struct text *page, const struct cluster *cluster, bool reloads)
{
	char vip[ADDRESS_TEXT_MAX];

	text_addf(page, "<nav aria-label=\"Links\">\n<ul>\n");
	for (size_t i = 0; i < cluster->forwards.count && cluster->vips.count > 0;
	     i++) {
		const struct forward *forward = &cluster->forwards.at[i];

		address_format_url(&cluster->vips.at[0].address, vip);
		text_addf(page,
		    "<li><a href=\"%s://%s:%d/\">ClusterControl, port %d</a></li>\n",
		    forward->http ? "http" : "https", vip, forward->listen,
		    forward->listen);
	}
	text_addf(page, "<li><a href=\"/haproxy\">HAProxy's statistics</a></li>\n");
	if (reloads)
		text_addf(page, "<li><a href=\"/still\">Do not reload</a></li>\n");
	else
		text_addf(page, "<li><a href=\"/\">Reload automatically</a></li>\n");
	text_addf(page, "</ul>\n</nav>\n");
}

static void
add_footer(
    struct text *page, const struct cluster *cluster, const struct page_view *view)
{
	text_addf(page, "<footer>\n");
	add_links(page, cluster, view->refresh > 0);
	text_addf(page, "<p>As seen by ");
	html_add_text(page, view->node);
	text_addf(page, " at ");
	html_add_time(page, view->second);
	text_addf(page, ". In a shell: <code>cmonha-ui status --cluster "
			"--watch</code></p>\n</footer>\n");
}

void
page_add_overview(struct text *page, const struct cluster *cluster,
    const json_t *judged, const struct page_view *view)
{
	size_t problems = json_array_size(json_object_get(judged, "problems"));
	struct text title = {0};
	size_t length;

	add_state(&title, cluster, judged);
	length = title.length;
	if (problems > 0)
		text_addf(
		    &title, " (%zu problem%s)", problems, problems > 1 ? "s" : "");
	html_add_head(page, title.data, view->refresh);
	text_addf(page, "<header>\n<h1 class=\"%s\">%.*s</h1>\n</header>\n<main>\n",
	    class_of(judged), (int)length, title.data);
	if (cluster->node_count == 0)
		text_addf(page, "<p>Run <code>cmonha-ui check</code> for the "
				"reason.</p>\n");
	else if (judged) {
		add_facts(page, cluster, judged, view->second);
		add_problems(page, judged);
		tables_add_nodes(page, cluster, judged);
		tables_add_transitions(page, judged);
	}
	text_addf(page, "</main>\n");
	add_footer(page, cluster, view);
	html_add_end(page);
	text_free(&title);
}
