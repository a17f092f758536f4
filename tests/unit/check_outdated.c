/*
 * Services whose programs were replaced: what is said, and what is done about it.
 */
#include "apply/outdated.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/network.h"
#include "planned.h"
#include "skip.h"
#include "stand_in.h"
#include "unit.h"

#define APPLIED "root/var/lib/cmonha-ui/cluster.conf"
#define HAPROXY "cmonha-ui-haproxy.service"
#define VRRP    "cmonha-ui-keepalived.service"
#define MAPS(p) "55e2a1c2b000-55e2a1e4d000 r-xp 00032000 00:38 4242 " p "\n"
#define SSL     "/usr/lib/x86_64-linux-gnu/libssl.so.3"

/* Runs as process 101 or 102, and is replaced by this call of systemctl. */
static void
run_service(const char *unit, int pid, const char *maps, const char *verb)
{
	char *file = format_string("root/proc/%d/maps", pid);
	char *name = format_string("systemd/before/show.%s", unit);
	char *script = format_string("echo %d\n", pid);

	stand_in_set_active(unit);
	scratch_put(file, maps, 0444);
	scratch_put(name, script, 0644);
	free(name);
	free(script);
	name = format_string("systemd/on/%s.%s", verb, unit);
	script = format_string(": >%s\n", scratch_path(file));
	scratch_put(name, script, 0644);
	free(name);
	free(script);
	free(file);
}

static void
expect_sentence(enum service service, const char *expected)
{
	char *sentence = outdated_describe(&rooted_machine, service);

	if (expected)
		ck_assert_str_eq(sentence ? sentence : "none", expected);
	else
		ck_assert_ptr_null(sentence);
	free(sentence);
}

START_TEST(described)
{
	expect_sentence(SERVICE_HAPROXY, NULL);
	run_service(HAPROXY, 101, MAPS("/usr/sbin/haproxy") MAPS(SSL), "reload");
	run_service(VRRP, 102, MAPS("/usr/sbin/keepalived"), "restart");
	expect_sentence(SERVICE_HAPROXY, NULL);
	expect_sentence(SERVICE_KEEPALIVED, NULL);
	run_service(
	    HAPROXY, 101, MAPS("/usr/sbin/haproxy") MAPS(SSL " (deleted)"), "reload");
	run_service(VRRP, 102, MAPS("/usr/sbin/keepalived (deleted)"), "restart");
	expect_sentence(SERVICE_HAPROXY,
	    HAPROXY " runs an older " SSL " than is installed; run when it suits: "
		    "systemctl reload " HAPROXY);
	expect_sentence(SERVICE_KEEPALIVED,
	    VRRP " runs an older /usr/sbin/keepalived than is installed; run when it "
		 "suits: systemctl restart " VRRP);
	expect_sentence(SERVICE_XINETD, NULL);
	/* Processes that this user may not look at, and no process. */
	scratch_put("systemd/before/show." VRRP, "echo 103\n", 0644);
	expect_sentence(SERVICE_KEEPALIVED, NULL);
	scratch_put("systemd/before/show." VRRP, "echo 0\n", 0644);
	expect_sentence(SERVICE_KEEPALIVED, NULL);
}
END_TEST

START_TEST(replaced)
{
	scratch_put(APPLIED, PLANNED_CLUSTER PLANNED_NODES, 0644);
	run_service(HAPROXY, 101, MAPS("/usr/sbin/haproxy (deleted)"), "reload");
	run_service(VRRP, 102, MAPS("/usr/sbin/keepalived (deleted)"), "restart");
	ck_assert_int_eq(outdated_replace(&rooted_machine), 0);
	stand_in_expect_calls("reload " HAPROXY "\nrestart " VRRP "\n");
	/* Once. */
	ck_assert_int_eq(outdated_replace(&rooted_machine), 0);
	stand_in_expect_calls("");
}
END_TEST

/* As after an installation without a cluster file, and in maintenance. */
START_TEST(not_started)
{
	ck_assert_int_eq(outdated_replace(&rooted_machine), 0);
	run_service(HAPROXY, 101, MAPS("/usr/sbin/haproxy (deleted)"), "reload");
	unlink(scratch_path("systemd/active/" HAPROXY));
	ck_assert_int_eq(outdated_replace(&rooted_machine), 0);
	stand_in_expect_calls("");
}
END_TEST

START_TEST(reload_fails)
{
	run_service(HAPROXY, 101, MAPS("/usr/sbin/haproxy (deleted)"), "reload");
	run_service(VRRP, 102, MAPS("/usr/sbin/keepalived (deleted)"), "restart");
	stand_in_fail("reload", HAPROXY);
	ck_assert_int_eq(outdated_replace(&rooted_machine), EX_UNAVAILABLE);
	stand_in_expect_calls("reload " HAPROXY "\nrestart " VRRP "\n");
}
END_TEST

/* A restart would make the virtual IP fail over: that is for the operator. */
START_TEST(active_node)
{
	struct local_addresses *addresses = allocate(sizeof(*addresses));
	char address[ADDRESS_TEXT_MAX], *content = NULL;

	ck_assert_int_eq(network_local_addresses(addresses), 0);
	for (size_t i = 0; i < addresses->count && !content; i++)
		if (!address_unusable(&addresses->at[i].prefix.address))
			content = format_string(
			    "[cluster]\nvip = 192.0.2.77, %s\ninterface = eth1\n"
			    "virtual_router_id = 51\n" PLANNED_NODES,
			    address_format(&addresses->at[i].prefix.address, address));
	free(addresses);
	if (!content) {
		skip_test("this host has loopback addresses only");
		return;
	}
	scratch_put(APPLIED, content, 0644);
	free(content);
	run_service(VRRP, 102, MAPS("/usr/sbin/keepalived (deleted)"), "restart");
	ck_assert_int_eq(outdated_replace(&rooted_machine), 0);
	stand_in_expect_calls("");
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("outdated");
	TCase *cases = tcase_create("outdated");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, rooted_begin, rooted_end);
	tcase_add_checked_fixture(cases, stand_in_begin, NULL);
	tcase_add_test(cases, described);
	tcase_add_test(cases, replaced);
	tcase_add_test(cases, not_started);
	tcase_add_test(cases, reload_fails);
	tcase_add_test(cases, active_node);
	suite_add_tcase(suite, cases);
	return suite;
}
