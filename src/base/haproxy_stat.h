/*
 * HAProxy's output of "show stat", CSV with the servers, and of "show info", lines
 * "Key: value": management guide, sections 9.1 and 9.3.
 */
#ifndef CMONHA_BASE_HAPROXY_STAT_H
#define CMONHA_BASE_HAPROXY_STAT_H

#include <stdbool.h>

/* All strings are in the output. */
struct haproxy_server {
	const char *backend;
	const char *name;
	const char *status;     /* "UP", "UP 1/3", "DOWN", "MAINT", "no check", … */
	const char *check;      /* of the last health check: "L7OK", … or "" */
	const char *check_code; /* with which it was answered, or "" */
	int since;              /* seconds since the last change of UP and DOWN */
	int sessions;           /* at the moment */
};

/*
 * The next server in the output, of which `rest` is what was not read yet; changes the
 * output. False at the end. Lines that are no servers are skipped, and the servers that
 * are no nodes, but make pages of this one: "page:…" in haproxy.cfg.
 */
bool haproxy_next_server(char **rest, struct haproxy_server *server);

/*
 * The value of a key in an output that begins with another line. NULL if there is none;
 * the caller frees it.
 */
char *haproxy_info(const char *output, const char *key);

#endif
