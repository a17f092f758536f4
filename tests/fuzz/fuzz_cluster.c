/*
 * The cluster file; and when it is right, every template rendered for every node. Runs
 * where conf/templates is.
 */
#include <glob.h>

#include "base/file.h"
#include "base/network.h"
#include "fuzz.h"
#include "plan/template.h"
#include "plan/variables.h"

#define TEMPLATES_MAX 16

static struct text templates[TEMPLATES_MAX];
static size_t template_count;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	glob_t found;

	(void)argc;
	(void)argv;
	assert(glob("conf/templates/*[!p]", 0, NULL, &found) == 0); /* not *.http */
	assert(found.gl_pathc <= TEMPLATES_MAX);
	for (; template_count < found.gl_pathc; template_count++)
		assert(file_read(found.gl_pathv[template_count], FILE_LIMIT,
			   &templates[template_count]) == 0);
	globfree(&found);
	return 0;
}

static void
render(const struct cluster *cluster, const struct node *node)
{
	char page[] = "/no-leader.http";
	const struct local_addresses none = {.count = 0};
	struct host_facts facts = {
	    .self = node, .addresses = &none, .no_leader_page = page};
	struct problems problems = {.file = "template"};
	struct text output = {0};
	json_t *variables;

	memcpy(facts.interface, node->interface, sizeof(facts.interface));
	variables = variables_make(cluster, &facts);
	json_object_set_new(variables, "digest", json_string("0123456789abcdef"));
	for (size_t i = 0; i < template_count; i++)
		assert(
		    template_render(&templates[i], variables, &output, &problems) == 0);
	/* Without a peer keepalived would use multicast. */
	assert(!memmem(output.data, output.length, "unicast_peer {\n\t}", 17));
	/* The templates have no other bytes, so no value may bring them in. */
	for (size_t i = 0; i < output.length; i++)
		assert(output.data[i] == '\n' || output.data[i] == '\t' ||
		       (output.data[i] >= ' ' && output.data[i] <= '~'));
	text_free(&output);
	json_decref(variables);
}

static void
check(const struct cluster *cluster)
{
	assert(cluster->node_count >= 1 && cluster->vips.count >= 1);
	for (size_t i = 0; i < cluster->node_count; i++) {
		const struct node *node = &cluster->nodes[i];

		assert(cluster_node(cluster, node->name) == node);
		assert(node->roles && node->priority >= 1 && node->priority <= 254);
		render(cluster, node);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text content = fuzz_text(data, size);
	struct problems problems = {.file = "fuzz"}, again = {.file = "fuzz"};
	struct cluster cluster;
	size_t lines = 0;
	int result = cluster_parse(&content, &cluster, &problems);

	for (size_t i = 0; i < problems.lines.length; i++)
		lines += problems.lines.data[i] == '\n';
	assert(lines == problems.errors + problems.warnings);
	assert(result == (problems.errors ? -1 : 0));
	if (result == 0)
		check(&cluster);
	/* A comment at the end changes nothing. */
	text_addf(&content, "\n# [node x]\n");
	assert(cluster_parse(&content, &cluster, &again) == result);
	fuzz_same(&problems.lines, &again.lines);
	text_free(&content);
	problems_free(&problems);
	problems_free(&again);
	return 0;
}
