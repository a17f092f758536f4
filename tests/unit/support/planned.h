/*
 * A plan made from the text of a cluster file. As a fixture: a machine, and the test's
 * plan for it, freed at the end.
 *
 *	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
 *	tcase_add_checked_fixture(cases, rooted_begin, rooted_end);
 *	tcase_add_checked_fixture(cases, NULL, planned_end);
 */
#ifndef CMONHA_UNIT_PLANNED_H
#define CMONHA_UNIT_PLANNED_H

#include "apply/facts.h"
#include "rooted.h"
#include "unit.h"

#define PLANNED_CLUSTER "[cluster]\nvip = 10.0.0.200/24\ninterface = eth1\n"
#define PLANNED_NODES                                                                  \
	"[node cc1]\naddress = 10.0.0.101\n[node cc2]\naddress = 10.0.0.102\n"         \
	"[node cc3]\naddress = 10.0.0.103\n"

struct planned {
	struct cluster cluster;
	struct local_addresses addresses;
	struct text source;
	struct host_facts site;
	struct plan plan;
	struct problems problems;
};

/* The plan of the test, if it has only one. */
extern struct planned *planned;

struct planned *planned_make(const char *content, const char *node);
/* Without the last step, so that a test can change the site before. */
struct planned *
planned_site(const char *content, const char *node, bool make_passwords);
void planned_free(struct planned *planned);

/* The file of that short name; the test fails if there is none. */
const struct plan_file *planned_file(const struct planned *planned, const char *name);

void planned_end(void);

#endif
