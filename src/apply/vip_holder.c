#include "apply/vip_holder.h"

#include <string.h>

#include "base/neighbour.h"
#include "base/network.h"

#define QUERY_MS 600

/* Whether the address is in a network of the VIPs' interface. */
static bool
is_on_link(const struct host_facts *facts, const struct address *address)
{
	for (size_t i = 0; i < facts->addresses->count; i++) {
		const struct local_address *local = &facts->addresses->at[i];

		if (strcmp(local->interface, facts->interface) == 0 &&
		    prefix_contains(&local->prefix, address))
			return true;
	}
	return false;
}

/*
 * Whoever answers for a VIP must be a peer: have the MAC address by which a peer
 * answers for its own address, or VRRP's for the router ID (RFC 5798, 7.3), which
 * keepalived uses with use_vmac. A router that answers for every address (proxy ARP)
 * answers for the peers too. That another machine has it is certain only if all peers
 * are on the link.
 */
void
vip_holder_check(const struct cluster *cluster, const struct cluster *applied,
    const struct host_facts *facts, struct place place, struct problems *problems)
{
	const unsigned char vmac[] = {
	    0, 0, 0x5e, 0, 1, (unsigned char)cluster->virtual_router_id};
	struct neighbour list[VIPS_MAX + 2 * NODES_MAX];
	size_t count = 0, vips;
	bool certain = true;

	for (size_t i = 0; i < cluster->vips.count; i++)
		if (!network_find(facts->addresses, &cluster->vips.at[i].address))
			list[count++] =
			    (struct neighbour){.address = cluster->vips.at[i].address};
	vips = count;
	for (size_t i = 0; i < cluster->node_count; i++) {
		const struct node *node = &cluster->nodes[i];

		if (node == facts->self)
			continue;
		list[count++] = (struct neighbour){.address = node->address};
		if (node->roles & NODE_PROXY && !is_on_link(facts, &node->address))
			certain = false;
	}
	/* A node that is taken out of the file may still be the active one. */
	for (size_t i = 0; applied && i < applied->node_count; i++)
		if (!network_find(facts->addresses, &applied->nodes[i].address))
			list[count++] =
			    (struct neighbour){.address = applied->nodes[i].address};
	if (vips == 0 || neighbour_query(facts->interface, facts->addresses, list,
			     count, vips, QUERY_MS) < 0)
		return;
	for (size_t i = 0; i < vips; i++) {
		const unsigned char *mac = list[i].mac;
		bool peer = memcmp(mac, vmac, 4) == 0 && mac[5] == vmac[5];
		char name[ADDRESS_TEXT_MAX];

		for (size_t n = vips; n < count; n++)
			peer = peer || (list[n].answered &&
					   memcmp(list[n].mac, mac, MAC_LENGTH) == 0);
		if (!list[i].answered || peer)
			continue;
		address_format(&list[i].address, name);
		(certain ? problem_error : problem_warning)(problems, place,
		    "%s is used by another machine, with the MAC address "
		    "%02x:%02x:%02x:%02x:%02x:%02x, which %s a node of this cluster: "
		    "remove it there, or choose another virtual IP",
		    name, mac[0], mac[1], mac[2], mac[3], mac[4], mac[5],
		    certain ? "is not" : "seems not to be");
	}
}
