#include "apply/hook.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <sysexits.h>

#include "applied.h"
#include "apply/transaction.h"
#include "base/network.h"
#include "listening.h"
#include "skip.h"
#include "stand_in.h"
#include "unit.h"

#define FAULT    "root/run/keepalived-cmonha-ui/fault"
#define GONE     "root/run/cmonha-ui/haproxy.gone"
#define FIFO     "root/run/keepalived-cmonha-ui/transitions"
#define NUMBER   "root/run/keepalived-cmonha-ui/interface"
#define STATE    "root/run/cmonha-ui/haproxy.state"
#define ALL_DOWN "root/var/lib/cmonha-ui/haproxy.state"
#define APPLIED  "root/var/lib/cmonha-ui/cluster.conf"

#define HEADER     "1\n# be_id be_name srv_id srv_name ...\n"
#define SERVER(op) "81 ui 1 cc1 10.0.0.1 " op " 0 1 1 5 15 3 4 6 0 0 1 - 80\n"

static int
run(const char *name)
{
	const struct hook *hook = hook_find(name);

	ck_assert_ptr_nonnull(hook);
	return hook->run(&rooted_machine);
}

START_TEST(names)
{
	static const char *const hooks[] = {"recover", "haproxy-starting",
	    "haproxy-started", "haproxy-reloading", "haproxy-stopped", "haproxy-alive",
	    "keepalived-starting", "keepalived-reloading", "keepalived-stopped",
	    "programs-replaced"};

	for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++)
		ck_assert_str_eq(hook_find(hooks[i])->name, hooks[i]);
	ck_assert_ptr_null(hook_find("haproxy"));
	ck_assert_ptr_null(hook_find(""));
}
END_TEST

/* The file that keepalived tracks: 1 from the stop to the next start; and that of
 * 0.1.0.
 */
START_TEST(fitness)
{
	ck_assert_int_eq(run("haproxy-stopped"), 0);
	scratch_expect(FAULT, "1\n");
	scratch_expect(GONE, "1\n");
	ck_assert_int_eq(scratch_mode(FAULT), 0644);
	ck_assert_int_eq(run("haproxy-started"), 0);
	scratch_expect(FAULT, "0\n");
	scratch_expect(GONE, "0\n");
	/* keepalived leaves it as it is, and until HAProxy has run it is 1. */
	ck_assert_int_eq(run("keepalived-starting"), 0);
	scratch_expect(FAULT, "0\n");
	ck_assert_int_eq(unlink(scratch_path(FAULT)), 0);
	ck_assert_int_eq(unlink(scratch_path(GONE)), 0);
	ck_assert_int_eq(run("keepalived-starting"), 0);
	scratch_expect(FAULT, "1\n");
}
END_TEST

/* keepalived is reloaded while HAProxy, started by version 0.1.0, runs on. */
START_TEST(upgraded)
{
	struct stat status;

	scratch_put(GONE, "0\n", 0644);
	ck_assert_int_eq(run("haproxy-alive"), 0);
	ck_assert_int_eq(run("keepalived-reloading"), 0);
	scratch_expect(FAULT, "0\n");
	ck_assert_int_eq(stat(scratch_path(FIFO), &status), 0);
	ck_assert(S_ISFIFO(status.st_mode));
	ck_assert_int_eq(status.st_mode & 0777, 0600);
	ck_assert_int_eq(run("haproxy-stopped"), 0);
	ck_assert_int_eq(run("haproxy-alive"), 1);
}
END_TEST

START_TEST(gone_cannot_be_written)
{
	scratch_put("root/run", "a file", 0644);
	ck_assert_int_eq(run("haproxy-started"), EX_OSERR);
	ck_assert_int_eq(run("haproxy-stopped"), EX_OSERR);
	ck_assert_int_eq(run("keepalived-starting"), EX_OSERR);
}
END_TEST

/* HAProxy starts with every server down, whatever the last one left. */
START_TEST(starting)
{
	ck_assert_int_eq(run("haproxy-starting"), EX_OSERR);
	scratch_put(ALL_DOWN, HEADER SERVER("0"), 0644);
	scratch_put(STATE, HEADER SERVER("2"), 0600);
	ck_assert_int_eq(run("haproxy-starting"), 0);
	scratch_expect(STATE, HEADER SERVER("0"));
	ck_assert_int_eq(scratch_mode(STATE), 0644);
}
END_TEST

static void
interrupt_apply(void)
{
	struct text content = {0};
	struct transaction transaction = {.machine = &rooted_machine};

	text_addf(&content, "new");
	scratch_put("root/etc/xinetd.d/cmonhachk", "old", 0644);
	ck_assert_int_eq(
	    transaction_add(&transaction, "/etc/xinetd.d/cmonhachk", &content, 0644),
	    1);
	ck_assert_int_eq(transaction_stage(&transaction), 0);
	ck_assert_int_eq(transaction_swap(&transaction), 0);
	scratch_expect("root/etc/xinetd.d/cmonhachk", "new");
	transaction_free(&transaction);
	text_free(&content);
}

static void
expect_rollback(const char *hook)
{
	int lock;

	interrupt_apply();
	/* An apply that runs holds the lock: the start is its own. */
	lock = machine_lock(&rooted_machine, 0);
	ck_assert_int_eq(run(hook), 0);
	scratch_expect("root/etc/xinetd.d/cmonhachk", "new");
	machine_unlock(lock);
	ck_assert_int_eq(run(hook), 0);
	scratch_expect("root/etc/xinetd.d/cmonhachk", "old");
}

START_TEST(starting_rolls_back)
{
	scratch_put(ALL_DOWN, HEADER SERVER("0"), 0644);
	expect_rollback("haproxy-starting");
}
END_TEST

/* The same on a node without HAProxy, by a unit of its own. */
START_TEST(recovers)
{
	ck_assert_int_eq(run("recover"), 0);
	expect_rollback("recover");
	scratch_put("root/var/lib/cmonha-ui/journal", "nonsense", 0600);
	ck_assert_int_eq(run("recover"), EX_UNAVAILABLE);
}
END_TEST

START_TEST(reloading)
{
	ck_assert_int_eq(run("haproxy-reloading"), EX_OSERR);
	scratch_put(ALL_DOWN, HEADER SERVER("0"), 0644);
	/* HAProxy does not answer: all are down. */
	ck_assert_int_eq(run("haproxy-reloading"), 0);
	scratch_expect(STATE, HEADER SERVER("0"));
	scratch_put("live", HEADER SERVER("2"), 0644);
	listening_unix("root/run/cmonha-ui/haproxy.sock", "live");
	ck_assert_int_eq(run("haproxy-reloading"), 0);
	scratch_expect("live.requests", "show servers state\n");
	scratch_expect(STATE, HEADER SERVER("2"));
}
END_TEST

/* Any address of this machine that a cluster file can have as a VIP; false: none. */
static bool
find_own_address(struct local_addresses *addresses, const struct local_address **found)
{
	ck_assert_int_eq(network_local_addresses(addresses), 0);
	for (size_t i = 0; i < addresses->count; i++) {
		const struct address *address = &addresses->at[i].prefix.address;

		if (address->family == AF_INET && !address_unusable(address)) {
			*found = &addresses->at[i];
			return true;
		}
	}
	return false;
}

START_TEST(stopped_removes_vips)
{
	struct local_addresses *addresses = allocate(sizeof(*addresses));
	const struct local_address *own;
	char address[ADDRESS_TEXT_MAX], prefix[ADDRESS_TEXT_MAX];
	char *content, *calls, *promotion, *program;

	stand_in_program("ip", "echo \"$@\" >>\"$0.calls\"\n");
	/* Without an applied configuration there is nothing to remove. */
	ck_assert_int_eq(run("keepalived-stopped"), 0);
	scratch_put(APPLIED, PLANNED_CLUSTER PLANNED_NODES, 0644);
	ck_assert_int_eq(run("keepalived-stopped"), 0);
	ck_assert(!scratch_has("bin/ip.calls"));
	if (!find_own_address(addresses, &own)) {
		skip_test("this host has loopback addresses only");
		goto out;
	}
	/* Other addresses of the subnet stay: the kernel's setting meanwhile, and
	 * after. */
	promotion = format_string(
	    "root/proc/sys/net/ipv4/conf/%s/promote_secondaries", own->interface);
	program = format_string("echo \"$@\" >>\"$0.calls\"\ncat %s >>\"$0.calls\"\n",
	    scratch_path(promotion));
	scratch_put(promotion, "0\n", 0644);
	stand_in_program("ip", program);
	content = format_string("[cluster]\nvip = 192.0.2.77, %s\ninterface = "
				"eth1\n" PLANNED_NODES,
	    address_format(&own->prefix.address, address));
	calls = format_string("address delete %s dev %s\n1\n",
	    prefix_format(&own->prefix, prefix), own->interface);
	scratch_put(APPLIED, content, 0644);
	ck_assert_int_eq(run("keepalived-stopped"), 0);
	scratch_expect("bin/ip.calls", calls);
	scratch_expect(promotion, "0\n");
	stand_in_program("ip", "echo no; exit 2\n");
	ck_assert_int_eq(run("keepalived-stopped"), EX_OSERR);
	scratch_expect(promotion, "0\n");
	free(promotion);
	free(program);
	free(content);
	free(calls);
out:
	free(addresses);
}
END_TEST

static void
put_node(const char *address)
{
	char *content = format_string("[cluster]\nvip = 192.0.2.77/24\ninterface = "
				      "eth1\n[node cc1]\naddress = %s\n",
	    address);

	scratch_put("root/var/lib/cmonha-ui/node", "cc1\n", 0644);
	scratch_put(APPLIED, content, 0644);
	free(content);
}

/* keepalived is not started before the node's address is there. */
START_TEST(starting_waits_for_address)
{
	struct local_addresses *addresses = allocate(sizeof(*addresses));
	const struct local_address *own;
	char address[ADDRESS_TEXT_MAX];
	char *number;
	pid_t hook;
	int status;

	if (!find_own_address(addresses, &own)) {
		skip_test("this host has loopback addresses only");
		goto out;
	}
	put_node(address_format(&own->prefix.address, address));
	ck_assert_int_eq(run("keepalived-starting"), 0);
	number = format_string("%u\n", if_nametoindex("eth1"));
	scratch_expect(NUMBER, number);
	free(number);
	put_node("192.0.2.1");
	hook = fork();
	ck_assert_int_ge(hook, 0);
	if (hook == 0)
		_exit(run("keepalived-starting"));
	/* Several polls. */
	poll(NULL, 0, 500);
	ck_assert_int_eq(waitpid(hook, &status, WNOHANG), 0);
	kill(hook, SIGKILL);
	ck_assert_int_eq(waitpid(hook, &status, 0), hook);
out:
	free(addresses);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("hook");
	TCase *cases = tcase_create("hook");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, rooted_begin, rooted_end);
	tcase_add_checked_fixture(cases, stand_in_begin, listening_stop);
	tcase_add_test(cases, names);
	tcase_add_test(cases, fitness);
	tcase_add_test(cases, upgraded);
	tcase_add_test(cases, gone_cannot_be_written);
	tcase_add_test(cases, starting);
	tcase_add_test(cases, starting_rolls_back);
	tcase_add_test(cases, recovers);
	tcase_add_test(cases, reloading);
	tcase_add_test(cases, stopped_removes_vips);
	tcase_add_test(cases, starting_waits_for_address);
	tcase_set_timeout(cases, 60);
	suite_add_tcase(suite, cases);
	return suite;
}
