#include "planned.h"

struct planned *planned;

const struct plan_file *
planned_file(const struct planned *made, const char *name)
{
	for (size_t i = 0; i < made->plan.file_count; i++)
		if (strcmp(made->plan.files[i].name, name) == 0)
			return &made->plan.files[i];
	ck_abort_msg("no %s in the plan", name);
}

struct planned *
planned_site(const char *content, const char *node, bool make_passwords)
{
	struct planned *made = allocate(sizeof(*made));
	const struct node *self;

	made->problems.file = "f";
	text_addf(&made->source, "%s", content);
	ck_assert_msg(
	    cluster_parse(&made->source, &made->cluster, &made->problems) == 0, "%s",
	    text_string(&made->problems.lines));
	text_clear(&made->problems.lines);
	self = cluster_node(&made->cluster, node);
	ck_assert_ptr_nonnull(self);
	ck_assert_msg(
	    facts_gather(&rooted_machine, &made->cluster, self, &made->addresses,
		make_passwords, &made->site, &made->problems) == 0,
	    "%s", text_string(&made->problems.lines));
	free(made->site.templates_packaged);
	made->site.templates_packaged = copy_string("conf/templates");
	return made;
}

struct planned *
planned_make(const char *content, const char *node)
{
	struct planned *made = planned_site(content, node, true);

	ck_assert_msg(plan_make(&made->cluster, &made->source, &made->site, &made->plan,
			  &made->problems) == 0,
	    "%s", text_string(&made->problems.lines));
	return made;
}

void
planned_free(struct planned *made)
{
	plan_free(&made->plan);
	facts_free(&made->site);
	text_free(&made->source);
	problems_free(&made->problems);
	free(made);
}

void
planned_end(void)
{
	if (planned)
		planned_free(planned);
	planned = NULL;
}
