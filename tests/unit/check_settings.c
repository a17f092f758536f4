#include "watch/settings.h"

#include "scratch.h"
#include "unit.h"

static struct settings settings;

static int
read_from(const char *content)
{
	settings = (struct settings){.address.family = AF_UNSPEC};
	scratch_put("watch.conf", content, 0644);
	return settings_read(scratch_path("watch.conf"), &settings);
}

START_TEST(valid)
{
	char address[ADDRESS_TEXT_MAX];

	ck_assert_int_eq(
	    read_from(
		"# made\n[watch]\naddress = 10.0.0.101\ninterface = "
		"bond0.100\ncut_sessions = yes\npeer = 10.0.0.102\npeer = fd00::3\n"
		"peer_port = 9201\n"),
	    0);
	ck_assert_uint_eq(settings.peers.count, 2);
	ck_assert_str_eq(address_format(&settings.peers.at[1], address), "fd00::3");
	ck_assert_int_eq(settings.peer_port, 9201);
	ck_assert_str_eq(address_format(&settings.address, address), "10.0.0.101");
	ck_assert_str_eq(settings.interface, "bond0.100");
	ck_assert(settings.cut_sessions);
}
END_TEST

START_TEST(invalid)
{
	static const char *const contents[] = {"", "[watch]\naddress = 10.0.0.101\n",
	    "[watch]\ninterface = eth1\n", "[watch]\naddress = x\ninterface = eth1\n",
	    "[watch]\naddress = 10.0.0.1\ninterface = eth1\nspeed = 1\n",
	    "[watch]\naddress = 10.0.0.1\ninterface = averylonginterface\n",
	    "[watch]\naddress = 10.0.0.1\ninterface = eth1\ncut_sessions = 2\n",
	    "[watch]\naddress = 10.0.0.1\ninterface = eth1\npeer = 10.0.0.2\n",
	    "[watch]\naddress = 10.0.0.1\ninterface = eth1\npeer = cc2\n",
	    "[watch]\naddress = 10.0.0.1\ninterface = eth1\npeer_port = 65536\n"};

	ck_assert_int_eq(read_from(contents[_i]), -1);
	ck_assert_int_eq(settings.address.family, AF_UNSPEC);
	ck_assert_int_eq(settings_read(scratch_path("absent"), &settings), -1);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("settings");
	TCase *cases = tcase_create("settings");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, scratch_empty, NULL);
	tcase_add_test(cases, valid);
	tcase_add_loop_test(cases, invalid, 0, 10);
	suite_add_tcase(suite, cases);
	return suite;
}
