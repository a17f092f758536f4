#include "plan/plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "plan/template.h"
#include "plan/variables.h"

static const char *const haproxy_validator[] = {"haproxy", "-c", "-f", "{}", NULL};
/*
 * keepalived 2.2.7 ends its own test by SIGTERM when a script has a user other than
 * root: it takes its parent for a dead main process unless the parent's number is 0, as
 * it is in a process namespace of its own.
 */
static const char *const keepalived_validator[] = {
    "unshare", "--pid", "--fork", "keepalived", "--config-test", "--use-file={}", NULL};

/* Every file that a node can get. A new one is a row here and a template in conf/. */
static const struct row {
	const char *template;
	const char *target;
	mode_t mode;
	enum node_role role;
	enum check_server server; /* SERVER_AUTO: whichever */
	enum service service;
	const char *const *validator;
} rows[] = {
    {"haproxy.cfg", "/etc/cmonha-ui/haproxy.cfg", 0600, NODE_PROXY, SERVER_AUTO,
	SERVICE_HAPROXY, haproxy_validator},
    {"haproxy.state", "/var/lib/cmonha-ui/haproxy.state", 0644, NODE_PROXY, SERVER_AUTO,
	SERVICES, NULL},
    {"keepalived.conf", "/etc/cmonha-ui/keepalived.conf", 0640, NODE_PROXY, SERVER_AUTO,
	SERVICE_KEEPALIVED, keepalived_validator},
    {"xinetd", "/etc/xinetd.d/cmonhachk", 0644, NODE_CONTROLLER, SERVER_XINETD,
	SERVICE_XINETD, NULL},
    {"cmonha-ui-check.socket", "/etc/systemd/system/cmonha-ui-check.socket", 0644,
	NODE_CONTROLLER, SERVER_SYSTEMD, SERVICE_CHECK_SOCKET, NULL},
    {"cmonha-ui-check.service", "/etc/systemd/system/cmonha-ui-check.service", 0644,
	NODE_CONTROLLER, SERVER_SYSTEMD, SERVICE_CHECK_SOCKET, NULL},
};

static enum check_server
choose_server(const struct cluster *cluster, const struct host_facts *site)
{
	if (cluster->server != SERVER_AUTO)
		return cluster->server;
	return site->has_xinetd ? SERVER_XINETD : SERVER_SYSTEMD;
}

/* The administrator's template if there is one, else the packaged one. */
static int
read_template(const struct host_facts *site, const char *name, struct text *content,
    char **path, struct problems *problems)
{
	const char *const directories[] = {
	    site->templates_own, site->templates_packaged};

	for (size_t i = 0; i < 2; i++) {
		if (!directories[i])
			continue;
		free(*path);
		*path = format_string("%s/%s", directories[i], name);
		if (file_read(*path, FILE_LIMIT, content) == 0)
			return 0;
		if (errno != ENOENT)
			break;
	}
	problems->file = *path;
	problem_error(problems, (struct place){0}, "cannot read the template: %s",
	    strerror(errno));
	return -1;
}

static int
render(const struct row *row, const struct host_facts *site, json_t *variables,
    struct text *content, struct problems *problems)
{
	const char *file = problems->file;
	struct text source = {0};
	char *path = NULL;
	int result;

	result = read_template(site, row->template, &source, &path, problems);
	if (result == 0) {
		problems->file = path;
		result = template_render(&source, variables, content, problems);
	}
	problems->file = file;
	text_free(&source);
	free(path);
	return result;
}

/* What the check reads: the cluster file as it was when it was last applied. */
static void
add_applied_copy(struct plan *plan, const struct text *source)
{
	struct plan_file *file = &plan->files[plan->file_count++];

	*file = (struct plan_file){.name = "cluster.conf",
	    .target = CLUSTER_FILE_APPLIED,
	    .wanted = true,
	    .mode = 0644,
	    .service = SERVICES};
	text_add_bytes(&file->content, text_string(source), source->length);
}

static void
add_passwords(struct plan *plan, const struct host_facts *site)
{
	struct plan_file *file = &plan->files[plan->file_count++];

	*file = (struct plan_file){.name = "stats.passwords",
	    .target = PASSWORDS_FILE,
	    .wanted = plan->cluster->stats && site->self->roles & NODE_PROXY,
	    .mode = 0600,
	    .service = SERVICES};
	if (file->wanted)
		text_addf(&file->content, "admin %s\nstats %s\n", site->admin_password,
		    site->stats_password);
}

int
plan_make(const struct cluster *cluster, const struct text *source,
    const struct host_facts *site, struct plan *plan, struct problems *problems)
{
	enum check_server server = choose_server(cluster, site);
	json_t *variables = variables_make(cluster, site);
	int result = 0;

	*plan = (struct plan){.cluster = cluster, .self = site->self};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct plan_file *file = &plan->files[plan->file_count++];

		*file = (struct plan_file){.name = row->template,
		    .target = row->target,
		    .wanted = site->self->roles & row->role &&
			      (row->server == SERVER_AUTO || row->server == server),
		    .mode = row->mode,
		    .service = row->service,
		    .validator = row->validator};
		if (!file->wanted)
			continue;
		if (row->service != SERVICES)
			plan->services[row->service] = true;
		if (render(row, site, variables, &file->content, problems) < 0)
			result = -1;
	}
	add_applied_copy(plan, source);
	add_passwords(plan, site);
	if (cluster->services_line)
		snprintf(plan->services_line, sizeof(plan->services_line),
		    "cmonhachk %d/tcp", cluster->check_port);
	json_decref(variables);
	if (result < 0)
		plan_free(plan);
	return result;
}

size_t
plan_target_count(void)
{
	return sizeof(rows) / sizeof(rows[0]) + 2;
}

const char *
plan_target(size_t number)
{
	size_t rendered = sizeof(rows) / sizeof(rows[0]);

	if (number < rendered)
		return rows[number].target;
	return number == rendered ? CLUSTER_FILE_APPLIED : PASSWORDS_FILE;
}

void
plan_free(struct plan *plan)
{
	for (size_t i = 0; i < plan->file_count; i++)
		text_free(&plan->files[i].content);
	plan->file_count = 0;
}
