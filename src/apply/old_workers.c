#include "apply/old_workers.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "apply/haproxy_socket.h"
#include "apply/server_state.h"
#include "base/log.h"

#define POLL_MS  50
#define QUERY_MS 500
/* During a reload, until the new worker serves, the master may not answer. */
#define NONE_SEEN_MS 5000
/* Longer than hard-stop-after in haproxy.cfg. */
#define WATCH_MS (6 * 60 * 1000)

#define HEADLINE "# old workers"

size_t
old_workers_find(const struct text *processes, pid_t pids[OLD_WORKERS_MAX])
{
	const char *line = strstr(text_string(processes), HEADLINE);
	size_t count = 0;

	line = line ? strchr(line, '\n') : NULL;
	while (line && count < OLD_WORKERS_MAX) {
		int pid = 0, length = 0;

		/* The length is set only if "worker" was matched. */
		if (sscanf(line + 1, "%d worker%n", &pid, &length) != 1 || !length ||
		    pid <= 1)
			break;
		pids[count++] = pid;
		line = strchr(line + 1, '\n');
	}
	return count;
}

/* How many there are; 0 also while the master does not answer. */
static size_t
query_master(const struct machine *machine, pid_t pids[OLD_WORKERS_MAX])
{
	struct text processes = {0};
	size_t count = 0;

	if (haproxy_query(machine, HAPROXY_MASTER_SOCKET, "show proc;quit",
		clock_now() + QUERY_MS, &processes) == 0)
		count = old_workers_find(&processes, pids);
	text_free(&processes);
	return count;
}

/* False while the new worker has no socket yet: then nothing is known. */
static bool
server_went_down(const struct machine *machine, const struct text *before)
{
	struct text now = {0};
	bool lost = haproxy_query(machine, HAPROXY_SOCKET, "show servers state",
			clock_now() + QUERY_MS, &now) == 0 &&
		    server_state_lost(before, &now);

	text_free(&now);
	return lost;
}

static int
terminate(const pid_t pids[], size_t count)
{
	int result = 0;

	log_info("a server went down: stopping %zu old HAProxy workers", count);
	for (size_t i = 0; i < count; i++)
		if (kill(pids[i], SIGTERM) < 0 && errno != ESRCH) {
			log_warn("cannot stop old HAProxy worker %d", (int)pids[i]);
			result = -1;
		}
	return result;
}

int
old_workers_watch(const struct machine *machine, const struct text *before)
{
	clock_ms_t deadline = clock_now() + WATCH_MS;
	clock_ms_t last_seen = clock_now();
	bool terminated = false;
	int result = 0;

	while (clock_left(deadline) > 0 && clock_now() - last_seen < NONE_SEEN_MS) {
		pid_t pids[OLD_WORKERS_MAX];
		size_t count = query_master(machine, pids);

		if (count)
			last_seen = clock_now();
		if (count && !terminated && server_went_down(machine, before)) {
			result = terminate(pids, count);
			terminated = true;
		}
		poll(NULL, 0, POLL_MS);
	}
	return result;
}
