#include "apply/facts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apply/xinetd.h"
#include "base/file.h"
#include "base/process.h"

#define VERSION_MS         5000
#define PASSWORDS_FILE_MAX (64 * 1024)
#define PLACEHOLDER        "made-at-first-apply"

/* HAProxy without crypt(3) accepts no hashes; its version text says so. */
static bool
verifies_hashes(const struct machine *machine)
{
	const char *argv[] = {"haproxy", "-vv", NULL};
	struct process_options how = {.milliseconds = VERSION_MS};
	struct process_result result;
	bool can = true;

	if (!machine->validate)
		return true;
	process_run(argv, &how, &result);
	if (process_succeeded(&result))
		can = !strstr(text_string(&result.output), "-LIBCRYPT") &&
		      !strstr(text_string(&result.output), "via crypt(3): no");
	text_free(&result.output);
	return can;
}

/*
 * keepalived before 2.2.3 refuses the word down_timer_adverts. True also if it is not
 * installed or not to be asked.
 */
static bool
counts_adverts(const struct machine *machine)
{
	const char *argv[] = {"keepalived", "--version", NULL};
	struct process_options how = {
	    .milliseconds = VERSION_MS, .capture_stderr = true};
	struct process_result result;
	int major, minor, patch;
	bool counts = true;

	if (!machine->validate)
		return true;
	process_run(argv, &how, &result);
	if (process_succeeded(&result) &&
	    sscanf(text_string(&result.output), "Keepalived v%d.%d.%d", &major, &minor,
		&patch) == 3)
		counts = major * 10000 + minor * 100 + patch >= 20203;
	text_free(&result.output);
	return counts;
}

/* 1: the file was read, 0: it does not exist, -1: after an error in `problems`. */
static int
read_passwords(
    const char *path, bool make, struct host_facts *facts, struct problems *problems)
{
	struct place place = {0};
	struct stat status;

	if (file_read(path, PASSWORDS_FILE_MAX, &facts->passwords_file) == 0 &&
	    stat(path, &status) == 0) {
		facts->passwords_mode = status.st_mode & 0770;
		if (facts->passwords_file.length)
			return passwords_parse(&facts->passwords_file,
				   &facts->passwords, problems) < 0
				   ? -1
				   : 1;
		problem_error(problems, place,
		    "the file is empty: remove it, and apply creates new passwords");
		return -1;
	}
	if (errno == ENOENT && lstat(path, &status) == 0) {
		problem_error(
		    problems, place, "is a link to a file that does not exist");
		return -1;
	}
	/* Only root can read it; the commands that need it require root. */
	if (errno == ENOENT || errno == ENOTDIR || (errno == EACCES && !make))
		return 0;
	problem_error(problems, place, "cannot read: %s; the file is not changed",
	    strerror(errno));
	return -1;
}

/*
 * What is only printed or compared: the hashes that haproxy.cfg has, which is not what
 * is wrong if the file of passwords is; without them, placeholders.
 */
static void
keep_credentials(const struct text *installed, struct host_facts *facts)
{
	facts->passwords = (struct passwords){PLACEHOLDER, PLACEHOLDER};
	passwords_installed("admin", installed, facts->admin_credentials);
	if (!*facts->admin_credentials)
		strcpy(facts->admin_credentials, "password " PLACEHOLDER);
	passwords_installed("stats", installed, facts->stats_credentials);
	if (!*facts->stats_credentials)
		strcpy(facts->stats_credentials, "password " PLACEHOLDER);
}

/* FACTS_DONE or FACTS_PASSWORDS. */
static enum facts_result
find_passwords(const struct machine *machine, bool make, struct host_facts *facts,
    struct problems *problems)
{
	char *path = machine_path(machine, PASSWORDS_FILE);
	char *haproxy_cfg = machine_path(machine, CONFIG_DIRECTORY "/haproxy.cfg");
	struct problems own = {.file = path};
	struct text installed = {0};
	bool hashed = verifies_hashes(machine);
	int found = read_passwords(path, make, facts, &own);

	if (found == 0 && make)
		passwords_generate(&facts->passwords);
	file_read(haproxy_cfg, FILE_LIMIT, &installed);
	if (found > 0 || (found == 0 && make)) {
		passwords_credentials("admin", facts->passwords.admin, hashed,
		    &installed, facts->admin_credentials);
		passwords_credentials("stats", facts->passwords.stats, hashed,
		    &installed, facts->stats_credentials);
	} else {
		keep_credentials(&installed, facts);
	}
	problems_append(problems, &own);
	text_free(&installed);
	free(haproxy_cfg);
	free(path);
	return found < 0 ? FACTS_PASSWORDS : FACTS_DONE;
}

static int
find_interface(const struct cluster *cluster, const struct node *self,
    struct host_facts *facts, struct problems *problems)
{
	const char *name = cluster_interface(cluster, self, facts->addresses);

	snprintf(facts->interface, sizeof(facts->interface), "%s", name);
	if (*name || !(self->roles & NODE_PROXY))
		return 0;
	problem_error(problems, (struct place){0, "cluster", "interface"},
	    "node %s is not this host, so its interface is unknown; set it here",
	    self->name);
	return -1;
}

/* The page is a template too: the administrator's copy comes first. */
static char *
find_page(const struct machine *machine)
{
	char *path = machine_path(machine, TEMPLATES_OWN "/no-leader.http");
	bool own = access(path, R_OK) == 0;

	free(path);
	return format_string(
	    "%s/no-leader.http", own ? TEMPLATES_OWN : TEMPLATES_PACKAGED);
}

enum facts_result
facts_gather(const struct machine *machine, const struct cluster *cluster,
    const struct node *self, const struct local_addresses *addresses,
    bool make_passwords, struct host_facts *facts, struct problems *problems)
{
	/* Of no concern where the cluster file names the server. */
	int has_xinetd =
	    cluster->server == SERVER_AUTO ? xinetd_is_usable(machine, problems) : 0;
	enum facts_result result = has_xinetd < 0 ? FACTS_FAILED : FACTS_DONE;

	*facts = (struct host_facts){.self = self, .addresses = addresses};
	facts->has_xinetd = has_xinetd > 0;
	facts->counts_adverts = !(self->roles & NODE_PROXY) || counts_adverts(machine);
	if (!facts->counts_adverts)
		problem_warning(problems, (struct place){0, "cluster", "lost_adverts"},
		    "keepalived before 2.2.3 does not count advertisements: it gets "
		    "fewer and longer intervals, which take the same time");
	facts->no_leader_page = find_page(machine);
	facts->templates_own = machine_path(machine, TEMPLATES_OWN);
	facts->templates_packaged = machine_path(machine, TEMPLATES_PACKAGED);
	if (find_interface(cluster, self, facts, problems) < 0)
		result = FACTS_FAILED;
	if (self->roles & NODE_PROXY && cluster->stats &&
	    find_passwords(machine, make_passwords, facts, problems) < 0 &&
	    result == FACTS_DONE)
		result = FACTS_PASSWORDS;
	return result;
}

void
facts_free(struct host_facts *facts)
{
	free(facts->no_leader_page);
	free(facts->templates_own);
	free(facts->templates_packaged);
	text_free(&facts->passwords_file);
}
