#include "plan/variables.h"

#include <sysexits.h>

#include "plan/vip.h"

/* Without memory jansson returns NULL from all its constructors. */
static json_t *
not_null(json_t *value)
{
	if (!value)
		log_fatal(EX_OSERR, "out of memory");
	return value;
}

static void
add_item(json_t *list, json_t *value)
{
	if (json_array_append_new(list, value) < 0)
		log_fatal(EX_OSERR, "out of memory");
}

/*
 * Nodes that have the role, in file order. `source` is the address that this node
 * connects from: the other nodes' checks expect the one in the cluster file, and the
 * kernel may choose another one of this host. Empty if the families differ.
 */
static json_t *
list_nodes(const struct cluster *cluster, enum node_role role, const struct node *self,
    const struct node *except)
{
	json_t *list = not_null(json_array());
	char plain[ADDRESS_TEXT_MAX], in_url[ADDRESS_TEXT_MAX];
	char source[ADDRESS_TEXT_MAX];
	int number = 0;

	address_format_url(&self->address, source);

	for (size_t i = 0; i < cluster->node_count; i++) {
		const struct node *node = &cluster->nodes[i];

		if (node->roles & role && node != except)
			add_item(list,
			    json_pack("{s:s, s:s, s:s, s:s, s:i}", "name", node->name,
				"address", address_format(&node->address, plain),
				"url_address",
				address_format_url(&node->address, in_url), "source",
				node->address.family == self->address.family ? source
									     : "",
				"number", ++number));
	}
	return list;
}

/*
 * VRRP advertises VIPs of one family, that of the nodes' addresses; keepalived moves
 * those of the other family with them (virtual_ipaddress_excluded).
 */
static json_t *
list_vips(
    const struct cluster *cluster, const struct host_facts *facts, bool of_own_family)
{
	json_t *list = not_null(json_array());
	char text[ADDRESS_TEXT_MAX];

	for (size_t i = 0; i < cluster->vips.count; i++) {
		struct prefix vip = vip_complete(&cluster->vips.at[i], facts);

		if ((vip.address.family == facts->self->address.family) ==
		    of_own_family)
			add_item(
			    list, json_pack("{s:s}", "vip", prefix_format(&vip, text)));
	}
	return list;
}

/* The first forward checks the nodes; the others use its result. */
static json_t *
list_forwards(const struct forward_list *forwards)
{
	json_t *list = not_null(json_array());

	for (size_t i = 0; i < forwards->count; i++)
		add_item(list, json_pack("{s:i, s:i, s:b, s:b, s:i}", "listen",
				   forwards->at[i].listen, "port", forwards->at[i].port,
				   "http", forwards->at[i].http, "checks", i == 0,
				   "checked_by", forwards->at[0].listen));
	return list;
}

static bool
has_http_forward(const struct cluster *cluster)
{
	for (size_t i = 0; i < cluster->forwards.count; i++)
		if (cluster->forwards.at[i].http)
			return true;
	return false;
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

/*
 * HAProxy's interval after a failed check, in milliseconds. Four failures in a row mark
 * a node down, so that a lost packet or a stall does not; at this interval they take at
 * most 150 ms, and cmonhachk answers them from its last verdict, so that a follower is
 * still marked down at once.
 */
static int
fast_interval(const struct cluster *cluster)
{
	const int least = 20, most = 40;
	int tenth = cluster->interval / 10;

	return tenth < least ? least : tenth > most ? most : tenth;
}

/*
 * In milliseconds. A keepalived that always waits for three advertisements gets longer
 * intervals, so that as much time as configured passes until another node takes over.
 */
static int
advert_interval(const struct cluster *cluster, const struct host_facts *facts)
{
	const int fixed = 3;

	if (facts->counts_adverts)
		return cluster->advert_interval;
	return cluster->advert_interval * (cluster->lost_adverts + 1) / fixed;
}

/*
 * `other_vips_any` says whether `other_vips` has items, and `http_any` whether any
 * forward is HTTP: a section of a list is repeated for each of them, so a template
 * needs these to write one block for the whole list.
 */
json_t *
variables_make(const struct cluster *cluster, const struct host_facts *facts)
{
	const struct node *self = facts->self;
	char address[ADDRESS_TEXT_MAX], in_url[ADDRESS_TEXT_MAX];
	json_t *other_vips = list_vips(cluster, facts, false);
	char admin[PASSWORD_WORDS_MAX], stats[PASSWORD_WORDS_MAX];
	int advert = advert_interval(cluster, facts);

	/* clang-format off */
	return not_null(json_pack(
	    "{s:s, s:s, s:s, s:s, s:s, s:s,"
	    " s:s, s:i, s:i, s:o, s:b, s:i, s:b, s:o, s:b, s:o, s:b, s:b, s:o,"
	    " s:o, s:o, s:b, s:i, s:s, s:s, s:s, s:s, s:s, s:b,"
	    " s:i, s:i, s:b, s:b, s:b, s:b,"
	    " s:i, s:i, s:i, s:i, s:b}",
	    "mark", PLAN_MARK,
	    "checksum", cluster->checksum,
	    "name", self->name,
	    "address", address_format(&self->address, address),
	    "url_address", address_format_url(&self->address, in_url),
	    "loopback", self->address.family == AF_INET ? "127.0.0.1" : "::1",
	    /* keepalived */
	    "interface", facts->interface,
	    "priority", self->priority,
	    "virtual_router_id", cluster->virtual_router_id,
	    "advert_interval", json_sprintf("%d.%02d", advert / 1000, advert % 1000 / 10),
	    "counts_adverts", facts->counts_adverts,
	    "down_timer_adverts", cluster->lost_adverts + 1,
	    "preempt", cluster->preempt,
	    "vips", list_vips(cluster, facts, true),
	    "other_vips_any", json_array_size(other_vips) > 0,
	    "other_vips", other_vips,
	    "ipv6", has_ipv6(cluster),
	    "ipv4", self->address.family == AF_INET,
	    "peers", list_nodes(cluster, NODE_PROXY, self, self),
	    /* HAProxy */
	    "controllers", list_nodes(cluster, NODE_CONTROLLER, self, NULL),
	    "forwards", list_forwards(&cluster->forwards),
	    "http_any", has_http_forward(cluster),
	    "stats", cluster->stats,
	    "admin_credentials", facts->admin_credentials,
	    "stats_credentials", facts->stats_credentials,
	    /* for templates of the administrator */
	    "admin_password", passwords_quote(facts->passwords.admin, admin),
	    "stats_password", passwords_quote(facts->passwords.stats, stats),
	    "no_leader_page", facts->no_leader_page,
	    "cut_sessions", cluster->cut_sessions,
	    "client_connections", cluster->client_connections,
	    "request_timeout", cluster->request_timeout,
	    "stats_any", cluster->stats_bind == STATS_ANY,
	    "stats_node", cluster->stats_bind == STATS_NODE,
	    "stats_localhost", cluster->stats_bind == STATS_LOCALHOST,
	    "stats_admin", cluster->stats_admin,
	    /* the check; HAProxy waits 200 ms longer than cmonhachk may take */
	    "check_port", cluster->check_port,
	    "interval", cluster->interval,
	    "fast_interval", fast_interval(cluster),
	    "check_timeout", cluster->deadline + 200,
	    "show_any", cluster->show == SHOW_ANY));
	/* clang-format on */
}
