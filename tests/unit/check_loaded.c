/*
 * Lines as the kernel writes them, taken from HAProxy before and after an upgrade.
 */
#include "base/loaded.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define CODE(path)  "55e2a1c2b000-55e2a1e4d000 r-xp 00032000 00:38 4242 " path "\n"
#define DATA(path)  "7f0b3a000000-7f0b3a021000 r--p 00000000 00:38 4243 " path "\n"
#define HEAP        "55e2a3000000-55e2a3100000 rw-p 00000000 00:00 0     [heap]\n"
#define ANONYMOUS   "7f0b3b000000-7f0b3b100000 rwxp 00000000 00:00 0 \n"
#define LIBSSL      "/usr/lib/x86_64-linux-gnu/libssl.so.3"
#define REPLACED(p) p " (deleted)"

static void
expect(const char *lines, const char *path)
{
	struct text maps = {0};
	char *found;

	text_add_bytes(&maps, lines, strlen(lines));
	found = loaded_find_replaced(&maps);
	if (path) {
		ck_assert_ptr_nonnull(found);
		ck_assert_str_eq(found, path);
	} else {
		ck_assert_ptr_null(found);
	}
	free(found);
	text_free(&maps);
}

START_TEST(nothing_replaced)
{
	expect("", NULL);
	expect(
	    CODE("/usr/sbin/haproxy") HEAP ANONYMOUS CODE(
		LIBSSL) "7ffc8a1fe000-7ffc8a200000 r-xp 00000000 00:00 0     [vdso]\n",
	    NULL);
}
END_TEST

START_TEST(replaced)
{
	expect(CODE(REPLACED("/usr/sbin/haproxy")) HEAP, "/usr/sbin/haproxy");
	expect(CODE("/usr/sbin/haproxy") HEAP ANONYMOUS CODE(REPLACED(LIBSSL)), LIBSSL);
	expect(CODE(REPLACED("/lib/x86_64-linux-gnu/libc.so.6")),
	    "/lib/x86_64-linux-gnu/libc.so.6");
	/* The last line may have no end. */
	expect("55e2a1c2b000-55e2a1e4d000 r-xp 00032000 00:38 42 /opt/a b (deleted)",
	    "/opt/a b");
}
END_TEST

/* A locale archive, memory of a compiler of regular expressions, shared memory. */
START_TEST(not_a_program)
{
	expect(DATA(REPLACED("/usr/lib/locale/locale-archive"))
		   CODE(REPLACED("/memfd:jit")) CODE(REPLACED("/dev/zero"))
		       CODE(REPLACED("/SYSV00000000")) CODE(REPLACED("/tmp/jit")),
	    NULL);
	expect(CODE("/usr/(deleted)") CODE("/usr/a (deleted) b"), NULL);
	expect("r-xp\n/usr/a (deleted)\n\n - /usr/a (deleted)\n", NULL);
}
END_TEST

START_TEST(own_process)
{
	ck_assert(!loaded_is_replaced());
}
END_TEST

Suite *
unit_suite(void)
{
	Suite *suite = suite_create("loaded");
	TCase *cases = tcase_create("loaded");

	tcase_add_test(cases, nothing_replaced);
	tcase_add_test(cases, replaced);
	tcase_add_test(cases, not_a_program);
	tcase_add_test(cases, own_process);
	suite_add_tcase(suite, cases);
	return suite;
}
