/*
 * /etc/default/cmon: shell assignments that say where the controller listens. Parsed
 * without a shell: quotes, comments and `export` are understood, nothing is expanded.
 * Never reads the file itself.
 */
#ifndef CMONHA_PROBE_CMON_ENV_H
#define CMONHA_PROBE_CMON_ENV_H

#include "base/text.h"

#define CMON_ENV_FILE   "/etc/default/cmon"
#define CMON_PLAIN_PORT 9500

#define BIND_ADDRESSES_MAX 16
#define BIND_ADDRESS_MAX   256 /* a host name, RFC 1035, and the NUL */

struct cmon_env {
	int rpc_port;                                         /* without TLS */
	char addresses[BIND_ADDRESSES_MAX][BIND_ADDRESS_MAX]; /* or host names */
	size_t count;
};

/* As in the shell the last assignment counts. Other lines are skipped. */
void cmon_env_parse(const struct text *content, struct cmon_env *result);

#endif
