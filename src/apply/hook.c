#include "apply/hook.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "apply/outdated.h"
#include "apply/recovery.h"
#include "apply/upgrade.h"
#include "base/file.h"
#include "base/haproxy_socket.h"
#include "base/network.h"
#include "base/process.h"
#include "base/server_state.h"
#include "base/vrrp_directory.h"
#include "cluster/cluster.h"

#define ALL_DOWN STATE_DIRECTORY "/haproxy.state"

#define STATE_MS 2000
#define IP_MS    2000
/* Below systemd's default limit of a start, 90 s. */
#define ADDRESS_MS      60000
#define ADDRESS_POLL_MS 100
/* Until the other nodes are reached; then they are taken for off. */
#define PEERS_MS      5000
#define PEER_MS       100
#define PEERS_POLL_MS 50

/* Reads and writes whole files below the machine's root. 0, or -1 after a message. */
static int
read_state(const struct machine *machine, const char *target, struct text *content)
{
	char *path = machine_path(machine, target);
	int result = file_read(path, FILE_LIMIT, content);

	if (result < 0)
		log_warn("%s: cannot read", path);
	free(path);
	return result;
}

static int
write_state(
    const struct machine *machine, const char *target, const struct text *content)
{
	char *directory = machine_path(machine, RUNTIME_DIRECTORY);
	char *path = machine_path(machine, target);
	int result = file_make_directories(directory);

	if (result == 0)
		result = file_replace(path, content, 0644);
	free(path);
	free(directory);
	return result;
}

/*
 * After a loss of power in the middle of an apply the node starts with the old files,
 * not with a mix. A running apply holds the lock, and has caused this restart itself.
 */
static int
recover(const struct machine *machine)
{
	int lock = machine_lock(machine, 0);
	enum recovery recovery;

	if (lock < 0)
		return errno == EWOULDBLOCK ? 0 : EX_CANTCREAT;
	recovery = recovery_run_at_start(machine);
	if (recovery > RECOVERY_NONE)
		log_info("rolled back an interrupted run");
	machine_unlock(lock);
	return recovery == RECOVERY_FAILED ? EX_UNAVAILABLE : 0;
}

static int
haproxy_starting(const struct machine *machine)
{
	struct text state = {0};
	int status = EX_OSERR;

	recover(machine);
	if (read_state(machine, ALL_DOWN, &state) == 0 &&
	    write_state(machine, SERVER_STATE_FILE, &state) == 0)
		status = 0;
	text_free(&state);
	return status;
}

static int
haproxy_started(const struct machine *machine)
{
	return vrrp_set_fit(machine->root, true) < 0 ? EX_OSERR : 0;
}

static int
haproxy_stopped(const struct machine *machine)
{
	return vrrp_set_fit(machine->root, false) < 0 ? EX_OSERR : 0;
}

/* The next HAProxy process starts with what this one knows. */
static int
haproxy_reloading(const struct machine *machine)
{
	struct text live = {0}, all_down = {0}, state = {0};
	int status = EX_OSERR;

	if (haproxy_query(machine->root, HAPROXY_SOCKET, "show servers state",
		clock_now() + STATE_MS, &live) < 0)
		log_warn("%s: no response, so the new HAProxy starts with all servers "
			 "down",
		    HAPROXY_SOCKET);
	if (read_state(machine, ALL_DOWN, &all_down) == 0) {
		server_state_merge(&all_down, &live, &state);
		if (write_state(machine, SERVER_STATE_FILE, &state) == 0)
			status = 0;
	}
	text_free(&live);
	text_free(&all_down);
	text_free(&state);
	return status;
}

/*
 * Version 0.1.0 had keepalived run this as a script, which a keepalived does that was
 * not reloaded since, or that has an administrator's template of then.
 */
static int
haproxy_alive(const struct machine *machine)
{
	return vrrp_is_fit(machine->root) ? 0 : 1;
}

/* 0, or -1 after a message if the time is over. */
static int
wait_for_address(const struct node *node, struct local_addresses *addresses)
{
	clock_ms_t deadline = clock_now() + ADDRESS_MS;
	char text[ADDRESS_TEXT_MAX];
	bool reported = false;

	while (network_local_addresses(addresses) == 0 &&
	       !network_find(addresses, &node->address)) {
		if (clock_left(deadline) == 0) {
			log_warnx("this node still does not have its address %s",
			    address_format(&node->address, text));
			return -1;
		}
		if (!reported)
			log_info("waiting until this node has its address %s",
			    address_format(&node->address, text));
		reported = true;
		poll(NULL, 0, ADDRESS_POLL_MS);
	}
	return 0;
}

/* A connection, or its refusal, shows that frames pass in both directions. */
static bool
is_reachable(const struct cluster *cluster, const struct node *node)
{
	int port = node->roles & NODE_CONTROLLER ? cluster->check_port
						 : cluster->forwards.at[0].listen;
	int fd = network_connect(&node->address, port, clock_now() + PEER_MS);
	bool reachable = fd >= 0 || errno == ECONNREFUSED;

	if (fd >= 0)
		close(fd);
	return reachable;
}

/*
 * A switch may not forward frames for some seconds after a link came up (spanning tree,
 * LACP). A keepalived that starts meanwhile hears nobody, becomes active, and with the
 * higher priority stays so when the port forwards: that is preemption. A node whose
 * peers are all off waits in vain, but for five seconds only.
 */
static void
wait_for_peers(const struct cluster *cluster, const struct node *self)
{
	clock_ms_t deadline = clock_now() + PEERS_MS;

	if (cluster->node_count < 2)
		return;
	while (clock_left(deadline) > 0) {
		for (size_t i = 0; i < cluster->node_count; i++)
			if (&cluster->nodes[i] != self &&
			    is_reachable(cluster, &cluster->nodes[i]))
				return;
		poll(NULL, 0, PEERS_POLL_MS);
	}
	log_info("no other node can be reached: starting without them");
}

/*
 * A keepalived that starts before the node's address is there goes to the state FAULT
 * and stays in it when the address comes; one that starts before its interface is there
 * exits. 0, also if the node is not known; or -1 after a message.
 */
static int
wait_for_own_network(const struct machine *machine)
{
	struct local_addresses *addresses = allocate(sizeof(*addresses));
	struct cluster *cluster = allocate(sizeof(*cluster));
	char *name = upgrade_applied_node(machine);
	const struct node *node = name && machine_read_applied(machine, cluster) == 0
				      ? cluster_node(cluster, name)
				      : NULL;
	int result = node ? wait_for_address(node, addresses) : 0;

	if (node && result == 0)
		result = vrrp_set_interface(machine->root,
		    if_nametoindex(cluster_interface(cluster, node, addresses)));
	if (node && result == 0)
		wait_for_peers(cluster, node);
	free(name);
	free(cluster);
	free(addresses);
	return result;
}

/*
 * Until HAProxy's own unit reports that it serves, it is not. The file of version 0.1.0
 * counts on.
 */
static int
prepare_vrrp_directory(const struct machine *machine)
{
	const char *root = machine->root;

	if (!vrrp_has_fitness(root) && vrrp_set_fit(root, vrrp_is_fit(root)) < 0)
		return EX_OSERR;
	return vrrp_make_fifo(root) < 0 ? EX_OSERR : 0;
}

static int
keepalived_starting(const struct machine *machine)
{
	int status = prepare_vrrp_directory(machine);

	if (status == 0 && wait_for_own_network(machine) < 0)
		status = EX_TEMPFAIL;
	return status;
}

/* Sets the interface's promote_secondaries. What it was, or 0 if nothing was changed.
 */
static char
set_promotion(const struct machine *machine, const char *interface, char value)
{
	char *target =
	    format_string("/proc/sys/net/ipv4/conf/%s/promote_secondaries", interface);
	char *path = machine_path(machine, target);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	char before;
	bool changed = fd >= 0 && pread(fd, &before, 1, 0) == 1 && before != value &&
		       pwrite(fd, &value, 1, 0) == 1;

	if (fd >= 0)
		close(fd);
	free(path);
	free(target);
	return changed ? before : 0;
}

/*
 * If the virtual IP is the first address of its subnet, Linux would remove the others,
 * the node's own among them, together with it (ip-sysctl, promote_secondaries).
 */
static int
delete_address(const struct machine *machine, const struct local_address *local)
{
	char prefix[ADDRESS_TEXT_MAX];
	const char *argv[] = {"ip", "address", "delete",
	    prefix_format(&local->prefix, prefix), "dev", local->interface, NULL};
	struct process_options how = {.milliseconds = IP_MS, .capture_stderr = true};
	struct process_result result;
	char before = set_promotion(machine, local->interface, '1');
	int status = 0;

	process_run(argv, &how, &result);
	if (before)
		set_promotion(machine, local->interface, before);
	if (!process_succeeded(&result)) {
		log_warnx("cannot remove the virtual IP %s from %s: %s", prefix,
		    local->interface, text_string(&result.output));
		status = EX_OSERR;
	}
	text_free(&result.output);
	return status;
}

/*
 * A keepalived that was killed leaves the virtual IP on the interface while another
 * node takes over: however it exited, the address is removed.
 */
static int
keepalived_stopped(const struct machine *machine)
{
	struct local_addresses *addresses = allocate(sizeof(*addresses));
	struct cluster *cluster = allocate(sizeof(*cluster));
	int status = 0;

	if (machine_read_applied(machine, cluster) < 0 ||
	    network_local_addresses(addresses) < 0)
		goto out;
	for (size_t i = 0; i < cluster->vips.count; i++) {
		const struct local_address *local =
		    network_find(addresses, &cluster->vips.at[i].address);

		if (local && delete_address(machine, local) != 0)
			status = EX_OSERR;
	}
out:
	free(addresses);
	free(cluster);
	return status;
}

const struct hook *
hook_find(const char *name)
{
	static const struct hook hooks[] = {
	    {"recover", recover},
	    {"haproxy-starting", haproxy_starting},
	    {"haproxy-started", haproxy_started},
	    {"haproxy-reloading", haproxy_reloading},
	    {"haproxy-stopped", haproxy_stopped},
	    {"haproxy-alive", haproxy_alive},
	    {"keepalived-starting", keepalived_starting},
	    {"keepalived-reloading", prepare_vrrp_directory},
	    {"keepalived-stopped", keepalived_stopped},
	    {"programs-replaced", outdated_replace},
	};

	for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++)
		if (strcmp(hooks[i].name, name) == 0)
			return &hooks[i];
	return NULL;
}
