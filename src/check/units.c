#include "check/units.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/haproxy_socket.h"
#include "base/paths.h"
#include "base/process.h"
#include "base/value.h"
#include "check/node_state.h"

#define WANTS          "/etc/systemd/system/multi-user.target.wants"
#define PROGRAMS       "/usr/sbin"
#define NS_PER_S       1000000000LL
#define LINE_MAX_BYTES 1024 /* of a PID file, or of /proc/PID/stat */
#define STARTTIME      22 /* field of /proc/PID/stat, in clock ticks since boot: proc(5) */

/* Of proxies. What receives the requests of the check needs no question. */
static const struct unit {
	const char *name;
	const char *program; /* as /proc/PID/comm has it */
	const char *verb;    /* of systemctl, to run what is installed */
	/* Written at a start, and HAProxy's at a reload; NULL: the watcher reports. */
	const char *pid_file;
	/* Of a process that version 0.1.0 started, and an upgrade left running. */
	const char *old_pid_file;
} units[] = {
    {"cmonha-ui-haproxy.service", "haproxy", "reload", HAPROXY_PID_FILE, NULL},
    {"cmonha-ui-keepalived.service", "keepalived", "restart",
	VRRP_DIRECTORY "/keepalived.pid", RUNTIME_DIRECTORY "/keepalived.pid"},
    {"cmonha-ui-watch.service", "cmonha-ui-watch", NULL, NULL, NULL},
};

static bool
get_status(
    const char *root, const char *directory, const char *name, struct stat *status)
{
	char *path = format_string("%s%s%s", root, directory, name);
	bool found = stat(path, status) == 0;
	int error = errno;

	free(path);
	errno = error;
	return found;
}

/* NULL if it has none. */
static const char *
find_pid_file(const char *root, const struct unit *unit)
{
	struct stat status;

	if (unit->old_pid_file && !get_status(root, "", unit->pid_file, &status) &&
	    errno == ENOENT && get_status(root, "", unit->old_pid_file, &status))
		return unit->old_pid_file;
	return unit->pid_file;
}

/* The PID in the file; 0 if there is no file, -1 if it cannot be read. */
static pid_t
read_pid(const char *root, const char *file)
{
	char *line = file_read_line(root, file, LINE_MAX_BYTES);
	int64_t pid = -1;

	if (!line)
		return errno == ENOENT ? 0 : -1;
	value_number(line, 1, PID_LAST, &pid);
	free(line);
	return (pid_t)pid;
}

/*
 * Whether the process exists: kill(2), EPERM is of one that does. A file that was left
 * may name a PID that is used again, which /proc shows unless it hides others'
 * processes (hidepid in proc(5), ProtectProc in systemd.exec(5)).
 */
static bool
is_running(const char *root, pid_t pid, const char *program)
{
	char *path, *name;
	bool same;

	if (kill(pid, 0) < 0 && errno == ESRCH)
		return false;
	path = format_string("/proc/%d/comm", (int)pid);
	name = file_read_line(root, path, LINE_MAX_BYTES);
	same = !name || strcmp(name, program) == 0;
	free(name);
	free(path);
	return same;
}

/* NULL if that cannot be found out. */
static json_t *
find_running(const char *root, const struct unit *unit, const char *pid_file,
    const json_t *report)
{
	pid_t pid = pid_file
			? read_pid(root, pid_file)
			: (pid_t)json_integer_value(json_object_get(report, "pid"));

	if (pid < 0)
		return NULL;
	return json_boolean(pid > 0 && is_running(root, pid, unit->program));
}

/* Whether it starts at boot: `systemctl enable` makes a link. */
static bool
is_enabled(const char *root, const char *unit)
{
	char *link = format_string("%s" WANTS "/%s", root, unit);
	struct stat status;
	bool enabled = lstat(link, &status) == 0;

	free(link);
	return enabled;
}

static bool
is_later(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

static struct timespec
from_nanoseconds(int64_t nanoseconds)
{
	return (struct timespec){
	    .tv_sec = nanoseconds / NS_PER_S, .tv_nsec = nanoseconds % NS_PER_S};
}

static int64_t
nanoseconds_of(clockid_t clock)
{
	struct timespec now = {0};

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* When the process started, by the clock as it is now; false if that is not to be seen.
 */
static bool
find_start(const char *root, pid_t pid, struct timespec *start)
{
	char *path = format_string("/proc/%d/stat", (int)pid);
	char *line = file_read_line(root, path, LINE_MAX_BYTES);
	/* The name before it may have blanks and brackets: field 2. */
	char *field = line ? strrchr(line, ')') : NULL;
	int64_t ticks = -1;

	for (int i = 2; field && i < STARTTIME; i++)
		field = strchr(field + 1, ' ');
	if (field) {
		field++;
		field[strcspn(field, " ")] = '\0';
		value_number(field, 0, INT64_MAX / NS_PER_S, &ticks);
	}
	if (ticks >= 0)
		*start = from_nanoseconds(nanoseconds_of(CLOCK_REALTIME) -
					  nanoseconds_of(CLOCK_BOOTTIME) +
					  ticks * (NS_PER_S / sysconf(_SC_CLK_TCK)));
	free(line);
	free(path);
	return ticks >= 0;
}

/*
 * Since when it runs its program: HAProxy's master executes it once more at a reload
 * and writes its PID file, and keeps its start. The time of the file is wrong if the
 * clock was late when the machine started; then the start is the later one.
 */
static bool
find_loaded(const char *root, pid_t pid, const char *pid_file, struct timespec *loaded)
{
	const struct timespec now = from_nanoseconds(nanoseconds_of(CLOCK_REALTIME));
	struct stat file;
	bool known = find_start(root, pid, loaded);

	if (!get_status(root, "", pid_file, &file))
		return known;
	if (!known ||
	    (is_later(&file.st_mtim, loaded) && !is_later(&file.st_mtim, &now)))
		*loaded = file.st_mtim;
	return true;
}

/*
 * Package managers keep the time of the file in the package, but not that of its last
 * change of status, which is when it got its name here: stat(2), rename(2). Which file
 * the process has open is for root alone to see.
 */
static bool
is_outdated(const char *root, const struct unit *unit, const char *pid_file)
{
	struct timespec loaded = {0};
	struct stat program;

	return pid_file && get_status(root, PROGRAMS "/", unit->program, &program) &&
	       find_loaded(root, read_pid(root, pid_file), pid_file, &loaded) &&
	       is_later(&program.st_ctim, &loaded);
}

static void
add_problems(json_t *problems, const struct unit *unit, const json_t *running,
    bool enabled, bool outdated)
{
	struct text text = {0};

	if (json_is_false(running))
		text_addf(&text, "%s is not running", unit->name);
	else if (!enabled)
		text_addf(&text, "%s does not start at boot", unit->name);
	if (text.length)
		node_state_add_problem(problems, "unit", text_string(&text));
	text_clear(&text);
	if (outdated) {
		text_addf(&text,
		    "%s runs an older " PROGRAMS "/%s than is installed; run when it "
		    "suits: systemctl %s %s",
		    unit->name, unit->program, unit->verb, unit->name);
		node_state_add_problem(problems, "outdated", text_string(&text));
	}
	text_free(&text);
}

static json_t *
find_unit(
    const char *root, const struct unit *unit, const json_t *report, json_t *problems)
{
	const char *pid_file = find_pid_file(root, unit);
	json_t *running = find_running(root, unit, pid_file, report);
	bool enabled = is_enabled(root, unit->name);
	bool outdated = json_is_true(running) && is_outdated(root, unit, pid_file);
	json_t *installed =
	    json_object_get(json_object_get(report, "installed"), unit->program);
	json_t *version =
	    json_object_get(json_object_get(report, unit->program), "version");

	add_problems(problems, unit, running, enabled, outdated);
	/* keepalived does not tell; what is not outdated is what is installed. */
	if (!version && json_is_true(running) && !outdated)
		version = installed;
	return json_pack("{s:o?, s:b, s:o, s:O?, s:O?}", "running", running, "enabled",
	    enabled, "outdated",
	    json_is_true(running) ? json_boolean(outdated) : json_null(), "version",
	    version, "installed", installed);
}

json_t *
units_find(const char *root, const json_t *report, json_t *problems)
{
	json_t *found = json_object();

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		json_object_set_new(
		    found, units[i].name, find_unit(root, &units[i], report, problems));
	return found;
}
