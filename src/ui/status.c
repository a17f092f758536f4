#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "apply/node_status.h"
#include "ui/cluster_status.h"
#include "ui/cluster_watch.h"
#include "ui/command.h"
#include "ui/context.h"
#include "ui/screen.h"

#define QUERY_MS       2000
#define PLUGIN_UNKNOWN 3

static const char *
string_in(const json_t *object, const char *name)
{
	const char *string = json_string_value(json_object_get(object, name));

	return string ? string : "unknown";
}

static void
print_role(const json_t *status)
{
	const json_t *check = json_object_get(status, "check");

	if (!check)
		return;
	printf("  role        %s", string_in(check, "role"));
	if (strcmp(string_in(check, "role"), string_in(check, "reason")) != 0)
		printf(" (%s)", string_in(check, "reason"));
	printf("\n              %s\n", string_in(check, "explanation"));
}

static void
print_pairs(const char *heading, json_t *object)
{
	const char *name;
	json_t *value;

	json_object_foreach (object, name, value) {
		printf("  %-11s %-30s %s\n", heading, name, json_string_value(value));
		heading = "";
	}
}

static void
print_text(json_t *status)
{
	json_t *value;
	size_t i;

	printf("node %s, cluster file %s, cmonha-ui %s\n", string_in(status, "node"),
	    string_in(status, "checksum"), string_in(status, "version"));
	print_role(status);
	json_array_foreach (json_object_get(status, "vips"), i, value)
		printf("  %-11s %s is %s\n", i ? "" : "virtual IP",
		    string_in(value, "address"),
		    json_is_true(json_object_get(value, "here")) ? "on this node"
								 : "not on this node");
	json_array_foreach (json_object_get(status, "urls"), i, value)
		printf("  %-11s %s\n", i ? "" : "UI", json_string_value(value));
	print_pairs("services", json_object_get(status, "services"));
	print_pairs("haproxy", json_object_get(status, "haproxy_servers"));
	value = json_object_get(status, "leader");
	if (json_is_string(value))
		printf("  leader      %s\n", json_string_value(value));
	else if (value)
		puts("  leader      none: HAProxy sees no leader, so no UI is shown");
	if (json_is_true(json_object_get(status, "well")))
		puts("status: OK");
	json_array_foreach (json_object_get(status, "problems"), i, value)
		printf("problem: %s\n", json_string_value(value));
	json_array_foreach (json_object_get(status, "warnings"), i, value)
		puts(json_string_value(value));
	json_array_foreach (json_object_get(status, "files_differing"), i, value)
		printf("  %-11s %s\n", i ? "" : "differs", json_string_value(value));
}

static int
print_node(const struct arguments *arguments)
{
	struct context *context = context_create(arguments);
	struct problems problems = {.file = context->file};
	int status = context_find_self(context);
	json_t *found;

	if (status == 0)
		status = context_plan_report(context, context->self, &problems);
	if (status == 0) {
		found = node_status_collect(&context->machine, &context->plan,
		    &context->facts, &context->source, &problems);
		if (arguments->json) {
			json_dumpf(found, stdout, JSON_INDENT(2));
			puts("");
		} else {
			print_text(found);
		}
		status = json_is_true(json_object_get(found, "well")) ? 0 : 1;
		json_decref(found);
	}
	problems_free(&problems);
	context_free(context);
	return status;
}

/* 0 to 3 for monitoring; else 0, or 1 if there are problems. */
static int
print_cluster(const struct arguments *arguments)
{
	struct answer *answers = allocate(NODES_MAX * sizeof(*answers));
	struct context *context = context_create(arguments);
	int status = context_read(context);
	struct text output = {0};
	json_t *judged;

	if (status == 0) {
		query_nodes(&context->cluster, QUERY_MS, -1, answers);
		judged = judgement_make(&context->cluster, answers);
		status = (int)judgement_severity(judged);
		if (arguments->monitoring)
			cluster_status_add_plugin(&output, judged);
		else if (!arguments->json)
			cluster_status_add_table(&output, judged);
		else if (json_dumpf(judged, stdout, JSON_INDENT(2)) == 0)
			puts("");
		fputs(text_string(&output), stdout);
		if (!arguments->monitoring)
			status = status == SEVERITY_OK ? 0 : 1;
		json_decref(judged);
	} else if (arguments->monitoring) {
		puts("CMONHA UNKNOWN: the cluster file cannot be used");
		status = PLUGIN_UNKNOWN;
	}
	query_free(answers);
	text_free(&output);
	context_free(context);
	free(answers);
	return status;
}

static int
watch_cluster(const struct arguments *arguments)
{
	struct context *context = context_create(arguments);
	int status = context_read(context);

	if (status == 0)
		status = cluster_watch(&context->cluster);
	context_free(context);
	return status;
}

int
command_status(const struct arguments *arguments)
{
	if (arguments->monitoring && !arguments->cluster)
		return usage_error("status", "--monitoring needs --cluster");
	if (arguments->watch && !arguments->cluster)
		return usage_error("status", "--watch needs --cluster");
	if (arguments->watch && (arguments->json || arguments->monitoring))
		return usage_error(
		    "status", "--watch excludes --json and --monitoring");
	if (arguments->watch && screen_unusable())
		return usage_error("status", "--watch %s", screen_unusable());
	if (arguments->watch)
		return watch_cluster(arguments);
	return arguments->cluster ? print_cluster(arguments) : print_node(arguments);
}
