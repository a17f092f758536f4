#include "base/network.h"
#include "parsed.h"
#include "plan/variables.h"
#include "unit.h"

static struct local_addresses addresses; /* none */
static json_t *variables;
static bool counts_adverts = true;

static void
end(void)
{
	json_decref(variables);
	variables = NULL;
	parsed_end();
}

static void
make(const char *content, const char *node)
{
	char page[] = "/page";
	struct host_facts facts = {.addresses = &addresses,
	    .interface = "eth1",
	    .counts_adverts = counts_adverts,
	    .passwords = {"secret", "it's known"},
	    .admin_credentials = "password $6$a$b",
	    .stats_credentials = "password $6$c$d",
	    .no_leader_page = page};

	ck_assert_int_eq(parsed_from(content), 0);
	facts.self = cluster_node(parsed_cluster, node);
	json_decref(variables);
	variables = variables_make(parsed_cluster, &facts);
	ck_assert_ptr_nonnull(variables);
}

/* One variable as JSON text, as jansson writes it with its keys in order. */
static void
expect(const char *name, const char *wanted)
{
	char *text = json_dumps(
	    json_object_get(variables, name), JSON_ENCODE_ANY | JSON_SORT_KEYS);

	ck_assert_msg(text != NULL, "no variable %s", name);
	ck_assert_str_eq(text, wanted);
	free(text);
}

START_TEST(of_one_node)
{
	char *checksum;

	make(VIP "interface = eth1\npreempt = yes\nadvert_interval = 1010ms\n" NODES,
	    "cc2");
	checksum = format_string("\"%s\"", parsed_cluster->checksum);
	expect("mark", "\"Made by cmonha-ui\"");
	expect("checksum", checksum);
	expect("name", "\"cc2\"");
	expect("address", "\"10.0.0.102\"");
	expect("url_address", "\"10.0.0.102\"");
	expect("loopback", "\"127.0.0.1\"");
	expect("interface", "\"eth1\"");
	expect("priority", "110");
	expect("virtual_router_id", "51");
	expect("advert_interval", "\"1.01\"");
	expect("counts_adverts", "true");
	expect("down_timer_adverts", "6");
	expect("preempt", "true");
	expect("ipv6", "false");
	expect("ipv4", "true");
	expect("stats", "9600");
	expect("http_any", "true");
	expect("stats_any", "true");
	expect("stats_node", "false");
	expect("stats_localhost", "false");
	expect("stats_admin", "false");
	expect("client_connections", "250");
	expect("request_timeout", "10000");
	expect("admin_password", "\"secret\"");
	expect("stats_password", "\"'it'\\\\''s known'\"");
	expect("admin_credentials", "\"password $6$a$b\"");
	expect("stats_credentials", "\"password $6$c$d\"");
	expect("no_leader_page", "\"/page\"");
	expect("cut_sessions", "true");
	expect("check_port", "9201");
	expect("interval", "250");
	expect("check_timeout", "1000");
	ck_assert_uint_eq(json_object_size(variables), 40);
	free(checksum);
}
END_TEST

/* Peers are the other proxies, controllers are all of them; both are numbered. */
START_TEST(nodes)
{
	make(VIP "[node lb]\naddress = 10.0.0.9\nroles = proxy\n" CC1
		 "roles = controller\n" CC2 CC3,
	    "cc2");
	expect("peers",
	    "[{\"address\": \"10.0.0.9\", \"name\": \"lb\", \"number\": 1, "
	    "\"source\": \"10.0.0.102\", "
	    "\"url_address\": \"10.0.0.9\"}, "
	    "{\"address\": \"10.0.0.103\", \"name\": \"cc3\", \"number\": 2, "
	    "\"source\": \"10.0.0.102\", "
	    "\"url_address\": \"10.0.0.103\"}]");
	expect("controllers",
	    "[{\"address\": \"10.0.0.101\", \"name\": \"cc1\", \"number\": 1, "
	    "\"source\": \"10.0.0.102\", "
	    "\"url_address\": \"10.0.0.101\"}, "
	    "{\"address\": \"10.0.0.102\", \"name\": \"cc2\", \"number\": 2, "
	    "\"source\": \"10.0.0.102\", "
	    "\"url_address\": \"10.0.0.102\"}, "
	    "{\"address\": \"10.0.0.103\", \"name\": \"cc3\", \"number\": 3, "
	    "\"source\": \"10.0.0.102\", "
	    "\"url_address\": \"10.0.0.103\"}]");
}
END_TEST

START_TEST(vips_by_family)
{
	make("[cluster]\nvip = 10.0.0.200/24, 2001:db8::c8/64, 10.0.0.201\n" NODES,
	    "cc1");
	expect("vips", "[{\"vip\": \"10.0.0.200/24\"}, {\"vip\": \"10.0.0.201/32\"}]");
	expect("other_vips", "[{\"vip\": \"2001:db8::c8/64\"}]");
	expect("other_vips_any", "true");
	expect("ipv6", "true");
	make(VIP NODES, "cc1");
	expect("other_vips", "[]");
	expect("other_vips_any", "false");
	make("[cluster]\nvip = 10.0.0.200/24, 2001:db8::c8/64\n"
	     "[node a]\naddress = 2001:db8::1\n[node b]\naddress = 2001:db8::2\n"
	     "[node c]\naddress = 2001:db8::3\n",
	    "b");
	expect("vips", "[{\"vip\": \"2001:db8::c8/64\"}]");
	expect("other_vips", "[{\"vip\": \"10.0.0.200/24\"}]");
	expect("loopback", "\"::1\"");
	expect("ipv4", "false");
	expect("url_address", "\"[2001:db8::2]\"");
}
END_TEST

START_TEST(forwards)
{
	make(VIP "[ui]\nforward = 81:80, 444:443\n" NODES, "cc1");
	expect("forwards",
	    "[{\"checked_by\": 81, \"checks\": true, \"http\": true, \"listen\": 81, "
	    "\"port\": 80}, "
	    "{\"checked_by\": 81, \"checks\": false, \"http\": false, \"listen\": 444, "
	    "\"port\": 443}]");
}
END_TEST

static const struct {
	const char *interval, *fast;
} fast[] = {{"100ms", "20"}, {"200ms", "20"}, {"250ms", "25"}, {"399ms", "39"},
    {"400ms", "40"}, {"1m", "40"}};

START_TEST(fast_interval)
{
	char *content =
	    format_string(VIP "[check]\ninterval = %s\n" NODES, fast[_i].interval);

	make(content, "cc1");
	expect("fast_interval", fast[_i].fast);
	free(content);
}
END_TEST

/* A keepalived that waits for three advertisements, always: the time is the same. */
START_TEST(adverts_are_not_counted)
{
	counts_adverts = false;
	make(VIP NODES, "cc2");
	counts_adverts = true;
	expect("counts_adverts", "false");
	expect("advert_interval", "\"0.14\"");
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("variables");
	TCase *cases = tcase_create("variables");

	tcase_add_checked_fixture(cases, parsed_begin, end);
	tcase_add_test(cases, of_one_node);
	tcase_add_test(cases, adverts_are_not_counted);
	tcase_add_test(cases, nodes);
	tcase_add_test(cases, vips_by_family);
	tcase_add_test(cases, forwards);
	tcase_add_loop_test(cases, fast_interval, 0, sizeof(fast) / sizeof(fast[0]));
	suite_add_tcase(suite, cases);
	return suite;
}
