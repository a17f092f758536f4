/*
 * Which key the certificate of a controller has. Only the tool asks that; the check
 * compares the key with the pins of the cluster file, see rpc.h.
 */
#ifndef CMONHA_PROBE_CERTIFICATE_H
#define CMONHA_PROBE_CERTIFICATE_H

#include "base/address.h"
#include "cluster/pin.h"

/*
 * Makes a TLS connection, at most for `milliseconds`, and sends no request. NULL, or a
 * static reason why the server shows no certificate. Uses no other query's connection.
 */
const char *certificate_pin(const struct address *address, int port, int milliseconds,
    char pin[static PIN_LENGTH + 1]);

#endif
