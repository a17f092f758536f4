#include "cluster/rules.h"

#include <string.h>

struct rules {
	const struct cluster *cluster;
	const struct key_lines *lines;
	struct problems *problems;
};

static struct place
at_key(const struct rules *rules, enum section section, const char *key)
{
	return (struct place){
	    key_line(rules->lines, rules->cluster, section, NULL, key),
	    section_name(section), key};
}

static struct place
at_node_key(const struct rules *rules, const struct node *node, const char *key,
    char label[SECTION_LABEL_MAX])
{
	return (struct place){
	    key_line(rules->lines, rules->cluster, SECTION_NODE, node, key),
	    section_label(SECTION_NODE, node, label), key};
}

static void
node_error(const struct rules *rules, const struct node *node, const char *key,
    const char *reason)
{
	char label[SECTION_LABEL_MAX];

	problem_error(
	    rules->problems, at_node_key(rules, node, key, label), "%s", reason);
}

/* A VIP that is also a node's own address would be used by two hosts at once. */
static void
check_vips(const struct rules *rules)
{
	const struct cluster *cluster = rules->cluster;
	struct place place = at_key(rules, SECTION_CLUSTER, "vip");
	char name[ADDRESS_TEXT_MAX];

	for (size_t i = 0; i < cluster->vips.count; i++) {
		const struct address *vip = &cluster->vips.at[i].address;
		const char *reason = address_unusable(vip);

		address_format(vip, name);
		if (reason)
			problem_error(rules->problems, place, "%s %s", name, reason);
		reason = reason ? NULL : prefix_unusable(&cluster->vips.at[i]);
		if (reason)
			problem_error(rules->problems, place, "%s/%d %s", name,
			    cluster->vips.at[i].length, reason);
		for (size_t j = 0; j < i; j++)
			if (address_equal(vip, &cluster->vips.at[j].address))
				problem_error(rules->problems, place,
				    "duplicate address %s", name);
		for (size_t n = 0; n < cluster->node_count; n++)
			if (address_equal(vip, &cluster->nodes[n].address))
				problem_error(rules->problems, place,
				    "%s is the address of node %s: a virtual IP "
				    "must not belong to any host",
				    name, cluster->nodes[n].name);
	}
}

static void
check_nodes_distinct(const struct rules *rules)
{
	const struct cluster *cluster = rules->cluster;
	struct text reason = {0};

	for (size_t i = 0; i < cluster->node_count; i++) {
		const struct node *node = &cluster->nodes[i];

		for (size_t j = 0; j < i; j++) {
			const struct node *other = &cluster->nodes[j];

			text_clear(&reason);
			if (address_equal(&node->address, &other->address)) {
				text_addf(&reason, "duplicate address (also node %s)",
				    other->name);
				node_error(rules, node, "address", reason.data);
			} else if (node->priority &&
				   node->priority == other->priority &&
				   node->roles & other->roles & NODE_PROXY) {
				text_addf(&reason,
				    "duplicate priority %d (also node %s)",
				    node->priority, other->name);
				node_error(rules, node, "priority", reason.data);
			}
		}
	}
	text_free(&reason);
}

/* VRRP between unicast peers uses one address family. */
static void
check_families(const struct rules *rules)
{
	const struct cluster *cluster = rules->cluster;
	const struct node *first = NULL;

	for (size_t i = 0; i < cluster->node_count; i++) {
		const struct node *node = &cluster->nodes[i];

		if (!(node->roles & NODE_PROXY) || node->address.family == AF_UNSPEC)
			continue;
		if (!first)
			first = node;
		else if (node->address.family != first->address.family)
			node_error(rules, node, "address",
			    "all proxy nodes must have addresses of one family, "
			    "IPv4 or IPv6");
	}
	for (size_t i = 0; first && i < cluster->vips.count; i++)
		if (cluster->vips.at[i].address.family == first->address.family)
			return;
	if (first && cluster->vips.count)
		problem_error(rules->problems, at_key(rules, SECTION_CLUSTER, "vip"),
		    "the nodes have %s addresses: at least one virtual IP must be "
		    "of that family",
		    first->address.family == AF_INET ? "IPv4" : "IPv6");
}

/*
 * A single proxy is only a warning: an empty list of unicast peers would make
 * keepalived use multicast, and so reach other clusters, but the template then lists
 * the loopback address.
 */
static void
check_counts(const struct rules *rules)
{
	const struct cluster *cluster = rules->cluster;
	struct place whole = {0};
	size_t controllers = cluster_count(cluster, NODE_CONTROLLER);
	size_t proxies = cluster_count(cluster, NODE_PROXY);

	if (cluster->node_count == 0) {
		problem_error(rules->problems, whole,
		    "no nodes: add a [node NAME] section for each node");
		return;
	}
	for (size_t i = 0; i < cluster->node_count; i++)
		if (!cluster->nodes[i].roles)
			return;
	if (controllers == 0)
		problem_error(
		    rules->problems, whole, "no node has the role controller");
	if (proxies == 0)
		problem_error(rules->problems, whole, "no node has the role proxy");
	else if (proxies == 1)
		problem_warning(rules->problems, whole,
		    "only one proxy node: the virtual IP cannot fail over");
	if (controllers == 2 && cluster->quorum && cluster->show == SHOW_LEADER)
		problem_warning(rules->problems, at_key(rules, SECTION_CHECK, "quorum"),
		    "with two controllers the loss of one leaves no majority, and so "
		    "no leader: add a third one, or set quorum = no");
}

struct port {
	int number;
	const char *what;
	const char *key;
	enum section section;
};

static void
check_port_list(const struct rules *rules, const struct port *ports, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++)
			if (ports[i].number && ports[i].number == ports[j].number)
				problem_error(rules->problems,
				    at_key(rules, ports[i].section, ports[i].key),
				    "port %d conflicts with %s", ports[i].number,
				    ports[j].what);
}

static bool
has_both_roles(const struct cluster *cluster)
{
	for (size_t i = 0; i < cluster->node_count; i++)
		if (cluster->nodes[i].roles == (NODE_CONTROLLER | NODE_PROXY))
			return true;
	return false;
}

/* A controller has the UI and the check; with both roles also HAProxy. */
static void
check_ui_port(
    const struct rules *rules, const struct port *ports, size_t count, int port)
{
	bool shared = has_both_roles(rules->cluster);

	for (size_t i = 0; i < count; i++) {
		if (ports[i].number != port)
			continue;
		if (ports[i].section == SECTION_CHECK)
			problem_error(rules->problems,
			    at_key(rules, SECTION_UI, "forward"),
			    "port %d conflicts with %s", port, ports[i].what);
		else if (shared)
			problem_error(rules->problems,
			    at_key(rules, ports[i].section, ports[i].key),
			    "port %d is the port of the UI: HAProxy cannot listen "
			    "on it on the same node",
			    port);
	}
}

/* Two programs on one node cannot listen on one port. */
static void
check_ports(const struct rules *rules)
{
	const struct cluster *cluster = rules->cluster;
	const struct forward_list *forwards = &cluster->forwards;
	struct port ports[FORWARDS_MAX + 3];
	size_t count = 0;

	ports[count++] =
	    (struct port){cluster->check_port, "[check] port", "port", SECTION_CHECK};
	ports[count++] = (struct port){
	    cluster->rpc_port, "[check] rpc_port", "rpc_port", SECTION_CHECK};
	ports[count++] =
	    (struct port){cluster->stats, "[ui] stats", "stats", SECTION_UI};
	for (size_t i = 0; i < forwards->count; i++)
		ports[count++] = (struct port){
		    forwards->at[i].listen, "[ui] forward", "forward", SECTION_UI};
	check_port_list(rules, ports, count);
	for (size_t i = 0; i < forwards->count; i++) {
		size_t first = 0;

		while (forwards->at[first].port != forwards->at[i].port)
			first++;
		if (first == i)
			check_ui_port(rules, ports, count, forwards->at[i].port);
	}
}

/* Whoever can pretend to be one controller counts as a vote, or as a second leader. */
static void
check_pins(const struct rules *rules)
{
	const struct cluster *cluster = rules->cluster;
	bool pinned = false;

	for (size_t i = 0; i < cluster->node_count; i++) {
		const struct node *node = &cluster->nodes[i];

		if (*node->pins && !(node->roles & NODE_CONTROLLER))
			node_error(rules, node, "pin", "this node has no controller");
		pinned = pinned || *node->pins;
	}
	for (size_t i = 0; pinned && i < cluster->node_count; i++) {
		const struct node *node = &cluster->nodes[i];
		char label[SECTION_LABEL_MAX];

		if (node->roles & NODE_CONTROLLER && !*node->pins)
			problem_warning(rules->problems,
			    at_node_key(rules, node, "pin", label),
			    "other controllers have pins, and this one has none: it is "
			    "believed whatever its key (see \"cmonha-ui pins\")");
	}
}

/* VRRP version 3 has units of 10 ms, RFC 5798 section 5.2.7. */
static void
check_advert_interval(const struct rules *rules)
{
	if (rules->cluster->advert_interval % 10 != 0)
		problem_error(rules->problems,
		    at_key(rules, SECTION_CLUSTER, "advert_interval"),
		    "must be a multiple of 10ms");
}

void
rules_check(const struct cluster *cluster, const struct key_lines *lines,
    struct problems *problems)
{
	const struct rules rules = {cluster, lines, problems};

	check_vips(&rules);
	check_nodes_distinct(&rules);
	check_families(&rules);
	check_counts(&rules);
	check_ports(&rules);
	check_pins(&rules);
	check_advert_interval(&rules);
}
