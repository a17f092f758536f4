#include "apply/preflight.h"

#include "apply/xinetd_conf.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <poll.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "listening.h"
#include "own_network.h"
#include "parsed.h"
#include "planned.h"
#include "scratch.h"
#include "skip.h"
#include "tls_server.h"
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
	    -1);
	parsed_expect(
	    "f:3: [cluster] vip: 10.7.0.200 is in the network of interface eth0 of this "
	    "node, not of eth1: set interface = eth0\n"
	    "f:3: [cluster] vip: warning: 10.8.0.200 is not in any subnet" OFF_LINK
	    "f:3: [cluster] vip: warning: 2001:db8:1::c8 is not in any "
	    "subnet" OFF_LINK);
	check(PLANNED_CLUSTER "[ui]\nforward = 20081:443\n" PLANNED_NODES
			      "roles = controller\n",
	    "cc3");
	ck_assert_ptr_null(strstr(text_string(&parsed_problems.lines), "vip"));
}
END_TEST

static void
set_name(const char *name)
{
	ck_assert_int_eq(prctl(PR_SET_NAME, name), 0);
}

static const char *
own_user(void)
{
	const struct passwd *user = getpwuid(geteuid());

	ck_assert_ptr_nonnull(user);
	return user->pw_name;
}

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
	    "quorum = no\nlistener_users = %u\n" PLANNED_NODES
	    "roles = controller\n[node p]\naddress = 10.0.0.104\nroles = proxy\n",
	    ports[0], ports[1], ports[2], (unsigned)geteuid());
	add_local("eth1", "10.0.0.101/24");
	ck_assert_int_eq(check(content, "cc1"), -1);
	for (int i = 0; i < 3; i++)
		text_addf(&wanted,
		    "f:%d: [%s] %s: port %d is in use by check_preflight (process %d, "
		    "user %s): stop it, or use another port\n",
		    i == 0   ? 5
		    : i == 1 ? 6
			     : 8,
		    i < 2 ? "ui" : "check",
		    i == 0   ? "forward"
		    : i == 1 ? "stats"
			     : "port",
		    ports[i], (int)getpid(), own_user());
	parsed_expect(wanted.data);
	/* The ports of the applied configuration are ours. */
	scratch_put("root/var/lib/cmonha-ui/cluster.conf", content, 0644);
	set_name("haproxy");
	ck_assert_int_eq(check(content, "cc1"), 0);
	parsed_expect("");
	/* Unless a program has them that is none of ours. */
	set_name("nginx");
	ck_assert_int_eq(check(content, "cc1"), -1);
	ck_assert_ptr_nonnull(
	    strstr(text_string(&parsed_problems.lines), "is in use by nginx (process"));
	set_name("haproxy");
	ck_assert_int_eq(
	    unlink(scratch_path("root/var/lib/cmonha-ui/cluster.conf")), 0);
	/* A controller alone has no HAProxy; a proxy alone has the check too. */
	check(content, "cc3");
	ck_assert_ptr_nonnull(
	    strstr(text_string(&parsed_problems.lines), "[check] port"));
	ck_assert_ptr_null(strstr(text_string(&parsed_problems.lines), "[ui]"));
	check(content, "p");
	ck_assert_ptr_nonnull(
	    strstr(text_string(&parsed_problems.lines), "[check] port"));
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

/* Whatever the program calls itself: "xinetd" of an ordinary user is none of ours. */
START_TEST(ports_of_another_user)
{
	int port, fd;
	char *content, *wanted;

	if (geteuid() != 0) {
		skip_test("only root can change to another user");
		return;
	}
	ck_assert_int_eq(seteuid(getpwnam("nobody")->pw_uid), 0);
	fd = listening_socket(&any4, &port);
	ck_assert_int_eq(seteuid(0), 0);
	set_name("xinetd");
	content = format_string(PLANNED_CLUSTER
	    "[ui]\nforward = 20081:443\n[check]\nport = %d\n" PLANNED_NODES
	    "roles = controller\n",
	    port);
	scratch_put("root/var/lib/cmonha-ui/cluster.conf", content, 0644);
	ck_assert_int_eq(check(content, "cc3"), -1);
	wanted =
	    format_string("f:7: [check] port: port %d is in use by xinetd (process "
			  "%d, user nobody): stop it, or use another port\n",
		port, (int)getpid());
	parsed_expect(wanted);
	ck_assert_int_eq(
	    unlink(scratch_path("root/var/lib/cmonha-ui/cluster.conf")), 0);
	close(fd);
	free(wanted);
	free(content);
}
END_TEST

/* The port is xinetd's own if it has a service of this name already. */
START_TEST(port_of_xinetd)
{
	int port, fd = listening_socket(&any4, &port);
	char *content = format_string(PLANNED_CLUSTER
	    "[ui]\nforward = 20081:443\n[check]\nport = %d\n"
	    "listener_users = %u\n" PLANNED_NODES "roles = controller\n",
	    port, (unsigned)geteuid());

	scratch_put("root/etc/xinetd.d/cmonhachk", "service cmonhachk\n", 0644);
	ck_assert_int_eq(check(content, "cc3"), -1);
	rooted_put_xinetd();
	set_name("xinetd");
	ck_assert_int_eq(check(content, "cc3"), 0);
	ck_assert_int_eq(unlink(scratch_path("root/etc/xinetd.d/cmonhachk")), 0);
	ck_assert_int_eq(check(content, "cc3"), -1);
	close(fd);
	free(content);
}
END_TEST

/* Its file was removed, and it has not handled the reload yet. */
START_TEST(port_that_xinetd_releases)
{
	int port, fd = listening_socket(&any4, &port);
	char *content = format_string(PLANNED_CLUSTER
	    "[ui]\nforward = 20081:443\n[check]\nport = %d\n" PLANNED_NODES
	    "roles = controller\n",
	    port);
	pid_t child;

	set_name("xinetd");
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		poll(NULL, 0, 200);
		_exit(0);
	}
	close(fd);
	ck_assert_int_eq(check(content, "cc3"), 0);
	parsed_expect("");
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
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
	ck_assert_ptr_eq(strstr(text_string(&parsed_problems.lines),
			     "f: [check] port: port 9201 is in use by "),
	    parsed_problems.lines.data);
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

static void
scratch_expect_begin(const char *name, const char *begin)
{
	struct text found = {0};

	ck_assert_int_eq(file_read(scratch_path(name), FILE_LIMIT, &found), 0);
	ck_assert_ptr_eq(strstr(found.data, begin), found.data);
	text_free(&found);
}

/* A forward's protocol, what the UI answers, and the problem. */
static const struct {
	const char *protocol, *response, *problem;
	int result;
} protocols[] = {
    {"/http", "\x15\x03\x01\x02\x28",
	"speaks TLS, so HAProxy cannot forward plain HTTP to "
	"it; use ",
	-1},
    {"/http", "\x16\x03\x03\x02\x28", "speaks TLS, so HAProxy cannot", -1},
    {"/http", "HTTP/1.1 400 Bad Request\r\n\r\n", NULL, 0},
    {"/tcp", "\x15\x03\x01\x02\x28", NULL, 0},
    {"/tcp", "HTTP/1.1 200 OK\r\n\r\n", "warning: port", 0},
    {"/tcp", "SSH-2.0-x\r\n", NULL, 0},
};

START_TEST(ui_protocols)
{
	int port, listen_port, fd = listening_socket(&any4, &listen_port);
	char *content;

	close(fd);
	port = listening_tcp("127.0.0.1", "ui");
	scratch_put("ui", protocols[_i].response, 0644);
	content = format_string(PLANNED_CLUSTER
	    "[check]\nport = 20082\n[ui]\nforward = %d:%d%s\n" PLANNED_NODES
	    "roles = controller\n",
	    listen_port, port, protocols[_i].protocol);
	ck_assert_int_eq(check(content, "cc3"), protocols[_i].result);
	if (protocols[_i].problem)
		ck_assert_ptr_nonnull(
		    strstr(text_string(&parsed_problems.lines), protocols[_i].problem));
	else
		parsed_expect("");
	free(content);
}
END_TEST

#define SMALL(keys)                                                                    \
	"[cluster]\nvip = 10.9.0.200/24\n" keys                                        \
	"[ui]\nforward = 20081:20080\nstats = "                                        \
	"off\n[check]\nport = 20082\n[node cc1]\naddress = 10.9.0.1\n[node "           \
	"cc2]\naddress = 10.9.0.2\n[node cc3]\naddress = 10.9.0.3\n"

START_TEST(interface_exists)
{
	if (!own_network_enter_with_peer())
		return;
	ck_assert_int_eq(check(SMALL("interface = ens129\n"), "cc1"), -1);
	parsed_expect(
	    "f:3: [cluster] interface: there is no interface ens129; there is "
	    "t0\n");
	own_network_ip("link add t8 type veth peer name t9");
	ck_assert_int_eq(
	    check(SMALL("interface = t0\n") "interface = ens129\n", "cc3"), -1);
	parsed_expect("f:15: [node cc3] interface: there is no interface ens129; there "
		      "are t0, t9, t8\n");
	own_network_ip("link property add dev t0 altname ens200");
	ck_assert_int_eq(check(SMALL("interface = ens200\n"), "cc1"), -1);
	parsed_expect(
	    "f:3: [cluster] interface: ens200 is another name of the interface "
	    "t0: use t0\n");
}
END_TEST

/* As check(), but the nodes keep their addresses. */
static int
check_link(const char *content)
{
	struct plan plan = {.cluster = parsed_cluster};

	problems_free(&parsed_problems);
	parsed_problems = (struct problems){.file = "f"};
	ck_assert_int_eq(parsed_from(content), 0);
	facts_free(&facts);
	plan.self = cluster_node(parsed_cluster, "cc1");
	ck_assert_int_eq(network_local_addresses(addresses), 0);
	ck_assert_int_eq(facts_gather(&rooted_machine, parsed_cluster, plan.self,
			     addresses, false, &facts, &parsed_problems),
	    0);
	rooted_machine.services = true;
	return preflight_check(
	    &rooted_machine, &plan, &facts, &parsed_source, &parsed_problems);
}

#define USED                                                                           \
	"10.9.0.200 is used by another machine, with the MAC address "                 \
	"02:00:00:00:00:0b, which "

START_TEST(vip_is_used)
{
	char *others;

	if (!own_network_enter_with_peer())
		return;
	/* By the peer cc2, which is the machine at the other end. */
	ck_assert_int_eq(check_link(SMALL("")), 0);
	parsed_expect("");
	/* By a machine that is no node. */
	others = copy_string(SMALL(""));
	memcpy(strstr(others, "10.9.0.2\n"), "10.9.0.4\n", 9);
	ck_assert_int_eq(check_link(others), -1);
	parsed_expect("f:2: [cluster] vip: " USED
		      "is not a node of this cluster: remove it there, or choose "
		      "another virtual IP\n");
	/* Or by one that is just being taken out of the file. */
	scratch_put("root/var/lib/cmonha-ui/cluster.conf", SMALL(""), 0644);
	ck_assert_int_eq(check_link(others), 0);
	parsed_expect("");
	ck_assert_int_eq(
	    unlink(scratch_path("root/var/lib/cmonha-ui/cluster.conf")), 0);
	/* A node that is elsewhere may have it here. */
	memcpy(strstr(others, "10.9.0.4\n"), "10.8.0.4\n", 9);
	ck_assert_int_eq(check_link(others), 0);
	parsed_expect("f:2: [cluster] vip: warning: " USED
		      "seems not to be a node of this cluster: remove it there, or "
		      "choose another virtual IP\n");
	free(others);
}
END_TEST

static const struct {
	const char *conf, *problem;
} xinetds[] = {
    {"defaults\n{\n\tlog_type = SYSLOG\n}\nincludedir /etc/xinetd.d\n", NULL},
    {"# defaults { only_from = x }\n\nincludedir /etc/xinetd.d/\n", NULL},
    {"defaults\n{\n\tonly_from = 10.0.0.0/24\n}\nincludedir /etc/xinetd.d\n",
	":3: only_from in defaults keeps xinetd from starting cmonhachk"},
    {"defaults\n{\n\tonly_from += 10.0.0.0/24\n}\nincludedir /etc/xinetd.d\n",
	":3: only_from in defaults"},
    {"defaults\n{\n\tdisabled = time cmonhachk\n}\nincludedir /etc/xinetd.d\n",
	":3: disabled in defaults has cmonhachk"},
    {"defaults\n{\n\tdisabled = time\n}\nincludedir /etc/xinetd.d\n", NULL},
    {"defaults\n{\n\tenabled = time\n}\nincludedir /etc/xinetd.d\n",
	":3: enabled in defaults lacks cmonhachk"},
    {"defaults\n{\n\tenabled = time\n\tenabled += cmonhachk\n}\nincludedir "
     "/etc/xinetd.d\n",
	NULL},
    {"service x\n{\n\tonly_from = 10.0.0.1\n}\nincludedir /etc/xinetd.d\n", NULL},
    {"defaults\n{\n}\n", ": the line \"includedir /etc/xinetd.d\" is missing"},
};

START_TEST(xinetd_defaults)
{
	struct text content = {0};

	text_addf(&content, "%s", xinetds[_i].conf);
	xinetd_conf_check(&content, &parsed_problems);
	if (xinetds[_i].problem)
		ck_assert_ptr_eq(
		    strstr(text_string(&parsed_problems.lines), xinetds[_i].problem),
		    parsed_problems.lines.data + 1);
	else
		parsed_expect("");
	text_free(&content);
}
END_TEST

START_TEST(services_twice)
{
	char *wanted =
	    format_string("%s:3: warning: duplicate line for cmonhachk (first "
			  "in line 1): keep one\n",
		scratch_path("root/etc/services"));

	scratch_put("root/etc/services",
	    "cmonhachk\t9201/tcp\ncmonhachk2 1/tcp\ncmonhachk 9202/tcp # x\ncmonhachk 9201/udp\n",
	    0644);
	ck_assert_int_eq(
	    check(PLANNED_CLUSTER
		"[ui]\nforward = 20081:20080\n[check]\nport = 20082\n" PLANNED_NODES
		"roles = controller\n",
		"cc3"),
	    0);
	parsed_expect(wanted);
	free(wanted);
}
END_TEST

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
	scratch_expect_begin(
	    "ui.requests", "GET / HTTP/1.0\r\nHost: cmonha-ui.invalid\r\n\r\n");
	/* A UI that is down is not an error of the cluster file. */
	listening_stop();
	ck_assert_int_eq(check(content, "cc3"), 0);
	free(content);
	free(wanted);
}
END_TEST

/* The pin of the cluster file, and whether the controller has another key. */
static const struct {
	const char *pin;
	bool other_key, wrong;
} pins[] = {
    {TLS_SERVER_PIN, false, false},
    {TLS_SERVER_PIN ", " TLS_SERVER_OTHER_PIN, true, false},
    {TLS_SERVER_PIN, true, true},
};

START_TEST(key_of_the_controller)
{
	int rpc_port = tls_server_start(pins[_i].other_key);
	char *content = format_string(PLANNED_CLUSTER
	    "[check]\nport = 20082\nrpc_port = %d\n[ui]\nforward = 20081:443\n"
	    "[node cc1]\naddress = 10.0.0.101\n[node cc3]\naddress = 10.0.0.103\n"
	    "roles = controller\npin = %s\n",
	    rpc_port, pins[_i].pin);

	ck_assert_int_eq(check(content, "cc3"), pins[_i].wrong ? -1 : 0);
	parsed_expect(
	    pins[_i].wrong
		? "f:14: [node cc3] pin: this node's controller has another key, so the "
		  "others do not believe it: use " TLS_SERVER_OTHER_PIN
		  ", or both while its certificate is being changed (or --force)\n"
		: "");
	/* A controller that is down is not an error of the cluster file. */
	listening_stop();
	ck_assert_int_eq(check(content, "cc3"), 0);
	free(content);
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
	tcase_add_test(cases, ports_of_another_user);
	tcase_add_test(cases, port_of_xinetd);
	tcase_add_test(cases, port_that_xinetd_releases);
	tcase_add_test(cases, default_has_no_line);
	tcase_add_loop_test(
	    cases, ui_redirects, 0, sizeof(responses) / sizeof(responses[0]));
	tcase_add_loop_test(
	    cases, ui_protocols, 0, sizeof(protocols) / sizeof(protocols[0]));
	tcase_add_loop_test(
	    cases, key_of_the_controller, 0, sizeof(pins) / sizeof(pins[0]));
	tcase_add_test(cases, interface_exists);
	tcase_add_test(cases, vip_is_used);
	tcase_add_loop_test(
	    cases, xinetd_defaults, 0, sizeof(xinetds) / sizeof(xinetds[0]));
	tcase_add_test(cases, services_twice);
	tcase_set_timeout(cases, 60);
	suite_add_tcase(suite, cases);
	return suite;
}
