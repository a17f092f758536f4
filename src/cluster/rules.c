/*
 * What must hold between the fields of a cluster. Each rule is one function and knows
 * why it is there; a rule whose fields were not readable says nothing more.
 */
#include "cluster/reading.h"

#include <string.h>

static struct place
at_key(const struct reading *reading, enum section section, const char *key)
{
	return (struct place){
	    reading_line(reading, NULL, key), section_name(section), key};
}

static void
node_error(struct reading *reading, const struct node *node, const char *key,
    const char *reason)
{
	struct text section = {0};

	text_addf(&section, "node %s", node->name);
	problem_error(reading->problems,
	    (struct place){
		reading_line(reading, node, key), text_string(&section), key},
	    "%s", reason);
	text_free(&section);
}

/* A VIP that is a node's own address would make two machines answer for it. */
static void
check_vips(struct reading *reading)
{
	const struct cluster *cluster = reading->cluster;
	struct place place = at_key(reading, SECTION_CLUSTER, "vip");
	char name[ADDRESS_TEXT_MAX];

	for (size_t i = 0; i < cluster->vips.count; i++) {
		const struct address *vip = &cluster->vips.at[i].address;
		const char *reason = address_unusable(vip);

		address_format(vip, name);
		if (reason)
			problem_error(reading->problems, place, "%s %s", name, reason);
		for (size_t j = 0; j < i; j++)
			if (address_equal(vip, &cluster->vips.at[j].address))
				problem_error(reading->problems, place,
				    "%s is there twice", name);
		for (size_t n = 0; n < cluster->node_count; n++)
			if (address_equal(vip, &cluster->nodes[n].address))
				problem_error(reading->problems, place,
				    "%s is the address of node %s; the virtual IP "
				    "must be nobody's",
				    name, cluster->nodes[n].name);
	}
}

static void
check_nodes_distinct(struct reading *reading)
{
	const struct cluster *cluster = reading->cluster;
	struct text reason = {0};

	for (size_t i = 0; i < cluster->node_count; i++) {
		const struct node *node = &cluster->nodes[i];

		for (size_t j = 0; j < i; j++) {
			const struct node *other = &cluster->nodes[j];

			text_clear(&reason);
			if (address_equal(&node->address, &other->address)) {
				text_addf(&reason, "is the address of node %s too",
				    other->name);
				node_error(reading, node, "address", reason.data);
			} else if (node->priority &&
				   node->priority == other->priority &&
				   node->roles & other->roles & NODE_PROXY) {
				text_addf(&reason,
				    "%d is the priority of node %s too; who should "
				    "take the virtual IP?",
				    node->priority, other->name);
				node_error(reading, node, "priority", reason.data);
			}
		}
	}
	text_free(&reason);
}

/* VRRP between unicast peers runs over one family. */
static void
check_families(struct reading *reading)
{
	const struct cluster *cluster = reading->cluster;
	const struct node *first = NULL;

	for (size_t i = 0; i < cluster->node_count; i++) {
		const struct node *node = &cluster->nodes[i];

		if (!(node->roles & NODE_PROXY) || node->address.family == AF_UNSPEC)
			continue;
		if (!first)
			first = node;
		else if (node->address.family != first->address.family)
			node_error(reading, node, "address",
			    "IPv4 and IPv6 are mixed: all proxy nodes must have "
			    "addresses of one family");
	}
	for (size_t i = 0; first && i < cluster->vips.count; i++)
		if (cluster->vips.at[i].address.family == first->address.family)
			return;
	if (first && cluster->vips.count)
		problem_error(reading->problems,
		    at_key(reading, SECTION_CLUSTER, "vip"),
		    "the nodes have %s addresses: at least one virtual IP must be "
		    "of that family",
		    first->address.family == AF_INET ? "IPv4" : "IPv6");
}

/*
 * An empty list of unicast peers makes keepalived fall back to multicast, and then
 * every node of every such cluster on the segment holds its VIP (PAINS 31).
 */
static void
check_counts(struct reading *reading)
{
	const struct cluster *cluster = reading->cluster;
	struct place whole = {0};
	size_t controllers = cluster_count(cluster, NODE_CONTROLLER);
	size_t proxies = cluster_count(cluster, NODE_PROXY);

	if (cluster->node_count == 0) {
		problem_error(reading->problems, whole,
		    "no nodes: add a section [node NAME] with its address for "
		    "each");
		return;
	}
	for (size_t i = 0; i < cluster->node_count; i++)
		if (!cluster->nodes[i].roles)
			return;
	if (controllers == 0)
		problem_error(
		    reading->problems, whole, "no node has the role controller");
	if (proxies == 0)
		problem_error(reading->problems, whole, "no node has the role proxy");
	else if (proxies == 1)
		problem_warning(reading->problems, whole,
		    "one node only has the role proxy: nobody could take over the "
		    "virtual IP");
	if (controllers == 2 && cluster->quorum)
		problem_warning(reading->problems,
		    at_key(reading, SECTION_CHECK, "quorum"),
		    "with two controllers the loss of one leaves no majority, so "
		    "nobody is leader: add a third, or write quorum = no");
}

struct port {
	int number;
	const char *what;
	const char *key;
	enum section section;
};

static void
check_port_list(struct reading *reading, const struct port *ports, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++)
			if (ports[i].number && ports[i].number == ports[j].number)
				problem_error(reading->problems,
				    at_key(reading, ports[i].section, ports[i].key),
				    "port %d is also that of %s", ports[i].number,
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

/* The UI has its port beside the check, and beside HAProxy where that runs too. */
static void
check_ui_port(struct reading *reading, const struct port *ports, size_t count, int port)
{
	bool shared = has_both_roles(reading->cluster);

	for (size_t i = 0; i < count; i++) {
		if (ports[i].number != port)
			continue;
		if (ports[i].section == SECTION_CHECK)
			problem_error(reading->problems,
			    at_key(reading, SECTION_UI, "forward"),
			    "port %d is also that of %s", port, ports[i].what);
		else if (shared)
			problem_error(reading->problems,
			    at_key(reading, ports[i].section, ports[i].key),
			    "port %d is the UI's own: HAProxy cannot listen on it "
			    "on the same node",
			    port);
	}
}

/* Two programs on one node cannot listen on one port. */
static void
check_ports(struct reading *reading)
{
	const struct cluster *cluster = reading->cluster;
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
	check_port_list(reading, ports, count);
	for (size_t i = 0; i < forwards->count; i++) {
		size_t first = 0;

		while (forwards->at[first].port != forwards->at[i].port)
			first++;
		if (first == i)
			check_ui_port(reading, ports, count, forwards->at[i].port);
	}
}

/* VRRP version 3 counts in hundredths of a second, RFC 5798 section 5.2.7. */
static void
check_advert_interval(struct reading *reading)
{
	if (reading->cluster->advert_interval % 10 != 0)
		problem_error(reading->problems,
		    at_key(reading, SECTION_CLUSTER, "advert_interval"),
		    "must be a multiple of 10ms");
}

void
rules_check(struct reading *reading)
{
	check_vips(reading);
	check_nodes_distinct(reading);
	check_families(reading);
	check_counts(reading);
	check_ports(reading);
	check_advert_interval(reading);
}
