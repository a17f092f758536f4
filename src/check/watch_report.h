/*
 * What the watcher of this node last wrote about keepalived and HAProxy, whose sockets
 * only root may use. Owns the format of the file; never queries a service.
 */
#ifndef CMONHA_CHECK_WATCH_REPORT_H
#define CMONHA_CHECK_WATCH_REPORT_H

#include <jansson.h>
#include <stdint.h>

#include "base/paths.h"
#include "base/text.h"

#define WATCH_REPORT_FILE  RUNTIME_DIRECTORY "/watch.json"
#define WATCH_REPORT_LIMIT (64 * 1024) /* bytes */
/* Seconds. The watcher writes it every 5 s even if nothing has changed. */
#define WATCH_REPORT_LIFE 10

/*
 * A new object from the text of the file, for json_decref(); `now` is the time in
 * seconds since the Epoch. Only what is documented here is copied, checked:
 *
 *	watch    "current"; "absent": not a report of version 1; "stale": too old
 *	vrrp     {state, since, since_ms}; the last two are null if not known
 *	haproxy  null, or {answers, version, old_workers,
 *	         servers: [{backend, name, state, since_ms, sessions, reason}]}
 *	problems [text]
 *	pid      of the watcher; 0: there is no report
 *	installed {haproxy, keepalived}, versions; null if not known
 *
 * Unless it is current, the state is "unknown", haproxy and the versions null, and
 * problems empty.
 */
json_t *watch_report_parse(const struct text *text, int64_t now);

/* The same of the file; "absent" if it cannot be read. */
json_t *watch_report_read(const char *path);

#endif
