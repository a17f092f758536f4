/*
 * Which clients may query the check. Owns the rule and nothing else; never reads a
 * request.
 */
#ifndef CMONHA_CHECK_ACCESS_H
#define CMONHA_CHECK_ACCESS_H

#include "probe/config.h"

/*
 * The nodes, the virtual IPs, `allow` of section [check], the loopback addresses and
 * this machine's own; all clients while there is no usable cluster file.
 */
bool access_allows(const struct config *config, const struct address *client);

#endif
