#include "parsed.h"
#include "unit.h"

#define PIN       "pin = sha256//XrCAf+WdZU8TwdiMs6EZV4K64F22W+5MppekGzKqEu4=\n"
#define ONE_PROXY "warning: only one proxy node: the virtual IP cannot fail over\n"
#define MIXED     "all proxy nodes must have addresses of one family, IPv4 or IPv6\n"

/* A cluster file whose keys are valid one by one, and all problems of it. */
static const struct {
	const char *content, *problems;
} files[] = {
    /* Addresses. */
    {"[cluster]\nvip = 127.0.0.1\n" NODES,
	"f:2: [cluster] vip: 127.0.0.1 is a loopback address, which other nodes "
	"cannot reach\n"},
    {"[cluster]\nvip = 10.0.0.200, 224.0.0.1, 0.0.0.0\n" NODES,
	"f:2: [cluster] vip: 224.0.0.1 is a multicast or broadcast address\n"
	"f:2: [cluster] vip: 0.0.0.0 is not a host's address\n"},
    {"[cluster]\nvip = 10.0.0.200, 10.0.0.201, 10.0.0.200/24\n" NODES,
	"f:2: [cluster] vip: duplicate address 10.0.0.200\n"},
    {"[cluster]\nvip = 10.0.0.102/24\n" NODES,
	"f:2: [cluster] vip: 10.0.0.102 is the address of node cc2: a virtual IP must "
	"not belong to any host\n"},
    {VIP CC1 CC2 "[node cc3]\naddress = 10.0.0.101\n",
	"f:8: [node cc3] address: duplicate address (also node cc1)\n"},
    {VIP CC1 "priority = 90\n" CC2 "priority = 90\n[node cc3]\naddress = 10.0.0.101\n",
	"f:8: [node cc2] priority: duplicate priority 90 (also node cc1)\n"
	"f:10: [node cc3] address: duplicate address (also node cc1)\n"},
    /* What no host of its network can have; networks of one or two have only hosts. */
    {"[cluster]\nvip = 10.0.0.0/24, 10.0.0.255/24, 10.0.0.128/25, 10.0.0.3/30\n" NODES,
	"f:2: [cluster] vip: 10.0.0.0/24 is the address of a network, not of a host\n"
	"f:2: [cluster] vip: 10.0.0.255/24 is the broadcast address of its network\n"
	"f:2: [cluster] vip: 10.0.0.128/25 is the address of a network, not of a host\n"
	"f:2: [cluster] vip: 10.0.0.3/30 is the broadcast address of its network\n"},
    {"[cluster]\nvip = 10.0.0.0/31, 10.0.0.255/32, 10.0.2.255/23, 10.0.1.0/16\n" NODES,
	""},
    {"[cluster]\nvip = 10.0.0.200, 2001:db8::/64, 2001:db8::ffff:ffff:ffff:ffff/64, "
     "2001:db8:1::/127\n" NODES,
	"f:2: [cluster] vip: 2001:db8::/64 is the anycast address of the routers of its "
	"network\n"},
    {"[cluster]\nvip = 10.0.0.200/0\n" NODES,
	"f:2: [cluster] vip: 10.0.0.200/0 has the prefix length 0: that is every "
	"address, not a network\n"},
    /* Families. */
    {VIP CC1 CC2 "[node cc3]\naddress = 2001:db8::103\n",
	"f:8: [node cc3] address: " MIXED},
    {VIP CC1 CC2 "[node cc3]\naddress = 2001:db8::103\nroles = controller\n", ""},
    {"[cluster]\nvip = 2001:db8::c8/64\n" NODES,
	"f:2: [cluster] vip: the nodes have IPv4 addresses: at least one virtual IP "
	"must be of that family\n"},
    {"[cluster]\nvip = 2001:db8::c8/64, 10.0.0.200\n" NODES, ""},
    {"[cluster]\nvip = 10.0.0.200\n[node a]\naddress = 2001:db8::1\n[node b]\naddress "
     "= 2001:db8::2\n[node c]\naddress = 2001:db8::3\n",
	"f:2: [cluster] vip: the nodes have IPv6 addresses: at least one virtual IP "
	"must be of that family\n"},
    /* Priorities: only those of proxies count. */
    {VIP CC1 "priority = 90\n" CC2 "priority = 90\n" CC3,
	"f:8: [node cc2] priority: duplicate priority 90 (also node cc1)\n"},
    {VIP CC1 "priority = 110\n" CC2 CC3,
	"f:6: [node cc2] priority: duplicate priority 110 (also node cc1)\n"},
    {VIP CC1 "priority = 90\nroles = controller\n" CC2 "priority = 90\n" CC3, ""},
    /* Roles and counts. */
    {VIP CC1 "roles = proxy\n" CC2 "roles = proxy\n" CC3 "roles = proxy\n",
	"f: no node has the role controller\n"},
    {VIP CC1 CC2 "roles = controller\n" CC3 "roles = Controller\n", "f: " ONE_PROXY},
    {VIP CC1, "f: " ONE_PROXY},
    {VIP CC1 CC2,
	"f: [check] quorum: warning: with two controllers the loss of one leaves no "
	"majority, and so no leader: add a third one, or set quorum = no\n"},
    {VIP "[check]\nport = 9202\n" CC1 CC2,
	"f:3: [check] quorum: warning: with two controllers the loss of one leaves no "
	"majority, and so no leader: add a third one, or set quorum = no\n"},
    {VIP "[check]\nquorum = yes\n" CC1 CC2,
	"f:4: [check] quorum: warning: with two controllers the loss of one leaves no "
	"majority, and so no leader: add a third one, or set quorum = no\n"},
    {VIP "[check]\nquorum = no\n" CC1 CC2, ""},
    {VIP CC1 "roles = controller\n" CC2 CC3 "roles = proxy\n[check]\nquorum = no\n",
	""},
    /* Ports. */
    {VIP "[ui]\nforward = 81:80, 81:443\n" NODES,
	"f:4: [ui] forward: port 81 conflicts with [ui] forward\n"},
    {VIP "[ui]\nforward = 9600:80\n" NODES,
	"f:4: [ui] forward: port 9600 conflicts with [ui] stats\n"},
    {VIP "[ui]\nforward = 9501:80\nstats = off\n[check]\nport = 9501\n" NODES,
	"f:6: [check] rpc_port: port 9501 conflicts with [check] port\n"
	"f:4: [ui] forward: port 9501 conflicts with [check] port\n"
	"f:4: [ui] forward: port 9501 conflicts with [check] rpc_port\n"},
    {VIP "[ui]\nstats = 9201\n" NODES,
	"f:4: [ui] stats: port 9201 conflicts with [check] port\n"},
    {VIP "[check]\nrpc_port = 9201\n" NODES,
	"f:4: [check] rpc_port: port 9201 conflicts with [check] port\n"},
    {VIP "[ui]\nforward = 80:80\n" NODES,
	"f:4: [ui] forward: port 80 is the port of the UI: HAProxy cannot listen on "
	"it on the same node\n"},
    {VIP "[ui]\nforward = 81:80, 80:80\n" NODES,
	"f:4: [ui] forward: port 80 is the port of the UI: HAProxy cannot listen on "
	"it on the same node\n"},
    {VIP "[ui]\nforward = 80:443, 81:80\n" NODES,
	"f:4: [ui] forward: port 80 is the port of the UI: HAProxy cannot listen on "
	"it on the same node\n"},
    {VIP "[ui]\nforward = 81:80\nstats = 80\n" NODES,
	"f:5: [ui] stats: port 80 is the port of the UI: HAProxy cannot listen on it "
	"on the same node\n"},
    {VIP "[ui]\nforward = 81:9201\n" NODES,
	"f:4: [ui] forward: port 9201 conflicts with [check] port\n"},
    {VIP "[ui]\nforward = 81:9501\n" NODES,
	"f:4: [ui] forward: port 9501 conflicts with [check] rpc_port\n"},
    {VIP "[ui]\nforward = 80:80\n" CC1 "roles = controller\n" CC2 "roles = proxy\n" CC3
	 "roles = proxy\n",
	""},
    {VIP "[ui]\nforward = 81:80, 82:80\nstats = Off\n" NODES, ""},
    /* Pins. */
    {VIP CC1 PIN CC2 PIN CC3 PIN, ""},
    {VIP CC1 PIN CC2 PIN CC3 "roles = proxy\n[check]\nquorum = no\n", ""},
    {VIP CC1 CC2 PIN CC3 PIN,
	"f:3: [node cc1] pin: warning: other controllers have pins, and this one has "
	"none: it is believed whatever its key (see \"cmonha-ui pins\")\n"},
    {VIP CC1 PIN CC2 PIN CC3 PIN "roles = proxy\n[check]\nquorum = no\n",
	"f:11: [node cc3] pin: this node has no controller\n"},
    /* Durations. */
    {VIP "advert_interval = 205ms\n" NODES,
	"f:3: [cluster] advert_interval: must be a multiple of 10ms\n"},
};

START_TEST(reports_every_problem)
{
	parsed_expect_problems(files[_i].content, files[_i].problems);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("rules");
	TCase *cases = tcase_create("rules");

	tcase_add_checked_fixture(cases, parsed_begin, parsed_end);
	tcase_add_loop_test(
	    cases, reports_every_problem, 0, (int)(sizeof(files) / sizeof(files[0])));
	suite_add_tcase(suite, cases);
	return suite;
}
