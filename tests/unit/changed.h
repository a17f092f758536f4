/*
 * A fixture: a transaction on the machine in the scratch directory.
 *
 *	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
 *	tcase_add_checked_fixture(cases, rooted_begin, rooted_end);
 *	tcase_add_checked_fixture(cases, changed_begin, changed_end);
 */
#ifndef CMONHA_UNIT_CHANGED_H
#define CMONHA_UNIT_CHANGED_H

#include "apply/transaction.h"
#include "rooted.h"
#include "scratch.h"
#include "unit.h"

#define JOURNAL "root/var/lib/cmonha-ui/journal"

static struct transaction transaction;

static inline void
changed_begin(void)
{
	transaction = (struct transaction){.machine = &machine};
	ck_assert_int_eq(file_make_directories(scratch_path("root/etc")), 0);
	ck_assert_int_eq(
	    file_make_directories(scratch_path("root/var/lib/cmonha-ui")), 0);
}

static inline void
changed_end(void)
{
	transaction_free(&transaction);
}

/* content NULL: the target is to go. */
static inline int
add(const char *target, const char *content, mode_t mode)
{
	struct text text = {0};
	int result;

	text_addf(&text, "%s", content ? content : "");
	result = transaction_add(&transaction, target, content ? &text : NULL, mode);
	text_free(&text);
	return result;
}

#endif
