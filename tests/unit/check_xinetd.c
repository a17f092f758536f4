#include "apply/xinetd.h"

#include "parsed.h"
#include "rooted.h"
#include "stand_in.h"

#define XINETD "xinetd.service"
#define MEMORY "root" XINETD_ENABLED_FILE

static void
put_link(const char *name, const char *to)
{
	scratch_put(name, "", 0644);
	ck_assert_int_eq(unlink(scratch_path(name)), 0);
	ck_assert_int_eq(symlink(to, scratch_path(name)), 0);
}

static void
begin(void)
{
	rooted_begin();
	rooted_machine.services = true;
	stand_in_begin();
}

/* What systemctl does with an init script. */
static void
enable_makes_link(void)
{
	scratch_put("systemd/on/enable." XINETD,
	    "mkdir -p ../root/etc/rc3.d\n: >../root/etc/rc3.d/S01xinetd\n", 0644);
	scratch_put(
	    "systemd/on/disable." XINETD, "rm ../root/etc/rc3.d/S01xinetd\n", 0644);
}

static const struct {
	const char *file, *to; /* to: NULL for a file */
	int enabled;
} links[] = {
    {"root/etc/rc3.d/S01xinetd", NULL, 1},
    {"root/etc/rc5.d/S20xinetd", "../init.d/xinetd", 1},
    {"root/etc/rc3.d/K01xinetd", NULL, 0},
    {"root/etc/rc6.d/S01xinetd", NULL, 0},
    {"root/etc/rc3.d/S01xinetd2", NULL, 0},
    {"root/etc/rc3.d/S", NULL, 0},
    {"root/etc/systemd/system/multi-user.target.wants/" XINETD,
	"/usr/lib/systemd/system/" XINETD, 1},
    {"root/etc/systemd/system/other.wants/" XINETD, "/dev/null", 0},
};

START_TEST(enabled_by_its_links)
{
	if (links[_i].to)
		put_link(links[_i].file, links[_i].to);
	else
		scratch_put(links[_i].file, "", 0644);
	ck_assert_int_eq(xinetd_is_enabled(&rooted_machine), links[_i].enabled);
	/* It cannot be started at all. */
	put_link("root/etc/systemd/system/" XINETD, "/dev/null");
	ck_assert_int_eq(xinetd_is_enabled(&rooted_machine), 0);
}
END_TEST

static int
usable_now(void)
{
	return xinetd_is_usable(&rooted_machine, &parsed_problems);
}

START_TEST(usable)
{
	ck_assert_int_eq(usable_now(), 0);
	rooted_put_xinetd();
	ck_assert_int_eq(usable_now(), 1);
	scratch_put("root/etc/xinetd.conf", "defaults\n{\n}\n", 0644);
	ck_assert_int_eq(usable_now(), 0);
	rooted_put_xinetd();
	ck_assert_int_eq(unlink(scratch_path("root/etc/rc3.d/S01xinetd")), 0);
	ck_assert_int_eq(usable_now(), 0);
	/* An error is not the answer "no", by which another listener would be used. */
	put_link("root/usr/sbin/xinetd", "xinetd");
	ck_assert_int_eq(usable_now(), -1);
	/* The administrator chose that one: nothing to report. */
	parsed_expect("");
}
END_TEST

#define CONF "root/etc/xinetd.conf"

static void
conf_is_missing(void)
{
}

static void
conf_is_directory(void)
{
	ck_assert_int_eq(mkdir(scratch_path(CONF), 0755), 0);
}

static void
conf_is_fifo(void)
{
	ck_assert_int_eq(mkfifo(scratch_path(CONF), 0644), 0);
}

static void
conf_dangles(void)
{
	put_link(CONF, "xinetd.conf.gone");
}

static void
conf_is_link_to_itself(void)
{
	put_link(CONF, "xinetd.conf");
}

/* As root, EACCES needs a security module; the call and its answer are the same. */
static const struct {
	void (*break_it)(void);
	const char *reason;
} unreadable[] = {
    {conf_is_missing, "No such file or directory"},
    {conf_is_directory, "not a regular file"},
    {conf_is_fifo, "not a regular file"},
    {conf_dangles, "a link to nothing in the image, or out of it"},
    {conf_is_link_to_itself, "a link to nothing in the image, or out of it"},
};

START_TEST(conf_cannot_be_read)
{
	char *wanted =
	    format_string("%s: cannot read: %s, so xinetd does not serve the "
			  "check: correct it, or set server = systemd in "
			  "[check]\n",
		scratch_path(CONF), unreadable[_i].reason);

	rooted_put_xinetd();
	ck_assert_int_eq(unlink(scratch_path(CONF)), 0);
	unreadable[_i].break_it();
	/* auto: systemd's socket works, so no error. */
	ck_assert_int_eq(usable_now(), 0);
	ck_assert_uint_eq(parsed_problems.errors, 0);
	ck_assert_uint_eq(parsed_problems.warnings, 1);
	ck_assert_ptr_nonnull(
	    strstr(parsed_problems.lines.data, "so systemd's socket serves the check"));
	ck_assert_ptr_nonnull(
	    strstr(parsed_problems.lines.data, unreadable[_i].reason));
	problems_free(&parsed_problems);
	/* server = xinetd: an error with its remedy. */
	xinetd_check_defaults(&rooted_machine, &parsed_problems);
	ck_assert_str_eq(text_string(&parsed_problems.lines), wanted);
	ck_assert_uint_eq(parsed_problems.errors, 1);
	free(wanted);
}
END_TEST

START_TEST(enabled_and_disabled_again)
{
	scratch_put("root/usr/sbin/xinetd", "", 0755);
	scratch_put(MEMORY, "", 0644);
	ck_assert_int_eq(unlink(scratch_path(MEMORY)), 0);
	enable_makes_link();
	ck_assert_int_eq(xinetd_enable(&rooted_machine), 0);
	stand_in_expect_calls("enable " XINETD "\n");
	scratch_expect(MEMORY, "");
	ck_assert_int_eq(xinetd_enable(&rooted_machine), 0);
	stand_in_expect_calls("");
	ck_assert_int_eq(xinetd_restore(&rooted_machine), 0);
	stand_in_expect_calls("disable " XINETD "\n");
	scratch_expect(MEMORY, NULL);
	ck_assert_int_eq(xinetd_restore(&rooted_machine), 0);
	stand_in_expect_calls("");
}
END_TEST

/* It was enabled before: not ours to disable. */
START_TEST(enabled_before)
{
	rooted_put_xinetd();
	ck_assert_int_eq(xinetd_enable(&rooted_machine), 0);
	ck_assert_int_eq(xinetd_restore(&rooted_machine), 0);
	stand_in_expect_calls("");
}
END_TEST

START_TEST(cannot_be_enabled)
{
	scratch_put("root/usr/sbin/xinetd", "", 0755);
	scratch_put("root" STATE_DIRECTORY "/node", "", 0644);
	stand_in_fail("enable", XINETD);
	ck_assert_int_eq(xinetd_enable(&rooted_machine), -1);
	/* Remembered before it was tried, so a restore disables what is disabled. */
	scratch_expect(MEMORY, "");
	stand_in_fail("disable", XINETD);
	ck_assert_int_eq(xinetd_restore(&rooted_machine), -1);
	scratch_expect(MEMORY, "");
	/* Purged meanwhile. */
	ck_assert_int_eq(unlink(scratch_path("root/usr/sbin/xinetd")), 0);
	ck_assert_int_eq(xinetd_restore(&rooted_machine), 0);
	scratch_expect(MEMORY, NULL);
}
END_TEST

/* No program of an image is run. */
START_TEST(image)
{
	rooted_put_xinetd();
	scratch_put(MEMORY, "", 0644);
	rooted_machine.services = false;
	ck_assert_int_eq(xinetd_restore(&rooted_machine), 0);
	stand_in_expect_calls("");
	scratch_expect(MEMORY, NULL);
	put_link("root/etc/rc2.d", "/etc/rc2.d");
	put_link("root/etc/systemd/system/multi-user.target.wants", "/etc");
	ck_assert_int_eq(xinetd_is_enabled(&rooted_machine), 1);
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("xinetd");
	TCase *cases = tcase_create("xinetd");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, begin, rooted_end);
	tcase_add_checked_fixture(cases, parsed_begin, parsed_end);
	tcase_add_loop_test(
	    cases, enabled_by_its_links, 0, sizeof(links) / sizeof(links[0]));
	tcase_add_test(cases, usable);
	tcase_add_loop_test(
	    cases, conf_cannot_be_read, 0, sizeof(unreadable) / sizeof(unreadable[0]));
	tcase_add_test(cases, enabled_and_disabled_again);
	tcase_add_test(cases, enabled_before);
	tcase_add_test(cases, cannot_be_enabled);
	tcase_add_test(cases, image);
	suite_add_tcase(suite, cases);
	return suite;
}
