#include "parsed.h"
#include "scratch.h"
#include "unit.h"

START_TEST(defaults)
{
	ck_assert_int_eq(parsed_from(VIP NODES), 0);
	ck_assert_uint_eq(parsed_cluster->vips.count, 1);
	ck_assert_int_eq(parsed_cluster->vips.at[0].length, 24);
	ck_assert_str_eq(parsed_cluster->interface, "");
	ck_assert_int_eq(parsed_cluster->virtual_router_id, 51);
	ck_assert_int_eq(parsed_cluster->advert_interval, 70);
	ck_assert_int_eq(parsed_cluster->lost_adverts, 5);
	ck_assert(!parsed_cluster->preempt);
	ck_assert_uint_eq(parsed_cluster->forwards.count, 1);
	ck_assert_int_eq(parsed_cluster->forwards.at[0].listen, 81);
	ck_assert_int_eq(parsed_cluster->forwards.at[0].port, 80);
	ck_assert(parsed_cluster->forwards.at[0].http);
	ck_assert_int_eq(parsed_cluster->stats, 9600);
	ck_assert(parsed_cluster->cut_sessions);
	ck_assert_int_eq(parsed_cluster->check_port, 9201);
	ck_assert_int_eq(parsed_cluster->server, SERVER_AUTO);
	ck_assert_int_eq(parsed_cluster->source, SOURCE_AUTO);
	ck_assert_int_eq(parsed_cluster->interval, 250);
	ck_assert_int_eq(parsed_cluster->deadline, 800);
	ck_assert(parsed_cluster->quorum);
	ck_assert_int_eq(parsed_cluster->rpc_port, 9501);
	ck_assert_uint_eq(parsed_cluster->allow.count, 0);
	ck_assert_str_eq(parsed_cluster->s9s_home, "/var/lib/cmonha-ui");
	ck_assert(parsed_cluster->services_line);
	ck_assert_uint_eq(parsed_cluster->node_count, 3);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(parsed_cluster->nodes[i].priority, 150 - 40 * i);
		ck_assert_uint_eq(
		    parsed_cluster->nodes[i].roles, NODE_CONTROLLER | NODE_PROXY);
		ck_assert_str_eq(parsed_cluster->nodes[i].interface, "");
		ck_assert_int_eq(parsed_cluster->nodes[i].line, 3 + 2 * i);
	}
}
END_TEST

START_TEST(every_key)
{
	char name[ADDRESS_TEXT_MAX];

	ck_assert_int_eq(
	    parsed_from(
		"[node one]\naddress = 2001:db8::1\npriority = 7\n"
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
	parsed_expect("");
	ck_assert_uint_eq(parsed_cluster->vips.count, 2);
	ck_assert_str_eq(
	    prefix_format(&parsed_cluster->vips.at[0], name), "2001:db8::c8");
	ck_assert_str_eq(
	    prefix_format(&parsed_cluster->vips.at[1], name), "10.0.0.200/16");
	ck_assert_str_eq(parsed_cluster->interface, "eth1");
	ck_assert_int_eq(parsed_cluster->virtual_router_id, 255);
	ck_assert_int_eq(parsed_cluster->advert_interval, 1000);
	ck_assert(parsed_cluster->preempt);
	ck_assert_uint_eq(parsed_cluster->forwards.count, 7);
	for (int i = 0; i < 7; i++) {
		static const struct forward wanted[] = {{80, 443, false},
		    {82, 9443, false}, {83, 8080, true}, {84, 80, false},
		    {85, 443, true}, {86, 8443, false}, {87, 19051, false}};

		ck_assert_int_eq(
		    parsed_cluster->forwards.at[i].listen, wanted[i].listen);
		ck_assert_int_eq(parsed_cluster->forwards.at[i].port, wanted[i].port);
		ck_assert_int_eq(parsed_cluster->forwards.at[i].http, wanted[i].http);
	}
	ck_assert_int_eq(parsed_cluster->stats, 0);
	ck_assert(!parsed_cluster->cut_sessions);
	ck_assert_int_eq(parsed_cluster->check_port, 1);
	ck_assert_int_eq(parsed_cluster->server, SERVER_SYSTEMD);
	ck_assert_int_eq(parsed_cluster->source, SOURCE_S9S);
	ck_assert_int_eq(parsed_cluster->interval, 60000);
	ck_assert_int_eq(parsed_cluster->deadline, 10000);
	ck_assert(!parsed_cluster->quorum);
	ck_assert_int_eq(parsed_cluster->rpc_port, 2);
	ck_assert_uint_eq(parsed_cluster->allow.count, 3);
	ck_assert_str_eq(
	    prefix_format(&parsed_cluster->allow.at[1], name), "2001:db8:1::/48");
	ck_assert_str_eq(parsed_cluster->s9s_home, "/home/x y");
	ck_assert(!parsed_cluster->services_line);
	ck_assert_uint_eq(parsed_cluster->node_count, 3);
	ck_assert_str_eq(parsed_cluster->nodes[0].name, "one");
	ck_assert_int_eq(parsed_cluster->nodes[0].priority, 7);
	ck_assert_int_eq(parsed_cluster->nodes[1].priority, 150);
	ck_assert_int_eq(parsed_cluster->nodes[2].priority, 110);
	ck_assert_str_eq(parsed_cluster->nodes[0].interface, "bond0");
	ck_assert_uint_eq(parsed_cluster->nodes[0].roles, NODE_CONTROLLER);
	ck_assert_uint_eq(parsed_cluster->nodes[1].roles, NODE_PROXY);
	ck_assert_uint_eq(cluster_count(parsed_cluster, NODE_PROXY), 2);
	ck_assert_uint_eq(cluster_count(parsed_cluster, NODE_CONTROLLER), 1);
}
END_TEST

/* A second parse into the same struct keeps nothing of the first. */
START_TEST(parses_twice)
{
	ck_assert_int_eq(
	    parsed_from("[cluster]\nvip = 10.0.0.200, 10.0.0.201\npreempt = "
			"yes\n[check]\nallow = 10.1.0.0/16\n[ui]\nstats = off\n" NODES),
	    0);
	ck_assert_int_eq(parsed_from(VIP NODES), 0);
	ck_assert_uint_eq(parsed_cluster->vips.count, 1);
	ck_assert_uint_eq(parsed_cluster->allow.count, 0);
	ck_assert(!parsed_cluster->preempt);
	ck_assert_int_eq(parsed_cluster->stats, 9600);
	ck_assert_int_eq(parsed_from("bad"), -1);
	problems_free(&parsed_problems);
	ck_assert_int_eq(parsed_from(VIP NODES), 0);
}
END_TEST

static void
add_nodes(int count)
{
	text_addf(&parsed_source, VIP);
	for (int i = 1; i <= count; i++)
		text_addf(&parsed_source, "[node n%d]\naddress = 10.0.1.%d\n", i, i);
}

/* For any number: all different, all in range, as far apart as possible. */
START_TEST(priorities_by_place)
{
	int apart = _i < 5 ? 40 : 149 / (_i - 1);

	add_nodes(_i);
	ck_assert_int_eq(
	    cluster_parse(&parsed_source, parsed_cluster, &parsed_problems), 0);
	for (int i = 0; i < _i; i++)
		ck_assert_int_eq(parsed_cluster->nodes[i].priority, 150 - i * apart);
	ck_assert_int_ge(parsed_cluster->nodes[_i - 1].priority, 1);
}
END_TEST

START_TEST(most_nodes)
{
	add_nodes(NODES_MAX);
	ck_assert_int_eq(
	    cluster_parse(&parsed_source, parsed_cluster, &parsed_problems), 0);
	parsed_expect("");
	ck_assert_uint_eq(parsed_cluster->node_count, NODES_MAX);
	ck_assert_int_eq(parsed_cluster->nodes[0].priority, 150);
	ck_assert_int_eq(parsed_cluster->nodes[NODES_MAX - 1].priority, 24);
}
END_TEST

START_TEST(too_many_nodes)
{
	add_nodes(NODES_MAX + 2);
	ck_assert_int_eq(
	    cluster_parse(&parsed_source, parsed_cluster, &parsed_problems), -1);
	parsed_expect("f:131: [node n65] more than 64 nodes\n"
		      "f:133: [node n66] more than 64 nodes\n");
}
END_TEST

START_TEST(most_forwards)
{
	text_addf(&parsed_source, VIP "[ui]\nforward = ");
	for (int i = 0; i < FORWARDS_MAX; i++)
		text_addf(&parsed_source, "%s%d:80", i ? "," : "", 1000 + i);
	text_addf(&parsed_source, "\n" NODES);
	ck_assert_int_eq(
	    cluster_parse(&parsed_source, parsed_cluster, &parsed_problems), 0);
	ck_assert_uint_eq(parsed_cluster->forwards.count, FORWARDS_MAX);
}
END_TEST

START_TEST(too_many_forwards)
{
	text_addf(&parsed_source, VIP "[ui]\nforward = ");
	for (int i = 0; i <= FORWARDS_MAX; i++)
		text_addf(&parsed_source, "%s%d:80", i ? "," : "", 1000 + i);
	text_addf(&parsed_source, "\n" NODES);
	ck_assert_int_eq(
	    cluster_parse(&parsed_source, parsed_cluster, &parsed_problems), -1);
	ck_assert_ptr_nonnull(strstr(parsed_problems.lines.data, "has too many items"));
}
END_TEST

/* Known sums of FNV-1a, so that all versions agree on the checksum of a file. */
static const struct {
	const char *content, *checksum;
} sums[] = {
    {"", "cbf29ce484222325"},
    {"a", "af63dc4c8601ec8c"},
    {"foobar", "85944171f73967e8"},
};

START_TEST(checksum)
{
	parsed_from(sums[_i].content);
	ck_assert_str_eq(parsed_cluster->checksum, sums[_i].checksum);
}
END_TEST

START_TEST(example)
{
	ck_assert_int_eq(
	    cluster_read("conf/cluster.conf.example", parsed_cluster, &parsed_problems),
	    0);
	parsed_expect("");
	ck_assert_uint_eq(parsed_cluster->node_count, 3);
	ck_assert_uint_eq(parsed_cluster->vips.count, 1);
}
END_TEST

START_TEST(unreadable)
{
	char wanted[PATH_MAX + 200];
	const char *path = scratch_path("missing");

	ck_assert_int_eq(cluster_read(path, parsed_cluster, &parsed_problems), -1);
	snprintf(wanted, sizeof(wanted),
	    "%s: cannot read the cluster file: No such file or directory (create it "
	    "with \"cmonha-ui init\")\n",
	    path);
	parsed_expect(wanted);
	text_clear(&parsed_problems.lines);
	ck_assert_int_eq(cluster_read(scratch, parsed_cluster, &parsed_problems), -1);
	snprintf(wanted, sizeof(wanted),
	    "%s: cannot read the cluster file: Is a directory\n", scratch);
	parsed_expect(wanted);
}
END_TEST

/* Problems are under the path that was read; the caller's own file stays as it was. */
START_TEST(text_is_kept)
{
	struct text content = {0};
	char *wanted;

	scratch_put("good", VIP NODES, 0644);
	ck_assert_int_eq(cluster_load(scratch_path("good"), &content, parsed_cluster,
			     &parsed_problems),
	    0);
	ck_assert_str_eq(text_string(&content), VIP NODES);
	ck_assert_uint_eq(parsed_cluster->node_count, 3);
	parsed_expect("");
	text_clear(&content);
	scratch_put("bad", "x = y\n" VIP CC1, 0644);
	ck_assert_int_eq(cluster_load(scratch_path("bad"), &content, parsed_cluster,
			     &parsed_problems),
	    -1);
	ck_assert_str_eq(text_string(&content), "x = y\n" VIP CC1);
	wanted = format_string("%s:1: x: key outside of any section\n%s: warning: only "
			       "one proxy node: the virtual IP cannot fail over\n",
	    scratch_path("bad"), scratch_path("bad"));
	parsed_expect(wanted);
	ck_assert_uint_eq(parsed_problems.errors, 1);
	ck_assert_uint_eq(parsed_problems.warnings, 1);
	ck_assert_str_eq(parsed_problems.file, "f");
	text_free(&content);
	free(wanted);
}
END_TEST

/* A cluster in a file of `size` bytes, the rest of it comments. */
static void
put_large(size_t size)
{
	text_addf(&parsed_source, VIP NODES);
	while (parsed_source.length < size)
		text_add_bytes(&parsed_source, "# a comment, once more\n",
		    size - parsed_source.length < 23 ? size - parsed_source.length
						     : 23);
	scratch_put_bytes("large", parsed_source.data, parsed_source.length, 0644);
}

START_TEST(large_file)
{
	put_large(FILE_LIMIT);
	ck_assert_int_eq(
	    cluster_read(scratch_path("large"), parsed_cluster, &parsed_problems), 0);
	ck_assert_uint_eq(parsed_cluster->node_count, 3);
}
END_TEST

START_TEST(too_large_file)
{
	char wanted[PATH_MAX + 100];

	put_large(FILE_LIMIT + 1);
	ck_assert_int_eq(
	    cluster_read(scratch_path("large"), parsed_cluster, &parsed_problems), -1);
	snprintf(wanted, sizeof(wanted),
	    "%s: cannot read the cluster file: File too large\n",
	    scratch_path("large"));
	parsed_expect(wanted);
}
END_TEST

/* Junk of three kinds: any bytes, printable ones, and pieces of the language. */
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
			text_addf(&parsed_source, "%s", pieces[number % 19]);
		else
			text_add_bytes(&parsed_source, i % 37 ? &byte : "\n", 1);
	}
	ck_assert_int_eq(
	    cluster_parse(&parsed_source, parsed_cluster, &parsed_problems), -1);
	ck_assert_uint_gt(parsed_problems.errors, 10);
	for (char *at = parsed_problems.lines.data; *at; at = strchr(at, '\n') + 1)
		ck_assert_msg(strncmp(at, "f:", 2) == 0, "%.60s", at);
}
END_TEST

#define EXPECT_VIP     " (expected: ADDRESS[/LENGTH], comma list)\n"
#define EXPECT_FORWARD " (expected: LISTEN:PORT[/http|/tcp], comma list)\n"
#define EXPECT_BOOL    " must be yes or no (expected: yes | no)\n"
#define UNKNOWN        "unknown key (see \"cmonha-ui help config\")\n"
#define NO_SECTION     "unknown section: must be [cluster], [ui], [check] or [node NAME]\n"
#define BAD_NAME       "node name may contain only letters, digits, \"-\", \"_\" and \".\"\n"
#define NO_NODES       "no nodes: add a [node NAME] section for each node\n"
#define SIXTY_FOUR     "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"

/* A cluster file, and all problems of it. */
static const struct {
	const char *content, *problems;
} files[] = {
    {VIP NODES, ""},
    /* Sections. */
    {VIP "[other]\nx = y\n" NODES, "f:3: [other] " NO_SECTION},
    {VIP "[Cluster]\n" NODES, "f:3: [Cluster] " NO_SECTION},
    {VIP "[nodes cc4]\naddress = x\n" NODES, "f:3: [nodes cc4] " NO_SECTION},
    {VIP NODES "[cluster]\npreempt = yes\n",
	"f:9: [cluster] duplicate section (first in line 1)\n"},
    {VIP "[ui]\n[check]\n[ui]\n" NODES,
	"f:5: [ui] duplicate section (first in line 3)\n"},
    {VIP "[ui x]\n" NODES, "f:3: [ui x] must be [ui], without a name\n"},
    /* Keys. */
    {VIP "vips = 10.0.0.201\n" NODES, "f:3: [cluster] vips: " UNKNOWN},
    {VIP "VIP = 10.0.0.201\n" NODES, "f:3: [cluster] VIP: " UNKNOWN},
    {VIP "port = 9201\n" NODES, "f:3: [cluster] port: " UNKNOWN},
    {VIP CC1 "port = 9201\n" CC2,
	"f:5: [node cc1] port: " UNKNOWN
	"f: [check] quorum: warning: with two controllers the loss of one leaves no "
	"majority, and so no leader: add a third one, or set quorum = no\n"},
    {VIP "= x\n" NODES, "f:3: [cluster] : " UNKNOWN},
    {VIP "preempt = no\npreempt = yes\n" NODES,
	"f:4: [cluster] preempt: duplicate key (first in line 3)\n"},
    {VIP "preempt = maybe\npreempt = yes\n" NODES,
	"f:3: [cluster] preempt: \"maybe\"" EXPECT_BOOL
	"f:4: [cluster] preempt: duplicate key (first in line 3)\n"},
    {VIP CC1 "address = 10.0.0.109\n" CC2 CC3,
	"f:5: [node cc1] address: duplicate key (first in line 4)\n"},
    /* Required keys. */
    {"", "f: [cluster] vip: required key is missing (expected: ADDRESS[/LENGTH], comma "
	 "list)\n"
	 "f: " NO_NODES},
    {"[cluster]\n" NODES,
	"f:1: [cluster] vip: required key is missing (expected: ADDRESS[/LENGTH], "
	"comma list)\n"},
    {VIP CC1 CC2 "[node cc3]\n",
	"f:7: [node cc3] address: required key is missing (expected: ADDRESS)\n"},
    {VIP, "f: " NO_NODES},
    /* Node names. */
    {VIP NODES "[node]\naddress = 10.0.0.104\n",
	"f:9: [node] missing node name: must be [node NAME]\n"},
    {VIP NODES "[node a b]\naddress = 10.0.0.104\n", "f:9: [node a b] " BAD_NAME},
    {VIP NODES "[node a/b]\n", "f:9: [node a/b] " BAD_NAME},
    {VIP NODES "[node \xc3\xa4]\n", "f:9: byte 7 is U+00E4, which is not ASCII\n"},
    {VIP NODES "[node -a]\n",
	"f:9: [node -a] node name must begin with a letter or digit\n"},
    {VIP NODES "[node .a]\n",
	"f:9: [node .a] node name must begin with a letter or digit\n"},
    {VIP NODES "[node n" SIXTY_FOUR "]\n",
	"f:9: [node n" SIXTY_FOUR "] node name is longer than 63 characters\n"},
    {VIP NODES "[node 4-x_y.z]\naddress = 10.0.0.104\n", ""},
    {VIP NODES "[node cc2]\naddress = 10.0.0.104\nbogus = 1\n",
	"f:9: [node cc2] duplicate node (first in line 5)\n"},
    /* Addresses. */
    {"[cluster]\nvip =\n" NODES,
	"f:2: [cluster] vip: \"\" must not be empty" EXPECT_VIP},
    {"[cluster]\nvip = ui.example.com\n" NODES,
	"f:2: [cluster] vip: \"ui.example.com\" is not an IPv4 or IPv6 address" EXPECT_VIP},
    {"[cluster]\nvip = 10.0.0.200/24,\n" NODES,
	"f:2: [cluster] vip: \"10.0.0.200/24,\" is not an IPv4 or IPv6 address" EXPECT_VIP},
    {"[cluster]\nvip = 10.0.0.200/33\n" NODES,
	"f:2: [cluster] vip: \"10.0.0.200/33\" has an invalid prefix length" EXPECT_VIP},
    {"[cluster]\nvip = 10.0.0.1, 10.0.0.2, 10.0.0.3, 10.0.0.4, 10.0.0.5, 10.0.0.6, "
     "10.0.0.7, 10.0.0.8, 10.0.0.9, 10.0.0.10, 10.0.0.11, 10.0.0.12, 10.0.0.13, "
     "10.0.0.14, 10.0.0.15, 10.0.0.16\n" NODES,
	""},
    {"[cluster]\nvip = 10.0.0.1, 10.0.0.2, 10.0.0.3, 10.0.0.4, 10.0.0.5, 10.0.0.6, "
     "10.0.0.7, 10.0.0.8, 10.0.0.9, 10.0.0.10, 10.0.0.11, 10.0.0.12, 10.0.0.13, "
     "10.0.0.14, 10.0.0.15, 10.0.0.16, 10.0.0.17\n" NODES,
	"f:2: [cluster] vip: \"10.0.0.1, 10.0.0.2, 10.0.0.3, 10.0.0.4, 10.0.0.5, "
	"10.0.0.6, 10.0.0.7, 10.0.0.8, 10.0.0.9, 10.0.0.10, 10.0.0.11, 10.0.0.12, "
	"10.0.0.13, 10.0.0.14, 10.0.0.15, 10.0.0.16, 10.0.0.17\" has too many items" EXPECT_VIP},
    {VIP CC1 CC2 "[node cc3]\naddress = cc3\n",
	"f:8: [node cc3] address: \"cc3\" is not an IPv4 or IPv6 address (expected: "
	"ADDRESS)\n"},
    {VIP CC1 CC2 "[node cc3]\naddress = 10.0.0.103/24\n",
	"f:8: [node cc3] address: \"10.0.0.103/24\" is not an IPv4 or IPv6 address "
	"(expected: ADDRESS)\n"},
    {VIP CC1 CC2 "[node cc3]\naddress = fe80::1\n",
	"f:8: [node cc3] address: \"fe80::1\" is a link-local address: give a global "
	"or unique local one (expected: ADDRESS)\n"},
    /* Priorities. */
    {VIP CC1 "priority = 100\n" CC2 CC3 "priority = x\n",
	"f:10: [node cc3] priority: \"x\" must be a number (expected: NUMBER, range 1 "
	"to 254)\n"},
    /* Roles and counts. */
    {VIP CC1 "roles = controllers\n" CC2 CC3,
	"f:5: [node cc1] roles: \"controllers\" must contain only controller and "
	"proxy (expected: controller, proxy)\n"},
    {VIP CC1 "roles =\n" CC2 CC3,
	"f:5: [node cc1] roles: \"\" must contain only controller and proxy "
	"(expected: controller, proxy)\n"},
    {VIP CC1 "roles = bogus\n" CC2 "[check]\nquorum = no\n",
	"f:5: [node cc1] roles: \"bogus\" must contain only controller and proxy "
	"(expected: controller, proxy)\n"},
    /* Ports. */
    {VIP "[ui]\nforward = 81\n" NODES,
	"f:4: [ui] forward: \"81\" must be LISTEN:PORT" EXPECT_FORWARD},
    {VIP "[ui]\nforward =\n" NODES,
	"f:4: [ui] forward: \"\" must be LISTEN:PORT" EXPECT_FORWARD},
    {VIP "[ui]\nforward = 81:80,\n" NODES,
	"f:4: [ui] forward: \"81:80,\" must be LISTEN:PORT" EXPECT_FORWARD},
    {VIP "[ui]\nforward = 0:80\n" NODES,
	"f:4: [ui] forward: \"0:80\" has an invalid port" EXPECT_FORWARD},
    {VIP "[ui]\nforward = 81:65536\n" NODES,
	"f:4: [ui] forward: \"81:65536\" has an invalid port" EXPECT_FORWARD},
    {VIP "[ui]\nforward = 81 : 80\n" NODES,
	"f:4: [ui] forward: \"81 : 80\" has an invalid port" EXPECT_FORWARD},
    {VIP "[ui]\nforward = 10.0.0.1:81:80\n" NODES,
	"f:4: [ui] forward: \"10.0.0.1:81:80\" has an invalid port" EXPECT_FORWARD},
    {VIP "[ui]\nforward = 81:80/https\n" NODES,
	"f:4: [ui] forward: \"81:80/https\" has an unknown protocol" EXPECT_FORWARD},
    {VIP "[ui]\nforward = 81:80/\n" NODES,
	"f:4: [ui] forward: \"81:80/\" has an unknown protocol" EXPECT_FORWARD},
    {VIP "[ui]\nstats = on\n" NODES,
	"f:4: [ui] stats: \"on\" must be a number (expected: PORT | off, range 1 to "
	"65535)\n"},
    /* Durations. */
    {VIP "advert_interval = 200\n" NODES,
	"f:3: [cluster] advert_interval: \"200\" must be a number with its unit, as "
	"in 250ms, 2s or 1m (expected: DURATION, a multiple of 10ms, range 50ms to "
	"10000ms)\n"},
    {VIP "[check]\ninterval = 1h\n" NODES,
	"f:4: [check] interval: \"1h\" must be a number with its unit, as in 250ms, "
	"2s or 1m (expected: DURATION, range 100ms to 60000ms)\n"},
    /* Words. */
    {VIP "preempt = 1\n" NODES, "f:3: [cluster] preempt: \"1\"" EXPECT_BOOL},
    {VIP "[ui]\ncut_sessions =\n" NODES, "f:4: [ui] cut_sessions: \"\"" EXPECT_BOOL},
    {VIP "[check]\nquorum = 2\n" NODES, "f:4: [check] quorum: \"2\"" EXPECT_BOOL},
    {VIP "[check]\nservices_line = nein\n" NODES,
	"f:4: [check] services_line: \"nein\"" EXPECT_BOOL},
    {VIP "[check]\nserver = inetd\n" NODES,
	"f:4: [check] server: \"inetd\" is not an allowed word (expected: xinetd | "
	"systemd | auto)\n"},
    {VIP "[check]\nsource = rest\n" NODES,
	"f:4: [check] source: \"rest\" is not an allowed word (expected: rpc | s9s | "
	"auto)\n"},
    {VIP "[check]\nallow = 10.0.0.0/8, monitor\n" NODES,
	"f:4: [check] allow: \"10.0.0.0/8, monitor\" is not an IPv4 or IPv6 address" EXPECT_VIP},
    {VIP "[check]\ns9s_home = var/lib\n" NODES,
	"f:4: [check] s9s_home: \"var/lib\" must be an absolute path (expected: "
	"DIRECTORY)\n"},
    {VIP "interface = eth0123456789ab\n" NODES, ""},
    {VIP "interface = eth0123456789abc\n" NODES,
	"f:3: [cluster] interface: \"eth0123456789abc\" is too long for an interface "
	"name (expected: NAME)\n"},
    {VIP "interface = eth 0\n" NODES,
	"f:3: [cluster] interface: \"eth 0\" is not an interface name (expected: "
	"NAME)\n"},
    {VIP "interface = }\n" NODES,
	"f:3: [cluster] interface: \"}\" is not an interface name (expected: NAME)\n"},
    {VIP "interface = eth0@if5\n" NODES,
	"f:3: [cluster] interface: \"eth0@if5\" is not an interface name: leave out "
	"\"@\" and what follows (expected: NAME)\n"},
    {VIP "interface = eth0:0\n" NODES,
	"f:3: [cluster] interface: \"eth0:0\" is the label of an address: leave out "
	"\":\" and what follows (expected: NAME)\n"},
    {VIP "interface = eth\xfc\n" NODES,
	"f:3: [cluster] byte 16 is 0xfc, which is not UTF-8; in Windows-1252 it is "
	"U+00FC, which is not ASCII\n"},
    {VIP CC1 "interface = a/b\n" CC2 CC3,
	"f:5: [node cc1] interface: \"a/b\" is not an interface name (expected: "
	"NAME)\n"},
    /* All problems in one run: in the order of the file, then those of the rules. */
    {"junk\n[cluster]\nvip = nowhere\nvirtual_router_id = 0\n[ui]\nfoo = bar\n" CC1
     "priority = 255\n[bogus]\n" CC2 "address = x\n" CC3,
	"f:1: \"junk\" is neither a section heading nor \"key = value\"\n"
	"f:3: [cluster] vip: \"nowhere\" is not an IPv4 or IPv6 address" EXPECT_VIP
	"f:4: [cluster] virtual_router_id: \"0\" is out of range (expected: NUMBER, "
	"range 1 to 255)\n"
	"f:6: [ui] foo: " UNKNOWN
	"f:9: [node cc1] priority: \"255\" is out of range (expected: NUMBER, range 1 "
	"to 254)\n"
	"f:10: [bogus] " NO_SECTION
	"f:13: [node cc2] address: duplicate key (first in line 12)\n"},
};

START_TEST(reports_every_problem)
{
	parsed_expect_problems(files[_i].content, files[_i].problems);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("reader");
	TCase *cases = tcase_create("reader");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, scratch_empty, NULL);
	tcase_add_checked_fixture(cases, parsed_begin, parsed_end);
	tcase_add_test(cases, defaults);
	tcase_add_test(cases, every_key);
	tcase_add_test(cases, parses_twice);
	tcase_add_loop_test(cases, priorities_by_place, 1, NODES_MAX + 1);
	tcase_add_test(cases, most_nodes);
	tcase_add_test(cases, too_many_nodes);
	tcase_add_test(cases, most_forwards);
	tcase_add_test(cases, too_many_forwards);
	tcase_add_loop_test(cases, checksum, 0, 3);
	tcase_add_test(cases, example);
	tcase_add_test(cases, unreadable);
	tcase_add_test(cases, text_is_kept);
	tcase_add_test(cases, large_file);
	tcase_add_test(cases, too_large_file);
	tcase_add_loop_test(cases, junk, 0, 3);
	tcase_add_loop_test(
	    cases, reports_every_problem, 0, (int)(sizeof(files) / sizeof(files[0])));
	suite_add_tcase(suite, cases);
	return suite;
}
