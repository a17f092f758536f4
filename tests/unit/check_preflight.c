#include "apply/preflight.h"

#include <arpa/inet.h>

#include "listening.h"
#include "parsed.h"
#include "planned.h"
#include "scratch.h"
#include "skip.h"
#include "unit.h"

static struct local_addresses *addresses;
static struct host_facts facts;

static void
begin(void)
{
	parsed_begin();
	addresses = allocate(sizeof(*addresses));
	facts = (struct host_facts){0};
}

static void
end(void)
{
	listening_stop();
	facts_free(&facts);
	free(addresses);
	parsed_end();
}

static void
add_local(const char *interface, const char *prefix)
{
	struct local_address *local = &addresses->at[addresses->count++];

	strcpy(local->interface, interface);
	ck_assert(!prefix_parse(prefix, &local->prefix));
}

/* Every node is put on 127.0.0.1, so that no UI elsewhere is queried. */
static int
check(const char *content, const char *node)
{
	struct plan plan = {.cluster = parsed_cluster};

	ck_assert_msg(
	    parsed_from(content) == 0, "%s", text_string(&parsed_problems.lines));
	problems_free(&parsed_problems);
	parsed_problems = (struct problems){.file = "f"};
	for (size_t i = 0; i < parsed_cluster->node_count; i++)
		parsed_cluster->nodes[i].address.v4.s_addr = htonl(INADDR_LOOPBACK);
	facts_free(&facts);
	plan.self = cluster_node(parsed_cluster, node);
	ck_assert_int_eq(facts_gather(&rooted_machine, parsed_cluster, plan.self,
			     addresses, false, &facts, &parsed_problems),
	    0);
	return preflight_check(
	    &rooted_machine, &plan, &facts, &parsed_source, &parsed_problems);
}

#define OFF_LINK                                                                       \
	" of interface eth1 of this node, and no route of this node has it there: "    \
	"other hosts reach it only if the network expects it on this interface\n"

START_TEST(vip_subnets)
{
	add_local("eth0", "10.7.0.101/24");
	add_local("eth1", "10.0.0.101/24");
	add_local("eth1", "2001:db8::101/64");
	/* The VIP itself, on the active node, is no proof. */
	add_local("eth1", "10.8.0.200/24");
	ck_assert_int_eq(
	    check("[cluster]\ninterface = eth1\n"
		  "vip = 10.0.0.200, 10.7.0.200, 10.8.0.200/24, 2001:db8::c8, "
		  "2001:db8:1::c8\n[ui]\nforward = 20081:443\nstats = "
		  "off\n[check]\nport = 20082\n" PLANNED_NODES,
		"cc1"),
	    0);
	parsed_expect(
	    "f:3: [cluster] vip: warning: 10.7.0.200 is not in any subnet" OFF_LINK
	    "f:3: [cluster] vip: warning: 10.8.0.200 is not in any subnet" OFF_LINK
	    "f:3: [cluster] vip: warning: 2001:db8:1::c8 is not in any "
	    "subnet" OFF_LINK);
	check(PLANNED_CLUSTER "[ui]\nforward = 20081:443\n" PLANNED_NODES
			      "roles = controller\n",
	    "cc3");
	ck_assert_ptr_null(strstr(text_string(&parsed_problems.lines), "vip"));
}
END_TEST

static const struct address any4 = {.family = AF_INET};

START_TEST(ports_in_use)
{
	int fds[3], ports[3];
	struct text wanted = {0};
	char *content;

	for (int i = 0; i < 3; i++)
		fds[i] = listening_socket(&any4, &ports[i]);
	content = format_string(PLANNED_CLUSTER
	    "[ui]\nforward = %d:443\nstats = %d\n[check]\nport = %d\n"
	    "quorum = no\n" PLANNED_NODES "roles = controller\n[node p]\naddress = "
	    "10.0.0.104\nroles = proxy\n",
	    ports[0], ports[1], ports[2]);
	add_local("eth1", "10.0.0.101/24");
	ck_assert_int_eq(check(content, "cc1"), -1);
	for (int i = 0; i < 3; i++)
		text_addf(&wanted,
		    "f:%d: [%s] %s: port %d is in use by another program; \"ss -ltnp "
		    "sport = :%d\" shows which\n",
		    i == 0   ? 5
		    : i == 1 ? 6
			     : 8,
		    i < 2 ? "ui" : "check",
		    i == 0   ? "forward"
		    : i == 1 ? "stats"
			     : "port",
		    ports[i], ports[i]);
	parsed_expect(wanted.data);
	/* The ports of the applied configuration are ours. */
	scratch_put("root/var/lib/cmonha-ui/cluster.conf", content, 0644);
	ck_assert_int_eq(check(content, "cc1"), 0);
	parsed_expect("");
	ck_assert_int_eq(
	    unlink(scratch_path("root/var/lib/cmonha-ui/cluster.conf")), 0);
	/* A controller alone has no HAProxy, and a proxy alone no check. */
	check(content, "cc3");
	ck_assert_ptr_nonnull(
	    strstr(text_string(&parsed_problems.lines), "[check] port"));
	ck_assert_ptr_null(strstr(text_string(&parsed_problems.lines), "[ui]"));
	check(content, "p");
	ck_assert_ptr_null(strstr(text_string(&parsed_problems.lines), "[check]"));
	ck_assert_ptr_nonnull(
	    strstr(text_string(&parsed_problems.lines), "[ui] forward"));
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	ck_assert_int_eq(check(content, "cc1"), 0);
	parsed_expect("");
	text_free(&wanted);
	free(content);
}
END_TEST

/* Bound to one address, or of the other family: HAProxy would not get the port. */
static const struct address listeners[] = {
    {.family = AF_INET, .v4.s_addr = 0x0100007f},
    {.family = AF_INET6, .v6 = IN6ADDR_LOOPBACK_INIT},
};

START_TEST(ports_of_one_address)
{
	const struct address *address = &listeners[_i];
	int probe = socket(address->family, SOCK_STREAM, 0), port, fd;
	struct sockaddr_storage name;
	socklen_t length = address_to_socket(address, 0, &name);
	char *content;

	if (bind(probe, (struct sockaddr *)&name, length) < 0) {
		skip_test("no IPv6 on this host");
		return;
	}
	fd = listening_socket(address, &port);
	content = format_string("[cluster]\nvip = 10.0.0.200/24\ninterface = "
				"eth1\n[ui]\nforward = %d:443\n" PLANNED_NODES,
	    port);
	add_local("eth1", "10.0.0.101/24");
	check(content, "cc1");
	ck_assert_ptr_nonnull(
	    strstr(text_string(&parsed_problems.lines), "f:5: [ui] forward: port "));
	close(fd);
	close(probe);
	free(content);
}
END_TEST

/* The port is xinetd's own if it has a service of this name already. */
START_TEST(port_of_xinetd)
{
	int port, fd = listening_socket(&any4, &port);
	char *content = format_string(PLANNED_CLUSTER
	    "[ui]\nforward = 20081:443\n[check]\nport = %d\n" PLANNED_NODES
	    "roles = controller\n",
	    port);

	scratch_put("root/etc/xinetd.d/cmonhachk", "service cmonhachk\n", 0644);
	ck_assert_int_eq(check(content, "cc3"), -1);
	scratch_put("root/usr/sbin/xinetd", "", 0755);
	ck_assert_int_eq(check(content, "cc3"), 0);
	ck_assert_int_eq(unlink(scratch_path("root/etc/xinetd.d/cmonhachk")), 0);
	ck_assert_int_eq(check(content, "cc3"), -1);
	close(fd);
	free(content);
}
END_TEST

/* A key with its default value has no line. */
START_TEST(default_has_no_line)
{
	struct address loopback = {.family = AF_INET};
	struct sockaddr_storage name;
	socklen_t length;
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	loopback.v4.s_addr = htonl(INADDR_LOOPBACK);
	length = address_to_socket(&loopback, 9201, &name);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	/* If this fails, the port is in use, which is as good. */
	if (bind(fd, (struct sockaddr *)&name, length) == 0)
		ck_assert_int_eq(listen(fd, 1), 0);
	ck_assert_int_eq(
	    check(PLANNED_CLUSTER "[ui]\nforward = 20081:443\n" PLANNED_NODES
				  "roles = controller\n",
		"cc3"),
	    -1);
	parsed_expect("f: [check] port: port 9201 is in use by another program; \"ss "
		      "-ltnp sport = :9201\" shows which\n");
	close(fd);
}
END_TEST

/* What the UI answers, and whether browsers would leave the forwarded port. */
static const struct {
	const char *response;
	bool leaves;
} responses[] = {
    {"HTTP/1.1 302 Found\r\nServer: x\r\nLocation: https://h/\r\n\r\n", true},
    {"HTTP/1.1 301 Moved\r\nlocation:https://h/\r\n\r\n", true},
    {"HTTP/1.1 302 Found\r\nLocation: /clustercontrol\r\n\r\n", false},
    {"HTTP/1.1 302 Found\r\nLocation: http://h/\r\n\r\n", false},
    {"HTTP/1.1 302 Found\r\nServer: x\r\n\r\nLocation: https://h/\r\n", false},
    {"HTTP/1.1 302 Found\r\n\r\n", false},
    {"HTTP/1.1 200 OK\r\nLocation: https://h/\r\n\r\n", false},
    {"HTTP/1.1", false},
    {"SSH-2.0 302\r\nLocation: https://h/\r\n\r\n", false},
    {"", false},
};

START_TEST(ui_redirects)
{
	int port, listen_port, fd = listening_socket(&any4, &listen_port);
	char *content, *wanted;

	close(fd);
	port = listening_tcp("127.0.0.1", "ui");
	scratch_put("ui", responses[_i].response, 0644);
	content = format_string(PLANNED_CLUSTER
	    "[check]\nport = 20082\n[ui]\nforward = %d:%d\n" PLANNED_NODES
	    "roles = controller\n",
	    listen_port, port);
	wanted = format_string(
	    "f:7: [ui] forward: port %d of this node only redirects to https://h/, "
	    "which leaves port %d of the virtual IP; use %d:443, as ClusterControl 2.x "
	    "needs (or --force)\n",
	    port, listen_port, listen_port);
	ck_assert_int_eq(check(content, "cc3"), responses[_i].leaves ? -1 : 0);
	parsed_expect(responses[_i].leaves ? wanted : "");
	scratch_expect(
	    "ui.requests", "GET / HTTP/1.0\r\nHost: cmonha-ui.invalid\r\n\r\n");
	/* A UI that is down is not an error of the cluster file. */
	listening_stop();
	ck_assert_int_eq(check(content, "cc3"), 0);
	free(content);
	free(wanted);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("preflight");
	TCase *cases = tcase_create("preflight");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, rooted_begin, rooted_end);
	tcase_add_checked_fixture(cases, begin, end);
	tcase_add_test(cases, vip_subnets);
	tcase_add_test(cases, ports_in_use);
	tcase_add_loop_test(cases, ports_of_one_address, 0, 2);
	tcase_add_test(cases, port_of_xinetd);
	tcase_add_test(cases, default_has_no_line);
	tcase_add_loop_test(
	    cases, ui_redirects, 0, sizeof(responses) / sizeof(responses[0]));
	suite_add_tcase(suite, cases);
	return suite;
}
