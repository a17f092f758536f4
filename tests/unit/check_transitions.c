#include "watch/transitions.h"

#include "base/vrrp_directory.h"
#include "scratch.h"
#include "unit.h"

static struct transitions transitions;

static void
begin(void)
{
	scratch_empty();
	transitions = (struct transitions){.fd = -1};
}

static void
write_fifo(const char *bytes)
{
	int fd = open(scratch_path(VRRP_FIFO), O_WRONLY | O_NONBLOCK);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, strlen(bytes)), (ssize_t)strlen(bytes));
	close(fd);
}

static const struct {
	const char *line;
	enum vrrp_state state;
} lines[] = {
    {"INSTANCE \"CMONHA_UI_51\" MASTER 150", VRRP_MASTER},
    {"INSTANCE \"CMONHA_UI_51\" BACKUP 150", VRRP_BACKUP},
    {"INSTANCE \"CMONHA_UI_51\" FAULT 150", VRRP_FAULT},
    {"INSTANCE \"CMONHA_UI_51\" STOP 150", VRRP_STOPPED},
    {"INSTANCE \"CMONHA_UI_51\" DELETED 0", VRRP_STOPPED},
    {"INSTANCE \"CMONHA_UI_51\" MASTER_RX_LOWER_PRI 150", VRRP_UNKNOWN},
    {"GROUP \"x\" MASTER 150", VRRP_UNKNOWN},
    {"INSTANCE MASTER 150", VRRP_UNKNOWN},
    {"INSTANCE \"\" MASTER", VRRP_UNKNOWN},
    {"", VRRP_UNKNOWN},
};

START_TEST(words)
{
	bool changed = transitions_note(&transitions, lines[_i].line);

	ck_assert_int_eq(transitions.state, lines[_i].state);
	ck_assert_int_eq(changed, lines[_i].state != VRRP_UNKNOWN);
	ck_assert_int_eq(transitions.since != 0, changed);
	ck_assert(!transitions_note(&transitions, lines[_i].line));
}
END_TEST

/* keepalived never finds the FIFO without a reader, and nothing is lost. */
START_TEST(fifo)
{
	char longer[2 * TRANSITION_LINE_MAX + 2];

	ck_assert(!transitions_open(&transitions, scratch));
	ck_assert(!transitions_read(&transitions));
	ck_assert_int_eq(vrrp_make_fifo(scratch), 0);
	ck_assert_int_eq(vrrp_make_fifo(scratch), 0);
	ck_assert(transitions_open(&transitions, scratch));
	ck_assert(!transitions_read(&transitions));
	write_fifo("INSTANCE \"a\" MASTER 1\nINSTANCE \"a\" BACK");
	ck_assert(transitions_read(&transitions));
	ck_assert_int_eq(transitions.state, VRRP_MASTER);
	write_fifo("UP 1\n");
	ck_assert(transitions_read(&transitions));
	ck_assert_int_eq(transitions.state, VRRP_BACKUP);
	memset(longer, 'x', sizeof(longer));
	strcpy(longer + sizeof(longer) - 2, "\n");
	write_fifo(longer);
	write_fifo("INSTANCE \"a\" FAULT 1\n");
	ck_assert(transitions_read(&transitions));
	ck_assert_int_eq(transitions.state, VRRP_FAULT);
}
END_TEST

/* The directory was removed and made again. */
START_TEST(another_fifo)
{
	ck_assert_int_eq(vrrp_make_fifo(scratch), 0);
	ck_assert(transitions_open(&transitions, scratch));
	ck_assert_int_eq(
	    rename(scratch_path(VRRP_FIFO), scratch_path(VRRP_FIFO ".old")), 0);
	ck_assert(transitions_open(&transitions, scratch));
	ck_assert_int_eq(vrrp_make_fifo(scratch), 0);
	ck_assert(transitions_open(&transitions, scratch));
	write_fifo("INSTANCE \"a\" MASTER 1\n");
	ck_assert(transitions_read(&transitions));
}
END_TEST

START_TEST(no_fifo)
{
	scratch_put(VRRP_FIFO + 1, "INSTANCE \"a\" MASTER 1\n", 0644);
	ck_assert(!transitions_open(&transitions, scratch));
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("transitions");
	TCase *cases = tcase_create("transitions");

	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
	tcase_add_checked_fixture(cases, begin, NULL);
	tcase_add_loop_test(cases, words, 0, sizeof(lines) / sizeof(lines[0]));
	tcase_add_test(cases, fifo);
	tcase_add_test(cases, another_fifo);
	tcase_add_test(cases, no_fifo);
	suite_add_tcase(suite, cases);
	return suite;
}
