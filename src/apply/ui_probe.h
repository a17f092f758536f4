/*
 * What the web UI of this node speaks on a port, found by one or two requests.
 */
#ifndef CMONHA_APPLY_UI_PROBE_H
#define CMONHA_APPLY_UI_PROBE_H

#include "base/address.h"

enum ui {
	UI_SILENT, /* not reachable, no answer, or another protocol */
	UI_HTTP,
	UI_REDIRECTS, /* HTTP, and only a redirect to https:// */
	UI_TLS,
};

#define UI_LOCATION_MAX 256

/*
 * Sends a plain HTTP request, or a TLS handshake first if `tls_first`; the other one if
 * the answer is not conclusive. `location` is where UI_REDIRECTS leads, cut if longer.
 * Waits up to 2 s for each.
 */
enum ui ui_probe(const struct address *address, int port, bool tls_first,
    char location[static UI_LOCATION_MAX]);

#endif
