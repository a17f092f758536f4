/*
 * Which clients may query the check.
 */
#include <stdlib.h>

#include "base/text.h"
#include "check/access.h"
#include "unit.h"

static const char cluster_file[] =
    "[cluster]\nvip = 10.9.0.200/24\n[check]\nallow = 192.0.2.0/24, fd00::5, "
    "::ffff:198.51.100.0/120, ::ffff:203.0.113.9\n"
    "[node cc1]\naddress = 10.9.0.101\n[node cc2]\naddress = 10.9.0.102\n"
    "[node lb1]\naddress = 10.9.0.103\nroles = proxy\n"
    "[node cc4]\naddress = fd00::4\nroles = controller\n";

static struct config *config;

static void
begin(void)
{
	struct problems problems = {0};
	struct text content = {0};

	config = allocate(sizeof(*config));
	text_addf(&content, "%s", cluster_file);
	ck_assert_int_eq(cluster_parse(&content, &config->cluster, &problems), 0);
	problems_free(&problems);
	text_free(&content);
}

static void
end(void)
{
	free(config);
}

static bool
allows(const char *text)
{
	struct address address;

	ck_assert_ptr_null(address_parse(text, &address));
	return access_allows(config, &address);
}

START_TEST(clients_are_told_apart)
{
	static const char *const yes[] = {"10.9.0.101", "10.9.0.102", "10.9.0.103",
	    "fd00::4", "10.9.0.200", "192.0.2.77", "198.51.100.7", "203.0.113.9",
	    "fd00::5", "127.0.0.1", "127.9.9.9", "::1"};
	static const char *const no[] = {"10.9.0.104", "10.9.0.1", "10.9.0.201",
	    "192.0.3.1", "198.51.101.7", "203.0.113.8", "fd00::6", "0.0.0.0",
	    "::", "8.8.8.8"};

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		ck_assert_msg(allows(yes[i]), "%s", yes[i]);
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		ck_assert_msg(!allows(no[i]), "%s", no[i]);
	/* This machine's own addresses, whatever they are for. */
	config->local.count = 1;
	address_parse("8.8.8.8", &config->local.at[0].prefix.address);
	ck_assert(allows("8.8.8.8"));
}
END_TEST

/* Without a cluster file, and not with one that cannot be used. */
START_TEST(all_may_be_allowed)
{
	config->cluster = (struct cluster){.node_count = 0};
	ck_assert(!allows("8.8.8.8"));
	config->allow_all = true;
	ck_assert(allows("8.8.8.8"));
	ck_assert(allows("fd00::6"));
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("access");
	TCase *cases = tcase_create("access");

	tcase_add_checked_fixture(cases, begin, end);
	tcase_add_test(cases, clients_are_told_apart);
	tcase_add_test(cases, all_may_be_allowed);
	suite_add_tcase(suite, cases);
	return suite;
}
