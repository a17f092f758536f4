#include "base/neighbour.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "own_network.h"
#include "unit.h"

static struct neighbour
neighbour(const char *text)
{
	struct neighbour one = {.answered = false};

	ck_assert(!address_parse(text, &one.address));
	return one;
}

static const unsigned char mac[] = {2, 0, 0, 0, 0, 0x0b};

/* Another machine on the link answers, for its own addresses and for no others. */
START_TEST(answers)
{
	struct local_addresses *own = allocate(sizeof(*own));
	struct neighbour list[] = {neighbour("10.9.0.200"), neighbour("10.9.0.201"),
	    neighbour("10.9.0.2"), neighbour("fd00:9::2"), neighbour("fd00:9::3")};
	clock_ms_t begin;

	if (!own_network_enter_with_peer()) {
		free(own);
		return;
	}
	ck_assert_int_eq(network_local_addresses(own), 0);
	begin = clock_now();
	ck_assert_int_eq(neighbour_query("t0", own, list, 5, 2, 500), 0);
	ck_assert_int_ge(clock_now() - begin, 500);
	ck_assert(list[0].answered && !list[1].answered && list[2].answered &&
		  list[3].answered && !list[4].answered);
	ck_assert_mem_eq(list[0].mac, mac, MAC_LENGTH);
	ck_assert_mem_eq(list[2].mac, mac, MAC_LENGTH);
	ck_assert_mem_eq(list[3].mac, mac, MAC_LENGTH);
	/* When all have answered there is nothing to wait for. */
	list[0] = neighbour("10.9.0.200");
	list[1] = neighbour("10.9.0.2");
	begin = clock_now();
	ck_assert_int_eq(neighbour_query("t0", own, list, 2, 1, 30000), 0);
	ck_assert(list[0].answered && list[1].answered);
	ck_assert_int_lt(clock_now() - begin, 30000);
	ck_assert_int_eq(neighbour_query("lo", own, list, 1, 1, 100), -1);
	ck_assert_int_eq(errno, ENOTSUP);
	ck_assert_int_eq(neighbour_query("nowhere", own, list, 1, 1, 100), -1);
	ck_assert_int_eq(errno, ENODEV);
	free(own);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("neighbour");
	TCase *cases = tcase_create("neighbour");

	tcase_add_test(cases, answers);
	tcase_set_timeout(cases, 60);
	suite_add_tcase(suite, cases);
	return suite;
}
