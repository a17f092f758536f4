#include "plan/vip.h"

#include <string.h>

#include "base/network.h"

struct prefix
vip_complete(const struct prefix *vip, const struct host_facts *facts)
{
	struct prefix complete = *vip;

	if (vip->length >= 0)
		return complete;
	complete.length = vip->address.family == AF_INET ? 32 : 128;
	for (size_t i = 0; i < facts->addresses->count; i++) {
		const struct local_address *local = &facts->addresses->at[i];
		const struct address *address = &local->prefix.address;

		if (strcmp(local->interface, facts->interface) != 0 ||
		    address->family != vip->address.family ||
		    (address->family == AF_INET6 &&
			IN6_IS_ADDR_LINKLOCAL(&address->v6)))
			continue;
		complete.length = local->prefix.length;
		break;
	}
	return complete;
}

/* An address of the host that is the VIP itself proves nothing: it may be active. */
static bool
is_in_subnet(const struct address *vip, const struct host_facts *facts)
{
	for (size_t i = 0; i < facts->addresses->count; i++) {
		const struct local_address *local = &facts->addresses->at[i];

		if (strcmp(local->interface, facts->interface) == 0 &&
		    !address_equal(&local->prefix.address, vip) &&
		    prefix_contains(&local->prefix, vip))
			return true;
	}
	return false;
}

void
vip_check_subnets(const struct cluster *cluster, const struct host_facts *facts,
    struct place place, struct problems *problems)
{
	for (size_t i = 0; i < cluster->vips.count; i++) {
		const struct address *vip = &cluster->vips.at[i].address;
		char name[ADDRESS_TEXT_MAX];

		if (!is_in_subnet(vip, facts))
			problem_error(problems, place,
			    "%s is not in any subnet of interface %s of this node",
			    address_format(vip, name), facts->interface);
	}
}
