#include "parsed.h"
#include "unit.h"

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
    {VIP CC1 "port = 9201\n" CC2, "f:5: [node cc1] port: " UNKNOWN
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
	"f:9: [node n" SIXTY_FOUR "] the node's name is longer than 63 characters\n"},
    {VIP NODES "[node 4-x_y.z]\naddress = 10.0.0.104\n", ""},
    {VIP NODES "[node cc2]\naddress = 10.0.0.104\nbogus = 1\n",
	"f:9: [node cc2] the node is described twice (first in line 5)\n"},
    /* Addresses. */
    {"[cluster]\nvip =\n" NODES, "f:2: [cluster] vip: \"\" must not be empty" LOOK_VIP},
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
    {VIP CC1 "priority = 90\n" CC2 "priority = 90\n[node cc3]\naddress = 10.0.0.101\n",
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
    {VIP CC1 CC2 "roles = controller\n" CC3 "roles = Controller\n", "f: " FEW_PROXIES},
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
    {VIP "[ui]\nforward = 80:80\n" CC1 "roles = controller\n" CC2 "roles = proxy\n" CC3
	 "roles = proxy\n",
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
	int result = parsed_from(files[_i].content);

	parsed_expect(files[_i].problems);
	for (const char *at = files[_i].problems; *at; at = strchr(at, '\n') + 1) {
		const char *warning = strstr(at, ": warning: ");

		if (warning && warning < strchr(at, '\n'))
			warnings++;
		else
			errors++;
	}
	ck_assert_uint_eq(parsed_problems.errors, errors);
	ck_assert_uint_eq(parsed_problems.warnings, warnings);
	ck_assert_int_eq(result, errors ? -1 : 0);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("mistakes");
	TCase *cases = tcase_create("mistakes");

	tcase_add_checked_fixture(cases, parsed_begin, parsed_end);
	tcase_add_loop_test(
	    cases, says_all_that_is_wrong, 0, (int)(sizeof(files) / sizeof(files[0])));
	suite_add_tcase(suite, cases);
	return suite;
}
