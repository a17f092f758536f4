#include "apply/facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/file.h"

/* 64, so that no value of a byte favours one, and none that HAProxy must quote. */
static const char password_letters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

static void
generate_password(char password[PASSWORD_LENGTH + 1])
{
	unsigned char bytes[PASSWORD_LENGTH];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		log_fatal(EX_OSERR, "cannot generate a password: no random numbers");
	for (size_t i = 0; i < PASSWORD_LENGTH; i++)
		password[i] = password_letters[bytes[i] % 64];
	password[PASSWORD_LENGTH] = '\0';
}

/* The file may have been edited; other characters could break out of haproxy.cfg. */
static bool
is_valid_password(const char *password)
{
	size_t length = strlen(password);

	return length > 0 && length <= PASSWORD_LENGTH &&
	       strspn(password, password_letters) == length;
}

static void
find_passwords(const struct machine *machine, bool make, struct host_facts *facts)
{
	char *path = machine_path(machine, PASSWORDS_FILE);
	struct text content = {0};
	char admin[64], stats[64];

	if (file_read(path, 4096, &content) == 0 &&
	    sscanf(content.data, "admin %63s stats %63s", admin, stats) == 2 &&
	    is_valid_password(admin) && is_valid_password(stats)) {
		snprintf(
		    facts->admin_password, sizeof(facts->admin_password), "%s", admin);
		snprintf(
		    facts->stats_password, sizeof(facts->stats_password), "%s", stats);
	} else if (make) {
		generate_password(facts->admin_password);
		generate_password(facts->stats_password);
	} else {
		snprintf(facts->admin_password, PASSWORD_LENGTH, "made-at-first-apply");
		snprintf(facts->stats_password, PASSWORD_LENGTH, "made-at-first-apply");
	}
	text_free(&content);
	free(path);
}

static int
find_interface(const struct cluster *cluster, const struct node *self,
    struct host_facts *facts, struct problems *problems)
{
	const struct local_address *own =
	    network_find(facts->addresses, &self->address);
	const char *name = "";

	if (*self->interface)
		name = self->interface;
	else if (*cluster->interface)
		name = cluster->interface;
	else if (own)
		name = own->interface;
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

int
facts_gather(const struct machine *machine, const struct cluster *cluster,
    const struct node *self, const struct local_addresses *addresses,
    bool make_passwords, struct host_facts *facts, struct problems *problems)
{
	char *xinetd = machine_path(machine, "/usr/sbin/xinetd");

	*facts = (struct host_facts){.self = self, .addresses = addresses};
	facts->has_xinetd = access(xinetd, X_OK) == 0;
	free(xinetd);
	facts->no_leader_page = find_page(machine);
	facts->templates_own = machine_path(machine, TEMPLATES_OWN);
	facts->templates_packaged = machine_path(machine, TEMPLATES_PACKAGED);
	find_passwords(machine, make_passwords, facts);
	return find_interface(cluster, self, facts, problems);
}

void
facts_free(struct host_facts *facts)
{
	free(facts->no_leader_page);
	free(facts->templates_own);
	free(facts->templates_packaged);
}
