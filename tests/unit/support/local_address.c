#include "local_address.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/network.h"
#include "base/text.h"

bool
local_address_find(char text[ADDRESS_TEXT_MAX])
{
	struct local_addresses *local = allocate(sizeof(*local));
	bool found = false;

	network_local_addresses(local);
	for (size_t i = 0; i < local->count && !found; i++) {
		const struct address *address = &local->at[i].prefix.address;

		found = address->family == AF_INET && !address_is_loopback(address);
		if (found)
			address_format(address, text);
	}
	free(local);
	if (!found) {
		printf("SKIP: this machine has no address besides the loopback\n");
		fflush(stdout);
	}
	return found;
}
