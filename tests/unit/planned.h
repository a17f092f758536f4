/*
 * A plan made from the words of a cluster file, for the tests of what is done with it.
 * As a fixture: a machine, and the test's plan for it, freed at the end.
 *
 *	tcase_add_unchecked_fixture(cases, scratch_create, scratch_remove);
 *	tcase_add_checked_fixture(cases, rooted_begin, rooted_end);
 *	tcase_add_checked_fixture(cases, NULL, planned_end);
 */
#ifndef CMONHA_UNIT_PLANNED_H
#define CMONHA_UNIT_PLANNED_H

#include <stdlib.h>
#include <string.h>

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

static inline const struct plan_file *
planned_file(const struct planned *planned, const char *name)
{
	for (size_t i = 0; i < planned->plan.file_count; i++)
		if (strcmp(planned->plan.files[i].name, name) == 0)
			return &planned->plan.files[i];
	ck_abort_msg("no %s in the plan", name);
}

/* Without the last step, so that a test can change the site before. */
static inline struct planned *
planned_site(const char *content, const char *node, bool make_passwords)
{
	struct planned *planned = allocate(sizeof(*planned));
	const struct node *self;

	planned->problems.file = "f";
	text_addf(&planned->source, "%s", content);
	ck_assert_msg(
	    cluster_parse(&planned->source, &planned->cluster, &planned->problems) == 0,
	    "%s", text_string(&planned->problems.lines));
	text_clear(&planned->problems.lines);
	self = cluster_node(&planned->cluster, node);
	ck_assert_ptr_nonnull(self);
	ck_assert_msg(
	    facts_gather(&machine, &planned->cluster, self, &planned->addresses,
		make_passwords, &planned->site, &planned->problems) == 0,
	    "%s", text_string(&planned->problems.lines));
	free(planned->site.templates_packaged);
	planned->site.templates_packaged = copy_string("conf/templates");
	return planned;
}

static inline struct planned *
planned_make(const char *content, const char *node)
{
	struct planned *planned = planned_site(content, node, true);

	ck_assert_msg(plan_make(&planned->cluster, &planned->source, &planned->site,
			  &planned->plan, &planned->problems) == 0,
	    "%s", text_string(&planned->problems.lines));
	return planned;
}

static inline void
planned_free(struct planned *planned)
{
	plan_free(&planned->plan);
	facts_free(&planned->site);
	text_free(&planned->source);
	problems_free(&planned->problems);
	free(planned);
}

static struct planned *planned;

static inline void
planned_end(void)
{
	if (planned)
		planned_free(planned);
	planned = NULL;
}

#endif
