/*
 * The cluster file's text -> struct cluster: keys, defaults, checksum. The syntax is
 * ini.c's, the values are keys.c's, the rules across keys are rules.c's.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cluster/cluster.h"
#include "cluster/ini.h"
#include "cluster/keys.h"
#include "cluster/rules.h"

struct reader {
	struct ini ini; /* the current line */
	struct cluster *cluster;
	struct problems *problems;
	struct key_lines lines;
	enum section section; /* the current one; SECTIONS: none, or unknown */
	struct node *node;    /* in a [node] section; NULL: its heading was wrong */
};

static const char *
check_node_name(const char *name)
{
	size_t length = strlen(name);

	if (length == 0)
		return "missing node name: must be [node NAME]";
	if (length > NAME_LENGTH)
		return "node name is longer than 63 characters";
	for (const char *at = name; *at; at++)
		if (!isalnum((unsigned char)*at) && !strchr("-_.", *at))
			return "node name may contain only letters, digits, \"-\", "
			       "\"_\" and \".\"";
	return isalnum((unsigned char)*name)
		   ? NULL
		   : "node name must begin with a letter or digit";
}

static void
begin_node(struct reader *reader)
{
	const struct ini *line = &reader->ini;
	struct place place = {.line = line->number, .section = line->section};
	struct cluster *cluster = reader->cluster;
	const struct node *first = cluster_node(cluster, line->label);
	const char *reason = check_node_name(line->label);

	reader->node = NULL;
	if (reason) {
		problem_error(reader->problems, place, "%s", reason);
	} else if (first) {
		problem_error(reader->problems, place,
		    "duplicate node (first in line %d)", first->line);
	} else if (cluster->node_count == NODES_MAX) {
		problem_error(reader->problems, place, "more than %d nodes", NODES_MAX);
	} else {
		reader->node = &cluster->nodes[cluster->node_count++];
		memcpy(reader->node->name, line->label, strlen(line->label) + 1);
		reader->node->line = line->number;
	}
}

static void
begin_section(struct reader *reader)
{
	const struct ini *line = &reader->ini;
	struct place place = {.line = line->number, .section = line->section};
	enum section section = section_find(line->kind);

	reader->section = section;
	reader->node = NULL;
	if (section == SECTIONS) {
		problem_error(reader->problems, place,
		    "unknown section: must be [cluster], [ui], [check] or [node NAME]");
		return;
	}
	if (section == SECTION_NODE) {
		begin_node(reader);
		return;
	}
	if (*line->label)
		problem_error(reader->problems, place, "must be [%s], without a name",
		    line->kind);
	else if (reader->lines.headings[section])
		problem_error(reader->problems, place,
		    "duplicate section (first in line %d)",
		    reader->lines.headings[section]);
	reader->lines.headings[section] = line->number;
}

/* The struct that the section's keys are fields of. */
static void *
owner_of(struct reader *reader, struct node *node)
{
	return node ? (void *)node : (void *)reader->cluster;
}

static void
handle_line(struct reader *reader)
{
	const struct ini *line = &reader->ini;
	struct place place = {line->number, line->section, line->key};
	const struct key *key;
	char buffer[KEY_REASON_MAX];
	const char *reason;
	int *first;

	if (!line->key) {
		begin_section(reader);
		return;
	}
	/* Keys below a wrong heading: the heading has been reported. */
	if (reader->section == SECTIONS ||
	    (reader->section == SECTION_NODE && !reader->node))
		return;
	key = key_find(reader->section, line->key);
	if (!key) {
		problem_error(reader->problems, place,
		    "unknown key (see \"cmonha-ui help config\")");
		return;
	}
	first = key_line_of(&reader->lines, reader->cluster, reader->node, key);
	if (*first) {
		problem_error(reader->problems, place,
		    "duplicate key (first in line %d)", *first);
		return;
	}
	*first = line->number;
	reason = key_set(key, line->value, owner_of(reader, reader->node), buffer);
	if (reason)
		problem_error(reader->problems, place, "%s", reason);
}

static void
set_default(struct reader *reader, const struct key *key, struct node *node)
{
	char label[SECTION_LABEL_MAX], buffer[KEY_REASON_MAX];

	if (*key_line_of(&reader->lines, reader->cluster, node, key))
		return;
	if (!key->default_value)
		problem_error(reader->problems,
		    (struct place){
			node ? node->line : reader->lines.headings[key->section],
			section_label(key->section, node, label), key->name},
		    "required key is missing (expected: %s)", key->form);
	else if (!key->default_text)
		key_set(key, key->default_value, owner_of(reader, node), buffer);
}

/*
 * With adjacent priorities the VRRP skew times (RFC 5798, 6.1) are within a
 * millisecond, and two nodes become active at once: clients that hear the loser last
 * lose a second. So priorities are spread as far as the number of proxies allows; the
 * highest is low enough that its skew still covers late advertisements.
 */
static void
set_default_priorities(struct reader *reader)
{
	const int highest = 150, lowest = 1, most_apart = 40;
	const struct key *key = key_find(SECTION_NODE, "priority");
	struct cluster *cluster = reader->cluster;
	int proxies = (int)cluster_count(cluster, NODE_PROXY);
	int apart = proxies > 1 ? (highest - lowest) / (proxies - 1) : 0;
	int next = highest;

	if (apart > most_apart)
		apart = most_apart;
	for (size_t n = 0; n < cluster->node_count; n++) {
		struct node *node = &cluster->nodes[n];
		bool is_proxy = node->roles & NODE_PROXY;

		if (!*key_line_of(&reader->lines, cluster, node, key))
			node->priority = is_proxy ? next : lowest;
		if (is_proxy)
			next -= apart;
	}
}

int
cluster_parse(
    const struct text *content, struct cluster *cluster, struct problems *problems)
{
	struct reader *reader = allocate(sizeof(*reader));
	size_t errors = problems->errors;

	*cluster = (struct cluster){.node_count = 0};
	reader->cluster = cluster;
	reader->problems = problems;
	reader->section = SECTIONS;
	ini_begin(&reader->ini, content, problems);
	while (ini_next(&reader->ini))
		handle_line(reader);
	for (size_t i = 0; i < key_count; i++) {
		if (keys[i].section != SECTION_NODE)
			set_default(reader, &keys[i], NULL);
		else
			for (size_t n = 0; n < cluster->node_count; n++)
				set_default(reader, &keys[i], &cluster->nodes[n]);
	}
	set_default_priorities(reader);
	snprintf(cluster->checksum, sizeof(cluster->checksum), "%016" PRIx64,
	    text_sum(content, TEXT_SUM_START));
	rules_check(cluster, &reader->lines, problems);
	free(reader);
	return problems->errors == errors ? 0 : -1;
}

int
cluster_load(const char *path, struct text *content, struct cluster *cluster,
    struct problems *problems)
{
	struct problems own = {.file = path};
	int result = -1;

	if (file_read(path, FILE_LIMIT, content) < 0)
		problem_error(&own, (struct place){0},
		    "cannot read the cluster file: %s%s", strerror(errno),
		    errno == ENOENT ? " (create it with \"cmonha-ui init\")" : "");
	else
		result = cluster_parse(content, cluster, &own);
	problems_append(problems, &own);
	return result;
}

int
cluster_read(const char *path, struct cluster *cluster, struct problems *problems)
{
	struct text content = {0};
	int result = cluster_load(path, &content, cluster, problems);

	text_free(&content);
	return result;
}
