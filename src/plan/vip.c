#include "plan/vip.h"

#include <stdio.h>
#include <string.h>

#include "base/network.h"

/*
 * The interface's own network that has the VIP: the longest, if several have it. An
 * address of the host that is the VIP itself proves nothing: it may be active.
 */
static const struct prefix *
find_subnet(const struct address *vip, const struct host_facts *facts)
{
	const struct prefix *found = NULL;

	for (size_t i = 0; i < facts->addresses->count; i++) {
		const struct local_address *local = &facts->addresses->at[i];

		if (strcmp(local->interface, facts->interface) == 0 &&
		    !address_equal(&local->prefix.address, vip) &&
		    prefix_contains(&local->prefix, vip) &&
		    (!found || local->prefix.length > found->length))
			found = &local->prefix;
	}
	return found;
}

struct prefix
vip_complete(const struct prefix *vip, const struct host_facts *facts)
{
	const struct prefix *subnet = find_subnet(&vip->address, facts);
	struct prefix complete = *vip;

	if (vip->length < 0 && subnet)
		complete.length = subnet->length;
	else if (vip->length < 0)
		complete.length = vip->address.family == AF_INET ? 32 : 128;
	return complete;
}

/* Whether an own network of the interface has this length and the VIP in it. */
static bool
has_length(const struct prefix *vip, const struct host_facts *facts)
{
	for (size_t i = 0; i < facts->addresses->count; i++) {
		const struct local_address *local = &facts->addresses->at[i];

		if (strcmp(local->interface, facts->interface) == 0 &&
		    local->prefix.length == vip->length &&
		    !address_equal(&local->prefix.address, &vip->address) &&
		    prefix_contains(&local->prefix, &vip->address))
			return true;
	}
	return false;
}

static void
check_subnet(const struct prefix *vip, const struct prefix *subnet,
    const struct host_facts *facts, struct place place, struct problems *problems)
{
	struct prefix in_subnet = {vip->address, subnet->length};
	int longest = vip->address.family == AF_INET ? 32 : 128;
	char name[ADDRESS_TEXT_MAX], network[ADDRESS_TEXT_MAX];
	const char *reason = prefix_unusable(&in_subnet);

	prefix_format(vip, name);
	prefix_format(subnet, network);
	/* A reason for the length in the file is an error of the file already. */
	if (reason && vip->length != subnet->length)
		problem_error(problems, place,
		    "%s %s: interface %s of this node has %s", name, reason,
		    facts->interface, network);
	else if (vip->length >= 0 && vip->length < longest && !has_length(vip, facts))
		problem_warning(problems, place,
		    "%s has another length than the network of interface %s of this "
		    "node, %s: leave out the length, or correct it",
		    name, facts->interface, network);
}

/* Another interface whose own network has the VIP, or NULL. */
static const char *
find_other_interface(const struct address *vip, const struct host_facts *facts)
{
	int longest = vip->family == AF_INET ? 32 : 128;

	for (size_t i = 0; i < facts->addresses->count; i++) {
		const struct local_address *local = &facts->addresses->at[i];

		if (strcmp(local->interface, facts->interface) != 0 &&
		    local->prefix.length < longest &&
		    !address_equal(&local->prefix.address, vip) &&
		    prefix_contains(&local->prefix, vip))
			return local->interface;
	}
	return NULL;
}

void
vip_check_subnets(const struct cluster *cluster, const struct host_facts *facts,
    struct place place, struct problems *problems)
{
	for (size_t i = 0; i < cluster->vips.count; i++) {
		const struct prefix *vip = &cluster->vips.at[i];
		const struct prefix *subnet = find_subnet(&vip->address, facts);
		const char *other = find_other_interface(&vip->address, facts);
		char name[ADDRESS_TEXT_MAX];

		if (subnet)
			check_subnet(vip, subnet, facts, place, problems);
		else if (network_is_on_link(facts->interface, &vip->address))
			continue;
		else if (other)
			problem_error(problems, place,
			    "%s is in the network of interface %s of this node, not of "
			    "%s: set interface = %s",
			    address_format(&vip->address, name), other,
			    facts->interface, other);
		else
			problem_warning(problems, place,
			    "%s is not in any subnet of interface %s of this node, and "
			    "no route of this node has it there: other hosts reach it "
			    "only if the network expects it on this interface",
			    address_format(&vip->address, name), facts->interface);
	}
}

const char *
vip_url(const struct address *vip, const struct forward *forward,
    char buffer[static VIP_URL_MAX])
{
	char text[ADDRESS_TEXT_MAX];
	bool v6 = vip->family == AF_INET6;

	snprintf(buffer, VIP_URL_MAX, "%s://%s%s%s:%d/",
	    forward->http ? "http" : "https", v6 ? "[" : "", address_format(vip, text),
	    v6 ? "]" : "", forward->listen);
	return buffer;
}
