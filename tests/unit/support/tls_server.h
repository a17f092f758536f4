/*
 * A fixture: a controller that speaks TLS on a loopback port of its own, as one
 * of listening.h, which stops it. It says that it is the leader.
 */
#ifndef CMONHA_UNIT_TLS_SERVER_H
#define CMONHA_UNIT_TLS_SERVER_H

#include <stdbool.h>

/* Pins of its keys, as the openssl command computes them (RFC 7469, appendix A). */
#define TLS_SERVER_PIN       "sha256//XrCAf+WdZU8TwdiMs6EZV4K64F22W+5MppekGzKqEu4="
#define TLS_SERVER_OTHER_PIN "sha256//OQp/wLAxKrOvEH8IWfMTF6NAJ+S8eMWC8yldj6Hyttg="

/* Begins to listen, with the other key or not; the port. */
int tls_server_start(bool other_key);

#endif
