/*
 * What is true on a node besides its role, in a root directory that the test fills.
 */
#include <time.h>

#include "check/node_state.h"
#include "check/watch_report.h"
#include "scratch.h"
#include "unit.h"

#define SLICE "sys/fs/cgroup/system.slice/"
#define WANTS "etc/systemd/system/multi-user.target.wants/"

static struct config *config;
static struct node_state node;

static void
begin(void)
{
	config = allocate(sizeof(*config));
	snprintf(config->name, sizeof(config->name), "cc1");
	config->cluster.node_count = 1;
	snprintf(config->cluster.nodes[0].name, sizeof(config->cluster.nodes[0].name),
	    "cc1");
	config->cluster.nodes[0].roles = NODE_CONTROLLER | NODE_PROXY;
	node_state_init(&node, scratch);
}

static void
end(void)
{
	node_state_clear(&node);
	free(config);
}

static json_t *
get(const char *name)
{
	return json_object_get(node_state_get(&node, config), name);
}

static void
expect(const char *name, const char *wanted)
{
	json_t *expected = json_loads(wanted, JSON_DECODE_ANY, NULL);
	char *found = json_dumps(get(name), JSON_COMPACT | JSON_ENCODE_ANY);

	ck_assert_msg(json_equal(get(name), expected), "%s: %s", name, found);
	json_decref(expected);
	free(found);
}

/* 127.0.0.1 is on every machine; 192.0.2.1 (RFC 5737) on none. */
START_TEST(vips_that_are_here)
{
	config->cluster.vips.count = 2;
	address_parse("127.0.0.1", &config->cluster.vips.at[0].address);
	address_parse("192.0.2.1", &config->cluster.vips.at[1].address);
	expect("vips",
	    "[{\"address\":\"127.0.0.1\",\"here\":true,\"interface\":\"lo\"},"
	    "{\"address\":\"192.0.2.1\",\"here\":false,\"interface\":null}]");
}
END_TEST

START_TEST(units_by_their_processes)
{
	scratch_put("sys/fs/cgroup/cgroup.controllers", "", 0644);
	scratch_put(SLICE "cmonha-ui-haproxy.service/cgroup.events",
	    "populated 1\nfrozen 0\n", 0644);
	scratch_put(SLICE "cmonha-ui-keepalived.service/cgroup.events",
	    "populated 0\nfrozen 0\n", 0644);
	scratch_put(WANTS "cmonha-ui-keepalived.service", "", 0644);
	scratch_put(
	    SLICE "cmonha-ui-watch.service/cgroup.events", "populated 1\n", 0644);
	scratch_put(WANTS "cmonha-ui-watch.service", "", 0644);
	expect("units",
	    "{\"cmonha-ui-haproxy.service\":{\"running\":true,\"enabled\":false},"
	    "\"cmonha-ui-keepalived.service\":{\"running\":false,\"enabled\":true},"
	    "\"cmonha-ui-watch.service\":{\"running\":true,\"enabled\":true}}");
	expect("problems",
	    "[{\"kind\":\"unit\",\"text\":\"cmonha-ui-haproxy.service does not start at "
	    "boot\"},{\"kind\":\"unit\",\"text\":\"cmonha-ui-keepalived.service is not "
	    "running\"}]");
}
END_TEST

/* A stopped unit has no control group at all. */
START_TEST(stopped_units)
{
	scratch_put("sys/fs/cgroup/cgroup.controllers", "", 0644);
	expect("units",
	    "{\"cmonha-ui-haproxy.service\":{\"running\":false,\"enabled\":false},"
	    "\"cmonha-ui-keepalived.service\":{\"running\":false,\"enabled\":false},"
	    "\"cmonha-ui-watch.service\":{\"running\":false,\"enabled\":false}}");
}
END_TEST

/* With control groups of version 1 it is not known. */
START_TEST(units_that_are_not_known)
{
	scratch_put(WANTS "cmonha-ui-haproxy.service", "", 0644);
	scratch_put(WANTS "cmonha-ui-keepalived.service", "", 0644);
	scratch_put(WANTS "cmonha-ui-watch.service", "", 0644);
	expect("units",
	    "{\"cmonha-ui-haproxy.service\":{\"running\":null,\"enabled\":true},"
	    "\"cmonha-ui-keepalived.service\":{\"running\":null,\"enabled\":true},"
	    "\"cmonha-ui-watch.service\":{\"running\":null,\"enabled\":true}}");
	expect("problems", "[]");
}
END_TEST

START_TEST(controller_has_no_such_units)
{
	config->cluster.nodes[0].roles = NODE_CONTROLLER;
	expect("units", "{}");
	expect("problems", "[]");
}
END_TEST

START_TEST(edited_cluster_file)
{
	config->cluster.nodes[0].roles = NODE_CONTROLLER;
	expect("edited", "null");
	scratch_put("etc/cmonha-ui/cluster.conf", "a", 0644);
	scratch_put("var/lib/cmonha-ui/cluster.conf", "a", 0644);
	node.expires = 0;
	expect("edited", "false");
	scratch_put("etc/cmonha-ui/cluster.conf", "b", 0644);
	/* Not looked at again before its time. */
	expect("edited", "false");
	node.expires = 0;
	expect("edited", "true");
	ck_assert_str_eq(json_string_value(json_object_get(
			     json_array_get(get("problems"), 0), "kind")),
	    "not-applied");
}
END_TEST

START_TEST(report_of_the_watcher)
{
	char *text;

	config->cluster.nodes[0].roles = NODE_CONTROLLER;
	text = format_string("{\"version\":1,\"updated\":%lld,\"vrrp\":{\"state\":"
			     "\"backup\"},\"problems\":[\"p\"]}",
	    (long long)time(NULL));
	scratch_put("run/cmonha-ui/watch.json", text, 0644);
	free(text);
	expect("watch", "\"current\"");
	expect("vrrp", "{\"state\":\"backup\",\"since\":null,\"since_ms\":null}");
	expect("problems", "[{\"kind\":\"watch\",\"text\":\"p\"}]");
	scratch_put("run/cmonha-ui/watch.json", "{\"version\":1,\"updated\":1}", 0644);
	node.expires = 0;
	expect("watch", "\"stale\"");
	ck_assert_str_eq(json_string_value(json_object_get(
			     json_array_get(get("problems"), 0), "kind")),
	    "watch-stale");
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("node_state");
	TCase *cases = tcase_create("all");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, scratch_empty, NULL);
	tcase_add_checked_fixture(cases, begin, end);
	tcase_add_test(cases, vips_that_are_here);
	tcase_add_test(cases, units_by_their_processes);
	tcase_add_test(cases, stopped_units);
	tcase_add_test(cases, units_that_are_not_known);
	tcase_add_test(cases, controller_has_no_such_units);
	tcase_add_test(cases, edited_cluster_file);
	tcase_add_test(cases, report_of_the_watcher);
	suite_add_tcase(suite, cases);
	return suite;
}
