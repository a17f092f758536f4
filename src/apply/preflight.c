#include "apply/preflight.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/network.h"
#include "base/stream.h"

#define UI_MS         2000
#define UI_ANSWER_MAX (256 * 1024)

/* The value of a header, cut out of the answer in place; NULL if there is none. */
static char *
find_header(char *answer, const char *name)
{
	char *line = strstr(answer, "\r\n");

	while (line && strncmp(line, "\r\n\r\n", 4) != 0) {
		line += 2;
		if (strncasecmp(line, name, strlen(name)) == 0) {
			line[strcspn(line, "\r\n")] = '\0';
			return line + strlen(name);
		}
		line = strstr(line, "\r\n");
	}
	return NULL;
}

/*
 * ClusterControl 2.x answers on port 80 only to say "go to https://HOST/", with the
 * port cut off: the browser would leave HAProxy for whichever node has the VIP.
 */
static void
check_ui(
    const struct node *self, const struct forward *forward, struct problems *problems)
{
	clock_ms_t deadline = clock_now() + UI_MS;
	char words[] = "GET / HTTP/1.0\r\nHost: cmonha-ui.invalid\r\n\r\n";
	struct text request = {.data = words, .length = strlen(words)};
	struct text answer = {0};
	const char *location;
	int fd = network_connect(&self->address, forward->port, deadline);

	/* A UI that is down now is the check's business, not a wrong cluster file. */
	if (fd >= 0 && stream_write(fd, &request, deadline) == 0 &&
	    stream_read(fd, UI_ANSWER_MAX, deadline, &answer) == 0 &&
	    strncmp(text_string(&answer), "HTTP/1.", 7) == 0 && answer.length > 9 &&
	    answer.data[9] == '3') {
		location = find_header(answer.data, "Location:");
		location = location ? location + strspn(location, " \t") : "";
		if (strncasecmp(location, "https://", 8) == 0)
			problem_error(problems, (struct place){0, "ui", "forward"},
			    "port %d of this node only redirects to %s, which "
			    "leaves port %d of the VIP: write %d:443, as "
			    "ClusterControl 2.x needs (or use --force)",
			    forward->port, location, forward->listen, forward->listen);
	}
	if (fd >= 0)
		close(fd);
	text_free(&answer);
}

int
preflight_check(const struct machine *machine, const struct plan *plan,
    const struct host_facts *site, const struct local_addresses *addresses)
{
	const struct cluster *cluster = plan->cluster;
	struct problems ignored = {0}, problems = {.file = CLUSTER_FILE};
	struct cluster *applied = allocate(sizeof(*applied));
	char *path = machine_path(machine, CLUSTER_FILE_APPLIED);
	bool has_applied = cluster_read(path, applied, &ignored) == 0;
	int result;

	machine_check(
	    cluster, site, addresses, has_applied ? applied : NULL, &problems);
	if (site->self->roles & NODE_CONTROLLER)
		for (size_t i = 0; i < cluster->forwards.count; i++)
			if (cluster->forwards.at[i].http)
				check_ui(
				    site->self, &cluster->forwards.at[i], &problems);
	result = problems.errors ? -1 : 0;
	problems_print(&problems);
	problems_free(&problems);
	problems_free(&ignored);
	free(applied);
	free(path);
	return result;
}
