#include "watch/peers.h"

#include <poll.h>
#include <unistd.h>

#include "listening.h"
#include "own_network.h"
#include "unit.h"

static struct peers peers;
static struct settings settings;

static void
begin(const char *address, int port)
{
	settings = (struct settings){.peer_port = port, .peers.count = 1};
	ck_assert_ptr_null(address_parse(address, &settings.peers.at[0]));
	peers_init(&peers);
	ck_assert(!peers_are_awaited(&peers));
	peers_await(&peers, &settings);
	ck_assert(peers_are_awaited(&peers));
}

/* Whether a peer is reached within `milliseconds`, asked as the watcher does. */
static bool
is_reached(int milliseconds)
{
	clock_ms_t deadline = clock_now() + milliseconds;

	while (clock_left(deadline) > 0) {
		peers_ask(&peers, &settings);
		for (int i = 0; i < 10; i++) {
			peers_read(&peers);
			if (!peers_are_awaited(&peers))
				return true;
			poll(NULL, 0, 10);
		}
	}
	return false;
}

START_TEST(accepts)
{
	struct address loopback;
	int port, fd;

	ck_assert_ptr_null(address_parse("127.0.0.1", &loopback));
	fd = listening_socket(&loopback, &port);
	begin("127.0.0.1", port);
	ck_assert(is_reached(2000));
	close(fd);
	/* Its refusal comes from the same host. */
	begin("127.0.0.1", port);
	ck_assert(is_reached(2000));
}
END_TEST

/* Frames that are lost, and a network that is not there. */
START_TEST(silent)
{
	if (!own_network_enter_with_peer())
		return;
	/* The kernel reports an unreachable host after a while. */
	own_network_ip("ntable change name arp_cache dev t0 retrans 20 mcast_probes 1");
	begin("10.9.0.77", 9201);
	ck_assert(!is_reached(300));
	begin("192.0.2.1", 9201);
	ck_assert(!is_reached(300));
	/* One of several is enough. */
	settings.peers.count = 2;
	ck_assert_ptr_null(address_parse("127.0.0.1", &settings.peers.at[1]));
	ck_assert(is_reached(2000));
	/* They are off, as far as can be known. */
	begin("10.9.0.77", 9201);
	peers.until = clock_now();
	peers_read(&peers);
	ck_assert(!peers_are_awaited(&peers));
	for (int i = 0; i < NODES_MAX; i++)
		ck_assert_int_eq(peers.attempts[i], -1);
}
END_TEST

START_TEST(alone)
{
	settings = (struct settings){.peer_port = 9201};
	peers_init(&peers);
	peers_await(&peers, &settings);
	ck_assert(!peers_are_awaited(&peers));
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("peers");
	TCase *cases = tcase_create("peers");

	tcase_add_test(cases, accepts);
	tcase_add_test(cases, silent);
	tcase_add_test(cases, alone);
	suite_add_tcase(suite, cases);
	return suite;
}
