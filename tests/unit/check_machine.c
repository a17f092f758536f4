#include "rooted.h"
#include "scratch.h"
#include "unit.h"

START_TEST(paths)
{
	char *path = machine_path(&rooted_machine, "/etc/services");
	struct machine image = machine_at("/srv/image"), here = machine_at(NULL);
	struct machine slash = machine_at("/");

	ck_assert_str_eq(path, scratch_path("root/etc/services"));
	free(path);
	path = machine_path(&here, "/etc/services");
	ck_assert_str_eq(path, "/etc/services");
	free(path);
	ck_assert_str_eq(image.root, "/srv/image");
	/* An image has no services that could be reloaded, and no programs that test.
	 */
	ck_assert(!image.services);
	ck_assert(!image.validate);
	ck_assert(here.validate);
	ck_assert_int_eq(here.services, access("/run/systemd/system", F_OK) == 0);
	/* "/" is this machine, not an image. */
	ck_assert_str_eq(slash.root, "");
	ck_assert_int_eq(slash.services, here.services);
	ck_assert(slash.validate);
}
END_TEST

START_TEST(one_at_a_time)
{
	int lock = machine_lock(&rooted_machine, 0), second;

	ck_assert_int_ge(lock, 0);
	ck_assert_int_eq(fcntl(lock, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	ck_assert_int_eq(scratch_mode("root/var/lib/cmonha-ui/lock"), 0600);
	second = machine_lock(&rooted_machine, 0);
	ck_assert_int_eq(second, -1);
	ck_assert_int_eq(errno, EWOULDBLOCK);
	machine_unlock(lock);
	machine_unlock(-1);
	second = machine_lock(&rooted_machine, 0);
	ck_assert_int_ge(second, 0);
	machine_unlock(second);
}
END_TEST

START_TEST(lock_follows_no_link)
{
	scratch_put("precious", "x", 0600);
	ck_assert_int_eq(
	    file_make_directories(scratch_path("root/var/lib/cmonha-ui")), 0);
	ck_assert_int_eq(symlink(scratch_path("precious"),
			     scratch_path("root/var/lib/cmonha-ui/lock")),
	    0);
	ck_assert_int_eq(machine_lock(&rooted_machine, 10000), -1);
	ck_assert_int_eq(errno, ELOOP);
	scratch_expect("precious", "x");
}
END_TEST

/* The state directory of an image is another machine's: nothing is created there. */
START_TEST(lock_stays_inside)
{
	ck_assert_int_eq(mkdir(scratch_path("outside"), 0755), 0);
	ck_assert_int_eq(file_make_directories(scratch_path("root/var/lib")), 0);
	ck_assert_int_eq(symlink(scratch_path(_i ? "outside/none" : "outside"),
			     scratch_path("root/var/lib/cmonha-ui")),
	    0);
	ck_assert_int_eq(machine_lock(&rooted_machine, 10000), -1);
	ck_assert_int_eq(errno, EXDEV);
	scratch_expect_tree("outside", copy_string(""));
}
END_TEST

/* Each kind of link in a directory from which files of the image are made. */
static const struct {
	const char *link, *to;
	bool out;
} links[] = {
    {"root/etc/cmonha-ui", "/etc", true},
    {"root/etc/cmonha-ui/cluster.conf", "/etc/passwd", true},
    {"root/etc/cmonha-ui/templates", "/etc", true},
    {"root/etc/cmonha-ui/templates/haproxy.cfg", "/etc/passwd", true},
    {"root/etc/cmonha-ui/templates/haproxy.cfg", "../../../../outside", true},
    {"root/usr/share/cmonha-ui/templates/haproxy.cfg", "/etc/passwd", true},
    {"root/var/lib/cmonha-ui/before", "/etc", true},
    {"root/var/lib/cmonha-ui/journal.old.0", "/etc/passwd", true},
    {"root/var/lib", "/var/lib", true},
    {"root/etc/cmonha-ui/cluster.conf", "../other", false},
    {"root/etc/cmonha-ui/templates", "../other", false},
};

START_TEST(links_out)
{
	char *directory = copy_string(scratch_path(links[_i].link));
	struct machine here = machine_at(NULL);

	scratch_put("root/etc/other/file", "x", 0644);
	scratch_put("outside/file", "x", 0644);
	ck_assert(!machine_has_links_out(&rooted_machine));
	*strrchr(directory, '/') = '\0';
	ck_assert_int_eq(file_make_directories(directory), 0);
	ck_assert_int_eq(symlink(links[_i].to, scratch_path(links[_i].link)), 0);
	ck_assert_int_eq(machine_has_links_out(&rooted_machine), links[_i].out);
	ck_assert(!machine_has_links_out(&here));
	free(directory);
}
END_TEST

/* Not the same as a lock that another instance holds. */
START_TEST(no_state_directory)
{
	scratch_put("root/var", "a file", 0644);
	ck_assert_int_eq(machine_lock(&rooted_machine, 10000), -1);
	ck_assert_int_ne(errno, EWOULDBLOCK);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("machine");
	TCase *cases = tcase_create("machine");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, rooted_begin, rooted_end);
	tcase_add_test(cases, paths);
	tcase_add_test(cases, one_at_a_time);
	tcase_add_test(cases, lock_follows_no_link);
	tcase_add_loop_test(cases, lock_stays_inside, 0, 2);
	tcase_add_loop_test(cases, links_out, 0, sizeof(links) / sizeof(links[0]));
	tcase_add_test(cases, no_state_directory);
	suite_add_tcase(suite, cases);
	return suite;
}
