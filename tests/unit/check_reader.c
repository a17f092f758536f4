#include "base/network.h"
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
	ck_assert_int_eq(parsed_cluster->advert_interval, 200);
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

/* One reading leaves nothing to the next. */
START_TEST(reads_anew)
{
	ck_assert_int_eq(
	    parsed_from("[cluster]\nvip = 10.0.0.200, 10.0.0.201\npreempt = yes\n"
			"[check]\nallow = 10.1.0.0/16\n[ui]\nstats = off\n" NODES),
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

/* However many there are: all different, all allowed, as far apart as there is room. */
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
	parsed_from(sums[_i].content);
	ck_assert_str_eq(parsed_cluster->checksum, sums[_i].checksum);
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

	ck_assert_int_eq(parsed_from(VIP NODES), 0);
	add_local(own, "127.0.0.1/8");
	add_local(own, "10.0.0.102/24");
	ck_assert_ptr_eq(cluster_find_self(parsed_cluster, NULL, own, &reason),
	    &parsed_cluster->nodes[1]);
	ck_assert_ptr_null(reason);
	ck_assert_ptr_eq(cluster_find_self(parsed_cluster, "cc3", own, &reason),
	    &parsed_cluster->nodes[2]);
	ck_assert_ptr_null(cluster_find_self(parsed_cluster, "cc4", own, &reason));
	ck_assert_str_eq(reason, "the cluster file has no node of that name");
	ck_assert_ptr_null(cluster_find_self(parsed_cluster, NULL, none, &reason));
	ck_assert_str_eq(reason,
	    "no node has an address of this machine; add a [node] section for it, or "
	    "say which it is with --node NAME");
	add_local(own, "10.0.0.101/32");
	ck_assert_ptr_null(cluster_find_self(parsed_cluster, NULL, own, &reason));
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
	    "%s: cannot read the cluster file: No such file or directory (\"cmonha-ui "
	    "init\" writes one)\n",
	    path);
	parsed_expect(wanted);
	text_clear(&parsed_problems.lines);
	ck_assert_int_eq(cluster_read(scratch, parsed_cluster, &parsed_problems), -1);
	snprintf(wanted, sizeof(wanted),
	    "%s: cannot read the cluster file: Is a directory\n", scratch);
	parsed_expect(wanted);
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

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("cluster");
	TCase *cases = tcase_create("cluster");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, scratch_empty, NULL);
	tcase_add_checked_fixture(cases, parsed_begin, parsed_end);
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
