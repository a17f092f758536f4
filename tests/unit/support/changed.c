#include "changed.h"

struct transaction changed;

void
changed_begin(void)
{
	changed = (struct transaction){.machine = &rooted_machine};
	ck_assert_int_eq(file_make_directories(scratch_path("root/etc")), 0);
	ck_assert_int_eq(
	    file_make_directories(scratch_path("root/var/lib/cmonha-ui")), 0);
}

void
changed_end(void)
{
	transaction_free(&changed);
}

char *
changed_find(const struct machine *machine, const char *path)
{
	const char *at = strstr(path, "/etc/");

	(void)machine;
	return at ? copy_string(at) : NULL;
}

int
changed_recover(void)
{
	struct restored restored;
	int result = journal_undo(&rooted_machine, changed_find, &restored);

	restored_free(&restored);
	return result > 0 && journal_remove(&rooted_machine) < 0 ? -1 : result;
}

int
changed_add(const char *target, const char *content, mode_t mode)
{
	struct text text = {0};
	int result;

	text_addf(&text, "%s", content ? content : "");
	result = transaction_add(&changed, target, content ? &text : NULL, mode);
	text_free(&text);
	return result;
}
