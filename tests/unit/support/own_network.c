#include "own_network.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"
#include "skip.h"
#include "unit.h"

void
own_network_ip(const char *words, ...)
{
	struct text command = {0};
	va_list arguments;

	text_addf(&command, "PATH=/usr/sbin:/usr/bin:/sbin:/bin exec ip ");
	va_start(arguments, words);
	text_vaddf(&command, words, arguments);
	va_end(arguments);
	ck_assert_msg(system(command.data) == 0, "%s", command.data);
	text_free(&command);
}

bool
own_network_enter(void)
{
	if (unshare(CLONE_NEWNET) < 0) {
		skip_test("a network namespace needs root");
		return false;
	}
	own_network_ip("link set lo up");
	return true;
}

bool
own_network_enter_with_peer(void)
{
	int here, there;

	if (!own_network_enter())
		return false;
	here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(here, 0);
	ck_assert_int_eq(unshare(CLONE_NEWNET), 0);
	there = open("/proc/self/ns/net", O_RDONLY);
	ck_assert_int_ge(there, 0);
	ck_assert_int_eq(setns(here, CLONE_NEWNET), 0);
	own_network_ip(
	    "link add t0 type veth peer name t1 address 02:00:00:00:00:0b netns "
	    "/proc/self/fd/%d",
	    there);
	own_network_ip("address add 10.9.0.1/24 dev t0");
	own_network_ip("address add fd00:9::1/64 dev t0 nodad");
	own_network_ip("link set t0 up");
	ck_assert_int_eq(setns(there, CLONE_NEWNET), 0);
	own_network_ip("link set t1 up");
	own_network_ip("address add 10.9.0.2/24 dev t1");
	own_network_ip("address add 10.9.0.200/24 dev t1");
	own_network_ip("address add fd00:9::2/64 dev t1 nodad");
	/* The namespace lives as long as its descriptor is open. */
	ck_assert_int_eq(setns(here, CLONE_NEWNET), 0);
	close(here);
	return true;
}
