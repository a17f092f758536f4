#include "apply/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

#define LOCK_WAIT_MS 10000

struct machine
machine_at(const char *root)
{
	struct machine machine = {.root = root ? root : ""};

	machine.services = !*machine.root && access("/run/systemd/system", F_OK) == 0;
	return machine;
}

char *
machine_path(const struct machine *machine, const char *target)
{
	return format_string("%s%s", machine->root, target);
}

int
machine_lock(const struct machine *machine, bool wait)
{
	clock_ms_t deadline = clock_now() + (wait ? LOCK_WAIT_MS : 0);
	char *directory = machine_path(machine, STATE_DIRECTORY);
	char *path = format_string("%s/lock", directory);
	int fd = -1;

	if (file_make_directories(directory) < 0)
		goto out;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		log_warn("%s: cannot open", path);
		goto out;
	}
	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (clock_left(deadline) == 0) {
			if (wait)
				log_warnx(
				    "another cmonha-ui is at work (it holds %s)", path);
			close(fd);
			fd = -1;
			break;
		}
		poll(NULL, 0, 50);
	}
out:
	free(path);
	free(directory);
	return fd;
}

void
machine_unlock(int lock)
{
	if (lock >= 0)
		close(lock);
}

static void
make_password(char password[PASSWORD_LENGTH + 1])
{
	/* 64 letters, so that no byte favours one; none that HAProxy must quote. */
	static const char letters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	unsigned char bytes[PASSWORD_LENGTH];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		log_fatal(EX_OSERR, "no random numbers for a password");
	for (size_t i = 0; i < PASSWORD_LENGTH; i++)
		password[i] = letters[bytes[i] % 64];
	password[PASSWORD_LENGTH] = '\0';
}

/* A password of a file that someone edited could break out of haproxy.cfg. */
static bool
is_password(const char *password)
{
	size_t length = strlen(password);

	return length > 0 && length <= PASSWORD_LENGTH &&
	       strspn(password, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ01"
				"23456789-_") == length;
}

static void
find_passwords(const struct machine *machine, bool make, struct host_facts *site)
{
	char *path = machine_path(machine, PASSWORDS_FILE);
	struct text content = {0};
	char admin[64], stats[64];

	if (file_read(path, 4096, &content) == 0 &&
	    sscanf(content.data, "admin %63s stats %63s", admin, stats) == 2 &&
	    is_password(admin) && is_password(stats)) {
		snprintf(
		    site->admin_password, sizeof(site->admin_password), "%s", admin);
		snprintf(
		    site->stats_password, sizeof(site->stats_password), "%s", stats);
	} else if (make) {
		make_password(site->admin_password);
		make_password(site->stats_password);
	} else {
		snprintf(site->admin_password, PASSWORD_LENGTH, "made-at-first-apply");
		snprintf(site->stats_password, PASSWORD_LENGTH, "made-at-first-apply");
	}
	text_free(&content);
	free(path);
}

static int
find_interface(const struct cluster *cluster, const struct node *self,
    const struct local_addresses *addresses, struct host_facts *site,
    struct problems *problems)
{
	const struct local_address *own = network_find(addresses, &self->address);
	const char *name = "";

	if (*self->interface)
		name = self->interface;
	else if (*cluster->interface)
		name = cluster->interface;
	else if (own)
		name = own->interface;
	snprintf(site->interface, sizeof(site->interface), "%s", name);
	if (*name || !(self->roles & NODE_PROXY))
		return 0;
	problem_error(problems, (struct place){0, "cluster", "interface"},
	    "node %s is not this machine, so its interface is not known: name it "
	    "here",
	    self->name);
	return -1;
}

static void
find_prefix_lengths(const struct local_addresses *addresses, struct host_facts *site)
{
	site->prefix_length = 32;
	site->prefix_length6 = 128;
	for (size_t i = 0; i < addresses->count; i++) {
		const struct local_address *local = &addresses->at[i];

		if (strcmp(local->interface, site->interface) != 0)
			continue;
		if (local->prefix.address.family == AF_INET &&
		    site->prefix_length == 32)
			site->prefix_length = local->prefix.length;
		else if (!IN6_IS_ADDR_LINKLOCAL(&local->prefix.address.v6) &&
			 local->prefix.address.family == AF_INET6 &&
			 site->prefix_length6 == 128)
			site->prefix_length6 = local->prefix.length;
	}
}

/* The page, like any template, may be the administrator's own. */
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
    bool make_passwords, struct host_facts *site, struct problems *problems)
{
	char *xinetd = machine_path(machine, "/usr/sbin/xinetd");

	*site = (struct host_facts){.self = self, .addresses = addresses};
	site->has_xinetd = access(xinetd, X_OK) == 0;
	free(xinetd);
	site->no_leader_page = find_page(machine);
	site->templates_own = machine_path(machine, TEMPLATES_OWN);
	site->templates_packaged = machine_path(machine, TEMPLATES_PACKAGED);
	find_passwords(machine, make_passwords, site);
	if (find_interface(cluster, self, addresses, site, problems) < 0)
		return -1;
	find_prefix_lengths(addresses, site);
	return 0;
}

void
facts_free(struct host_facts *site)
{
	free(site->no_leader_page);
	free(site->templates_own);
	free(site->templates_packaged);
}

static void
check_vip_subnets(const struct cluster *cluster, const struct host_facts *site,
    const struct local_addresses *addresses, struct problems *problems)
{
	struct place place = {0, "cluster", "vip"};

	for (size_t i = 0; i < cluster->vips.count; i++) {
		const struct address *vip = &cluster->vips.at[i].address;
		char name[ADDRESS_TEXT_MAX];
		bool inside = false;

		for (size_t j = 0; j < addresses->count; j++) {
			const struct local_address *local = &addresses->at[j];

			if (strcmp(local->interface, site->interface) == 0 &&
			    !address_equal(&local->prefix.address, vip) &&
			    prefix_contains(&local->prefix, vip))
				inside = true;
		}
		if (!inside)
			problem_error(problems, place,
			    "%s lies in no subnet of interface %s of this node",
			    address_format(vip, name), site->interface);
	}
}

static bool
port_is_ours(const struct cluster *applied, int port)
{
	if (!applied)
		return false;
	for (size_t i = 0; i < applied->forwards.count; i++)
		if (applied->forwards.at[i].listen == port)
			return true;
	return applied->stats == port || applied->check_port == port;
}

static void
check_port(const struct cluster *applied, int port, struct place place,
    struct problems *problems)
{
	struct address any = {.family = AF_INET};
	struct sockaddr_storage name;
	socklen_t length = address_to_socket(&any, port, &name);
	int one = 1;
	int fd;

	if (!port || port_is_ours(applied, port))
		return;
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&name, length) < 0 && errno == EADDRINUSE)
		problem_error(problems, place,
		    "port %d is in use by another program; "
		    "\"ss -ltnp sport = :%d\" tells by which",
		    port, port);
	close(fd);
}

void
machine_check(const struct cluster *cluster, const struct host_facts *site,
    const struct local_addresses *addresses, const struct cluster *applied,
    struct problems *problems)
{
	bool proxy = site->self->roles & NODE_PROXY;

	if (proxy)
		check_vip_subnets(cluster, site, addresses, problems);
	for (size_t i = 0; proxy && i < cluster->forwards.count; i++)
		check_port(applied, cluster->forwards.at[i].listen,
		    (struct place){0, "ui", "forward"}, problems);
	if (proxy)
		check_port(applied, cluster->stats, (struct place){0, "ui", "stats"},
		    problems);
	/* Where xinetd has a service of this name already, the port is its own. */
	if (site->self->roles & NODE_CONTROLLER &&
	    !(site->has_xinetd && access("/etc/xinetd.d/cmonhachk", F_OK) == 0))
		check_port(applied, cluster->check_port,
		    (struct place){0, "check", "port"}, problems);
}
