#include "check/privileges.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <malloc.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"

#define NAME_LIMIT  64 /* bytes of /proc/PID/comm, proc(5) */
#define DESCRIPTORS 2048

void
privileges_drop(const char *name)
{
	const struct passwd *user;

	if (geteuid() != 0)
		return;
	errno = 0;
	user = getpwnam(name);
	if (!user) {
		if (errno != 0 && errno != ENOENT)
			log_fatal(EX_OSERR, "cannot look up user %s: %s", name,
			    strerror(errno));
		return; /* not installed, only being tried */
	}
	if (setgroups(0, NULL) < 0 || setgid(user->pw_gid) < 0 ||
	    setuid(user->pw_uid) < 0)
		log_fatal(
		    EX_NOPERM, "cannot change to user %s: %s", name, strerror(errno));
	if (user->pw_uid != 0 && setuid(0) == 0)
		log_fatal(EX_NOPERM, "still root after changing to user %s", name);
}

void
privileges_limit(void)
{
	struct rlimit files;

	umask(077);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	/* One arena for both threads, and free pages returned: it runs for months. */
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_TRIM_THRESHOLD, 64 * 1024);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < DESCRIPTORS) {
		files.rlim_cur =
		    files.rlim_max < DESCRIPTORS ? files.rlim_max : DESCRIPTORS;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

/* PID 1 adopts orphans. As the parent from the start it is xinetd, in a container. */
static bool
is_orphan(pid_t parent)
{
	char *name =
	    parent == 1 ? file_read_line("", "/proc/1/comm", NAME_LIMIT) : NULL;
	bool orphan = name && strcmp(name, "xinetd") != 0;

	free(name);
	return orphan;
}

void
privileges_exit_with_parent(void)
{
	pid_t parent = getppid();

	if (prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) < 0)
		log_warn("cannot request a signal for the parent's exit");
	/* It may have exited before the request, or before this process asked. */
	if (getppid() != parent || is_orphan(parent))
		log_fatal(EX_TEMPFAIL, "the parent process has exited already");
}

int
privileges_detach_socket(void)
{
	int fd = fcntl(0, F_DUPFD_CLOEXEC, 3);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (fd < 0 || null < 0)
		log_fatal(
		    EX_OSERR, "cannot set up file descriptors: %s", strerror(errno));
	for (int i = 0; i < 3; i++)
		if (dup2(null, i) < 0)
			log_fatal(EX_OSERR, "cannot set up file descriptors: %s",
			    strerror(errno));
	if (null > 2)
		close(null);
	if (chdir("/") < 0)
		log_warn("cannot change to directory /");
	return fd;
}
