/*
 * What is true on a node besides its role, in a root directory that the test fills.
 */
#include <time.h>

#include "check/node_state.h"
#include "check/watch_report.h"
#include "listening.h"
#include "scratch.h"
#include "unit.h"

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

/* More of them is in check_units.c. */
START_TEST(units_of_a_proxy)
{
	ck_assert_int_eq(json_object_size(get("units")), 3);
	ck_assert_int_eq(json_array_size(get("problems")), 3);
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

/* That a server is down is no decision of an administrator. */
START_TEST(servers)
{
	char *text = format_string(
	    "{\"version\":1,\"updated\":%lld,\"haproxy\":{\"backends\":[{\"name\":"
	    "\"b\",\"servers\":[{\"name\":\"cc1\",\"state\":\"down\"},"
	    "{\"name\":\"cc2\",\"state\":\"drain\"},"
	    "{\"name\":\"cc3\",\"state\":\"maintenance\"},"
	    "{\"name\":\"cc4\",\"state\":\"down\",\"reason\":\"L7STS/503\"},"
	    "{\"name\":\"cc6\",\"state\":\"no-check\"},"
	    "{\"name\":\"cc5\",\"state\":\"down\",\"reason\":\"L7STS/403\"}]}]}}",
	    (long long)time(NULL));

	config->cluster.nodes[0].roles = NODE_CONTROLLER;
	scratch_put("run/cmonha-ui/watch.json", text, 0644);
	free(text);
	expect("problems",
	    "[{\"kind\":\"drained\",\"text\":\"HAProxy: server cc2 of b is in the "
	    "state drain, until it is enabled or HAProxy is reloaded\"},"
	    "{\"kind\":\"drained\",\"text\":\"HAProxy: server cc3 of b is in the "
	    "state maintenance, until it is enabled or HAProxy is reloaded\"},"
	    "{\"kind\":\"unchecked\",\"text\":\"HAProxy: server cc6 of b is not "
	    "checked and gets users whatever it answers, until its health checks are "
	    "enabled\"},"
	    "{\"kind\":\"refused\",\"text\":\"HAProxy: the check of cc5 refuses "
	    "this node (403): apply the same cluster file there\"}]");
	/* These are for units.h alone. */
	ck_assert_ptr_null(get("pid"));
	ck_assert_ptr_null(get("installed"));
}
END_TEST

/* At every address a client would reach it, and the node itself is 127.0.0.1. */
START_TEST(foreign_listeners)
{
	struct address any = {.family = AF_INET};
	int ports[3], fds[3];
	struct text wanted = {0};

	config->cluster.nodes[0].roles = NODE_CONTROLLER;
	ck_assert(!address_parse("127.0.0.1", &config->cluster.nodes[0].address));
	config->users.at[config->users.count++] = geteuid();
	for (int i = 0; i < 3; i++)
		fds[i] = listening_socket(&any, &ports[i]);
	config->cluster.check_port = ports[0];
	config->cluster.rpc_port = ports[1];
	config->cluster.forwards.count = 1;
	config->cluster.forwards.at[0].port = ports[2];
	expect("problems", "[]");
	config->users.at[0] = geteuid() + 1;
	node.expires = 0;
	for (int i = 0; i < 3; i++)
		text_addf(&wanted,
		    "%s{\"kind\":\"foreign-listener\",\"text\":\"a program of user %u "
		    "listens on port %d, and neither root nor listener_users has that "
		    "number: see \\\"cmonha-ui status\\\"\"}",
		    i ? "," : "[", (unsigned)geteuid(), ports[i]);
	text_addf(&wanted, "]");
	expect("problems", wanted.data);
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	node.expires = 0;
	expect("problems", "[]");
	text_free(&wanted);
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
	tcase_add_test(cases, units_of_a_proxy);
	tcase_add_test(cases, servers);
	tcase_add_test(cases, controller_has_no_such_units);
	tcase_add_test(cases, edited_cluster_file);
	tcase_add_test(cases, foreign_listeners);
	tcase_add_test(cases, report_of_the_watcher);
	suite_add_tcase(suite, cases);
	return suite;
}
