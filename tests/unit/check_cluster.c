#include <stddef.h>

#include "base/network.h"
#include "cluster/cluster.h"
#include "cluster/keys.h"
#include "scratch.h"
#include "unit.h"

#define VIP   "[cluster]\nvip = 10.0.0.200/24\n"
#define CC1   "[node cc1]\naddress = 10.0.0.101\n"
#define CC2   "[node cc2]\naddress = 10.0.0.102\n"
#define CC3   "[node cc3]\naddress = 10.0.0.103\n"
#define NODES CC1 CC2 CC3

#define LOOK_VIP     "; it must look like: ADDRESS[/LENGTH], comma list\n"
#define LOOK_FORWARD "; it must look like: LISTEN:PORT[/http|/tcp], comma list\n"
#define LOOK_TRUTH   " must be yes or no; it must look like: yes | no\n"
#define UNKNOWN      "unknown key; \"cmonha-ui help config\" lists them\n"
#define NO_SECTION                                                                     \
	"unknown section; there are [cluster], [ui], [check] and [node NAME]\n"
#define BAD_NAME "a node's name has letters, digits, \"-\", \"_\" and \".\" only\n"
#define FEW_PROXIES                                                                    \
	"warning: one node only has the role proxy: nobody could take over the "       \
	"virtual IP\n"
#define NO_NODES "no nodes: add a section [node NAME] with its address for each\n"
#define MIXED                                                                          \
	"IPv4 and IPv6 are mixed: all proxy nodes must have addresses of one family\n"
#define SIXTY_FOUR "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"

static struct cluster *cluster;
static struct problems problems;
static struct text content;

static void
begin(void)
{
	cluster = allocate(sizeof(*cluster));
	problems = (struct problems){.file = "f"};
	content = (struct text){0};
}

static void
end(void)
{
	free(cluster);
	problems_free(&problems);
	text_free(&content);
}

static int
parse(const char *words)
{
	text_clear(&content);
	text_add(&content, "%s", words);
	return cluster_parse(&content, cluster, &problems);
}

static void
expect(const char *lines)
{
	ck_assert_str_eq(text_string(&problems.lines), lines);
}

/* A cluster file, and all that is to be said of it. */
static const struct {
	const char *content, *problems;
} files[] = {
	{VIP NODES, ""},
	/* Sections. */
	{VIP "[other]\nx = y\n" NODES, "f:3: [other] " NO_SECTION},
	{VIP "[Cluster]\n" NODES, "f:3: [Cluster] " NO_SECTION},
	{VIP "[nodes cc4]\naddress = x\n" NODES, "f:3: [nodes cc4] " NO_SECTION},
	{VIP NODES "[cluster]\npreempt = yes\n",
		"f:9: [cluster] the section is there twice (first in line 1)\n"},
	{VIP "[ui]\n[check]\n[ui]\n" NODES,
		"f:5: [ui] the section is there twice (first in line 3)\n"},
	{VIP "[ui x]\n" NODES, "f:3: [ui x] the section must be just [ui]\n"},
	/* Keys. */
	{VIP "vips = 10.0.0.201\n" NODES, "f:3: [cluster] vips: " UNKNOWN},
	{VIP "VIP = 10.0.0.201\n" NODES, "f:3: [cluster] VIP: " UNKNOWN},
	{VIP "port = 9201\n" NODES, "f:3: [cluster] port: " UNKNOWN},
	{VIP CC1 "port = 9201\n" CC2,
		"f:5: [node cc1] port: " UNKNOWN
		"f: [check] quorum: warning: with two controllers "
		"the loss of one leaves no majority, so nobody is "
		"leader: add a third, or write quorum = no\n"},
	{VIP "= x\n" NODES, "f:3: [cluster] : " UNKNOWN},
	{VIP "preempt = no\npreempt = yes\n" NODES,
		"f:4: [cluster] preempt: is given twice (first in line 3)\n"},
	{VIP "preempt = maybe\npreempt = yes\n" NODES,
		"f:3: [cluster] preempt: \"maybe\"" LOOK_TRUTH
		"f:4: [cluster] preempt: is given twice (first in line 3)\n"},
	{VIP CC1 "address = 10.0.0.109\n" CC2 CC3,
		"f:5: [node cc1] address: is given twice (first in line 4)\n"},
	/* What must be there. */
	{"", "f: [cluster] vip: is missing; it must look like: ADDRESS[/LENGTH], comma "
	     "list\nf: " NO_NODES},
	{"[cluster]\n" NODES, "f:1: [cluster] vip: is missing; it must look like: "
			      "ADDRESS[/LENGTH], comma list\n"},
	{VIP CC1 CC2 "[node cc3]\n",
		"f:7: [node cc3] address: is missing; it must look like: ADDRESS\n"},
	{VIP, "f: " NO_NODES},
	/* Node names. */
	{VIP NODES "[node]\naddress = 10.0.0.104\n",
		"f:9: [node] a node's section must have its name: [node NAME]\n"},
	{VIP NODES "[node a b]\naddress = 10.0.0.104\n", "f:9: [node a b] " BAD_NAME},
	{VIP NODES "[node a/b]\n", "f:9: [node a/b] " BAD_NAME},
	{VIP NODES "[node \xc3\xa4]\n", "f:9: [node \xc3\xa4] " BAD_NAME},
	{VIP NODES "[node -a]\n",
		"f:9: [node -a] a node's name begins with a letter or digit\n"},
	{VIP NODES "[node .a]\n",
		"f:9: [node .a] a node's name begins with a letter or digit\n"},
	{VIP NODES "[node n" SIXTY_FOUR "]\n",
		"f:9: [node n" SIXTY_FOUR
		"] the node's name is longer than 63 characters\n"},
	{VIP NODES "[node 4-x_y.z]\naddress = 10.0.0.104\n", ""},
	{VIP NODES "[node cc2]\naddress = 10.0.0.104\nbogus = 1\n",
		"f:9: [node cc2] the node is described twice (first in line 5)\n"},
	/* Addresses. */
	{"[cluster]\nvip =\n" NODES,
		"f:2: [cluster] vip: \"\" must not be empty" LOOK_VIP},
	{"[cluster]\nvip = ui.example.com\n" NODES,
		"f:2: [cluster] vip: \"ui.example.com\" is not an IPv4 or IPv6 "
		"address" LOOK_VIP},
	{"[cluster]\nvip = 10.0.0.200/24,\n" NODES,
		"f:2: [cluster] vip: \"10.0.0.200/24,\" is not an IPv4 or IPv6 "
		"address" LOOK_VIP},
	{"[cluster]\nvip = 10.0.0.200/33\n" NODES,
		"f:2: [cluster] vip: \"10.0.0.200/33\" has a wrong prefix "
		"length" LOOK_VIP},
	{"[cluster]\nvip = 127.0.0.1\n" NODES,
		"f:2: [cluster] vip: 127.0.0.1 is a loopback address, which other nodes "
		"cannot reach\n"},
	{"[cluster]\nvip = 10.0.0.200, 224.0.0.1, 0.0.0.0\n" NODES,
		"f:2: [cluster] vip: 224.0.0.1 is a multicast or broadcast address\n"
		"f:2: [cluster] vip: 0.0.0.0 is not a host's address\n"},
	{"[cluster]\nvip = 10.0.0.200, 10.0.0.201, 10.0.0.200/24\n" NODES,
		"f:2: [cluster] vip: 10.0.0.200 is there twice\n"},
	{"[cluster]\nvip = 10.0.0.102/24\n" NODES,
		"f:2: [cluster] vip: 10.0.0.102 is the address of node cc2; the virtual "
		"IP must be nobody's\n"},
	{"[cluster]\nvip = 10.0.0.1, 10.0.0.2, 10.0.0.3, 10.0.0.4, 10.0.0.5, 10.0.0.6, "
	 "10.0.0.7, 10.0.0.8, 10.0.0.9, 10.0.0.10, 10.0.0.11, 10.0.0.12, 10.0.0.13, "
	 "10.0.0.14, 10.0.0.15, 10.0.0.16\n" NODES,
		""},
	{"[cluster]\nvip = 10.0.0.1, 10.0.0.2, 10.0.0.3, 10.0.0.4, 10.0.0.5, 10.0.0.6, "
	 "10.0.0.7, 10.0.0.8, 10.0.0.9, 10.0.0.10, 10.0.0.11, 10.0.0.12, 10.0.0.13, "
	 "10.0.0.14, 10.0.0.15, 10.0.0.16, 10.0.0.17\n" NODES,
		"f:2: [cluster] vip: \"10.0.0.1, 10.0.0.2, 10.0.0.3, 10.0.0.4, 10.0.0.5, "
		"10.0.0.6, 10.0.0.7, 10.0.0.8, 10.0.0.9, 10.0.0.10, 10.0.0.11, 10.0.0.12, "
		"10.0.0.13, 10.0.0.14, 10.0.0.15, 10.0.0.16, 10.0.0.17\" has too many "
		"items" LOOK_VIP},
	{VIP CC1 CC2 "[node cc3]\naddress = cc3\n",
		"f:8: [node cc3] address: \"cc3\" is not an IPv4 or IPv6 address; it must "
		"look like: ADDRESS\n"},
	{VIP CC1 CC2 "[node cc3]\naddress = 10.0.0.103/24\n",
		"f:8: [node cc3] address: \"10.0.0.103/24\" is not an IPv4 or IPv6 "
		"address; it must look like: ADDRESS\n"},
	{VIP CC1 CC2 "[node cc3]\naddress = fe80::1\n",
		"f:8: [node cc3] address: \"fe80::1\" is a link-local address: give a "
		"global or unique local one; it must look like: ADDRESS\n"},
	{VIP CC1 CC2 "[node cc3]\naddress = 10.0.0.101\n",
		"f:8: [node cc3] address: is the address of node cc1 too\n"},
	{VIP CC1 "priority = 90\n" CC2
		 "priority = 90\n[node cc3]\naddress = 10.0.0.101\n",
		"f:8: [node cc2] priority: 90 is the priority of node cc1 too; who should "
		"take the virtual IP?\n"
		"f:10: [node cc3] address: is the address of node cc1 too\n"},
	/* Families. */
	{VIP CC1 CC2 "[node cc3]\naddress = 2001:db8::103\n",
		"f:8: [node cc3] address: " MIXED},
	{VIP CC1 CC2 "[node cc3]\naddress = 2001:db8::103\nroles = controller\n", ""},
	{"[cluster]\nvip = 2001:db8::c8/64\n" NODES,
		"f:2: [cluster] vip: the nodes have IPv4 addresses: at least one virtual "
		"IP must be of that family\n"},
	{"[cluster]\nvip = 2001:db8::c8/64, 10.0.0.200\n" NODES, ""},
	{"[cluster]\nvip = 10.0.0.200\n[node a]\naddress = 2001:db8::1\n[node b]\naddress "
	 "= 2001:db8::2\n[node c]\naddress = 2001:db8::3\n",
		"f:2: [cluster] vip: the nodes have IPv6 addresses: at least one virtual "
		"IP must be of that family\n"},
	/* Priorities: only between those that could take the VIP. */
	{VIP CC1 "priority = 90\n" CC2 "priority = 90\n" CC3,
		"f:8: [node cc2] priority: 90 is the priority of node cc1 too; who should "
		"take the virtual IP?\n"},
	{VIP CC1 "priority = 110\n" CC2 CC3,
		"f:6: [node cc2] priority: 110 is the priority of node cc1 too; who "
		"should take the virtual IP?\n"},
	{VIP CC1 "priority = 90\nroles = controller\n" CC2 "priority = 90\n" CC3, ""},
	{VIP CC1 "priority = 100\n" CC2 CC3 "priority = x\n",
		"f:10: [node cc3] priority: \"x\" must be a number; it must look like: "
		"NUMBER\n"},
	/* Roles and counts. */
	{VIP CC1 "roles = controllers\n" CC2 CC3,
		"f:5: [node cc1] roles: \"controllers\" has a word other than controller "
		"and proxy; it must look like: controller, proxy\n"},
	{VIP CC1 "roles =\n" CC2 CC3,
		"f:5: [node cc1] roles: \"\" has a word other than controller and proxy; "
		"it must look like: controller, proxy\n"},
	{VIP CC1 "roles = bogus\n" CC2 "[check]\nquorum = no\n",
		"f:5: [node cc1] roles: \"bogus\" has a word other than controller and "
		"proxy; it must look like: controller, proxy\n"},
	{VIP CC1 "roles = proxy\n" CC2 "roles = proxy\n" CC3 "roles = proxy\n",
		"f: no node has the role controller\n"},
	{VIP CC1 CC2 "roles = controller\n" CC3 "roles = Controller\n",
		"f: " FEW_PROXIES},
	{VIP CC1, "f: " FEW_PROXIES},
	{VIP CC1 CC2,
		"f: [check] quorum: warning: with two controllers the loss of one leaves "
		"no majority, so nobody is leader: add a third, or write quorum = no\n"},
	{VIP "[check]\nport = 9202\n" CC1 CC2,
		"f:3: [check] quorum: warning: with two controllers the loss of one "
		"leaves no majority, so nobody is leader: add a third, or write quorum = "
		"no\n"},
	{VIP "[check]\nquorum = yes\n" CC1 CC2,
		"f:4: [check] quorum: warning: with two controllers the loss of one "
		"leaves no majority, so nobody is leader: add a third, or write quorum = "
		"no\n"},
	{VIP "[check]\nquorum = no\n" CC1 CC2, ""},
	{VIP CC1 "roles = controller\n" CC2 CC3 "roles = proxy\n[check]\nquorum = no\n",
		""},
	/* Ports. */
	{VIP "[ui]\nforward = 81\n" NODES,
		"f:4: [ui] forward: \"81\" must be LISTEN:PORT" LOOK_FORWARD},
	{VIP "[ui]\nforward =\n" NODES,
		"f:4: [ui] forward: \"\" must be LISTEN:PORT" LOOK_FORWARD},
	{VIP "[ui]\nforward = 81:80,\n" NODES,
		"f:4: [ui] forward: \"81:80,\" must be LISTEN:PORT" LOOK_FORWARD},
	{VIP "[ui]\nforward = 0:80\n" NODES,
		"f:4: [ui] forward: \"0:80\" has a port that is not a number from 1 to "
		"65535" LOOK_FORWARD},
	{VIP "[ui]\nforward = 81:65536\n" NODES,
		"f:4: [ui] forward: \"81:65536\" has a port that is not a number from 1 to "
		"65535" LOOK_FORWARD},
	{VIP "[ui]\nforward = 81 : 80\n" NODES,
		"f:4: [ui] forward: \"81 : 80\" has a port that is not a number from 1 to "
		"65535" LOOK_FORWARD},
	{VIP "[ui]\nforward = 10.0.0.1:81:80\n" NODES,
		"f:4: [ui] forward: \"10.0.0.1:81:80\" has a port that is not a number "
		"from 1 to 65535" LOOK_FORWARD},
	{VIP "[ui]\nforward = 81:80/https\n" NODES,
		"f:4: [ui] forward: \"81:80/https\" has a protocol other than http and "
		"tcp" LOOK_FORWARD},
	{VIP "[ui]\nforward = 81:80/\n" NODES,
		"f:4: [ui] forward: \"81:80/\" has a protocol other than http and "
		"tcp" LOOK_FORWARD},
	{VIP "[ui]\nforward = 81:80, 81:443\n" NODES,
		"f:4: [ui] forward: port 81 is also that of [ui] forward\n"},
	{VIP "[ui]\nforward = 9600:80\n" NODES,
		"f:4: [ui] forward: port 9600 is also that of [ui] stats\n"},
	{VIP "[ui]\nforward = 9501:80\nstats = off\n[check]\nport = 9501\n" NODES,
		"f:6: [check] rpc_port: port 9501 is also that of [check] port\n"
		"f:4: [ui] forward: port 9501 is also that of [check] port\n"
		"f:4: [ui] forward: port 9501 is also that of [check] rpc_port\n"},
	{VIP "[ui]\nstats = 9201\n" NODES,
		"f:4: [ui] stats: port 9201 is also that of [check] port\n"},
	{VIP "[check]\nrpc_port = 9201\n" NODES,
		"f:4: [check] rpc_port: port 9201 is also that of [check] port\n"},
	{VIP "[ui]\nforward = 80:80\n" NODES,
		"f:4: [ui] forward: port 80 is the UI's own: HAProxy cannot listen on it "
		"on the same node\n"},
	{VIP "[ui]\nforward = 81:80, 80:80\n" NODES,
		"f:4: [ui] forward: port 80 is the UI's own: HAProxy cannot listen on it "
		"on the same node\n"},
	{VIP "[ui]\nforward = 80:443, 81:80\n" NODES,
		"f:4: [ui] forward: port 80 is the UI's own: HAProxy cannot listen on it "
		"on the same node\n"},
	{VIP "[ui]\nforward = 81:80\nstats = 80\n" NODES,
		"f:5: [ui] stats: port 80 is the UI's own: HAProxy cannot listen on it on "
		"the same node\n"},
	{VIP "[ui]\nforward = 81:9201\n" NODES,
		"f:4: [ui] forward: port 9201 is also that of [check] port\n"},
	{VIP "[ui]\nforward = 81:9501\n" NODES,
		"f:4: [ui] forward: port 9501 is also that of [check] rpc_port\n"},
	{VIP "[ui]\nforward = 80:80\n" CC1 "roles = controller\n" CC2
	     "roles = proxy\n" CC3 "roles = proxy\n",
		""},
	{VIP "[ui]\nforward = 81:80, 82:80\nstats = Off\n" NODES, ""},
	{VIP "[ui]\nstats = on\n" NODES,
		"f:4: [ui] stats: \"on\" must be a number; it must look like: PORT | "
		"off\n"},
	/* Durations. */
	{VIP "advert_interval = 205ms\n" NODES,
		"f:3: [cluster] advert_interval: must be a multiple of 10ms\n"},
	{VIP "advert_interval = 200\n" NODES,
		"f:3: [cluster] advert_interval: \"200\" must be a number with its unit, "
		"as in 250ms, 2s or 1m; it must look like: DURATION, a multiple of "
		"10ms\n"},
	{VIP "[check]\ninterval = 1h\n" NODES,
		"f:4: [check] interval: \"1h\" must be a number with its unit, as in "
		"250ms, 2s or 1m; it must look like: DURATION\n"},
	/* Words. */
	{VIP "preempt = 1\n" NODES, "f:3: [cluster] preempt: \"1\"" LOOK_TRUTH},
	{VIP "[ui]\ncut_sessions =\n" NODES, "f:4: [ui] cut_sessions: \"\"" LOOK_TRUTH},
	{VIP "[check]\nquorum = 2\n" NODES, "f:4: [check] quorum: \"2\"" LOOK_TRUTH},
	{VIP "[check]\nservices_line = nein\n" NODES,
		"f:4: [check] services_line: \"nein\"" LOOK_TRUTH},
	{VIP "[check]\nserver = inetd\n" NODES,
		"f:4: [check] server: \"inetd\" is not one of the words allowed; it must "
		"look like: xinetd | systemd | auto\n"},
	{VIP "[check]\nsource = rest\n" NODES,
		"f:4: [check] source: \"rest\" is not one of the words allowed; it must "
		"look like: rpc | s9s | auto\n"},
	{VIP "[check]\nallow = 10.0.0.0/8, monitor\n" NODES,
		"f:4: [check] allow: \"10.0.0.0/8, monitor\" is not an IPv4 or IPv6 "
		"address" LOOK_VIP},
	{VIP "[check]\ns9s_home = var/lib\n" NODES,
		"f:4: [check] s9s_home: \"var/lib\" must be an absolute path; it must look "
		"like: DIRECTORY\n"},
	{VIP "interface = eth0123456789ab\n" NODES, ""},
	{VIP "interface = eth0123456789abc\n" NODES,
		"f:3: [cluster] interface: \"eth0123456789abc\" is longer than an "
		"interface's name can be; it must look like: NAME\n"},
	{VIP "interface = eth 0\n" NODES,
		"f:3: [cluster] interface: \"eth 0\" is not an interface's name; it must "
		"look like: NAME\n"},
	{VIP "interface = }\n" NODES,
		"f:3: [cluster] interface: \"}\" is not an interface's name; it must look "
		"like: NAME\n"},
	{VIP "interface = eth\xfc\n" NODES,
		"f:3: [cluster] interface: \"eth\xfc\" is not an interface's name; it "
		"must look like: NAME\n"},
	{VIP CC1 "interface = a/b\n" CC2 CC3,
		"f:5: [node cc1] interface: \"a/b\" is not an interface's name; it must "
		"look like: NAME\n"},
	/* All of it in one run, in the file's order, the rules behind. */
	{"junk\n[cluster]\nvip = nowhere\nvirtual_router_id = 0\n[ui]\nfoo = bar\n" CC1
	 "priority = 255\n[bogus]\n" CC2 "address = x\n" CC3,
		"f:1: \"junk\" is neither a heading nor \"key = value\"\n"
		"f:3: [cluster] vip: \"nowhere\" is not an IPv4 or IPv6 address" LOOK_VIP
		"f:4: [cluster] virtual_router_id: \"0\" is out of range: 1 to 255\n"
		"f:6: [ui] foo: " UNKNOWN
		"f:9: [node cc1] priority: \"255\" is out of range: 1 to 254\n"
		"f:10: [bogus] " NO_SECTION
		"f:13: [node cc2] address: is given twice (first in line 12)\n"},
};

START_TEST(says_all_that_is_wrong)
{
	size_t errors = 0, warnings = 0;
	int result = parse(files[_i].content);

	expect(files[_i].problems);
	for (const char *at = files[_i].problems; *at; at = strchr(at, '\n') + 1) {
		const char *warning = strstr(at, ": warning: ");

		if (warning && warning < strchr(at, '\n'))
			warnings++;
		else
			errors++;
	}
	ck_assert_uint_eq(problems.errors, errors);
	ck_assert_uint_eq(problems.warnings, warnings);
	ck_assert_int_eq(result, errors ? -1 : 0);
}
END_TEST

/* Every key with a range: the last value inside and the first outside, both sides. */
static const struct {
	enum section section;
	const char *name, *unit;
	long low, high;
} ranges[] = {
	{SECTION_CLUSTER, "virtual_router_id", "", 1, 255},
	{SECTION_CLUSTER, "advert_interval", "ms", 50, 10000},
	{SECTION_UI, "stats", "", 1, 65535},
	{SECTION_CHECK, "port", "", 1, 65535},
	{SECTION_CHECK, "interval", "ms", 100, 60000},
	{SECTION_CHECK, "deadline", "ms", 100, 10000},
	{SECTION_CHECK, "rpc_port", "", 1, 65535},
	{SECTION_NODE, "priority", "", 1, 254},
};

#define RANGES (sizeof(ranges) / sizeof(ranges[0]))

static const char *
set(const struct key *key, const char *unit, long number, char *buffer)
{
	void *owner = key->section == SECTION_NODE ? (void *)&cluster->nodes[0]
						   : (void *)cluster;
	char value[64];

	snprintf(value, sizeof(value), "%ld%s", number, unit);
	return key_set(key, value, owner, buffer, 512);
}

START_TEST(range)
{
	const struct key *key = key_find(ranges[_i].section, ranges[_i].name);
	const char *unit = ranges[_i].unit;
	long low = ranges[_i].low, high = ranges[_i].high;
	char buffer[512], wanted[512];
	int *field;

	ck_assert_ptr_nonnull(key);
	field = (int *)((char *)(key->section == SECTION_NODE
					 ? (void *)&cluster->nodes[0]
					 : (void *)cluster) +
			key->offset);
	ck_assert_ptr_null(set(key, unit, low, buffer));
	ck_assert_int_eq(*field, low);
	ck_assert_ptr_null(set(key, unit, high, buffer));
	ck_assert_int_eq(*field, high);
	for (int i = 0; i < 2; i++) {
		long outside = i ? high + 1 : low - 1;

		snprintf(wanted, sizeof(wanted),
			"\"%ld%s\" is out of range: %ld to %ld%s", outside, unit, low,
			high, *unit ? " milliseconds" : "");
		ck_assert_str_eq(set(key, unit, outside, buffer), wanted);
		ck_assert_int_eq(*field, high);
	}
}
END_TEST

START_TEST(ranges_are_complete)
{
	size_t ranged = 0;

	for (size_t i = 0; i < key_count; i++)
		if (keys[i].high && strcmp(keys[i].name, "vip") != 0 &&
			strcmp(keys[i].name, "allow") != 0)
			ranged++;
	ck_assert_uint_eq(ranged, RANGES);
}
END_TEST

START_TEST(table_is_sound)
{
	char buffer[512];

	for (size_t i = 0; i < key_count; i++) {
		const struct key *key = &keys[i];
		void *owner = key->section == SECTION_NODE ? (void *)&cluster->nodes[0]
							   : (void *)cluster;

		ck_assert_ptr_eq(key_find(key->section, key->name), key);
		ck_assert_msg(*key->form && *key->help, "%s", key->name);
		ck_assert_msg(key->help[strlen(key->help) - 1] == '.', "%s", key->name);
		if (key->standard && !key->standard_is) {
			const char *reason = key_set(
				key, key->standard, owner, buffer, sizeof(buffer));

			ck_assert_msg(!reason, "%s: %s", key->name, reason);
		}
		/* Sections stand together, in the order of the enum. */
		if (i)
			ck_assert_int_ge(key->section, keys[i - 1].section);
	}
	ck_assert_uint_le(key_count, 32); /* KEYS_MAX of cluster/reading.h */
	for (enum section section = 0; section < SECTIONS; section++)
		ck_assert_int_eq(section_find(section_name(section)), section);
	ck_assert_int_eq(section_find("bogus"), SECTIONS);
	ck_assert_ptr_null(key_find(SECTION_CLUSTER, "port"));
}
END_TEST

START_TEST(long_value)
{
	char value[3000];

	memset(value, '9', sizeof(value));
	value[sizeof(value) - 1] = '\0';
	text_add(&content, VIP "virtual_router_id = %s\n" NODES, value);
	ck_assert_int_eq(cluster_parse(&content, cluster, &problems), -1);
	/* However long the value is, the reason is still told. */
	ck_assert_msg(strstr(problems.lines.at, " has too many digits"), "%s",
		problems.lines.at);
	ck_assert_uint_lt(problems.lines.length, 600);
}
END_TEST

START_TEST(explains_every_key)
{
	char *line;

	keys_explain(&content);
	ck_assert_int_eq(strncmp(content.at, "[cluster]\n    vip = ", 20), 0);
	ck_assert_ptr_nonnull(strstr(content.at, "\n\n[ui]\n    forward = "));
	ck_assert_ptr_nonnull(strstr(content.at, "\n\n[check]\n    port = "));
	ck_assert_ptr_nonnull(strstr(content.at, "\n\n[node NAME]\n    address = "));
	for (size_t i = 0; i < key_count; i++) {
		char wanted[256];

		snprintf(wanted, sizeof(wanted), "\n    %s = %s\n", keys[i].name,
			keys[i].form);
		ck_assert_msg(strstr(content.at, wanted), "%s", keys[i].name);
	}
	for (line = strtok(content.at, "\n"); line; line = strtok(NULL, "\n"))
		ck_assert_msg(strlen(line) <= 80, "%s", line);
}
END_TEST

START_TEST(defaults)
{
	ck_assert_int_eq(parse(VIP NODES), 0);
	ck_assert_uint_eq(cluster->vips.count, 1);
	ck_assert_int_eq(cluster->vips.at[0].length, 24);
	ck_assert_str_eq(cluster->interface, "");
	ck_assert_int_eq(cluster->virtual_router_id, 51);
	ck_assert_int_eq(cluster->advert_interval, 200);
	ck_assert(!cluster->preempt);
	ck_assert_uint_eq(cluster->forwards.count, 1);
	ck_assert_int_eq(cluster->forwards.at[0].listen, 81);
	ck_assert_int_eq(cluster->forwards.at[0].port, 80);
	ck_assert(cluster->forwards.at[0].http);
	ck_assert_int_eq(cluster->stats, 9600);
	ck_assert(cluster->cut_sessions);
	ck_assert_int_eq(cluster->check_port, 9201);
	ck_assert_int_eq(cluster->server, SERVER_AUTO);
	ck_assert_int_eq(cluster->source, SOURCE_AUTO);
	ck_assert_int_eq(cluster->interval, 250);
	ck_assert_int_eq(cluster->deadline, 800);
	ck_assert(cluster->quorum);
	ck_assert_int_eq(cluster->rpc_port, 9501);
	ck_assert_uint_eq(cluster->allow.count, 0);
	ck_assert_str_eq(cluster->s9s_home, "/var/lib/cmonha-ui");
	ck_assert(cluster->services_line);
	ck_assert_uint_eq(cluster->node_count, 3);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(cluster->nodes[i].priority, 150 - 40 * i);
		ck_assert_uint_eq(
			cluster->nodes[i].roles, ROLE_CONTROLLER | ROLE_PROXY);
		ck_assert_str_eq(cluster->nodes[i].interface, "");
		ck_assert_int_eq(cluster->nodes[i].line, 3 + 2 * i);
	}
}
END_TEST

START_TEST(every_key)
{
	char name[ADDRESS_TEXT_MAX];

	ck_assert_int_eq(
		parse("[node one]\naddress = 2001:db8::1\npriority = 7\n"
		      "interface = bond0\nroles = CONTROLLER\n"
		      "[check]\nport = 1\nserver = SystemD\nsource = s9s\n"
		      "interval = 1m\ndeadline = 10s\nquorum = off\nrpc_port = 2\n"
		      "allow = 192.0.2.0/24, 2001:db8:1::/48, 192.0.2.1\n"
		      "s9s_home = /home/x y\nservices_line = false\n"
		      "[node two]\naddress = 2001:db8::2\nroles = proxy\n"
		      "[ui]\nforward = 80:443, 82:9443, 83:8080, 84:80/tcp, "
		      "85:443/HTTP, 86:8443, 87:19051\nstats = no\ncut_sessions = no\n"
		      "[cluster]\nvip = 2001:db8::c8, 10.0.0.200/16\ninterface = eth1\n"
		      "virtual_router_id = 255\nadvert_interval = 1s\npreempt = Yes\n"
		      "[node three]\naddress = 2001:db8::3\nroles = proxy, proxy\n"),
		0);
	expect("");
	ck_assert_uint_eq(cluster->vips.count, 2);
	ck_assert_str_eq(prefix_format(&cluster->vips.at[0], name), "2001:db8::c8");
	ck_assert_str_eq(prefix_format(&cluster->vips.at[1], name), "10.0.0.200/16");
	ck_assert_str_eq(cluster->interface, "eth1");
	ck_assert_int_eq(cluster->virtual_router_id, 255);
	ck_assert_int_eq(cluster->advert_interval, 1000);
	ck_assert(cluster->preempt);
	ck_assert_uint_eq(cluster->forwards.count, 7);
	for (int i = 0; i < 7; i++) {
		static const struct forward wanted[] = {{80, 443, false},
			{82, 9443, false}, {83, 8080, true}, {84, 80, false},
			{85, 443, true}, {86, 8443, false}, {87, 19051, false}};

		ck_assert_int_eq(cluster->forwards.at[i].listen, wanted[i].listen);
		ck_assert_int_eq(cluster->forwards.at[i].port, wanted[i].port);
		ck_assert_int_eq(cluster->forwards.at[i].http, wanted[i].http);
	}
	ck_assert_int_eq(cluster->stats, 0);
	ck_assert(!cluster->cut_sessions);
	ck_assert_int_eq(cluster->check_port, 1);
	ck_assert_int_eq(cluster->server, SERVER_SYSTEMD);
	ck_assert_int_eq(cluster->source, SOURCE_S9S);
	ck_assert_int_eq(cluster->interval, 60000);
	ck_assert_int_eq(cluster->deadline, 10000);
	ck_assert(!cluster->quorum);
	ck_assert_int_eq(cluster->rpc_port, 2);
	ck_assert_uint_eq(cluster->allow.count, 3);
	ck_assert_str_eq(prefix_format(&cluster->allow.at[1], name), "2001:db8:1::/48");
	ck_assert_str_eq(cluster->s9s_home, "/home/x y");
	ck_assert(!cluster->services_line);
	ck_assert_uint_eq(cluster->node_count, 3);
	ck_assert_str_eq(cluster->nodes[0].name, "one");
	ck_assert_int_eq(cluster->nodes[0].priority, 7);
	ck_assert_int_eq(cluster->nodes[1].priority, 150);
	ck_assert_int_eq(cluster->nodes[2].priority, 110);
	ck_assert_str_eq(cluster->nodes[0].interface, "bond0");
	ck_assert_uint_eq(cluster->nodes[0].roles, ROLE_CONTROLLER);
	ck_assert_uint_eq(cluster->nodes[1].roles, ROLE_PROXY);
	ck_assert_uint_eq(cluster_count(cluster, ROLE_PROXY), 2);
	ck_assert_uint_eq(cluster_count(cluster, ROLE_CONTROLLER), 1);
}
END_TEST

/* One reading leaves nothing to the next. */
START_TEST(reads_anew)
{
	ck_assert_int_eq(
		parse("[cluster]\nvip = 10.0.0.200, 10.0.0.201\npreempt = yes\n"
		      "[check]\nallow = 10.1.0.0/16\n[ui]\nstats = off\n" NODES),
		0);
	ck_assert_int_eq(parse(VIP NODES), 0);
	ck_assert_uint_eq(cluster->vips.count, 1);
	ck_assert_uint_eq(cluster->allow.count, 0);
	ck_assert(!cluster->preempt);
	ck_assert_int_eq(cluster->stats, 9600);
	ck_assert_int_eq(parse("bad"), -1);
	problems_free(&problems);
	ck_assert_int_eq(parse(VIP NODES), 0);
}
END_TEST

static void
add_nodes(int count)
{
	text_add(&content, VIP);
	for (int i = 1; i <= count; i++)
		text_add(&content, "[node n%d]\naddress = 10.0.1.%d\n", i, i);
}

/* However many there are: all different, all allowed, as far apart as there is room. */
START_TEST(priorities_by_place)
{
	int apart = _i < 5 ? 40 : 149 / (_i - 1);

	add_nodes(_i);
	ck_assert_int_eq(cluster_parse(&content, cluster, &problems), 0);
	for (int i = 0; i < _i; i++)
		ck_assert_int_eq(cluster->nodes[i].priority, 150 - i * apart);
	ck_assert_int_ge(cluster->nodes[_i - 1].priority, 1);
}
END_TEST

START_TEST(most_nodes)
{
	add_nodes(NODES_MAX);
	ck_assert_int_eq(cluster_parse(&content, cluster, &problems), 0);
	expect("");
	ck_assert_uint_eq(cluster->node_count, NODES_MAX);
	ck_assert_int_eq(cluster->nodes[0].priority, 150);
	ck_assert_int_eq(cluster->nodes[NODES_MAX - 1].priority, 24);
}
END_TEST

START_TEST(too_many_nodes)
{
	add_nodes(NODES_MAX + 2);
	ck_assert_int_eq(cluster_parse(&content, cluster, &problems), -1);
	expect("f:131: [node n65] more than 64 nodes\n"
	       "f:133: [node n66] more than 64 nodes\n");
}
END_TEST

START_TEST(most_forwards)
{
	text_add(&content, VIP "[ui]\nforward = ");
	for (int i = 0; i < FORWARDS_MAX; i++)
		text_add(&content, "%s%d:80", i ? "," : "", 1000 + i);
	text_add(&content, "\n" NODES);
	ck_assert_int_eq(cluster_parse(&content, cluster, &problems), 0);
	ck_assert_uint_eq(cluster->forwards.count, FORWARDS_MAX);
}
END_TEST

START_TEST(too_many_forwards)
{
	text_add(&content, VIP "[ui]\nforward = ");
	for (int i = 0; i <= FORWARDS_MAX; i++)
		text_add(&content, "%s%d:80", i ? "," : "", 1000 + i);
	text_add(&content, "\n" NODES);
	ck_assert_int_eq(cluster_parse(&content, cluster, &problems), -1);
	ck_assert_ptr_nonnull(strstr(problems.lines.at, "has too many items"));
}
END_TEST

/* Known sums of FNV-1a, so that no two versions of us disagree about a file. */
static const struct {
	const char *content, *checksum;
} sums[] = {
	{"", "cbf29ce484222325"},
	{"a", "af63dc4c8601ec8c"},
	{"foobar", "85944171f73967e8"},
};

START_TEST(checksum)
{
	parse(sums[_i].content);
	ck_assert_str_eq(cluster->checksum, sums[_i].checksum);
}
END_TEST

static void
add_local(struct local_addresses *addresses, const char *text)
{
	struct local_address *local = &addresses->at[addresses->count++];

	ck_assert(!prefix_parse(text, &local->prefix));
	strcpy(local->interface, "eth1");
}

START_TEST(finds_itself)
{
	struct local_addresses *none = allocate(sizeof(*none));
	struct local_addresses *own = allocate(sizeof(*own));
	const char *reason = NULL;

	ck_assert_int_eq(parse(VIP NODES), 0);
	add_local(own, "127.0.0.1/8");
	add_local(own, "10.0.0.102/24");
	ck_assert_ptr_eq(
		cluster_find_self(cluster, NULL, own, &reason), &cluster->nodes[1]);
	ck_assert_ptr_null(reason);
	ck_assert_ptr_eq(
		cluster_find_self(cluster, "cc3", own, &reason), &cluster->nodes[2]);
	ck_assert_ptr_null(cluster_find_self(cluster, "cc4", own, &reason));
	ck_assert_str_eq(reason, "the cluster file has no node of that name");
	ck_assert_ptr_null(cluster_find_self(cluster, NULL, none, &reason));
	ck_assert_str_eq(reason,
		"no node has an address of this machine; add a [node] section for it, or "
		"say which it is with --node NAME");
	add_local(own, "10.0.0.101/32");
	ck_assert_ptr_null(cluster_find_self(cluster, NULL, own, &reason));
	ck_assert_str_eq(reason,
		"this machine has the addresses of two nodes; say which "
		"it is with --node NAME");
	free(none);
	free(own);
}
END_TEST

START_TEST(example)
{
	ck_assert_int_eq(
		cluster_read("conf/cluster.conf.example", cluster, &problems), 0);
	expect("");
	ck_assert_uint_eq(cluster->node_count, 3);
	ck_assert_uint_eq(cluster->vips.count, 1);
}
END_TEST

START_TEST(unreadable)
{
	char wanted[PATH_MAX + 200];
	const char *path = scratch_path("missing");

	ck_assert_int_eq(cluster_read(path, cluster, &problems), -1);
	snprintf(wanted, sizeof(wanted),
		"%s: cannot read the cluster file: No such file or directory (\"cmonha-ui "
		"init\" writes one)\n",
		path);
	expect(wanted);
	text_clear(&problems.lines);
	ck_assert_int_eq(cluster_read(scratch, cluster, &problems), -1);
	snprintf(wanted, sizeof(wanted),
		"%s: cannot read the cluster file: Is a directory\n", scratch);
	expect(wanted);
}
END_TEST

/* A cluster in a file of `size` bytes, the rest of it comments. */
static void
put_large(size_t size)
{
	text_add(&content, VIP NODES);
	while (content.length < size)
		text_add_bytes(&content, "# a comment, once more\n",
			size - content.length < 23 ? size - content.length : 23);
	scratch_put_bytes("large", content.at, content.length, 0644);
}

START_TEST(large_file)
{
	put_large(FILE_LIMIT);
	ck_assert_int_eq(cluster_read(scratch_path("large"), cluster, &problems), 0);
	ck_assert_uint_eq(cluster->node_count, 3);
}
END_TEST

START_TEST(too_large_file)
{
	char wanted[PATH_MAX + 100];

	put_large(FILE_LIMIT + 1);
	ck_assert_int_eq(cluster_read(scratch_path("large"), cluster, &problems), -1);
	snprintf(wanted, sizeof(wanted),
		"%s: cannot read the cluster file: File too large\n",
		scratch_path("large"));
	expect(wanted);
}
END_TEST

/* Nonsense of three kinds: any bytes, printable ones, and pieces of the language. */
START_TEST(junk)
{
	static const char *const pieces[] = {"[", "]", "=", "\n", "#", " ", ",", "node",
		"cluster", "ui", "check", "vip", "address", "10.0.0.1", "/24", "81:80",
		"\n[node a]\n", "\nvip = ", "x"};
	unsigned seed = 1;

	for (int i = 0; i < 4096; i++) {
		seed = seed * 1103515245 + 12345;
		unsigned number = seed >> 16;
		char byte = (char)(_i == 0 ? number : 32 + number % 95);

		if (_i == 2)
			text_add(&content, "%s", pieces[number % 19]);
		else
			text_add_bytes(&content, i % 37 ? &byte : "\n", 1);
	}
	ck_assert_int_eq(cluster_parse(&content, cluster, &problems), -1);
	ck_assert_uint_gt(problems.errors, 10);
	for (char *at = problems.lines.at; *at; at = strchr(at, '\n') + 1)
		ck_assert_msg(strncmp(at, "f:", 2) == 0, "%.60s", at);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("cluster");
	TCase *cases = tcase_create("cluster");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, scratch_empty, NULL);
	tcase_add_checked_fixture(cases, begin, end);
	tcase_add_loop_test(cases, says_all_that_is_wrong, 0,
		(int)(sizeof(files) / sizeof(files[0])));
	tcase_add_loop_test(cases, range, 0, (int)RANGES);
	tcase_add_test(cases, ranges_are_complete);
	tcase_add_test(cases, table_is_sound);
	tcase_add_test(cases, long_value);
	tcase_add_test(cases, explains_every_key);
	tcase_add_test(cases, defaults);
	tcase_add_test(cases, every_key);
	tcase_add_test(cases, reads_anew);
	tcase_add_loop_test(cases, priorities_by_place, 1, NODES_MAX + 1);
	tcase_add_test(cases, most_nodes);
	tcase_add_test(cases, too_many_nodes);
	tcase_add_test(cases, most_forwards);
	tcase_add_test(cases, too_many_forwards);
	tcase_add_loop_test(cases, checksum, 0, 3);
	tcase_add_test(cases, finds_itself);
	tcase_add_test(cases, example);
	tcase_add_test(cases, unreadable);
	tcase_add_test(cases, large_file);
	tcase_add_test(cases, too_large_file);
	tcase_add_loop_test(cases, junk, 0, 3);
	suite_add_tcase(suite, cases);
	return suite;
}
