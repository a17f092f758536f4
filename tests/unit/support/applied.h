/*
 * A machine on which others have been at work, and what apply makes of it.
 *
 *	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
 *	tcase_add_checked_fixture(cases, rooted_begin, rooted_end);
 *	tcase_add_checked_fixture(cases, applied_put_machine, planned_end);
 */
#ifndef CMONHA_UNIT_APPLIED_H
#define CMONHA_UNIT_APPLIED_H

#include "apply/apply.h"
#include "planned.h"
#include "scratch.h"
#include "unit.h"

#define WITH(lines) PLANNED_CLUSTER lines PLANNED_NODES
#define XINETD      WITH("[check]\nserver = xinetd\n")
#define SYSTEMD     WITH("[check]\nserver = systemd\n")

#define SERVICES_BEFORE "# /etc/services\nssh\t\t22/tcp\nhttp\t\t80/tcp\t\twww"
#define RECIPE                                                                         \
	"service cmonhachk\n{\n\tport = 9201\n\tserver = /usr/local/sbin/cmonhachk\n}\n"

void applied_put_machine(void);

/* The manual setup's file where ours will go, with a mode and an owner of its own. */
void applied_put_recipe(void);

/* Makes `planned`; and applies it to rooted_machine, which must succeed. */
void applied_plan(const char *content, const char *node);
void applied_apply(const char *content, const char *node);

/* The file of that short name is as `planned` has it. */
void applied_expect(const char *name);

/* As `before` was described, except for directories that apply may have made. */
void applied_expect_as_before(char *before);

#endif
