/*
 * /metrics, made from an object of /status: which samples there are, and their values.
 * tests/cli/schema.sh has the whole text parsed by OpenMetrics' and Prometheus'
 * parsers.
 */
#include <stdlib.h>
#include <string.h>

#include "check/metrics.h"
#include "unit.h"

#define STATUS                                                                         \
	"\"role\":\"leader\",\"reason\":\"leader\",\"since_ms\":1005,\"age_ms\":7,"    \
	"\"uptime_ms\":61000,\"version\":\"0.2.0\",\"node\":\"cc1\",\"edited\":false," \
	"\"checksum\":\"0123456789abcdef\",\"counters\":{\"rounds\":3,\"pings\":4,"    \
	"\"ping_ms_total\":1250,\"answers\":5,\"refused\":6,\"dropped\":7,"            \
	"\"transitions\":8},"

static struct text body;

static void
end(void)
{
	text_free(&body);
}

static void
make(const char *rest)
{
	char *text = format_string("{" STATUS "%s}", rest);
	json_t *status = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

	ck_assert_msg(status != NULL, "%s", text);
	metrics_add(&body, status);
	json_decref(status);
	free(text);
}

/* A whole line of the text. */
static void
expect(const char *line)
{
	char *whole = format_string("\n%s\n", line);

	ck_assert_msg(
	    strstr(body.data, whole) != NULL, "no \"%s\" in:\n%s", line, body.data);
	free(whole);
}

static void
expect_not(const char *text)
{
	ck_assert_msg(
	    strstr(body.data, text) == NULL, "\"%s\" in:\n%s", text, body.data);
}

START_TEST(of_a_leader)
{
	make(
	    "\"quorum\":{\"controllers\":3,\"reachable\":2,\"needed\":2},"
	    "\"peers\":[{\"name\":\"cc2\",\"reachable\":true}],"
	    "\"vips\":[{\"address\":\"fd00::1\",\"here\":true}],"
	    "\"vrrp\":{\"state\":\"master\",\"since_ms\":2000},"
	    "\"haproxy\":{\"answers\":true,\"version\":\"2.6.12\",\"old_workers\":1,"
	    "\"servers\":[{\"backend\":\"b\",\"name\":\"cc1\",\"state\":\"up\","
	    "\"since_ms\":1500,\"sessions\":9},{\"backend\":\"b\",\"name\":\"cc2\",\"state\":\"drain\","
	    "\"sessions\":null}]},"
	    "\"units\":{\"u.service\":{\"running\":true,\"outdated\":true,"
	    "\"version\":\"2.6.12\",\"installed\":\"2.6.13\"},\"v.service\":{"
	    "\"running\":null,\"outdated\":null,\"version\":null,\"installed\":null}},\"problems\":[{\"kind\":\"unit\",\"text\":\"a\"},{\"kind\":\"unit\","
	    "\"text\":\"b\"}]");
	expect("cmonha_build_info{version=\"0.2.0\"} 1");
	expect("cmonha_cluster_file_info{checksum=\"0123456789abcdef\"} 1");
	expect("cmonha_role{cmonha_role=\"leader\"} 1");
	expect("cmonha_role{cmonha_role=\"follower\"} 0");
	expect("cmonha_reason{cmonha_reason=\"two-leaders\"} 0");
	expect("cmonha_role_age_seconds 1.005");
	expect("# UNIT cmonha_role_age_seconds seconds");
	expect("# TYPE cmonha_transitions counter");
	expect("cmonha_transitions_total 8");
	expect("cmonha_ping_duration_seconds_count 4");
	expect("cmonha_ping_duration_seconds_sum 1.250");
	expect("cmonha_controllers_reachable 2");
	expect("cmonha_peer_reachable{peer=\"cc2\"} 1");
	expect("cmonha_vip_held{vip=\"fd00::1\"} 1");
	expect("cmonha_vrrp_state{cmonha_vrrp_state=\"master\"} 1");
	expect("cmonha_vrrp_state_age_seconds 2.000");
	expect("cmonha_haproxy_up 1");
	expect("cmonha_haproxy_server_up{backend=\"b\",server=\"cc2\"} 0");
	expect("cmonha_haproxy_server_sessions{backend=\"b\",server=\"cc1\"} 9");
	expect_not("cmonha_haproxy_server_sessions{backend=\"b\",server=\"cc2\"}");
	expect("cmonha_unit_running{unit=\"u.service\"} 1");
	expect_not("cmonha_unit_running{unit=\"v.service\"}");
	expect("cmonha_unit_outdated{unit=\"u.service\"} 1");
	expect_not("cmonha_unit_outdated{unit=\"v.service\"}");
	expect("cmonha_unit_info{unit=\"u.service\",version=\"2.6.12\",installed="
	       "\"2.6.13\"} 1");
	expect("cmonha_haproxy_server_drained{backend=\"b\",server=\"cc1\"} 0");
	expect("cmonha_haproxy_server_drained{backend=\"b\",server=\"cc2\"} 1");
	expect("cmonha_haproxy_server_state_age_seconds{backend=\"b\",server=\"cc1\"} "
	       "1.500");
	expect("cmonha_problems{kind=\"unit\"} 2");
	expect("cmonha_problems{kind=\"watch\"} 0");
	ck_assert_str_eq(body.data + body.length - 6, "# EOF\n");
}
END_TEST

/* What is not known has no sample, and no family without a sample. */
START_TEST(of_a_follower_without_a_watcher)
{
	make("\"quorum\":{\"controllers\":3,\"reachable\":null,\"needed\":null},"
	     "\"peers\":[{\"name\":\"cc2\",\"reachable\":false}],\"vips\":[],"
	     "\"vrrp\":{\"state\":\"unknown\",\"since_ms\":null},\"haproxy\":null,"
	     "\"units\":{},\"problems\":[]");
	expect_not("cmonha_controllers_reachable");
	expect_not("cmonha_peer_reachable");
	expect_not("cmonha_vip_held");
	expect_not("cmonha_haproxy");
	expect_not("cmonha_unit_");
	expect("cmonha_vrrp_state{cmonha_vrrp_state=\"unknown\"} 1");
}
END_TEST

/* OpenMetrics, "Escaping": a backslash, a quote and a line feed. */
START_TEST(label_values_are_escaped)
{
	make("\"vips\":[{\"address\":\"a\\\"b\\\\c\\nd\",\"here\":false}]");
	expect("cmonha_vip_held{vip=\"a\\\"b\\\\c\\nd\"} 0");
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("metrics");
	TCase *cases = tcase_create("all");

	tcase_add_checked_fixture(cases, NULL, end);
	tcase_add_test(cases, of_a_leader);
	tcase_add_test(cases, of_a_follower_without_a_watcher);
	tcase_add_test(cases, label_values_are_escaped);
	suite_add_tcase(suite, cases);
	return suite;
}
