#include "plan/plan.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "plan/template.h"
#include "plan/variables.h"

static const char *const haproxy_validator[] = {"haproxy", "-c", "-f", "{}", NULL};
static const char *const keepalived_validator[] = {
    "keepalived", "--config-test", "--use-file={}", NULL};

/* What the files are made from. */
struct inputs {
	const struct cluster *cluster;
	const struct text *source;
	const struct host_facts *facts;
	json_t *variables;
};

static bool
uses_xinetd(const struct inputs *inputs)
{
	if (inputs->cluster->server == SERVER_AUTO)
		return inputs->facts->has_xinetd;
	return inputs->cluster->server == SERVER_XINETD;
}

static bool
uses_systemd(const struct inputs *inputs)
{
	return !uses_xinetd(inputs);
}

static bool
has_stats(const struct inputs *inputs)
{
	return inputs->cluster->stats != 0;
}

/* A template as it was read. */
struct template_source {
	char *path;
	struct text text;
	int error; /* errno, if it cannot be read */
};

static void
free_source(struct template_source *source)
{
	text_free(&source->text);
	free(source->path);
	*source = (struct template_source){.path = NULL};
}

/* The administrator's template if there is one, else the packaged one. */
static void
read_source(
    const struct inputs *inputs, const char *name, struct template_source *source)
{
	const char *const directories[] = {
	    inputs->facts->templates_own, inputs->facts->templates_packaged};

	for (size_t i = 0; i < 2; i++) {
		if (!directories[i])
			continue;
		free(source->path);
		source->path = format_string("%s/%s", directories[i], name);
		source->error = 0;
		if (file_read(source->path, FILE_LIMIT, &source->text) == 0)
			break;
		source->error = errno;
		if (errno != ENOENT)
			break;
	}
}

static int
render(const struct inputs *inputs, const struct template_source *source,
    struct text *content, struct problems *problems)
{
	struct problems own = {.file = source->path};
	int result = -1;

	if (source->error)
		problem_error(&own, (struct place){0}, "cannot read the template: %s",
		    strerror(source->error));
	else
		result =
		    template_render(&source->text, inputs->variables, content, &own);
	problems_append(problems, &own);
	return result;
}

/* What the check reads: the cluster file as it was when it was last applied. */
static void
write_applied(const struct inputs *inputs, struct text *content)
{
	text_add_bytes(content, text_string(inputs->source), inputs->source->length);
}

static void
write_passwords(const struct inputs *inputs, struct text *content)
{
	const struct host_facts *facts = inputs->facts;

	/* An existing file may have been edited, and is kept to the byte. */
	if (facts->passwords_file.length)
		text_add_bytes(
		    content, facts->passwords_file.data, facts->passwords_file.length);
	else
		text_addf(content, "admin %s\nstats %s\n", facts->passwords.admin,
		    facts->passwords.stats);
}

static void
write_node(const struct inputs *inputs, struct text *content)
{
	text_addf(content, "%s\n", inputs->facts->self->name);
}

static void
write_nothing(const struct inputs *inputs, struct text *content)
{
	(void)inputs;
	(void)content;
}

static bool
never(const struct inputs *inputs)
{
	(void)inputs;
	return false;
}

typedef bool row_condition(const struct inputs *inputs);
typedef void row_writer(const struct inputs *inputs, struct text *content);

/* Every file that a node can have. A rendered one also has a template in conf/. */
static const struct row {
	const char *name;
	const char *target;
	mode_t mode;
	unsigned roles;           /* the node must have one of them */
	row_condition *condition; /* besides the roles; or NULL */
	row_writer *write;        /* NULL: rendered from the template `name` */
	enum service service;
	const char *const *validator;
} rows[] = {
    {"haproxy.cfg", "/etc/cmonha-ui/haproxy.cfg", 0600, NODE_PROXY, NULL, NULL,
	SERVICE_HAPROXY, haproxy_validator},
    {"haproxy.state", "/var/lib/cmonha-ui/haproxy.state", 0644, NODE_PROXY, NULL, NULL,
	SERVICES, NULL},
    {"keepalived.conf", "/etc/cmonha-ui/keepalived.conf", 0640, NODE_PROXY, NULL, NULL,
	SERVICE_KEEPALIVED, keepalived_validator},
    {"watch.conf", "/etc/cmonha-ui/watch.conf", 0644, NODE_PROXY, NULL, NULL,
	SERVICE_WATCH, NULL},
    {"xinetd", "/etc/xinetd.d/cmonhachk", 0644, NODE_CONTROLLER | NODE_PROXY,
	uses_xinetd, NULL, SERVICE_XINETD, NULL},
    {"cmonha-ui-check.socket", "/etc/systemd/system/cmonha-ui-check.socket", 0644,
	NODE_CONTROLLER | NODE_PROXY, uses_systemd, NULL, SERVICE_CHECK_SOCKET, NULL},
    {"cmonha-ui-check.service", "/etc/systemd/system/cmonha-ui-check.service", 0644,
	NODE_CONTROLLER | NODE_PROXY, uses_systemd, NULL, SERVICE_CHECK_SOCKET, NULL},
    {"cluster.conf", CLUSTER_FILE_APPLIED, 0644, NODE_CONTROLLER | NODE_PROXY, NULL,
	write_applied, SERVICES, NULL},
    {"stats.passwords", PASSWORDS_FILE, 0600, NODE_PROXY, has_stats, write_passwords,
	SERVICES, NULL},
    {"node", NODE_FILE, 0644, NODE_CONTROLLER | NODE_PROXY, NULL, write_node, SERVICES,
	NULL},
    /* Removed by the first apply. */
    {"setup-pending", SETUP_PENDING_FILE, 0644, NODE_CONTROLLER | NODE_PROXY, never,
	write_nothing, SERVICES, NULL},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))
_Static_assert(ROWS <= PLAN_FILES_MAX, "PLAN_FILES_MAX is too small");

/* HAProxy reports it, so that it is known from which inputs its file was made. */
static void
set_digest(const struct inputs *inputs, const struct template_source sources[ROWS],
    struct plan *plan)
{
	uint64_t sum = text_sum(inputs->source, TEXT_SUM_START);

	for (size_t i = 0; i < ROWS; i++)
		sum = text_sum(&sources[i].text, sum);
	snprintf(plan->digest, sizeof(plan->digest), "%016" PRIx64, sum);
	json_object_set_new(inputs->variables, "digest", json_string(plan->digest));
}

int
plan_make(const struct cluster *cluster, const struct text *source,
    const struct host_facts *facts, struct plan *plan, struct problems *problems)
{
	struct inputs inputs = {cluster, source, facts, variables_make(cluster, facts)};
	struct template_source sources[ROWS] = {{.path = NULL}};
	int result = 0;

	*plan = (struct plan){.cluster = cluster, .self = facts->self};
	for (size_t i = 0; i < ROWS; i++) {
		const struct row *row = &rows[i];
		struct plan_file *file = &plan->files[plan->file_count++];

		*file = (struct plan_file){.name = row->name,
		    .target = row->target,
		    .wanted = facts->self->roles & row->roles &&
			      (!row->condition || row->condition(&inputs)),
		    .rendered = !row->write,
		    .mode = row->mode,
		    .service = row->service,
		    .validator = row->validator};
		if (row->write == write_passwords) {
			/* An administrator's, who may have edited it. */
			file->kept = true;
			if (facts->passwords_file.length)
				file->mode = facts->passwords_mode;
		}
		if (!file->wanted)
			continue;
		if (row->service != SERVICES)
			plan->services[row->service] = true;
		if (!row->write)
			read_source(&inputs, row->name, &sources[i]);
	}
	set_digest(&inputs, sources, plan);
	for (size_t i = 0; i < ROWS; i++) {
		struct plan_file *file = &plan->files[i];

		if (!file->wanted)
			continue;
		if (!file->rendered)
			rows[i].write(&inputs, &file->content);
		else if (render(&inputs, &sources[i], &file->content, problems) < 0)
			result = -1;
	}
	for (size_t i = 0; i < ROWS; i++)
		free_source(&sources[i]);
	if (cluster->services_line)
		snprintf(plan->services_line, sizeof(plan->services_line),
		    "cmonhachk %d/tcp", cluster->check_port);
	json_decref(inputs.variables);
	if (result < 0)
		plan_free(plan);
	return result;
}

size_t
plan_target_count(void)
{
	return ROWS;
}

const char *
plan_target(size_t number)
{
	return rows[number].target;
}

enum service
plan_target_service(const char *target)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(rows[i].target, target) == 0)
			return rows[i].service;
	return SERVICES;
}

void
plan_free(struct plan *plan)
{
	for (size_t i = 0; i < plan->file_count; i++)
		text_free(&plan->files[i].content);
	plan->file_count = 0;
}
