#include "plan/variables.h"

#include "base/json.h"

static json_t *
describe_node(const struct node *node)
{
	char address[ADDRESS_TEXT_MAX];
	json_t *object = json_object();

	json_put(object, "name", json_string(node->name));
	json_put(
	    object, "address", json_string(address_format(&node->address, address)));
	json_put(object, "url_address",
	    json_string(address_format_url(&node->address, address)));
	return object;
}

/* Nodes that have the role, in file order. */
static json_t *
list_nodes(
    const struct cluster *cluster, enum node_role role, const struct node *except)
{
	json_t *list = json_array();
	int number = 0;

	for (size_t i = 0; i < cluster->node_count; i++) {
		const struct node *node = &cluster->nodes[i];
		json_t *object;

		if (!(node->roles & role) || node == except)
			continue;
		object = describe_node(node);
		json_put(object, "number", json_integer(++number));
		json_push(list, object);
	}
	return list;
}

/* VRRP carries one family; VIPs of the other one ride along, see RFC 5798, 5.2.9. */
static json_t *
list_vips(
    const struct cluster *cluster, const struct host_facts *site, bool of_own_family)
{
	json_t *list = json_array();
	char text[ADDRESS_TEXT_MAX];

	for (size_t i = 0; i < cluster->vips.count; i++) {
		struct prefix vip = cluster->vips.at[i];
		json_t *object;

		if ((vip.address.family == site->self->address.family) != of_own_family)
			continue;
		if (vip.length < 0)
			vip.length = vip.address.family == AF_INET
					 ? site->prefix_length
					 : site->prefix_length6;
		object = json_object();
		json_put(object, "vip", json_string(prefix_format(&vip, text)));
		json_push(list, object);
	}
	return list;
}

static json_t *
list_forwards(const struct cluster *cluster)
{
	const struct forward_list *forwards = &cluster->forwards;
	json_t *list = json_array();

	for (size_t i = 0; i < forwards->count; i++) {
		json_t *object = json_object();

		json_put(object, "listen", json_integer(forwards->at[i].listen));
		json_put(object, "port", json_integer(forwards->at[i].port));
		json_put(object, "http", json_boolean(forwards->at[i].http));
		/* The first one checks the nodes, the others follow it. */
		json_put(object, "checks", json_boolean(i == 0));
		json_put(object, "checked_by", json_integer(forwards->at[0].listen));
		json_push(list, object);
	}
	return list;
}

static bool
has_ipv6(const struct cluster *cluster)
{
	for (size_t i = 0; i < cluster->vips.count; i++)
		if (cluster->vips.at[i].address.family == AF_INET6)
			return true;
	for (size_t i = 0; i < cluster->node_count; i++)
		if (cluster->nodes[i].address.family == AF_INET6)
			return true;
	return false;
}

static void
set_vips(
    json_t *variables, const struct cluster *cluster, const struct host_facts *site)
{
	json_t *others = list_vips(cluster, site, false);

	json_put(variables, "vips", list_vips(cluster, site, true));
	json_put(
	    variables, "other_vips_any", json_boolean(json_array_size(others) > 0));
	json_put(variables, "other_vips", others);
	json_put(variables, "ipv6", json_boolean(has_ipv6(cluster)));
}

static json_t *
seconds(int milliseconds)
{
	return json_sprintf("%d.%02d", milliseconds / 1000, milliseconds % 1000 / 10);
}

/*
 * After a failed check HAProxy asks again so soon, in milliseconds. Four in a row take
 * a node out, so that neither a lost packet nor a stall does; they follow each other
 * within 150 ms, in which cmonhachk answers from what it knows: a node that says
 * "follower" is out as soon as ever.
 */
static int
fast_interval(const struct cluster *cluster)
{
	const int least = 20, most = 40;
	int tenth = cluster->interval / 10;

	return tenth < least ? least : tenth > most ? most : tenth;
}

static void
set_check(json_t *variables, const struct cluster *cluster)
{
	json_put(variables, "check_port", json_integer(cluster->check_port));
	json_put(variables, "interval", json_integer(cluster->interval));
	json_put(variables, "fast_interval", json_integer(fast_interval(cluster)));
	json_put(variables, "check_timeout", json_integer(cluster->deadline + 200));
	json_put(variables, "cut_sessions", json_boolean(cluster->cut_sessions));
}

json_t *
variables_make(const struct cluster *cluster, const struct host_facts *site)
{
	const struct node *self = site->self;
	json_t *variables = describe_node(self);

	json_put(variables, "mark", json_string(PLAN_MARK));
	json_put(variables, "checksum", json_string(cluster->checksum));
	json_put(variables, "interface", json_string(site->interface));
	json_put(variables, "priority", json_integer(self->priority));
	json_put(
	    variables, "virtual_router_id", json_integer(cluster->virtual_router_id));
	json_put(variables, "advert_interval", seconds(cluster->advert_interval));
	json_put(variables, "preempt", json_boolean(cluster->preempt));
	set_vips(variables, cluster, site);
	json_put(variables, "peers", list_nodes(cluster, NODE_PROXY, self));
	json_put(variables, "loopback",
	    json_string(self->address.family == AF_INET ? "127.0.0.1" : "::1"));
	json_put(variables, "controllers", list_nodes(cluster, NODE_CONTROLLER, NULL));
	json_put(variables, "forwards", list_forwards(cluster));
	json_put(variables, "stats", json_integer(cluster->stats));
	json_put(variables, "admin_password", json_string(site->admin_password));
	json_put(variables, "stats_password", json_string(site->stats_password));
	json_put(variables, "no_leader_page", json_string(site->no_leader_page));
	set_check(variables, cluster);
	return variables;
}
