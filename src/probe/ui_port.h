/*
 * Whether the web interface of this node takes connections.
 */
#ifndef CMONHA_PROBE_UI_PORT_H
#define CMONHA_PROBE_UI_PORT_H

#include <stdbool.h>

#include "base/address.h"

/*
 * The kernel is asked. Only if it knows no listener, or does not tell, is a connection
 * tried: one per check would fill the log of a web interface that speaks TLS.
 */
bool ui_port_accepts(const struct address *address, int port);

#endif
