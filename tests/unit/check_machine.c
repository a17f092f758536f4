#include <sys/socket.h>

#include "planned.h"
#include "scratch.h"
#include "unit.h"

static struct cluster *cluster;
static struct local_addresses *addresses;
static struct host_facts site;
static struct problems problems;

static void
begin(void)
{
	cluster = allocate(sizeof(*cluster));
	addresses = allocate(sizeof(*addresses));
	problems = (struct problems){.file = "f"};
	site = (struct host_facts){0};
}

static void
end(void)
{
	facts_free(&site);
	problems_free(&problems);
	free(addresses);
	free(cluster);
}

static void
parse(const char *words)
{
	struct text content = {0};

	text_addf(&content, "%s", words);
	ck_assert_msg(cluster_parse(&content, cluster, &problems) == 0, "%s",
	    text_string(&problems.lines));
	text_clear(&problems.lines);
	text_free(&content);
}

static void
add_local(const char *interface, const char *prefix)
{
	struct local_address *local = &addresses->at[addresses->count++];

	strcpy(local->interface, interface);
	ck_assert(!prefix_parse(prefix, &local->prefix));
}

static int
find_site(const char *node, bool make_passwords)
{
	facts_free(&site);
	return facts_gather(&machine, cluster, cluster_node(cluster, node), addresses,
	    make_passwords, &site, &problems);
}

START_TEST(paths)
{
	char *path = machine_path(&machine, "/etc/services");
	struct machine image = machine_at("/srv/image"), here = machine_at(NULL);

	ck_assert_str_eq(path, scratch_path("root/etc/services"));
	free(path);
	path = machine_path(&here, "/etc/services");
	ck_assert_str_eq(path, "/etc/services");
	free(path);
	ck_assert_str_eq(image.root, "/srv/image");
	/* An image has no services that could be told anything. */
	ck_assert(!image.services);
	ck_assert_int_eq(here.services, access("/run/systemd/system", F_OK) == 0);
}
END_TEST

START_TEST(one_at_a_time)
{
	int lock = machine_lock(&machine, false), second;

	ck_assert_int_ge(lock, 0);
	ck_assert_int_eq(fcntl(lock, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	ck_assert_int_eq(scratch_mode("root/var/lib/cmonha-ui/lock"), 0600);
	second = machine_lock(&machine, false);
	ck_assert_int_eq(second, -1);
	machine_unlock(lock);
	machine_unlock(-1);
	second = machine_lock(&machine, false);
	ck_assert_int_ge(second, 0);
	machine_unlock(second);
}
END_TEST

START_TEST(lock_follows_no_link)
{
	scratch_put("precious", "x", 0600);
	ck_assert_int_eq(
	    file_make_directories(scratch_path("root/var/lib/cmonha-ui")), 0);
	ck_assert_int_eq(symlink(scratch_path("precious"),
			     scratch_path("root/var/lib/cmonha-ui/lock")),
	    0);
	ck_assert_int_eq(machine_lock(&machine, true), -1);
	scratch_expect("precious", "x");
}
END_TEST

#define PASSWORD_LETTERS                                                               \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

START_TEST(passwords_are_made)
{
	char admin[PASSWORD_LENGTH + 1];

	parse(PLANNED_CLUSTER PLANNED_NODES);
	ck_assert_int_eq(find_site("cc1", true), 0);
	ck_assert_uint_eq(strlen(site.admin_password), PASSWORD_LENGTH);
	ck_assert_uint_eq(strlen(site.stats_password), PASSWORD_LENGTH);
	ck_assert_uint_eq(
	    strspn(site.admin_password, PASSWORD_LETTERS), PASSWORD_LENGTH);
	ck_assert_str_ne(site.admin_password, site.stats_password);
	strcpy(admin, site.admin_password);
	ck_assert_int_eq(find_site("cc1", true), 0);
	ck_assert_str_ne(site.admin_password, admin);
	/* Nothing was written: that is for apply to do. */
	ck_assert(!scratch_has("root"));
	ck_assert_int_eq(find_site("cc1", false), 0);
	ck_assert_str_eq(site.admin_password, "made-at-first-apply");
	ck_assert_str_eq(site.stats_password, "made-at-first-apply");
}
END_TEST

/* A file of passwords, and whether they are taken from it. */
static const struct {
	const char *content;
	bool taken;
} passwords[] = {
    {"admin secret\nstats other\n", true},
    {"admin secret\nstats other", true},
    {"admin 123456789012345678901234\nstats a\n", true},
    {"admin secret\nstats other\n# more\n", true},
    {"", false},
    {"admin secret\n", false},
    {"stats other\nadmin secret\n", false},
    {"admin \nstats other\n", false},
    {"admin 1234567890123456789012345\nstats a\n", false},
    {"admin se\"cret\nstats other\n", false},
    {"admin secret#\nstats other\n", false},
    {"admin secret\nstats oth\\er\n", false},
};

START_TEST(passwords_are_kept)
{
	char admin[64] = "", stats[64] = "";

	parse(PLANNED_CLUSTER PLANNED_NODES);
	scratch_put("root/etc/cmonha-ui/stats.passwords", passwords[_i].content, 0600);
	ck_assert_int_eq(find_site("cc1", true), 0);
	sscanf(passwords[_i].content, "admin %63s stats %63s", admin, stats);
	if (passwords[_i].taken) {
		ck_assert_str_eq(site.admin_password, admin);
		ck_assert_str_eq(site.stats_password, stats);
	} else {
		ck_assert_str_ne(site.admin_password, admin);
		ck_assert_uint_eq(strlen(site.admin_password), PASSWORD_LENGTH);
		ck_assert_uint_eq(strlen(site.stats_password), PASSWORD_LENGTH);
	}
}
END_TEST

/* The node's own word, then the cluster's, then the machine's. */
static const struct {
	const char *cluster, *node, *interface, *problem;
} interfaces[] = {
    {"interface = bond0\n", "interface = lan9\n", "lan9", ""},
    {"interface = bond0\n", "", "bond0", ""},
    {"", "interface = lan9\n", "lan9", ""},
    {"", "", "eth7", ""},
    {"", "roles = controller\n", "eth7", ""},
};

START_TEST(interface)
{
	char *content =
	    format_string("[cluster]\nvip = 10.0.0.200\n%s[node cc2]\naddress "
			  "= 10.0.0.102\n[node cc3]\naddress = 10.0.0.103\n"
			  "[node cc1]\naddress = 10.0.0.101\n%s",
		interfaces[_i].cluster, interfaces[_i].node);

	add_local("lo", "127.0.0.1/8");
	add_local("eth7", "10.0.0.101/24");
	parse(content);
	ck_assert_int_eq(find_site("cc1", false), 0);
	ck_assert_str_eq(site.interface, interfaces[_i].interface);
	free(content);
}
END_TEST

START_TEST(unknown_interface)
{
	parse("[cluster]\nvip = 10.0.0.200\n" PLANNED_NODES "roles = controller\n");
	ck_assert_int_eq(find_site("cc2", false), -1);
	ck_assert_str_eq(problems.lines.data,
	    "f: [cluster] interface: node cc2 is not this machine, so its interface "
	    "is not known: name it here\n");
	/* Who holds no VIP needs none. */
	text_clear(&problems.lines);
	ck_assert_int_eq(find_site("cc3", false), 0);
	ck_assert_str_eq(site.interface, "");
}
END_TEST

START_TEST(prefix_lengths)
{
	parse(PLANNED_CLUSTER PLANNED_NODES);
	add_local("eth0", "10.9.0.1/16");
	add_local("eth0", "2001:db8:9::1/48");
	ck_assert_int_eq(find_site("cc1", false), 0);
	ck_assert_int_eq(site.prefix_length, 32);
	ck_assert_int_eq(site.prefix_length6, 128);
	add_local("eth1", "fe80::1/10");
	add_local("eth1", "10.0.0.101/24");
	add_local("eth1", "10.1.0.101/20");
	add_local("eth1", "2001:db8::101/64");
	add_local("eth1", "2001:db8:1::101/56");
	ck_assert_int_eq(find_site("cc1", false), 0);
	ck_assert_int_eq(site.prefix_length, 24);
	ck_assert_int_eq(site.prefix_length6, 64);
}
END_TEST

START_TEST(files_of_the_administrator)
{
	parse(PLANNED_CLUSTER PLANNED_NODES);
	ck_assert_int_eq(find_site("cc1", false), 0);
	ck_assert_str_eq(
	    site.no_leader_page, "/usr/share/cmonha-ui/templates/no-leader.http");
	ck_assert(!site.has_xinetd);
	scratch_put("root/usr/sbin/xinetd", "", 0644);
	scratch_put("root/etc/cmonha-ui/templates/no-leader.http", "x", 0644);
	ck_assert_int_eq(find_site("cc1", false), 0);
	/* As the node itself will name it: without the root. */
	ck_assert_str_eq(
	    site.no_leader_page, "/etc/cmonha-ui/templates/no-leader.http");
	ck_assert_str_eq(
	    site.templates_own, scratch_path("root/etc/cmonha-ui/templates"));
	ck_assert(!site.has_xinetd);
	ck_assert_int_eq(chmod(scratch_path("root/usr/sbin/xinetd"), 0755), 0);
	ck_assert_int_eq(find_site("cc1", false), 0);
	ck_assert(site.has_xinetd);
}
END_TEST

static void
check_live(const char *content, const char *node, const struct cluster *applied)
{
	parse(content);
	ck_assert_int_eq(find_site(node, false), 0);
	machine_check(cluster, &site, addresses, applied, &problems);
}

START_TEST(vip_subnets)
{
	add_local("eth0", "10.7.0.101/24");
	add_local("eth1", "10.0.0.101/24");
	add_local("eth1", "2001:db8::101/64");
	/* The VIP itself, which this node holds, is no proof. */
	add_local("eth1", "10.8.0.200/24");
	check_live(
	    "[cluster]\ninterface = eth1\n"
	    "vip = 10.0.0.200, 10.7.0.200, 10.8.0.200/24, 2001:db8::c8, "
	    "2001:db8:1::c8\n[ui]\nforward = 20081:80\nstats = off\n[check]\nport = "
	    "20082\n" PLANNED_NODES,
	    "cc1", NULL);
	ck_assert_str_eq(text_string(&problems.lines),
	    "f: [cluster] vip: 10.7.0.200 lies in no subnet of interface eth1 of this "
	    "node\n"
	    "f: [cluster] vip: 10.8.0.200 lies in no subnet of interface eth1 of this "
	    "node\n"
	    "f: [cluster] vip: 2001:db8:1::c8 lies in no subnet of interface eth1 of "
	    "this node\n");
	problems_free(&problems);
	check_live(PLANNED_CLUSTER PLANNED_NODES "roles = controller\n", "cc3", NULL);
	ck_assert_ptr_null(strstr(text_string(&problems.lines), "vip"));
}
END_TEST

/* A port of the kernel's choice that somebody listens on. */
static int
take_port(int *fd)
{
	struct sockaddr_in name = {.sin_family = AF_INET};
	socklen_t length = sizeof(name);

	*fd = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(*fd, (struct sockaddr *)&name, length), 0);
	ck_assert_int_eq(listen(*fd, 1), 0);
	ck_assert_int_eq(getsockname(*fd, (struct sockaddr *)&name, &length), 0);
	return ntohs(name.sin_port);
}

START_TEST(ports_in_use)
{
	int fds[3], ports[3];
	struct text wanted = {0};
	struct cluster *applied = allocate(sizeof(*applied));
	char *content;

	for (int i = 0; i < 3; i++)
		ports[i] = take_port(&fds[i]);
	content = format_string(PLANNED_CLUSTER
	    "[ui]\nforward = %d:80\nstats = %d\n[check]\nport = %d\n"
	    "quorum = no\n" PLANNED_NODES "roles = controller\n[node p]\naddress = "
	    "10.0.0.104\nroles = proxy\n",
	    ports[0], ports[1], ports[2]);
	add_local("eth1", "10.0.0.101/24");
	check_live(content, "cc1", NULL);
	for (int i = 0; i < 3; i++)
		text_addf(&wanted,
		    "f: [%s] %s: port %d is in use by another program; \"ss -ltnp "
		    "sport = :%d\" tells by which\n",
		    i < 2 ? "ui" : "check",
		    i == 0   ? "forward"
		    : i == 1 ? "stats"
			     : "port",
		    ports[i], ports[i]);
	ck_assert_str_eq(text_string(&problems.lines), wanted.data);
	/* What is applied already is us. */
	*applied = *cluster;
	text_clear(&problems.lines);
	check_live(content, "cc1", applied);
	ck_assert_str_eq(text_string(&problems.lines), "");
	/* Nobody listens there on a controller alone, nor for the check on a proxy. */
	check_live(content, "cc3", NULL);
	ck_assert_ptr_nonnull(strstr(text_string(&problems.lines), "[check] port"));
	ck_assert_ptr_null(strstr(text_string(&problems.lines), "[ui]"));
	text_clear(&problems.lines);
	check_live(content, "p", NULL);
	ck_assert_ptr_null(strstr(text_string(&problems.lines), "[check]"));
	ck_assert_ptr_nonnull(strstr(text_string(&problems.lines), "[ui] forward"));
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	text_clear(&problems.lines);
	check_live(content, "cc1", NULL);
	ck_assert_str_eq(text_string(&problems.lines), "");
	text_free(&wanted);
	free(applied);
	free(content);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("machine");
	TCase *cases = tcase_create("machine");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, rooted_begin, rooted_end);
	tcase_add_checked_fixture(cases, begin, end);
	tcase_add_test(cases, paths);
	tcase_add_test(cases, one_at_a_time);
	tcase_add_test(cases, lock_follows_no_link);
	tcase_add_test(cases, passwords_are_made);
	tcase_add_loop_test(
	    cases, passwords_are_kept, 0, sizeof(passwords) / sizeof(passwords[0]));
	tcase_add_loop_test(
	    cases, interface, 0, sizeof(interfaces) / sizeof(interfaces[0]));
	tcase_add_test(cases, unknown_interface);
	tcase_add_test(cases, prefix_lengths);
	tcase_add_test(cases, files_of_the_administrator);
	tcase_add_test(cases, vip_subnets);
	tcase_add_test(cases, ports_in_use);
	suite_add_tcase(suite, cases);
	return suite;
}
