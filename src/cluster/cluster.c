#include "cluster/cluster.h"

#include <string.h>

#include "base/network.h"

const struct node *
cluster_node(const struct cluster *cluster, const char *name)
{
	for (size_t i = 0; i < cluster->node_count; i++)
		if (strcmp(cluster->nodes[i].name, name) == 0)
			return &cluster->nodes[i];
	return NULL;
}

const struct node *
cluster_find_self(const struct cluster *cluster, const char *name,
    const struct local_addresses *addresses, const char **reason)
{
	const struct node *self = NULL;

	if (name) {
		self = cluster_node(cluster, name);
		*reason = self ? NULL : "no node of that name in the cluster file";
		return self;
	}
	for (size_t i = 0; i < cluster->node_count; i++) {
		if (!network_find(addresses, &cluster->nodes[i].address))
			continue;
		if (self) {
			*reason = "this host has the addresses of more than one node; "
				  "use --node NAME";
			return NULL;
		}
		self = &cluster->nodes[i];
	}
	*reason = self ? NULL
		       : "no node has an address of this host; add a [node] section "
			 "for it, or use --node NAME";
	return self;
}

const char *
cluster_interface(const struct cluster *cluster, const struct node *node,
    const struct local_addresses *addresses)
{
	const struct local_address *own = network_find(addresses, &node->address);

	if (*node->interface)
		return node->interface;
	if (*cluster->interface)
		return cluster->interface;
	return own ? own->interface : "";
}

size_t
cluster_count(const struct cluster *cluster, enum node_role role)
{
	size_t count = 0;

	for (size_t i = 0; i < cluster->node_count; i++)
		if (cluster->nodes[i].roles & role)
			count++;
	return count;
}
