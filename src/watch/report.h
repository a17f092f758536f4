/*
 * watch.json: what the watcher knows, for the check's /status and for monitoring. Its
 * readers need no privileges.
 */
#ifndef CMONHA_WATCH_REPORT_H
#define CMONHA_WATCH_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/paths.h"
#include "base/text.h"
#include "watch/transitions.h"

#define REPORT_FILE  RUNTIME_DIRECTORY "/watch.json"
#define REPORT_LIMIT (64 * 1024)

struct report {
	enum vrrp_state state;
	time_t state_since;
	bool haproxy_answers;
	size_t old_workers;
	/* Output of "show info" and of "show stat -1 4 -1"; may be empty. */
	const struct text *haproxy;
	/* Installed versions; "": not known. */
	const char *haproxy_installed, *keepalived_installed;
	json_t *problems; /* an array of strings */
};

/* Writes the file below the directory `root`. 0, or -1 after a message. */
int report_write(const struct report *report, const char *root);

/*
 * The VRRP state of the file that an earlier watcher has written: keepalived reports
 * changes alone. Leaves `transitions` as it is if there is none.
 */
void report_restore(const char *root, struct transitions *transitions);

#endif
