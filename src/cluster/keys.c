#include "cluster/keys.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/value.h"

/* Of a wrong value the message repeats so much, that the reason finds room too. */
#define VALUE_SHOWN 200

static const char *
read_number(const struct key *key, char *value, void *field)
{
	long number;
	const char *reason = value_number(value, key->low, key->high, &number);

	if (!reason)
		*(int *)field = (int)number;
	return reason;
}

static const char *
read_duration(const struct key *key, char *value, void *field)
{
	long number;
	const char *reason = value_duration(value, key->low, key->high, &number);

	if (!reason)
		*(int *)field = (int)number;
	return reason;
}

static const char *
read_bool(const struct key *key, char *value, void *field)
{
	(void)key;
	return value_bool(value, field);
}

static const char *
read_port_or_off(const struct key *key, char *value, void *field)
{
	if (strcasecmp(value, "off") == 0 || strcasecmp(value, "no") == 0) {
		*(int *)field = 0;
		return NULL;
	}
	return read_number(key, value, field);
}

static const char *
choose(const char *value, const char *const *words, size_t count, int *choice)
{
	for (size_t i = 0; i < count; i++) {
		if (strcasecmp(value, words[i]) == 0) {
			*choice = (int)i;
			return NULL;
		}
	}
	return "is not one of the words allowed";
}

static const char *
read_server(const struct key *key, char *value, void *field)
{
	static const char *const words[] = {"auto", "xinetd", "systemd"};
	int choice = SERVER_AUTO;
	const char *reason = choose(value, words, 3, &choice);

	(void)key;
	if (!reason)
		*(enum check_server *)field = (enum check_server)choice;
	return reason;
}

static const char *
read_source(const struct key *key, char *value, void *field)
{
	static const char *const words[] = {"auto", "rpc", "s9s"};
	int choice = SOURCE_AUTO;
	const char *reason = choose(value, words, 3, &choice);

	(void)key;
	if (!reason)
		*(enum source *)field = (enum source)choice;
	return reason;
}

static const char *
read_prefixes(const struct key *key, char *value, void *field)
{
	struct prefix_list list = {.count = 0};
	char *item;

	if (*value) {
		while ((item = value_next_item(&value))) {
			const char *reason;

			if (list.count == (size_t)key->high)
				return "has too many items";
			reason = prefix_parse(item, &list.at[list.count]);
			if (reason)
				return reason;
			list.count++;
		}
	}
	if (list.count < (size_t)key->low)
		return "must not be empty";
	*(struct prefix_list *)field = list;
	return NULL;
}

/* Behind these ports the web server speaks TLS, so no page of ours can be shown. */
static bool
is_tls_port(int port)
{
	return port == 443 || port == 8443 || port == 9443 || port == 19051;
}

static const char *
read_forward(char *item, struct forward *forward)
{
	char *protocol = strchr(item, '/');
	char *colon = strchr(item, ':');
	long listen, port;

	if (protocol)
		*protocol++ = '\0';
	if (!colon)
		return "must be LISTEN:PORT";
	*colon = '\0';
	if (value_number(item, 1, 65535, &listen) ||
	    value_number(colon + 1, 1, 65535, &port))
		return "has a port that is not a number from 1 to 65535";
	*forward = (struct forward){.listen = (int)listen, .port = (int)port};
	if (!protocol)
		forward->http = !is_tls_port(forward->port);
	else if (strcasecmp(protocol, "http") == 0)
		forward->http = true;
	else if (strcasecmp(protocol, "tcp") != 0)
		return "has a protocol other than http and tcp";
	return NULL;
}

static const char *
read_forwards(const struct key *key, char *value, void *field)
{
	struct forward_list list = {.count = 0};
	char *item;

	(void)key;
	while ((item = value_next_item(&value))) {
		const char *reason;

		if (list.count == FORWARDS_MAX)
			return "has too many items";
		reason = read_forward(item, &list.at[list.count]);
		if (reason)
			return reason;
		list.count++;
	}
	*(struct forward_list *)field = list;
	return NULL;
}

static const char *
read_interface(const struct key *key, char *value, void *field)
{
	size_t length = strlen(value);

	(void)key;
	if (length >= IF_NAMESIZE)
		return "is longer than an interface's name can be";
	/* The kernel takes almost any byte; keepalived.conf and JSON do not. */
	for (const char *at = value; *at; at++)
		if (*at <= ' ' || *at > '~' || strchr("/\"'{}#!", *at))
			return "is not an interface's name";
	memcpy(field, value, length + 1);
	return NULL;
}

static const char *
read_directory(const struct key *key, char *value, void *field)
{
	size_t length = strlen(value);

	(void)key;
	if (*value != '/' || length >= PATH_MAX)
		return "must be an absolute path";
	memcpy(field, value, length + 1);
	return NULL;
}

static const char *
read_address(const struct key *key, char *value, void *field)
{
	struct address address;
	const char *reason = address_parse(value, &address);

	(void)key;
	if (!reason)
		reason = address_unusable(&address);
	if (!reason)
		*(struct address *)field = address;
	return reason;
}

static const char *
read_roles(const struct key *key, char *value, void *field)
{
	unsigned roles = 0;
	char *item;

	(void)key;
	while ((item = value_next_item(&value))) {
		if (strcasecmp(item, "controller") == 0)
			roles |= NODE_CONTROLLER;
		else if (strcasecmp(item, "proxy") == 0)
			roles |= NODE_PROXY;
		else
			return "has a word other than controller and proxy";
	}
	*(unsigned *)field = roles;
	return NULL;
}

#define IN_CLUSTER(field) offsetof(struct cluster, field)
#define IN_NODE(field)    offsetof(struct node, field)

/* clang-format off */
const struct key keys[] = {
{SECTION_CLUSTER, "vip", read_prefixes, IN_CLUSTER(vips), NULL, NULL, 1, VIPS_MAX,
	"ADDRESS[/LENGTH], comma list",
	"The virtual IP addresses at which users find the leader's UI, IPv4 or IPv6. "
	"Nobody else's address; in the subnet of the interface. Without a length the "
	"interface's own is taken."},
{SECTION_CLUSTER, "interface", read_interface, IN_CLUSTER(interface), "",
	"the one that carries the node's address", 0, 0, "NAME",
	"The network interface that gets the virtual IP. A [node] may have its own."},
{SECTION_CLUSTER, "virtual_router_id", read_number, IN_CLUSTER(virtual_router_id), "51",
	NULL, 1, 255, "NUMBER",
	"VRRP's number of this group of nodes. Must be unique on the network segment: two "
	"groups with the same number disturb each other."},
{SECTION_CLUSTER, "advert_interval", read_duration, IN_CLUSTER(advert_interval), "200ms",
	NULL, 50, 10000, "DURATION, a multiple of 10ms",
	"How often the holder of the virtual IP tells the others that it lives. When it "
	"falls silent another takes over after three and a bit of these. Shorter is "
	"faster, and more easily deceived by a busy machine or network."},
{SECTION_CLUSTER, "preempt", read_bool, IN_CLUSTER(preempt), "no", NULL, 0, 0, "yes | no",
	"Whether a node of higher priority that comes back takes the virtual IP away from "
	"the one that has it. Each such move cuts all sessions once more."},
{SECTION_UI, "forward", read_forwards, IN_CLUSTER(forwards), "81:80", NULL, 0, 0,
	"LISTEN:PORT[/http|/tcp], comma list",
	"HAProxy listens on LISTEN, on every node, and passes on to PORT of the leader's "
	"node. ClusterControl 1.x: 81:80. ClusterControl 2.x: 81:443, for its port 80 only "
	"redirects to a node's own 443. With /http (default unless PORT is 443, 8443, 9443 "
	"or 19051) a small page is shown while nobody leads; with /tcp the connection is "
	"closed."},
{SECTION_UI, "stats", read_port_or_off, IN_CLUSTER(stats), "9600", NULL, 1, 65535,
	"PORT | off",
	"HAProxy's statistics page. Users admin and stats; the passwords are made on each "
	"node at the first apply and stand in /etc/cmonha-ui/stats.passwords."},
{SECTION_UI, "cut_sessions", read_bool, IN_CLUSTER(cut_sessions), "yes", NULL, 0, 0,
	"yes | no",
	"Whether open connections to a node are closed when it is no longer the leader. "
	"With no they stay with the former leader until they end by themselves."},
{SECTION_CHECK, "port", read_number, IN_CLUSTER(check_port), "9201", NULL, 1, 65535, "PORT",
	"Where cmonhachk answers on every node."},
{SECTION_CHECK, "server", read_server, IN_CLUSTER(server), "auto", NULL, 0, 0,
	"xinetd | systemd | auto",
	"Who listens on that port and starts cmonhachk. auto: xinetd where it is "
	"installed, else systemd."},
{SECTION_CHECK, "source", read_source, IN_CLUSTER(source), "auto", NULL, 0, 0,
	"rpc | s9s | auto",
	"Whom cmonhachk asks: the controller itself (rpc) or the s9s client. auto: the "
	"controller, and the client only where the reply cannot be understood."},
{SECTION_CHECK, "interval", read_duration, IN_CLUSTER(interval), "250ms", NULL, 100, 60000,
	"DURATION",
	"How often each HAProxy asks each node. A change of leader is seen after half of "
	"it on average; a node is taken out after four failed checks, of which the "
	"last three follow in quick succession."},
{SECTION_CHECK, "deadline", read_duration, IN_CLUSTER(deadline), "800ms", NULL, 100, 10000,
	"DURATION",
	"How long cmonhachk may take for one answer, whatever happens. HAProxy waits "
	"200ms longer."},
{SECTION_CHECK, "quorum", read_bool, IN_CLUSTER(quorum), "yes", NULL, 0, 0, "yes | no",
	"A controller counts as leader only while it and those it reaches are a majority. "
	"Keeps users off a leader that was cut off from the others. With two controllers "
	"the loss of one means no leader: add a third, or write no."},
{SECTION_CHECK, "rpc_port", read_number, IN_CLUSTER(rpc_port), "9501", NULL, 1, 65535,
	"PORT", "The TLS port of the controllers' RPC interface."},
{SECTION_CHECK, "allow", read_prefixes, IN_CLUSTER(allow), "", "none", 0, ALLOWED_MAX,
	"ADDRESS[/LENGTH], comma list",
	"Who may ask cmonhachk, beside the nodes themselves: your monitoring, say."},
{SECTION_CHECK, "s9s_home", read_directory, IN_CLUSTER(s9s_home), "/var/lib/cmonha-ui",
	NULL, 0, 0, "DIRECTORY",
	"The home directory of the s9s client, where .s9s/s9s.conf and its keys are, "
	"readable by the user cmonha-ui. Used when the source is s9s."},
{SECTION_CHECK, "services_line", read_bool, IN_CLUSTER(services_line), "yes", NULL, 0, 0,
	"yes | no",
	"Whether the line \"cmonhachk PORT/tcp\" is added to /etc/services. Nothing depends "
	"on it."},
{SECTION_NODE, "address", read_address, IN_NODE(address), NULL, NULL, 0, 0, "ADDRESS",
	"The node's own address, IPv4 or IPv6. By it each machine finds its own section."},
{SECTION_NODE, "priority", read_number, IN_NODE(priority), "",
	"150, 110, 70 and so on; closer from five proxies on", 1, 254, "NUMBER",
	"VRRP's priority: of several nodes that could take the virtual IP the highest does."},
{SECTION_NODE, "interface", read_interface, IN_NODE(interface), "", "that of [cluster]", 0,
	0, "NAME", "The network interface of this node that gets the virtual IP."},
{SECTION_NODE, "roles", read_roles, IN_NODE(roles), "controller, proxy", NULL, 0, 0,
	"controller, proxy",
	"What runs there: a controller with its UI, HAProxy and keepalived, or both."},
};
/* clang-format on */

const size_t key_count = sizeof(keys) / sizeof(keys[0]);

const char *
section_name(enum section section)
{
	static const char *const names[] = {"cluster", "ui", "check", "node"};

	return section < SECTIONS ? names[section] : "";
}

enum section
section_find(const char *name)
{
	enum section section = 0;

	while (section < SECTIONS && strcmp(section_name(section), name) != 0)
		section++;
	return section;
}

const struct key *
key_find(enum section section, const char *name)
{
	for (size_t i = 0; i < key_count; i++)
		if (keys[i].section == section && strcmp(keys[i].name, name) == 0)
			return &keys[i];
	return NULL;
}

const char *
key_set(
    const struct key *key, const char *value, void *owner, char *buffer, size_t size)
{
	char copy[PATH_MAX];
	const char *dots = strlen(value) > VALUE_SHOWN ? "..." : "";
	const char *reason;

	if (strlen(value) >= sizeof(copy))
		return "is too long";
	memcpy(copy, value, strlen(value) + 1);
	reason = key->read(key, copy, (char *)owner + key->offset);
	if (!reason)
		return NULL;
	if (strcmp(reason, "is out of range") == 0)
		snprintf(buffer, size, "\"%.*s%s\" %s: %ld to %ld%s", VALUE_SHOWN,
		    value, dots, reason, key->low, key->high,
		    key->read == read_duration ? " milliseconds" : "");
	else
		snprintf(buffer, size, "\"%.*s%s\" %s; it must look like: %s",
		    VALUE_SHOWN, value, dots, reason, key->form);
	return buffer;
}

void
keys_explain(struct text *text)
{
	enum section section = SECTIONS;

	for (size_t i = 0; i < key_count; i++) {
		const struct key *key = &keys[i];

		if (key->section != section) {
			section = key->section;
			text_addf(text, "%s[%s%s]\n", i ? "\n" : "",
			    section_name(section),
			    section == SECTION_NODE ? " NAME" : "");
		}
		text_addf(text, "    %s = %s\n", key->name, key->form);
		text_add_wrapped(text, "        ", 68, key->help);
		if (!key->default_value)
			text_addf(text, "        Required.\n");
		else
			text_addf(text, "        Default: %s\n",
			    key->default_text ? key->default_text : key->default_value);
	}
}
