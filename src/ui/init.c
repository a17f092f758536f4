#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/file.h"
#include "cluster/skeleton.h"
#include "ui/command.h"
#include "ui/context.h"

struct words {
	struct skeleton skeleton;
	struct text vips, nodes;
	const char *config;
	bool force;
};

static void
add_to_list(struct text *list, const char *item)
{
	text_addf(list, "%s%s", list->length ? ", " : "", item);
}

static int
set(struct words *words, const char *section, const char *key, const char *value)
{
	struct skeleton *skeleton = &words->skeleton;

	if (skeleton->count == SETTINGS_MAX)
		return usage_error("init", "too many settings");
	skeleton->settings[skeleton->count++] = (struct setting){section, key, value};
	return -1;
}

/* Adds "SECTION.KEY=VALUE", which it cuts up in place. -1, or the exit status. */
static int
add_setting(struct words *words, char *text)
{
	char *point = strchr(text, '.');
	char *equals = strchr(text, '=');

	if (!point || !equals || point > equals)
		return usage_error("init", "--set must be SECTION.KEY=VALUE");
	*point = *equals = '\0';
	return set(words, text, point + 1, equals + 1);
}

static int
read_words(int argc, char **argv, struct words *words)
{
	static const struct option options[] = {{"vip", required_argument, NULL, 'v'},
	    {"node", required_argument, NULL, 'n'},
	    {"forward", required_argument, NULL, 'f'},
	    {"set", required_argument, NULL, 's'},
	    {"config", required_argument, NULL, 'c'}, {"force", no_argument, NULL, 'F'},
	    {"help", no_argument, NULL, 'h'}, {0}};
	struct context unused = {0};
	int option, status = -1;

	while (
	    status < 0 && (option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		switch (option) {
		case 'v':
			add_to_list(&words->vips, optarg);
			break;
		case 'n':
			add_to_list(&words->nodes, optarg);
			break;
		case 'f':
			status = set(words, "ui", "forward", optarg);
			break;
		case 's':
			status = add_setting(words, optarg);
			break;
		case 'c':
			words->config = optarg;
			break;
		case 'F':
			words->force = true;
			break;
		default:
			status = context_option(&unused, "init", option);
		}
	}
	if (status < 0 && words->vips.length)
		status = set(words, "cluster", "vip", words->vips.data);
	if (status >= 0)
		return status;
	if (optind < argc)
		return usage_error("init", "\"%s\" is not an option", argv[optind]);
	if (!words->vips.length || !words->nodes.length)
		return usage_error("init", "--vip and --node are needed");
	return -1;
}

/* Nothing is written that `check` would refuse. */
static int
write_if_right(const struct text *file, const char *path)
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
		log_warnx("%s is not written", path);
	} else {
		problems_print(&problems);
		if (slash && *directory)
			file_make_directories(directory);
		status = file_replace(path, file, 0644) < 0 ? EX_CANTCREAT : 0;
	}
	if (status == 0)
		printf("%s is written. Copy it to every node "
		       "and run \"cmonha-ui apply\" there.\n",
		    path);
	problems_free(&problems);
	free(directory);
	free(cluster);
	return status;
}

int
command_init(int argc, char **argv)
{
	struct words words = {.config = CLUSTER_FILE};
	struct text file = {0};
	const char *reason;
	int status = read_words(argc, argv, &words);

	if (status >= 0)
		goto out;
	if (access(words.config, F_OK) == 0 && !words.force) {
		log_warnx("%s is there already; --force replaces it", words.config);
		status = EX_CANTCREAT;
		goto out;
	}
	words.skeleton.nodes = words.nodes.data;
	reason = skeleton_write(&words.skeleton, &file);
	status = reason ? usage_error("init", "a --set or --node %s", reason)
			: write_if_right(&file, words.config);
out:
	text_free(&file);
	text_free(&words.vips);
	text_free(&words.nodes);
	return status;
}
