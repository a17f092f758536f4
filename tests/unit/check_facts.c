#include "apply/facts.h"

#include "parsed.h"
#include "planned.h"
#include "scratch.h"
#include "stand_in.h"
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
	facts_free(&facts);
	free(addresses);
	parsed_end();
}

static void
parse(const char *content)
{
	ck_assert_msg(
	    parsed_from(content) == 0, "%s", text_string(&parsed_problems.lines));
	text_clear(&parsed_problems.lines);
}

static void
add_local(const char *interface, const char *prefix)
{
	struct local_address *local = &addresses->at[addresses->count++];

	strcpy(local->interface, interface);
	ck_assert(!prefix_parse(prefix, &local->prefix));
}

static int
gather(const char *node, bool make_passwords)
{
	facts_free(&facts);
	return facts_gather(&rooted_machine, parsed_cluster,
	    cluster_node(parsed_cluster, node), addresses, make_passwords, &facts,
	    &parsed_problems);
}

#define PASSWORD_LETTERS                                                               \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

/* Not even whether xinetd is there can be found out: of no concern to the socket. */
START_TEST(xinetd_where_it_is_not_used)
{
	scratch_put("root/usr/sbin/x", "", 0755);
	ck_assert_int_eq(symlink("xinetd", scratch_path("root/usr/sbin/xinetd")), 0);
	parse(PLANNED_CLUSTER "[check]\nserver = systemd\n" PLANNED_NODES);
	ck_assert_int_eq(gather("cc1", false), FACTS_DONE);
	ck_assert(!facts.has_xinetd);
	parse(PLANNED_CLUSTER PLANNED_NODES);
	ck_assert_int_eq(gather("cc1", false), FACTS_FAILED);
}
END_TEST

START_TEST(passwords_are_made)
{
	char admin[PASSWORD_MAX + 1];

	parse(PLANNED_CLUSTER PLANNED_NODES);
	ck_assert_int_eq(gather("cc1", true), 0);
	ck_assert_uint_eq(strlen(facts.passwords.admin), PASSWORD_LENGTH);
	ck_assert_uint_eq(strlen(facts.passwords.stats), PASSWORD_LENGTH);
	ck_assert_uint_eq(
	    strspn(facts.passwords.admin, PASSWORD_LETTERS), PASSWORD_LENGTH);
	ck_assert_str_ne(facts.passwords.admin, facts.passwords.stats);
	strcpy(admin, facts.passwords.admin);
	ck_assert_int_eq(gather("cc1", true), 0);
	ck_assert_str_ne(facts.passwords.admin, admin);
	/* Nothing was written: that is for apply to do. */
	ck_assert(!scratch_has("root"));
	ck_assert_int_eq(gather("cc1", false), 0);
	ck_assert_str_eq(facts.passwords.admin, "made-at-first-apply");
	ck_assert_str_eq(facts.passwords.stats, "made-at-first-apply");
}
END_TEST

/* What passwords_parse() accepts is in check_passwords.c. */
START_TEST(passwords_are_kept)
{
	static const char content[] = "# mine\nstats b c\nadmin p!\"'#\\\n";

	parse(PLANNED_CLUSTER PLANNED_NODES);
	scratch_put("root/etc/cmonha-ui/stats.passwords", content, 0600);
	ck_assert_int_eq(gather("cc1", true), 0);
	ck_assert_str_eq(facts.passwords.admin, "p!\"'#\\");
	ck_assert_str_eq(facts.passwords.stats, "b c");
	ck_assert_str_eq(facts.passwords_file.data, content);
	ck_assert_int_eq(gather("cc1", false), 0);
	ck_assert_str_eq(facts.passwords.admin, "p!\"'#\\");
}
END_TEST

/* With the hash that haproxy.cfg has already, so that it does not change. */
START_TEST(hashes_are_kept)
{
	char *first, *config;

	parse(PLANNED_CLUSTER PLANNED_NODES);
	scratch_put("root/etc/cmonha-ui/stats.passwords", "admin a\nstats b\n", 0600);
	ck_assert_int_eq(gather("cc1", true), 0);
	first = copy_string(facts.admin_credentials);
	ck_assert_ptr_eq(strstr(first, "password $6$"), first);
	ck_assert_int_eq(gather("cc1", true), 0);
	ck_assert_str_ne(facts.admin_credentials, first);
	config = format_string("\tuser admin %s\n", first);
	scratch_put("root/etc/cmonha-ui/haproxy.cfg", config, 0600);
	ck_assert_int_eq(gather("cc1", true), 0);
	ck_assert_str_eq(facts.admin_credentials, first);
	scratch_put("root/etc/cmonha-ui/stats.passwords", "admin c\nstats b\n", 0600);
	ck_assert_int_eq(gather("cc1", true), 0);
	ck_assert_str_ne(facts.admin_credentials, first);
	free(first);
	free(config);
}
END_TEST

/* A file that is there is never replaced, whatever is wrong with it. */
static const struct {
	const char *content, *problem;
} broken[] = {
    {"", "the file is empty: remove it, and apply creates new passwords\n"},
    {"admin secret\n", "the line \"stats PASSWORD\" is missing\n"},
    {"DIRECTORY", "cannot read: Is a directory; the file is not changed\n"},
    {"LINK", "is a link to a file that does not exist\n"},
    {"LARGE", "cannot read: File too large; the file is not changed\n"},
};

START_TEST(broken_passwords)
{
	const char *path = "root/etc/cmonha-ui/stats.passwords";
	const char *content = broken[_i].content;
	char *begin = format_string("%s: %s", scratch_path(path), broken[_i].problem);

	parse(PLANNED_CLUSTER PLANNED_NODES);
	ck_assert_int_eq(file_make_directories(scratch_path("root/etc/cmonha-ui")), 0);
	if (strcmp(content, "DIRECTORY") == 0) {
		ck_assert_int_eq(mkdir(scratch_path(path), 0755), 0);
	} else if (strcmp(content, "LINK") == 0) {
		ck_assert_int_eq(symlink("/nonexistent/file", scratch_path(path)), 0);
	} else if (strcmp(content, "LARGE") == 0) {
		char *large = allocate(100001);

		memset(large, '#', 100000);
		scratch_put(path, large, 0600);
		free(large);
	} else {
		scratch_put(path, content, 0600);
	}
	for (int make = 0; make < 2; make++) {
		ck_assert_int_eq(gather("cc1", make), FACTS_PASSWORDS);
		ck_assert_ptr_eq(strstr(text_string(&parsed_problems.lines), begin),
		    parsed_problems.lines.data);
		problems_free(&parsed_problems);
		parsed_problems = (struct problems){.file = "f"};
	}
	/* It matters only where the page is. */
	parse(PLANNED_CLUSTER "[ui]\nstats = off\n" PLANNED_NODES);
	ck_assert_int_eq(gather("cc1", true), 0);
	free(begin);
}
END_TEST

/* A report goes on with what HAProxy has: that has not changed. */
START_TEST(broken_passwords_in_a_report)
{
	parse(PLANNED_CLUSTER PLANNED_NODES);
	scratch_put("root/etc/cmonha-ui/stats.passwords", "admin\n", 0640);
	scratch_put("root/etc/cmonha-ui/haproxy.cfg",
	    "userlist x\n\tuser admin password $6$a$b\n\tuser stats password $6$c$d\n",
	    0600);
	ck_assert_int_eq(gather("cc1", false), FACTS_PASSWORDS);
	ck_assert_str_eq(facts.admin_credentials, "password $6$a$b");
	ck_assert_str_eq(facts.stats_credentials, "password $6$c$d");
	ck_assert_str_eq(facts.passwords_file.data, "admin\n");
	ck_assert_uint_eq(facts.passwords_mode, 0640);
	scratch_put("root/etc/cmonha-ui/haproxy.cfg", "", 0600);
	ck_assert_int_eq(gather("cc1", false), FACTS_PASSWORDS);
	ck_assert_str_eq(facts.admin_credentials, "password made-at-first-apply");
}
END_TEST

/* The node's own key, then the cluster's, then the machine's. */
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
	ck_assert_int_eq(gather("cc1", false), 0);
	ck_assert_str_eq(facts.interface, interfaces[_i].interface);
	free(content);
}
END_TEST

START_TEST(unknown_interface)
{
	parse("[cluster]\nvip = 10.0.0.200\n" PLANNED_NODES "roles = controller\n");
	ck_assert_int_eq(gather("cc2", false), FACTS_FAILED);
	ck_assert_str_eq(parsed_problems.lines.data,
	    "f: [cluster] interface: node cc2 is not this host, so its interface "
	    "is unknown; set it here\n");
	/* A node that is no proxy needs none. */
	text_clear(&parsed_problems.lines);
	ck_assert_int_eq(gather("cc3", false), 0);
	ck_assert_str_eq(facts.interface, "");
}
END_TEST

START_TEST(files_of_the_administrator)
{
	parse(PLANNED_CLUSTER PLANNED_NODES);
	ck_assert_int_eq(gather("cc1", false), 0);
	ck_assert_str_eq(
	    facts.no_leader_page, "/usr/share/cmonha-ui/templates/no-leader.http");
	ck_assert(!facts.has_xinetd);
	rooted_put_xinetd();
	ck_assert_int_eq(chmod(scratch_path("root/usr/sbin/xinetd"), 0644), 0);
	scratch_put("root/etc/cmonha-ui/templates/no-leader.http", "x", 0644);
	ck_assert_int_eq(gather("cc1", false), 0);
	/* As the node itself will name it: without the root. */
	ck_assert_str_eq(
	    facts.no_leader_page, "/etc/cmonha-ui/templates/no-leader.http");
	ck_assert_str_eq(
	    facts.templates_own, scratch_path("root/etc/cmonha-ui/templates"));
	ck_assert(!facts.has_xinetd);
	ck_assert_int_eq(chmod(scratch_path("root/usr/sbin/xinetd"), 0755), 0);
	ck_assert_int_eq(gather("cc1", false), 0);
	ck_assert(facts.has_xinetd);
}
END_TEST

static const struct {
	const char *version;
	bool counts;
} versions[] = {{"Keepalived v2.1.5 (07/13,2020)", false},
    {"Keepalived v2.2.2 (03/05,2021)", false}, {"Keepalived v2.2.3 (08/12,2021)", true},
    {"Keepalived v2.2.7 (01/16,2022)", true}, {"Keepalived v3.0.0 (01/01,2030)", true},
    {"something else", true}};

/* It refuses a word that it does not know. */
START_TEST(keepalived_version)
{
	char *body = format_string("echo '%s' >&2\n", versions[_i].version);

	stand_in_begin();
	stand_in_program("keepalived", body);
	rooted_machine.validate = true;
	parse(PLANNED_CLUSTER PLANNED_NODES);
	ck_assert_int_eq(gather("cc1", true), 0);
	ck_assert_int_eq(facts.counts_adverts, versions[_i].counts);
	ck_assert_int_eq(parsed_problems.warnings > 0, !versions[_i].counts);
	rooted_machine.validate = false;
	free(body);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("facts");
	TCase *cases = tcase_create("facts");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, rooted_begin, rooted_end);
	tcase_add_checked_fixture(cases, begin, end);
	tcase_add_test(cases, xinetd_where_it_is_not_used);
	tcase_add_test(cases, passwords_are_made);
	tcase_add_test(cases, passwords_are_kept);
	tcase_add_test(cases, hashes_are_kept);
	tcase_add_loop_test(
	    cases, broken_passwords, 0, sizeof(broken) / sizeof(broken[0]));
	tcase_add_test(cases, broken_passwords_in_a_report);
	tcase_add_loop_test(
	    cases, interface, 0, sizeof(interfaces) / sizeof(interfaces[0]));
	tcase_add_test(cases, unknown_interface);
	tcase_add_test(cases, files_of_the_administrator);
	tcase_add_loop_test(
	    cases, keepalived_version, 0, sizeof(versions) / sizeof(versions[0]));
	suite_add_tcase(suite, cases);
	return suite;
}
