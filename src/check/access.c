#include "check/access.h"

bool
access_allows(const struct config *config, const struct address *client)
{
	const struct cluster *cluster = &config->cluster;

	if (config->allow_all || address_is_loopback(client) ||
	    network_find(&config->local, client))
		return true;
	for (size_t i = 0; i < cluster->node_count; i++)
		if (address_equal(&cluster->nodes[i].address, client))
			return true;
	/* The address alone: its length is that of a whole subnet. */
	for (size_t i = 0; i < cluster->vips.count; i++)
		if (address_equal(&cluster->vips.at[i].address, client))
			return true;
	for (size_t i = 0; i < cluster->allow.count; i++)
		if (prefix_contains(&cluster->allow.at[i], client))
			return true;
	return false;
}
