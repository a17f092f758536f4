#include "watch/cpu_wait.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/haproxy_socket.h"
#include "base/process.h"
#include "base/value.h"

#define LINE_LIMIT 4096
#define NS_PER_MS  1000000

/* Nanoseconds, the second number; 0 if the thread has ended. */
static int64_t
wait_of_thread(const char *root, int64_t pid, const char *thread)
{
	char *path =
	    format_string("/proc/%lld/task/%s/schedstat", (long long)pid, thread);
	char *line = file_read_line(root, path, LINE_LIMIT), *rest = line;
	int64_t waited = 0;

	if (rest && strsep(&rest, " ") && rest)
		value_number(strsep(&rest, " "), 0, INT64_MAX, &waited);
	free(line);
	free(path);
	return waited;
}

static int64_t
wait_of_process(const char *root, int64_t pid)
{
	char *path = format_string("%s/proc/%lld/task", root, (long long)pid);
	DIR *threads = opendir(path);
	const struct dirent *thread;
	int64_t waited = 0;

	while (threads && (thread = readdir(threads)))
		if (thread->d_name[0] != '.')
			waited += wait_of_thread(root, pid, thread->d_name);
	if (threads)
		closedir(threads);
	free(path);
	return waited;
}

clock_ms_t
cpu_wait(const char *root)
{
	char *line = file_read_line(root, HAPROXY_PID_FILE, LINE_LIMIT);
	char *children, *rest, *word, *path;
	int64_t master = 0, waited, child;

	if (line)
		value_number(line, 1, PID_LAST, &master);
	free(line);
	path = format_string(
	    "/proc/%lld/task/%lld/children", (long long)master, (long long)master);
	children = master ? file_read_line(root, path, LINE_LIMIT) : NULL;
	free(path);
	if (!children)
		return -1;
	waited = wait_of_process(root, master);
	for (rest = children; (word = strsep(&rest, " "));)
		if (!value_number(word, 1, PID_LAST, &child))
			waited += wait_of_process(root, child);
	free(children);
	return waited / NS_PER_MS;
}
