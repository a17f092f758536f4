#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/file.h"
#include "cluster/cluster.h"
#include "cluster/skeleton.h"
#include "ui/command.h"

static const char *
add_setting(
    struct skeleton *skeleton, const char *section, const char *key, const char *value)
{
	if (skeleton->count == SETTINGS_MAX)
		return "too many settings";
	skeleton->settings[skeleton->count++] = (struct setting){section, key, value};
	return NULL;
}

/* Adds "SECTION.KEY=VALUE", which it splits in place. NULL, or a reason. */
static const char *
split_setting(struct skeleton *skeleton, char *setting)
{
	char *point = strchr(setting, '.');
	char *equals = strchr(setting, '=');

	if (!point || !equals || point > equals)
		return "--set must be SECTION.KEY=VALUE";
	*point = *equals = '\0';
	return add_setting(skeleton, setting, point + 1, equals + 1);
}

static void
join(const struct values *values, struct text *list)
{
	for (size_t i = 0; i < values->count; i++)
		text_addf(list, "%s%s", i ? ", " : "", values->at[i]);
}

/* Writes the file only if `check` would accept it. */
static int
write_valid(const struct text *file, const char *path)
{
	struct cluster *cluster = allocate(sizeof(*cluster));
	struct problems problems = {.file = path};
	char *directory = copy_string(path);
	char *slash = strrchr(directory, '/');
	int status = EX_CONFIG;

	if (slash)
		*slash = '\0';
	if (cluster_parse(file, cluster, &problems) < 0) {
		problems_print(&problems);
		log_warnx("%s was not written", path);
	} else {
		problems_print(&problems);
		if (slash && *directory)
			file_make_directories(directory);
		status = file_replace(path, file, 0644) < 0 ? EX_CANTCREAT : 0;
	}
	if (status == 0)
		printf("wrote %s; copy it to every node and run \"cmonha-ui apply\" "
		       "there\n",
		    path);
	problems_free(&problems);
	free(directory);
	free(cluster);
	return status;
}

int
command_init(const struct arguments *arguments)
{
	const char *path = arguments->config ? arguments->config : CLUSTER_FILE;
	struct skeleton skeleton = {0};
	struct text vips = {0}, nodes = {0}, file = {0};
	const char *reason = NULL;
	int status;

	join(&arguments->vips, &vips);
	join(&arguments->nodes, &nodes);
	skeleton.nodes = text_string(&nodes);
	for (size_t i = 0; !reason && i < arguments->forwards.count; i++)
		reason =
		    add_setting(&skeleton, "ui", "forward", arguments->forwards.at[i]);
	for (size_t i = 0; !reason && i < arguments->settings.count; i++)
		reason = split_setting(&skeleton, arguments->settings.at[i]);
	if (!reason)
		reason = add_setting(&skeleton, "cluster", "vip", text_string(&vips));
	if (reason) {
		status = usage_error("init", "%s", reason);
	} else if (file_exists(path) && !arguments->force) {
		log_warnx("%s already exists (use --force to overwrite)", path);
		status = EX_CANTCREAT;
	} else {
		reason = skeleton_write(&skeleton, &file);
		status = reason ? usage_error("init", "a --set or --node %s", reason)
				: write_valid(&file, path);
	}
	text_free(&vips);
	text_free(&nodes);
	text_free(&file);
	return status;
}
