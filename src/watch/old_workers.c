#include "watch/old_workers.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/haproxy_socket.h"
#include "base/log.h"
#include "base/server_state.h"

#define HEADLINE_PRESENT "# workers\n"
#define HEADLINE_OLD     "# old workers\n"

void
old_workers_init(struct old_workers *workers)
{
	*workers = (struct old_workers){.worker = 0};
	question_init(&workers->processes);
	question_init(&workers->servers);
}

/* The process of a line "PID worker …", or 0. */
static pid_t
worker_in(const char *line)
{
	int pid = 0, length = 0;

	/* The length is set only if "worker" was matched. */
	if (sscanf(line, "%d worker%n", &pid, &length) != 1 || !length || pid <= 1)
		return 0;
	return pid;
}

void
old_workers_parse(struct old_workers *workers, const struct text *processes)
{
	const char *present = strstr(text_string(processes), HEADLINE_PRESENT);
	const char *line = strstr(text_string(processes), HEADLINE_OLD);
	pid_t pid;

	workers->worker = present ? worker_in(present + strlen(HEADLINE_PRESENT)) : 0;
	workers->count = 0;
	line = line ? line + strlen(HEADLINE_OLD) : NULL;
	while (line && workers->count < OLD_WORKERS_MAX && (pid = worker_in(line))) {
		workers->pids[workers->count++] = pid;
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
}

static void
ask(struct question *question, const char *root, const char *socket,
    const char *command)
{
	char *path = format_string("%s%s", root, socket);

	question_ask(question, path, command);
	free(path);
}

void
old_workers_ask(struct old_workers *workers, const char *root, bool processes, bool cut)
{
	/* One without an answer is given up after a second, at the next such turn. */
	if (processes)
		ask(&workers->processes, root, HAPROXY_MASTER_SOCKET, "show proc;quit");
	if (cut && workers->count && !workers->terminated &&
	    (processes || workers->servers.state != QUESTION_PENDING))
		ask(&workers->servers, root, HAPROXY_SOCKET, "show servers state");
}

/* The state file holds what the old process knew when it was replaced. */
static void
read_before(struct old_workers *workers, const char *root)
{
	char *path = format_string("%s%s", root, SERVER_STATE_FILE);

	text_clear(&workers->before);
	if (file_read(path, FILE_LIMIT, &workers->before) < 0 && errno != ENOENT)
		log_warn("%s: cannot read", path);
	free(path);
}

static void
terminate(struct old_workers *workers)
{
	log_info(
	    "a server went down: stopping %zu old HAProxy workers", workers->count);
	for (size_t i = 0; i < workers->count; i++)
		if (kill(workers->pids[i], SIGTERM) < 0 && errno != ESRCH)
			log_warn(
			    "cannot stop old HAProxy worker %d", (int)workers->pids[i]);
	workers->terminated = true;
}

bool
old_workers_judge(struct old_workers *workers, const char *root)
{
	pid_t worker = workers->worker;
	size_t count = workers->count;

	question_read(&workers->processes);
	question_read(&workers->servers);
	if (workers->processes.state == QUESTION_ANSWERED) {
		old_workers_parse(workers, &workers->processes.answer);
		question_drop(&workers->processes);
	}
	if (workers->worker && workers->worker != worker) {
		/* What was asked before the reload is no answer of the new worker. */
		question_drop(&workers->servers);
		read_before(workers, root);
		workers->terminated = false;
	}
	if (workers->servers.state == QUESTION_ANSWERED) {
		if (!workers->terminated &&
		    server_state_lost(&workers->before, &workers->servers.answer))
			terminate(workers);
		question_drop(&workers->servers);
	}
	return workers->count != count;
}
