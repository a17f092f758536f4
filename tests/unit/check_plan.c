#include "planned.h"
#include "scratch.h"
#include "unit.h"

/* Which files and services a node gets. */
static const struct {
	const char *check, *node; /* lines of [check] and of [node cc1] */
	bool has_xinetd;
	const char *files, *services;
} rows[] = {
    {"", "", true, "haproxy.cfg haproxy.state keepalived.conf watch.conf xinetd ",
	"xinetd haproxy keepalived watch "},
    {"", "", false,
	"haproxy.cfg haproxy.state keepalived.conf watch.conf cmonha-ui-check.socket "
	"cmonha-ui-check.service ",
	"socket haproxy keepalived watch "},
    {"server = xinetd\n", "", false,
	"haproxy.cfg haproxy.state keepalived.conf watch.conf xinetd ",
	"xinetd haproxy keepalived watch "},
    {"server = systemd\n", "", true,
	"haproxy.cfg haproxy.state keepalived.conf watch.conf cmonha-ui-check.socket "
	"cmonha-ui-check.service ",
	"socket haproxy keepalived watch "},
    {"", "roles = controller\n", true, "xinetd ", "xinetd "},
    {"server = systemd\n", "roles = controller\n", true,
	"cmonha-ui-check.socket cmonha-ui-check.service ", "socket "},
    {"", "roles = proxy\n", true,
	"haproxy.cfg haproxy.state keepalived.conf watch.conf xinetd ",
	"xinetd haproxy keepalived watch "},
};

START_TEST(files_and_services)
{
	static const char *const names[SERVICES] = {
	    "xinetd", "socket", "haproxy", "keepalived", "watch"};
	struct text files = {0}, services = {0};
	char *content = format_string("%s[check]\nquorum = no\n%s[node cc2]\naddress "
				      "= 10.0.0.102\n[node cc3]\naddress = 10.0.0.103\n"
				      "[node cc1]\naddress = 10.0.0.101\n%s",
	    PLANNED_CLUSTER, rows[_i].check, rows[_i].node);

	if (rows[_i].has_xinetd)
		rooted_put_xinetd();
	planned = planned_make(content, "cc1");
	for (size_t i = 0; i < 7; i++) {
		const struct plan_file *file = &planned->plan.files[i];

		ck_assert_int_eq(file->wanted, file->content.length > 0);
		if (file->wanted)
			text_addf(&files, "%s ", file->name);
	}
	for (int i = 0; i < SERVICES; i++)
		if (planned->plan.services[i])
			text_addf(&services, "%s ", names[i]);
	ck_assert_str_eq(text_string(&files), rows[_i].files);
	ck_assert_str_eq(text_string(&services), rows[_i].services);
	text_free(&files);
	text_free(&services);
	free(content);
}
END_TEST

static const struct {
	const char *name, *target;
	mode_t mode;
	enum service service;
} all[] = {
    {"haproxy.cfg", "/etc/cmonha-ui/haproxy.cfg", 0600, SERVICE_HAPROXY},
    {"haproxy.state", "/var/lib/cmonha-ui/haproxy.state", 0644, SERVICES},
    {"keepalived.conf", "/etc/cmonha-ui/keepalived.conf", 0640, SERVICE_KEEPALIVED},
    {"watch.conf", "/etc/cmonha-ui/watch.conf", 0644, SERVICE_WATCH},
    {"xinetd", "/etc/xinetd.d/cmonhachk", 0644, SERVICE_XINETD},
    {"cmonha-ui-check.socket", "/etc/systemd/system/cmonha-ui-check.socket", 0644,
	SERVICE_CHECK_SOCKET},
    {"cmonha-ui-check.service", "/etc/systemd/system/cmonha-ui-check.service", 0644,
	SERVICE_CHECK_SOCKET},
    {"cluster.conf", "/var/lib/cmonha-ui/cluster.conf", 0644, SERVICES},
    {"stats.passwords", "/etc/cmonha-ui/stats.passwords", 0600, SERVICES},
    {"node", "/var/lib/cmonha-ui/node", 0644, SERVICES},
    {"setup-pending", "/var/lib/cmonha-ui/setup-pending", 0644, SERVICES},
};

START_TEST(targets)
{
	planned = planned_make(PLANNED_CLUSTER PLANNED_NODES, "cc1");
	ck_assert_uint_eq(planned->plan.file_count, sizeof(all) / sizeof(all[0]));
	ck_assert_uint_eq(plan_target_count(), planned->plan.file_count);
	for (size_t i = 0; i < planned->plan.file_count; i++) {
		const struct plan_file *file = &planned->plan.files[i];

		ck_assert_str_eq(file->name, all[i].name);
		ck_assert_str_eq(file->target, all[i].target);
		ck_assert_str_eq(plan_target(i), all[i].target);
		ck_assert_int_eq(file->mode, all[i].mode);
		ck_assert_int_eq(file->service, all[i].service);
		ck_assert_int_eq(file->rendered, i < 7);
	}
}
END_TEST

/* Operators and `apply` can recognise a file of this program. */
START_TEST(files_are_marked)
{
	planned = planned_make(
	    PLANNED_CLUSTER "[check]\nserver = systemd\n" PLANNED_NODES, "cc1");
	for (size_t i = 0; i < planned->plan.file_count; i++) {
		const struct plan_file *file = &planned->plan.files[i];

		if (!file->wanted || !file->rendered ||
		    strncmp(file->target, "/var/lib/", 9) == 0)
			continue;
		ck_assert_msg(
		    strncmp(file->content.data, "# " PLAN_MARK " for node cc1",
			strlen("# " PLAN_MARK " for node cc1")) == 0,
		    "%s", file->name);
	}
}
END_TEST

START_TEST(cluster_file_is_copied)
{
	planned = planned_make(
	    "# mine\r\n" PLANNED_CLUSTER PLANNED_NODES "# \xc3\xa4", "cc1");
	ck_assert(text_equal(
	    &planned_file(planned, "cluster.conf")->content, &planned->source));
}
END_TEST

START_TEST(passwords_only_where_used)
{
	planned =
	    planned_make(PLANNED_CLUSTER "[ui]\nstats = off\n" PLANNED_NODES, "cc1");
	ck_assert(!planned_file(planned, "stats.passwords")->wanted);
	ck_assert_uint_eq(planned_file(planned, "stats.passwords")->content.length, 0);
	ck_assert_ptr_null(
	    strstr(planned_file(planned, "haproxy.cfg")->content.data, "userlist"));
	planned_free(planned);
	planned =
	    planned_make(PLANNED_CLUSTER PLANNED_NODES "roles = controller\n", "cc3");
	ck_assert(!planned_file(planned, "stats.passwords")->wanted);
}
END_TEST

START_TEST(passwords_are_the_files)
{
	char *wanted;

	planned = planned_make(PLANNED_CLUSTER PLANNED_NODES, "cc1");
	wanted = format_string("admin %s\nstats %s\n", planned->site.passwords.admin,
	    planned->site.passwords.stats);
	ck_assert_str_eq(
	    planned_file(planned, "stats.passwords")->content.data, wanted);
	ck_assert_ptr_nonnull(strstr(planned_file(planned, "haproxy.cfg")->content.data,
	    planned->site.admin_credentials));
	ck_assert_ptr_nonnull(strstr(planned_file(planned, "haproxy.cfg")->content.data,
	    planned->site.stats_credentials));
	/* It has only hashes. */
	ck_assert_ptr_null(strstr(planned_file(planned, "haproxy.cfg")->content.data,
	    planned->site.passwords.admin));
	ck_assert_ptr_null(
	    strstr(planned_file(planned, "keepalived.conf")->content.data,
		planned->site.passwords.admin));
	free(wanted);
}
END_TEST

START_TEST(services_line)
{
	planned =
	    planned_make(PLANNED_CLUSTER "[check]\nport = 9999\n" PLANNED_NODES, "cc1");
	ck_assert_str_eq(planned->plan.services_line, "cmonhachk 9999/tcp");
	planned_free(planned);
	planned = planned_make(
	    PLANNED_CLUSTER "[check]\nservices_line = no\n" PLANNED_NODES, "cc1");
	ck_assert_str_eq(planned->plan.services_line, "");
}
END_TEST

/* An administrator's template wins; the others are still the packaged ones. */
START_TEST(own_template)
{
	scratch_put("root/etc/cmonha-ui/templates/keepalived.conf",
	    "# {{mark}}: {{name}} {{priority}}\n", 0644);
	planned = planned_make(PLANNED_CLUSTER PLANNED_NODES, "cc2");
	ck_assert_str_eq(planned_file(planned, "keepalived.conf")->content.data,
	    "# Made by cmonha-ui: cc2 110\n");
	ck_assert_ptr_nonnull(strstr(planned_file(planned, "haproxy.cfg")->content.data,
	    "backend cmonha_ui_81_servers"));
}
END_TEST

static void
expect_problems(const char *wanted, ...)
{
	struct text lines = {0};
	va_list arguments;

	va_start(arguments, wanted);
	text_vaddf(&lines, wanted, arguments);
	va_end(arguments);
	ck_assert_int_eq(plan_make(&planned->cluster, &planned->source, &planned->site,
			     &planned->plan, &planned->problems),
	    -1);
	ck_assert_str_eq(text_string(&planned->problems.lines), lines.data);
	ck_assert_str_eq(planned->problems.file, "f");
	ck_assert_uint_eq(planned->plan.file_count, 0);
	text_free(&lines);
}

/* What is wrong with every template, in one run, each with its own name and line. */
START_TEST(wrong_templates)
{
	scratch_put("root/etc/cmonha-ui/templates/haproxy.cfg", "a\n{{bogus}}\n", 0644);
	scratch_put(
	    "root/etc/cmonha-ui/templates/keepalived.conf", "a\n\n{{#vips}}\n", 0644);
	ck_assert_int_eq(file_make_directories(scratch_path(
			     "root/etc/cmonha-ui/templates/haproxy.state")),
	    0);
	planned = planned_site(PLANNED_CLUSTER PLANNED_NODES, "cc1", true);
	expect_problems("%s/haproxy.cfg:2: unknown variable \"bogus\"\n"
			"%s/haproxy.state: cannot read the template: Is a directory\n"
			"%s/keepalived.conf:3: section is not closed: \"vips\"\n",
	    planned->site.templates_own, planned->site.templates_own,
	    planned->site.templates_own);
}
END_TEST

START_TEST(no_templates)
{
	planned = planned_site(
	    PLANNED_CLUSTER PLANNED_NODES "roles = controller\n", "cc3", true);
	free(planned->site.templates_packaged);
	planned->site.templates_packaged = copy_string("/nonexistent");
	expect_problems(
	    "/nonexistent/cmonha-ui-check.socket: cannot read the template: No "
	    "such file or directory\n"
	    "/nonexistent/cmonha-ui-check.service: cannot read the template: "
	    "No such file or directory\n");
}
END_TEST

START_TEST(packaged_templates_alone)
{
	planned = planned_site(PLANNED_CLUSTER PLANNED_NODES, "cc1", true);
	free(planned->site.templates_own);
	planned->site.templates_own = NULL;
	ck_assert_int_eq(plan_make(&planned->cluster, &planned->source, &planned->site,
			     &planned->plan, &planned->problems),
	    0);
}
END_TEST

/* The largest cluster there can be: nothing is cut. */
START_TEST(largest)
{
	struct text content = {0};

	text_addf(&content, PLANNED_CLUSTER "[ui]\nforward = ");
	for (int i = 0; i < FORWARDS_MAX; i++)
		text_addf(&content, "%s%d:80", i ? "," : "", 20000 + i);
	for (int i = 1; i <= NODES_MAX; i++)
		text_addf(&content, "\n[node n%d]\naddress = 10.0.0.%d\n", i, i);
	planned = planned_make(content.data, "n64");
	ck_assert_ptr_nonnull(strstr(planned_file(planned, "haproxy.cfg")->content.data,
	    "server n64 10.0.0.64:80 id 64 source 10.0.0.64 track cmonha_ui_20000_servers/n64\n"));
	ck_assert_ptr_nonnull(
	    strstr(planned_file(planned, "keepalived.conf")->content.data,
		"\t\t10.0.0.63 min_ttl 255 max_ttl 255\n"));
	ck_assert_ptr_null(strstr(
	    planned_file(planned, "keepalived.conf")->content.data, "\t\t10.0.0.64\n"));
	text_free(&content);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("plan");
	TCase *cases = tcase_create("plan");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, rooted_begin, rooted_end);
	tcase_add_checked_fixture(cases, NULL, planned_end);
	tcase_add_loop_test(
	    cases, files_and_services, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(cases, targets);
	tcase_add_test(cases, files_are_marked);
	tcase_add_test(cases, cluster_file_is_copied);
	tcase_add_test(cases, passwords_only_where_used);
	tcase_add_test(cases, passwords_are_the_files);
	tcase_add_test(cases, services_line);
	tcase_add_test(cases, own_template);
	tcase_add_test(cases, wrong_templates);
	tcase_add_test(cases, no_templates);
	tcase_add_test(cases, packaged_templates_alone);
	tcase_add_test(cases, largest);
	suite_add_tcase(suite, cases);
	return suite;
}
