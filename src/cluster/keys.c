#include "cluster/keys.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/value.h"

/* Bytes of an invalid value that its message repeats; KEY_REASON_MAX holds the rest. */
#define VALUE_SHOWN 200

static const char *
parse_number(const struct key *key, char *value, void *field)
{
	int64_t number;
	const char *reason = value_number(value, key->low, key->high, &number);

	if (!reason)
		*(int *)field = (int)number;
	return reason;
}

static const char *
parse_duration(const struct key *key, char *value, void *field)
{
	int64_t number;
	const char *reason = value_duration(value, key->low, key->high, &number);

	if (!reason)
		*(int *)field = (int)number;
	return reason;
}

static const char *
parse_bool(const struct key *key, char *value, void *field)
{
	(void)key;
	return value_bool(value, field);
}

static const char *
parse_number_or_off(const struct key *key, char *value, void *field)
{
	if (strcasecmp(value, "off") == 0 || strcasecmp(value, "no") == 0) {
		*(int *)field = 0;
		return NULL;
	}
	return parse_number(key, value, field);
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
	return "is not an allowed word";
}

static const char *
parse_server(const struct key *key, char *value, void *field)
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
parse_source(const struct key *key, char *value, void *field)
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
parse_show(const struct key *key, char *value, void *field)
{
	static const char *const words[] = {"leader", "any"};
	int choice = SHOW_LEADER;
	const char *reason = choose(value, words, 2, &choice);

	(void)key;
	if (!reason)
		*(enum show *)field = (enum show)choice;
	return reason;
}

static const char *
parse_stats_bind(const struct key *key, char *value, void *field)
{
	static const char *const words[] = {"any", "node", "localhost"};
	int choice = STATS_ANY;
	const char *reason = choose(value, words, 3, &choice);

	(void)key;
	if (!reason)
		*(enum stats_bind *)field = (enum stats_bind)choice;
	return reason;
}

static const char *
parse_prefixes(const struct key *key, char *value, void *field)
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

/* Clients are compared as what they are: an IPv4 client of an IPv6 socket as IPv4. */
static const char *
parse_clients(const struct key *key, char *value, void *field)
{
	struct prefix_list *list = field;
	const char *reason = parse_prefixes(key, value, field);

	for (size_t i = 0; !reason && i < list->count; i++)
		reason = prefix_unmap(&list->at[i]);
	return reason;
}

/* On these ports the web server speaks TLS, so HAProxy cannot send a page itself. */
static bool
is_tls_port(int port)
{
	return port == 443 || port == 8443 || port == 9443 || port == 19051;
}

static const char *
parse_forward(char *item, struct forward *forward)
{
	char *protocol = strchr(item, '/');
	char *colon = strchr(item, ':');
	int64_t listen, port;

	if (protocol)
		*protocol++ = '\0';
	if (!colon)
		return "must be LISTEN:PORT";
	*colon = '\0';
	if (value_number(item, 1, 65535, &listen) ||
	    value_number(colon + 1, 1, 65535, &port))
		return "has an invalid port";
	*forward = (struct forward){.listen = (int)listen, .port = (int)port};
	if (!protocol)
		forward->http = !is_tls_port(forward->port);
	else if (strcasecmp(protocol, "http") == 0)
		forward->http = true;
	else if (strcasecmp(protocol, "tcp") != 0)
		return "has an unknown protocol";
	return NULL;
}

static const char *
parse_forwards(const struct key *key, char *value, void *field)
{
	struct forward_list list = {.count = 0};
	char *item;

	(void)key;
	while ((item = value_next_item(&value))) {
		const char *reason;

		if (list.count == FORWARDS_MAX)
			return "has too many items";
		reason = parse_forward(item, &list.at[list.count]);
		if (reason)
			return reason;
		list.count++;
	}
	*(struct forward_list *)field = list;
	return NULL;
}

static const char *
parse_interface(const struct key *key, char *value, void *field)
{
	size_t length = strlen(value);

	(void)key;
	if (strchr(value, '@'))
		return "is not an interface name: leave out \"@\" and what follows";
	if (strchr(value, ':'))
		return "is the label of an address: leave out \":\" and what follows";
	if (length >= IF_NAMESIZE)
		return "is too long for an interface name";
	/* The kernel accepts almost any byte; keepalived.conf and JSON do not. */
	for (const char *at = value; *at; at++)
		if (*at <= ' ' || *at > '~' || strchr("/\"'{}#!", *at))
			return "is not an interface name";
	memcpy(field, value, length + 1);
	return NULL;
}

/* Names of accounts, useradd(8), or their numbers; which of them exist is not asked. */
static const char *
parse_users(const struct key *key, char *value, void *field)
{
	struct text list = {0};
	const char *reason = NULL;
	char *item;

	(void)key;
	while (!reason && value && *value && (item = value_next_item(&value))) {
		for (const char *at = item; *at && !reason; at++)
			if (!isalnum((unsigned char)*at) && !strchr("._-", *at))
				reason = "has an invalid user name";
		text_addf(&list, "%s%s", list.length ? "," : "", item);
	}
	if (!reason && list.length > USERS_LENGTH)
		reason = "is too long";
	if (!reason)
		snprintf(field, USERS_LENGTH + 1, "%s", text_string(&list));
	text_free(&list);
	return reason;
}

static const char *
parse_directory(const struct key *key, char *value, void *field)
{
	size_t length = strlen(value);

	(void)key;
	if (*value != '/' || length >= PATH_MAX)
		return "must be an absolute path";
	memcpy(field, value, length + 1);
	return NULL;
}

static const char *
parse_address(const struct key *key, char *value, void *field)
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
parse_roles(const struct key *key, char *value, void *field)
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
			return "must contain only controller and proxy";
	}
	*(unsigned *)field = roles;
	return NULL;
}

static const char *
parse_pins(const struct key *key, char *value, void *field)
{
	(void)key;
	return pins_parse(value, field);
}

#define IN_CLUSTER(field) offsetof(struct cluster, field)
#define IN_NODE(field)    offsetof(struct node, field)

/* clang-format off */
const struct key keys[] = {
{SECTION_CLUSTER, "vip", parse_prefixes, IN_CLUSTER(vips), NULL, NULL, 1, VIPS_MAX,
	"ADDRESS[/LENGTH], comma list",
	"The virtual IP addresses of the UI, IPv4 or IPv6. They must be in the subnet of the "
	"interface and must not belong to any host. Without a length, the length of that "
	"subnet is used."},
{SECTION_CLUSTER, "interface", parse_interface, IN_CLUSTER(interface), "",
	"the interface that has the node's address", 0, 0, "NAME",
	"The network interface of the virtual IP. Can be set for each [node] as well."},
{SECTION_CLUSTER, "virtual_router_id", parse_number, IN_CLUSTER(virtual_router_id), "51",
	NULL, 1, 255, "NUMBER",
	"VRRP virtual router ID. Must be unique on the network segment: two clusters with "
	"the same ID disturb each other."},
{SECTION_CLUSTER, "advert_interval", parse_duration, IN_CLUSTER(advert_interval), "70ms",
	NULL, 50, 10000, "DURATION, a multiple of 10ms",
	"VRRP advertisement interval. When the active node stops sending, another one "
	"becomes active after lost_adverts + 1 intervals and a little more. Shorter intervals "
	"fail over sooner, but a busy host or network causes more false alarms."},
{SECTION_CLUSTER, "lost_adverts", parse_number, IN_CLUSTER(lost_adverts), "5", NULL, 2, 20,
	"NUMBER",
	"How many VRRP advertisements in a row may be lost. If one more is missing, another "
	"node becomes active."},
{SECTION_CLUSTER, "preempt", parse_bool, IN_CLUSTER(preempt), "no", NULL, 0, 0, "yes | no",
	"Whether a returning node of higher priority becomes active again. Each such move "
	"closes all sessions once more."},
{SECTION_UI, "forward", parse_forwards, IN_CLUSTER(forwards), "81:80", NULL, 0, 0,
	"LISTEN:PORT[/http|/tcp], comma list",
	"HAProxy listens on LISTEN on every node and forwards to PORT of the leader. "
	"ClusterControl 1.x: 81:80. ClusterControl 2.x: 81:443, since its port 80 only "
	"redirects to port 443 of a node. With /http (default unless PORT is 443, 8443, 9443 "
	"or 19051) a page is shown while there is no leader; with /tcp the connection is "
	"closed."},
{SECTION_UI, "show", parse_show, IN_CLUSTER(show), "leader", NULL, 0, 0, "leader | any",
	"Which nodes users are sent to. leader: the leader of CMON HA. any: every node whose "
	"controller and web interface respond, for a controller pool or a controller that "
	"stands alone; each client stays on one of them while it responds."},
{SECTION_UI, "client_connections", parse_number_or_off, IN_CLUSTER(client_connections),
	"250", NULL, 10, 4000, "NUMBER | off",
	"How many connections one client address (IPv6: one /64 network) can have to each "
	"forward at a time; more are closed at once. A browser opens up to 6: set more, or "
	"off, if many users come from one address, as through NAT or a reverse proxy."},
{SECTION_UI, "request_timeout", parse_duration, IN_CLUSTER(request_timeout), "10s", NULL,
	1000, 60000, "DURATION",
	"How long a client may take to send the header of a request or its TLS hello. "
	"Connections that are silent or slower are closed and never reach the UI."},
{SECTION_UI, "stats", parse_number_or_off, IN_CLUSTER(stats), "9600", NULL, 1, 65535,
	"PORT | off",
	"HAProxy statistics port. The users are admin and stats; their passwords are created "
	"on each node by the first apply, in /etc/cmonha-ui/stats.passwords."},
{SECTION_UI, "stats_bind", parse_stats_bind, IN_CLUSTER(stats_bind), "any", NULL, 0, 0,
	"any | node | localhost",
	"Addresses of the statistics page: all of the node (the virtual IP too), the node's "
	"own, or 127.0.0.1 (::1 if the node's address is IPv6)."},
{SECTION_UI, "stats_admin", parse_bool, IN_CLUSTER(stats_admin), "no", NULL, 0, 0,
	"yes | no",
	"Whether the user admin can disable servers on the statistics page. With no, the "
	"page can only be viewed."},
{SECTION_UI, "cut_sessions", parse_bool, IN_CLUSTER(cut_sessions), "yes", NULL, 0, 0,
	"yes | no",
	"Whether open connections to a node are closed when it is no longer the leader. "
	"With no, they stay with the former leader until they are closed by either side."},
{SECTION_CHECK, "port", parse_number, IN_CLUSTER(check_port), "9201", NULL, 1, 65535, "PORT",
	"Port of cmonhachk on every node."},
{SECTION_CHECK, "server", parse_server, IN_CLUSTER(server), "auto", NULL, 0, 0,
	"xinetd | systemd | auto",
	"What listens on that port and starts cmonhachk. auto: xinetd if it is installed, "
	"else systemd."},
{SECTION_CHECK, "source", parse_source, IN_CLUSTER(source), "auto", NULL, 0, 0,
	"rpc | s9s | auto",
	"Source of the role: the RPC interface of the controller or the s9s client. auto: "
	"RPC, and the client only if the reply cannot be understood."},
{SECTION_CHECK, "interval", parse_duration, IN_CLUSTER(interval), "250ms", NULL, 100, 60000,
	"DURATION",
	"How often each HAProxy checks each node. A change of leader is detected after half "
	"of it on average; a node is marked down after four failed checks, the last three of "
	"which follow at a shorter interval."},
{SECTION_CHECK, "deadline", parse_duration, IN_CLUSTER(deadline), "800ms", NULL, 100, 10000,
	"DURATION",
	"Maximum response time of cmonhachk. HAProxy waits 200ms longer."},
{SECTION_CHECK, "quorum", parse_bool, IN_CLUSTER(quorum), "yes", NULL, 0, 0, "yes | no",
	"A controller is accepted as leader only while it and the controllers that it "
	"reaches are a majority. Keeps users off a leader that is cut off from the others. "
	"With two controllers the loss of one means no leader: add a third one, or set no."},
{SECTION_CHECK, "rpc_port", parse_number, IN_CLUSTER(rpc_port), "9501", NULL, 1, 65535,
	"PORT", "TLS port of the RPC interface of the controllers."},
{SECTION_CHECK, "allow", parse_clients, IN_CLUSTER(allow), "", "none", 0, ALLOWED_MAX,
	"ADDRESS[/LENGTH], comma list",
	"Additional clients allowed to query cmonhachk, such as your monitoring."},
{SECTION_CHECK, "listener_users", parse_users, IN_CLUSTER(listener_users), "s9s_cc",
	NULL, 0, 0, "USER, comma list",
	"Users besides root whose programs may listen on the ports of the controller and of "
	"the UI. A listener of any other user is not believed, since on ports above 1023 "
	"anybody with an account could pretend to be the controller while it is down. s9s_cc "
	"is the user of ClusterControl's own web server (cmon-proxy)."},
{SECTION_CHECK, "s9s_home", parse_directory, IN_CLUSTER(s9s_home), "/var/lib/cmonha-ui",
	NULL, 0, 0, "DIRECTORY",
	"Home directory of the s9s client, with .s9s/s9s.conf and its keys, readable by the "
	"user cmonha-ui. Used if the source is s9s."},
{SECTION_CHECK, "services_line", parse_bool, IN_CLUSTER(services_line), "yes", NULL, 0, 0,
	"yes | no",
	"Whether the line \"cmonhachk PORT/tcp\" is added to /etc/services. Nothing depends "
	"on it."},
{SECTION_NODE, "address", parse_address, IN_NODE(address), NULL, NULL, 0, 0, "ADDRESS",
	"The node's own address, IPv4 or IPv6. Each host finds its section by this address."},
{SECTION_NODE, "priority", parse_number, IN_NODE(priority), "",
	"150, 110, 70 and so on; closer for five proxies or more", 1, 254, "NUMBER",
	"VRRP priority: of the proxies that are up the one with the highest becomes active."},
{SECTION_NODE, "interface", parse_interface, IN_NODE(interface), "", "that of [cluster]", 0,
	0, "NAME", "The network interface of the virtual IP on this node."},
{SECTION_NODE, "roles", parse_roles, IN_NODE(roles), "controller, proxy", NULL, 0, 0,
	"controller, proxy",
	"What runs on the node: a controller with its UI, HAProxy and keepalived, or both."},
{SECTION_NODE, "pin", parse_pins, IN_NODE(pins), "", "none, any key is accepted", 0, 0,
	"sha256//HASH, comma list",
	"The key of the certificate of the node's controller, as \"cmonha-ui pins\" prints "
	"it. The other controllers then count this one only if it has that key. Up to four, "
	"to change a certificate."},
};
/* clang-format on */

const size_t key_count = sizeof(keys) / sizeof(keys[0]);
_Static_assert(sizeof(keys) / sizeof(keys[0]) <= KEYS_MAX, "KEYS_MAX is too small");

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

const char *
section_label(
    enum section section, const struct node *node, char buffer[SECTION_LABEL_MAX])
{
	snprintf(buffer, SECTION_LABEL_MAX, "%s%s%s", section_name(section),
	    node ? " " : "", node ? node->name : "");
	return buffer;
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
    const struct key *key, const char *value, void *owner, char buffer[KEY_REASON_MAX])
{
	char copy[PATH_MAX], range[64] = "";
	const char *dots = strlen(value) > VALUE_SHOWN ? "..." : "";
	const char *reason;

	if (strlen(value) >= sizeof(copy))
		return "value is too long";
	memcpy(copy, value, strlen(value) + 1);
	reason = key->parse(key, copy, (char *)owner + key->offset);
	if (!reason)
		return NULL;
	if (key->parse == parse_duration)
		snprintf(
		    range, sizeof(range), ", range %dms to %dms", key->low, key->high);
	else if (key->parse == parse_number || key->parse == parse_number_or_off)
		snprintf(range, sizeof(range), ", range %d to %d", key->low, key->high);
	snprintf(buffer, KEY_REASON_MAX, "\"%.*s%s\" %s (expected: %s%s)", VALUE_SHOWN,
	    value, dots, reason, key->form, range);
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

int *
key_line_of(struct key_lines *lines, const struct cluster *cluster,
    const struct node *node, const struct key *key)
{
	return node ? &lines->node_keys[node - cluster->nodes][key - keys]
		    : &lines->keys[key - keys];
}

int
key_line(const struct key_lines *lines, const struct cluster *cluster,
    enum section section, const struct node *node, const char *name)
{
	const struct key *key = key_find(section, name);
	int line;

	assert(key && (section == SECTION_NODE) == (node != NULL));
	line = node ? lines->node_keys[node - cluster->nodes][key - keys]
		    : lines->keys[key - keys];
	if (line)
		return line;
	return node ? node->line : lines->headings[section];
}
