#include "apply/node_status.h"

#include <arpa/inet.h>
#include <pwd.h>
#include <sys/prctl.h>

#include "apply/apply.h"
#include "serving.h"
#include "skip.h"
#include "unit.h"

/* The rest of a line of "show stat", as HAProxy 2.6 numbers the columns. */
#define SERVER(status) ",,,,,,,,,,,,,,,," status ",1,,,,,,,,,,,,,,,,,,,L7OK,200,1,\n"

static json_t *status;

static struct local_address *
add_local(const char *interface, const char *prefix)
{
	struct local_address *local =
	    &planned->addresses.at[planned->addresses.count++];

	strcpy(local->interface, interface);
	ck_assert(!prefix_parse(prefix, &local->prefix));
	return local;
}

/* With an interface that this host has, in whose network the VIP is. */
static void
make_plan(const char *check_keys, const char *node_keys)
{
	serving_plan(check_keys, node_keys);
	strcpy(planned->site.interface, "lo");
	add_local("lo", "127.0.0.3/24");
}

static void
begin(void)
{
	status = NULL;
	/* The ports of the fixtures are those of these programs. */
	ck_assert_int_eq(prctl(PR_SET_NAME, "haproxy"), 0);
	serving_begin();
	rooted_put_xinetd();
	scratch_put("systemd/enabled/xinetd.service", "", 0644);
	scratch_put("systemd/enabled/cmonha-ui-haproxy.service", "", 0644);
	scratch_put("systemd/enabled/cmonha-ui-watch.service", "", 0644);
	scratch_put("systemd/enabled/cmonha-ui-keepalived.service", "", 0644);
	make_plan("", "");
	/* As it is after an apply. */
	rooted_machine.services = false;
	ck_assert_int_eq(apply_plan(&rooted_machine, &planned->plan), 0);
	rooted_machine.services = true;
	stand_in_set_active("xinetd.service");
	stand_in_set_active("cmonha-ui-haproxy.service");
	stand_in_set_active("cmonha-ui-keepalived.service");
	stand_in_set_active("cmonha-ui-watch.service");
	serving_answers_plan();
	serving_haproxy_answers(
	    "# pxname,svname,...\n"
	    "cmonha_ui_81_servers,cc1" SERVER("UP") "cmonha_ui_81_servers,cc2" SERVER(
		"DOWN") "cmonha_ui_82_servers,cc1" SERVER("MAINT") "short,line\n");
}

static void
end(void)
{
	json_decref(status);
	serving_end();
}

static void
collect(void)
{
	struct problems found = {.file = "f"};

	json_decref(status);
	status = node_status_collect(
	    &rooted_machine, &planned->plan, &planned->site, &planned->source, &found);
}

/* The member as compact JSON, "absent" if there is none. */
static void
expect(const char *member, const char *json)
{
	json_t *value = json_object_get(status, member);
	char *text =
	    value ? json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY)
		  : copy_string("absent");

	ck_assert_str_eq(text, json);
	free(text);
}

START_TEST(is_well)
{
	char *checksum = format_string("\"%s\"", planned->cluster.checksum), *urls;

	collect();
	expect("problems", "[]");
	expect("well", "true");
	expect("node", "\"cc1\"");
	expect("version", "\"" CMONHA_VERSION "\"");
	expect("checksum", checksum);
	expect("files_differing", "[]");
	expect("services",
	    "{\"cmonha-ui-haproxy.service\":\"active\",\"cmonha-ui-"
	    "keepalived.service\":\"active\",\"cmonha-ui-watch.service\":\"active\",\"xinetd.service\":"
	    "\"active\"}");
	expect("vips", "[{\"address\":\"127.0.0.1\",\"here\":false}]");
	urls = format_string("[\"https://127.0.0.1:%d/\"]", serving_ui_port);
	expect("urls", urls);
	free(urls);
	expect("haproxy_servers", "{\"cc1\":\"UP\",\"cc2\":\"DOWN\"}");
	scratch_expect("haproxy.requests", "show stat -1 4 -1\n");
	ck_assert_str_eq(json_string_value(
			     json_object_get(json_object_get(status, "check"), "role")),
	    "leader");
	/* These are all members, so that the manual can list them. */
	expect("warnings", "[]");
	expect("leader", "\"cc1\"");
	ck_assert_uint_eq(json_object_size(status), 13);
	free(checksum);
}
END_TEST

START_TEST(active_node)
{
	add_local("eth9", "127.0.0.1/24");
	collect();
	expect("vips",
	    "[{\"address\":\"127.0.0.1\",\"here\":true,\"interface\":\"eth9\"}]");
	expect("well", "true");
}
END_TEST

START_TEST(files_differ)
{
	char *differing =
	    format_string("[\"%s\"]", scratch_path("root/etc/cmonha-ui/haproxy.cfg"));

	ck_assert_int_eq(unlink(scratch_path("root/etc/cmonha-ui/haproxy.cfg")), 0);
	collect();
	expect("files_differing", differing);
	expect("problems",
	    "[\"files differ from the cluster file (see \\\"cmonha-ui diff\\\")\"]");
	expect("well", "false");
	free(differing);
}
END_TEST

/* Nothing depends on its line, and apply may have had to go on without it. */
START_TEST(services_line_differs)
{
	const json_t *files;

	scratch_put("root/etc/services", "ssh 22/tcp\n", 0644);
	collect();
	files = json_object_get(status, "files_differing");
	ck_assert_ptr_nonnull(
	    strstr(json_string_value(json_array_get(files, 0)), "/etc/services"));
	expect("well", "true");
}
END_TEST

/* An interrupted apply is a problem, until the next one. */
START_TEST(interrupted)
{
	const json_t *problems;

	scratch_put("root/var/lib/cmonha-ui/journal", "", 0600);
	collect();
	expect("well", "false");
	problems = json_object_get(status, "problems");
	ck_assert_ptr_nonnull(
	    strstr(json_string_value(json_array_get(problems, 0)), "run it again"));
}
END_TEST

START_TEST(files_cannot_be_compared)
{
	ck_assert_int_eq(unlink(scratch_path("root/etc/cmonha-ui/haproxy.cfg")), 0);
	ck_assert_int_eq(
	    file_make_directories(scratch_path("root/etc/cmonha-ui/haproxy.cfg")), 0);
	collect();
	expect("problems", "[\"the files cannot be compared\"]");
}
END_TEST

START_TEST(service_is_down)
{
	ck_assert_int_eq(
	    unlink(scratch_path("systemd/active/cmonha-ui-keepalived.service")), 0);
	collect();
	expect("problems", "[\"cmonha-ui-keepalived.service: is not running\"]");
	expect("services",
	    "{\"cmonha-ui-haproxy.service\":\"active\",\"cmonha-ui-"
	    "keepalived.service\":\"inactive\",\"cmonha-ui-watch.service\":\"active\",\"xinetd.service\":"
	    "\"active\"}");
}
END_TEST

/* The distribution's upgrade has replaced the program of a service that runs. */
START_TEST(service_is_outdated)
{
	scratch_put(
	    "systemd/before/show.cmonha-ui-haproxy.service", "echo 101\n", 0644);
	scratch_put("root/proc/101/maps",
	    "1000-2000 r-xp 0 00:38 42 /usr/sbin/haproxy (deleted)\n", 0444);
	collect();
	expect("problems",
	    "[\"cmonha-ui-haproxy.service runs an older /usr/sbin/haproxy than is "
	    "installed; run when it suits: systemctl reload "
	    "cmonha-ui-haproxy.service\"]");
	expect("well", "false");
}
END_TEST

/* What the check reports, and the problem that it is. */
static const struct {
	const char *check, *problem;
} checks[] = {
    {"{\"role\": \"unknown\", \"checksum\": \"SUM\", \"explanation\": \"it is down\"}",
	"[\"this node's controller: it is down\"]"},
    {"{\"role\": \"unknown\", \"checksum\": \"SUM\"}", "[\"this node's controller\"]"},
    {"{\"checksum\": \"SUM\"}", "[\"this node's controller\"]"},
    {"{\"role\": \"follower\", \"checksum\": \"other\"}",
	"[\"cmonhachk uses another cluster file\"]"},
    {"{\"role\": \"follower\", \"checksum\": \"SUM\", \"problems\": [1, {}, "
     "{\"kind\": \"foreign-listener\", \"text\": \"x\"}, "
     "{\"kind\": \"unit\", \"text\": \"x\"}, {\"kind\": \"watch\"}, "
     "{\"kind\": \"watch\", \"text\": \"there is no interface eth1\"}, "
     "{\"kind\": \"drained\", \"text\": \"cc2 is drained\"}, "
     "{\"kind\": \"new\", \"text\": \"of a later version\"}, "
     "{\"kind\": \"port\", \"text\": \"x.service listens on port 81\"}]}",
	"[\"there is no interface eth1\",\"cc2 is drained\",\"of a later version\","
	"\"x.service listens on port 81\"]"},
    {"{\"role\": \"follower\", \"checksum\": \"SUM\"}", "[]"},
    {"no JSON", "[\"cmonhachk does not answer: the response is not cmonhachk's\"]"},
};

START_TEST(check_reports)
{
	char *sum = strstr(checks[_i].check, "SUM");
	char *json = sum ? format_string("%.*s%s%s", (int)(sum - checks[_i].check),
			       checks[_i].check, planned->cluster.checksum, sum + 3)
			 : copy_string(checks[_i].check);

	serving_check_answers(json);
	collect();
	expect("problems", checks[_i].problem);
	free(json);
}
END_TEST

START_TEST(nothing_answers)
{
	listening_stop();
	collect();
	expect("check", "absent");
	expect("haproxy_servers", "absent");
	expect("problems", "[\"cmonhachk does not answer: Connection refused\","
			   "\"HAProxy does not answer: Connection refused\"]");
}
END_TEST

START_TEST(no_leader)
{
	serving_haproxy_answers("cmonha_ui_81_servers,cc1" SERVER("DOWN"));
	collect();
	expect("haproxy_servers", "{\"cc1\":\"DOWN\"}");
	expect("leader", "null");
	/* An election, or a cluster that is down: this node can do nothing about it. */
	expect("problems", "[]");
	expect("well", "true");
}
END_TEST

/* Machines change: what apply checks before is still checked. */
START_TEST(preflight)
{
	strcpy(planned->site.interface, "eth1");
	scratch_put(
	    "root/etc/xinetd.conf", "defaults\n{\n}\nincludedir /etc/xinetd.d\n", 0644);
	collect();
	ck_assert_ptr_nonnull(strstr(
	    json_string_value(json_array_get(json_object_get(status, "problems"), 0)),
	    "f:3: [cluster] interface: there is no interface eth1; there "));
	expect("well", "false");
	strcpy(planned->site.interface, "lo");
	ck_assert_int_eq(unlink(scratch_path("systemd/enabled/xinetd.service")), 0);
	collect();
	expect("problems", "[]");
	expect("warnings",
	    "[\"f: [check] server: warning: xinetd.service is not enabled, so it does "
	    "not start at the next boot; \\\"cmonha-ui apply\\\" enables it\"]");
	expect("well", "true");
}
END_TEST

/* Anybody may answer there: escape sequences would reach root's terminal. */
START_TEST(controls_are_removed)
{
	serving_check_answers(
	    "{\"role\": \"\\u001b[2Jx\", \"reason\": \"a\\u009bb\\u007f\", "
	    "\"explanation\": \"\\n\u00e9\"}");
	collect();
	expect("check", "{\"explanation\":\"?\303\251\",\"reason\":\"a??b?\","
			"\"role\":\"?[2Jx\"}");
}
END_TEST

/* Both were done by an administrator after the apply. */
START_TEST(disabled_and_masked)
{
	const char *unit = "cmonha-ui-haproxy.service";

	ck_assert_int_eq(
	    unlink(scratch_path("systemd/enabled/cmonha-ui-haproxy.service")), 0);
	collect();
	expect("problems", "[]");
	expect("warnings",
	    "[\"f: warning: cmonha-ui-haproxy.service is not enabled, so it does not "
	    "start at the next boot; to enable it, run \\\"systemctl enable "
	    "cmonha-ui-haproxy.service\\\"\"]");
	stand_in_mask(unit);
	collect();
	expect("problems", "[\"f: cmonha-ui-haproxy.service is masked, so it cannot be "
			   "started: run \\\"systemctl unmask "
			   "cmonha-ui-haproxy.service\\\"\"]");
	expect("well", "false");
}
END_TEST

/* A node has only what its roles need. */
START_TEST(roles)
{
	make_plan("", "roles = controller\n");
	serving_answers_plan();
	collect();
	expect("haproxy_servers", "absent");
	expect("services", "{\"xinetd.service\":\"active\"}");
	make_plan("quorum = no\n", "roles = proxy\n");
	serving_check_answers("{\"role\":\"unknown\",\"reason\":\"not-a-controller\"}");
	collect();
	expect("check", "{\"reason\":\"not-a-controller\",\"role\":\"unknown\"}");
	/* That it has no controller is no problem. */
	expect("problems",
	    "[\"files differ from the cluster file (see \\\"cmonha-ui diff\\\")\","
	    "\"cmonhachk uses another cluster file\"]");
}
END_TEST

/* While the controller is down, anybody may take its port. */
START_TEST(controller_of_another_user)
{
	struct address node;
	char *keys, *wanted;
	int port, fd;

	if (geteuid() != 0) {
		skip_test("only root can change to another user");
		return;
	}
	ck_assert(!address_parse(SERVING_NODE, &node));
	ck_assert_int_eq(seteuid(getpwnam("nobody")->pw_uid), 0);
	fd = listening_socket(&node, &port);
	ck_assert_int_eq(seteuid(0), 0);
	keys = format_string("rpc_port = %d\n", port);
	make_plan(keys, "");
	serving_answers_plan();
	rooted_machine.services = false;
	ck_assert_int_eq(apply_plan(&rooted_machine, &planned->plan), 0);
	rooted_machine.services = true;
	collect();
	wanted =
	    format_string("[\"f: [check] listener_users: port %d is in use by "
			  "haproxy (process %d, user nobody), so this node gets no "
			  "users: stop it, or add its user if it is the right "
			  "program\"]",
		port, (int)getpid());
	expect("problems", wanted);
	expect("well", "false");
	close(fd);
	collect();
	expect("problems", "[]");
	free(wanted);
	free(keys);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("node_status");
	TCase *cases = tcase_create("node_status");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, rooted_begin, rooted_end);
	tcase_add_checked_fixture(cases, begin, end);
	tcase_add_test(cases, is_well);
	tcase_add_test(cases, controller_of_another_user);
	tcase_add_test(cases, active_node);
	tcase_add_test(cases, files_differ);
	tcase_add_test(cases, services_line_differs);
	tcase_add_test(cases, interrupted);
	tcase_add_test(cases, files_cannot_be_compared);
	tcase_add_test(cases, service_is_down);
	tcase_add_test(cases, service_is_outdated);
	tcase_add_loop_test(
	    cases, check_reports, 0, sizeof(checks) / sizeof(checks[0]));
	tcase_add_test(cases, nothing_answers);
	tcase_add_test(cases, no_leader);
	tcase_add_test(cases, preflight);
	tcase_add_test(cases, disabled_and_masked);
	tcase_add_test(cases, controls_are_removed);
	tcase_add_test(cases, roles);
	tcase_set_timeout(cases, 60);
	suite_add_tcase(suite, cases);
	return suite;
}
