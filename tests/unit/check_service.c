#include "apply/service.h"

#include "rooted.h"
#include "scratch.h"
#include "stand_in.h"
#include "unit.h"

#define SOCKET  "cmonha-ui-check.socket"
#define CHECK   "cmonha-ui-check.service"
#define HAPROXY "cmonha-ui-haproxy.service"
#define XINETD  "xinetd.service"

START_TEST(units)
{
	ck_assert_str_eq(service_unit(SERVICE_XINETD), XINETD);
	ck_assert_str_eq(service_unit(SERVICE_CHECK_SOCKET), SOCKET);
	ck_assert_str_eq(service_unit(SERVICE_HAPROXY), HAPROXY);
	ck_assert_str_eq(
	    service_unit(SERVICE_KEEPALIVED), "cmonha-ui-keepalived.service");
}
END_TEST

START_TEST(starts)
{
	ck_assert(!service_is_active(SERVICE_HAPROXY));
	ck_assert_int_eq(service_start(SERVICE_HAPROXY), 0);
	stand_in_expect_calls(
	    "reset-failed " HAPROXY "\nenable " HAPROXY "\nstart " HAPROXY "\n");
	ck_assert(service_is_active(SERVICE_HAPROXY));
	ck_assert(stand_in_is_enabled(HAPROXY));
	/* xinetd is enabled or not as its administrator wants it. */
	ck_assert_int_eq(service_start(SERVICE_XINETD), 0);
	stand_in_expect_calls("reset-failed " XINETD "\nstart " XINETD "\n");
	ck_assert(stand_in_is_active(XINETD));
}
END_TEST

START_TEST(start_fails)
{
	stand_in_fail("start", HAPROXY);
	ck_assert_int_eq(service_start(SERVICE_HAPROXY), -1);
	stand_in_fail("enable", SOCKET);
	ck_assert_int_eq(service_start(SERVICE_CHECK_SOCKET), -1);
	ck_assert(!stand_in_is_active(SOCKET));
	/* Nothing to reset is no reason not to start. */
	stand_in_fail("reset-failed", XINETD);
	ck_assert_int_eq(service_start(SERVICE_XINETD), 0);
}
END_TEST

START_TEST(reloads)
{
	stand_in_set_active(HAPROXY);
	stand_in_set_active(SOCKET);
	ck_assert_int_eq(service_reload(SERVICE_HAPROXY), 0);
	stand_in_expect_calls("reload " HAPROXY "\n");
	/* A socket cannot be reloaded. */
	ck_assert_int_eq(service_reload(SERVICE_CHECK_SOCKET), 0);
	stand_in_expect_calls("restart " SOCKET "\n");
	/* One that does not run is started instead. */
	ck_assert_int_eq(service_reload(SERVICE_XINETD), 0);
	stand_in_expect_calls("reset-failed " XINETD "\nstart " XINETD "\n");
	stand_in_fail("reload", HAPROXY);
	ck_assert_int_eq(service_reload(SERVICE_HAPROXY), -1);
}
END_TEST

/*
 * systemd starts no socket whose service is active, and a restart has stopped it by
 * then: as with an administrator's unit file that does not require the socket.
 */
static void
refuse_while_active(const char *verb)
{
	char *name = format_string("systemd/before/%s." SOCKET, verb);

	scratch_put(name,
	    "rm -f active/" SOCKET "\nif [ -e active/" CHECK " ]; then\n"
	    "\techo 'Socket service already active, refusing.'\n\texit 1\nfi\n",
	    0644);
	free(name);
}

START_TEST(socket_of_an_active_service)
{
	stand_in_set_active(SOCKET);
	stand_in_set_active(CHECK);
	refuse_while_active("restart");
	refuse_while_active("start");
	ck_assert_int_eq(service_reload(SERVICE_CHECK_SOCKET), 0);
	ck_assert(stand_in_is_active(SOCKET));
	ck_assert(!stand_in_is_active(CHECK));
	stand_in_expect_calls("restart " SOCKET "\nstop " SOCKET "\nstop " CHECK
			      "\nreset-failed " SOCKET "\nstart " SOCKET "\n");
	/* The service cannot be stopped: the socket cannot be started. */
	stand_in_set_active(CHECK);
	stand_in_fail("stop", CHECK);
	ck_assert_int_eq(service_reload(SERVICE_CHECK_SOCKET), -1);
}
END_TEST

/* Left by an earlier run: inactive, and its service goes on. */
START_TEST(starts_socket_of_an_active_service)
{
	stand_in_set_active(CHECK);
	refuse_while_active("start");
	ck_assert_int_eq(service_start(SERVICE_CHECK_SOCKET), 0);
	ck_assert(stand_in_is_active(SOCKET));
	ck_assert(!stand_in_is_active(CHECK));
}
END_TEST

/* The socket listens on while only its service's unit changes. */
START_TEST(replaces)
{
	stand_in_set_active(SOCKET);
	stand_in_set_active(CHECK);
	ck_assert_int_eq(service_replace(SERVICE_CHECK_SOCKET), 0);
	stand_in_expect_calls("stop " CHECK "\n");
	ck_assert(stand_in_is_active(SOCKET));
	stand_in_fail("stop", CHECK);
	ck_assert_int_eq(service_replace(SERVICE_CHECK_SOCKET), -1);
	unlink(scratch_path("systemd/active/" SOCKET));
	unlink(scratch_path("systemd/log"));
	unlink(scratch_path("systemd/fail/stop." CHECK));
	ck_assert_int_eq(service_replace(SERVICE_CHECK_SOCKET), 0);
	ck_assert(stand_in_is_active(SOCKET));
}
END_TEST

/* A program of a unit's start does not wait for units that wait for its own. */
START_TEST(waits_for_nothing)
{
	stand_in_program("systemctl", "echo \"$*\" >>\"$0.calls\"\n");
	service_set_waiting(false);
	ck_assert_int_eq(service_reload(SERVICE_KEEPALIVED), 0);
	service_set_waiting(true);
	ck_assert_int_eq(service_reload(SERVICE_KEEPALIVED), 0);
	scratch_expect("bin/systemctl.calls",
	    "is-active --quiet cmonha-ui-keepalived.service\n"
	    "reload --no-block cmonha-ui-keepalived.service\n"
	    "is-active --quiet cmonha-ui-keepalived.service\n"
	    "reload --quiet cmonha-ui-keepalived.service\n");
}
END_TEST

START_TEST(reloads_units)
{
	ck_assert_int_eq(service_reload_units(), 0);
	stand_in_expect_calls("daemon-reload\n");
	stand_in_fail("daemon-reload", "");
	ck_assert_int_eq(service_reload_units(), -1);
}
END_TEST

START_TEST(stops)
{
	stand_in_set_active(HAPROXY);
	stand_in_set_active(SOCKET);
	stand_in_set_active(CHECK);
	ck_assert_int_eq(service_stop_or_reload(SERVICE_HAPROXY), 0);
	stand_in_expect_calls(
	    "stop " HAPROXY "\nreset-failed " HAPROXY "\ndisable " HAPROXY "\n");
	/* The service that the socket has started, too. */
	ck_assert_int_eq(service_stop_or_reload(SERVICE_CHECK_SOCKET), 0);
	ck_assert(!stand_in_is_active(SOCKET));
	ck_assert(!stand_in_is_active(CHECK));
	stand_in_expect_calls("stop " SOCKET "\nstop " CHECK "\nreset-failed " SOCKET
			      "\ndisable " SOCKET "\n");
	/* Not active, but perhaps about to be started again after a failure; and a unit
	   that never existed is fine. */
	stand_in_fail("stop", HAPROXY);
	stand_in_fail("disable", HAPROXY);
	ck_assert_int_eq(service_stop_or_reload(SERVICE_HAPROXY), 0);
	stand_in_expect_calls(
	    "stop " HAPROXY "\nreset-failed " HAPROXY "\ndisable " HAPROXY "\n");
}
END_TEST

START_TEST(stop_fails)
{
	stand_in_set_active(HAPROXY);
	stand_in_fail("stop", HAPROXY);
	ck_assert_int_eq(service_stop_or_reload(SERVICE_HAPROXY), -1);
	/* It still runs, so it starts at the next boot too. */
	stand_in_expect_calls("stop " HAPROXY "\n");
}
END_TEST

/* It serves others too. */
START_TEST(xinetd_is_never_stopped)
{
	ck_assert_int_eq(service_stop_or_reload(SERVICE_XINETD), 0);
	stand_in_expect_calls("");
	stand_in_set_active(XINETD);
	ck_assert_int_eq(service_stop_or_reload(SERVICE_XINETD), 0);
	stand_in_expect_calls("reload " XINETD "\n");
	ck_assert(stand_in_is_active(XINETD));
	ck_assert_int_eq(service_disable(&rooted_machine, SERVICE_XINETD), 0);
	ck_assert_int_eq(service_enable(&rooted_machine, SERVICE_XINETD), 0);
	stand_in_expect_calls("");
}
END_TEST

/* systemctl cannot be run, or does not reach systemd: the worse is assumed. */
START_TEST(nobody_knows_what_runs)
{
	stand_in_set_active(HAPROXY);
	stand_in_set_active(XINETD);
	stand_in_fail("is-active", HAPROXY);
	stand_in_fail("is-active", XINETD);
	ck_assert(!service_is_active(SERVICE_HAPROXY));
	ck_assert(!service_is_inactive(SERVICE_HAPROXY));
	ck_assert_int_eq(service_reload(SERVICE_HAPROXY), 0);
	stand_in_expect_calls("reload " HAPROXY "\n");
	ck_assert_int_eq(service_stop_or_reload(SERVICE_XINETD), 0);
	stand_in_expect_calls("reload " XINETD "\n");
	stand_in_fail("stop", HAPROXY);
	ck_assert_int_eq(service_stop_or_reload(SERVICE_HAPROXY), -1);
	stand_in_expect_calls("stop " HAPROXY "\n");
}
END_TEST

/* In an image: only units that are installed there. */
static const char *const unit_directories[] = {"root/etc/systemd/system/",
    "root/lib/systemd/system/", "root/usr/lib/systemd/system/"};

START_TEST(enables_in_an_image)
{
	char *path = format_string("%s" HAPROXY, unit_directories[_i]);
	char *calls = format_string("enable --root=%s " HAPROXY
				    "\ndisable --root=%s " HAPROXY "\n",
	    rooted_machine.root, rooted_machine.root);

	ck_assert_int_eq(service_enable(&rooted_machine, SERVICE_HAPROXY), 0);
	ck_assert_int_eq(service_disable(&rooted_machine, SERVICE_HAPROXY), 0);
	stand_in_expect_calls("");
	scratch_put(path, "[Unit]\n", 0644);
	ck_assert_int_eq(service_enable(&rooted_machine, SERVICE_HAPROXY), 0);
	ck_assert(stand_in_is_enabled(HAPROXY));
	ck_assert_int_eq(service_disable(&rooted_machine, SERVICE_HAPROXY), 0);
	stand_in_expect_calls(calls);
	stand_in_fail("enable", HAPROXY);
	ck_assert_int_eq(service_enable(&rooted_machine, SERVICE_HAPROXY), -1);
	free(path);
	free(calls);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("service");
	TCase *cases = tcase_create("service");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, rooted_begin, rooted_end);
	tcase_add_checked_fixture(cases, stand_in_begin, NULL);
	tcase_add_test(cases, units);
	tcase_add_test(cases, starts);
	tcase_add_test(cases, start_fails);
	tcase_add_test(cases, reloads);
	tcase_add_test(cases, socket_of_an_active_service);
	tcase_add_test(cases, starts_socket_of_an_active_service);
	tcase_add_test(cases, replaces);
	tcase_add_test(cases, waits_for_nothing);
	tcase_add_test(cases, reloads_units);
	tcase_add_test(cases, stops);
	tcase_add_test(cases, stop_fails);
	tcase_add_test(cases, xinetd_is_never_stopped);
	tcase_add_test(cases, nobody_knows_what_runs);
	tcase_add_loop_test(cases, enables_in_an_image, 0, 3);
	suite_add_tcase(suite, cases);
	return suite;
}
