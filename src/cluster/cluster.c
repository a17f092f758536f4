#include "cluster/cluster.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/network.h"
#include "cluster/ini.h"
#include "cluster/reading.h"

static size_t
row(const struct key *key)
{
	return (size_t)(key - keys);
}

int
reading_line(const struct reading *reading, const struct node *node, const char *name)
{
	const struct key *key = key_find(node ? SECTION_NODE : SECTION_CLUSTER, name);
	int line;

	if (node) {
		line = reading->node_lines[node - reading->cluster->nodes][row(key)];
		return line ? line : node->line;
	}
	for (enum section section = 0; !key && section < SECTION_NODE; section++)
		key = key_find(section, name);
	line = reading->lines[row(key)];
	return line ? line : reading->section_lines[key->section];
}

static const char *
bad_node_name(const char *name)
{
	size_t length = strlen(name);

	if (length == 0)
		return "a node's section must have its name: [node NAME]";
	if (length > NAME_LENGTH)
		return "the node's name is longer than 63 characters";
	for (const char *at = name; *at; at++)
		if (!isalnum((unsigned char)*at) && !strchr("-_.", *at))
			return "a node's name has letters, digits, \"-\", \"_\" "
			       "and \".\" only";
	return isalnum((unsigned char)*name)
		   ? NULL
		   : "a node's name begins with a letter or digit";
}

static void
begin_node(struct reading *reading, const struct ini_line *line)
{
	struct place place = {.line = line->number, .section = line->section};
	struct cluster *cluster = reading->cluster;
	const struct node *twin = cluster_node(cluster, line->label);
	const char *reason = bad_node_name(line->label);

	reading->node = NULL;
	if (reason) {
		problem_error(reading->problems, place, "%s", reason);
	} else if (twin) {
		problem_error(reading->problems, place,
		    "the node is described twice (first in line %d)", twin->line);
	} else if (cluster->node_count == NODES_MAX) {
		problem_error(
		    reading->problems, place, "more than %d nodes", NODES_MAX);
	} else {
		reading->node = &cluster->nodes[cluster->node_count++];
		memcpy(reading->node->name, line->label, strlen(line->label) + 1);
		reading->node->line = line->number;
	}
}

static void
begin_section(struct reading *reading, const struct ini_line *line)
{
	struct place place = {.line = line->number, .section = line->section};
	enum section section = section_find(line->kind);

	reading->section = section;
	if (section == SECTIONS) {
		problem_error(reading->problems, place,
		    "unknown section; there are [cluster], [ui], [check] and [node "
		    "NAME]");
		return;
	}
	if (section == SECTION_NODE) {
		begin_node(reading, line);
		return;
	}
	if (*line->label)
		problem_error(reading->problems, place, "the section must be just [%s]",
		    line->kind);
	else if (reading->section_lines[section])
		problem_error(reading->problems, place,
		    "the section is there twice (first in line %d)",
		    reading->section_lines[section]);
	reading->section_lines[section] = line->number;
}

static void
take_line(void *context, const struct ini_line *line)
{
	struct reading *reading = context;
	struct place place = {line->number, line->section, line->key};
	const struct key *key;
	const char *reason;
	char buffer[512];
	int *seen;

	if (!line->key) {
		begin_section(reading, line);
		return;
	}
	/* The heading was wrong, and said so: its keys have nowhere to go. */
	if (reading->section == SECTIONS ||
	    (reading->section == SECTION_NODE && !reading->node))
		return;
	key = key_find(reading->section, line->key);
	if (!key) {
		problem_error(reading->problems, place,
		    "unknown key; \"cmonha-ui help config\" lists them");
		return;
	}
	seen =
	    key->section == SECTION_NODE
		? &reading
		       ->node_lines[reading->node - reading->cluster->nodes][row(key)]
		: &reading->lines[row(key)];
	if (*seen) {
		problem_error(reading->problems, place,
		    "is given twice (first in line %d)", *seen);
		return;
	}
	*seen = line->number;
	reason = key_set(key, line->value,
	    reading->node && key->section == SECTION_NODE ? (void *)reading->node
							  : (void *)reading->cluster,
	    buffer, sizeof(buffer));
	if (reason)
		problem_error(reading->problems, place, "%s", reason);
}

static void
take_standard(struct reading *reading, const struct key *key, struct node *node)
{
	char buffer[512];
	struct text section = {0};
	void *owner = node ? (void *)node : (void *)reading->cluster;

	text_addf(&section, "%s%s%s", section_name(key->section), node ? " " : "",
	    node ? node->name : "");
	if (!key->default_value)
		problem_error(reading->problems,
		    (struct place){
			node ? node->line : reading->section_lines[key->section],
			text_string(&section), key->name},
		    "is missing; it must look like: %s", key->form);
	else if (!key->default_text)
		key_set(key, key->default_value, owner, buffer, sizeof(buffer));
	text_free(&section);
}

/*
 * With neighbouring priorities VRRP's skew times (RFC 5798, 6.1) lie within a
 * millisecond, and two nodes take the virtual IP at once: clients that hear the loser
 * last lose a second. So they lie far apart, as far as there is room for all proxies;
 * the highest one is low enough that a skew is left to absorb late advertisements.
 */
static void
take_standard_priorities(struct reading *reading)
{
	const int highest = 150, lowest = 1, most_apart = 40;
	struct cluster *cluster = reading->cluster;
	size_t row_of_priority = row(key_find(SECTION_NODE, "priority"));
	int proxies = (int)cluster_count(cluster, NODE_PROXY);
	int apart = proxies > 1 ? (highest - lowest) / (proxies - 1) : 0;
	int next = highest;

	if (apart > most_apart)
		apart = most_apart;
	for (size_t n = 0; n < cluster->node_count; n++) {
		struct node *node = &cluster->nodes[n];
		bool is_proxy = node->roles & NODE_PROXY;

		if (!reading->node_lines[n][row_of_priority])
			node->priority = is_proxy ? next : lowest;
		if (is_proxy)
			next -= apart;
	}
}

static void
take_standards(struct reading *reading)
{
	struct cluster *cluster = reading->cluster;

	for (size_t i = 0; i < key_count; i++) {
		if (keys[i].section != SECTION_NODE) {
			if (!reading->lines[i])
				take_standard(reading, &keys[i], NULL);
			continue;
		}
		for (size_t n = 0; n < cluster->node_count; n++)
			if (!reading->node_lines[n][i])
				take_standard(reading, &keys[i], &cluster->nodes[n]);
	}
	take_standard_priorities(reading);
}

/* FNV-1a, 64 bit: tells files apart by accident, not against malice. */
static void
take_checksum(const struct text *content, struct cluster *cluster)
{
	uint64_t sum = 0xcbf29ce484222325u;

	for (size_t i = 0; i < content->length; i++)
		sum = (sum ^ (unsigned char)content->data[i]) * 0x100000001b3u;
	for (int i = 0; i < 16; i++)
		cluster->checksum[i] = "0123456789abcdef"[sum >> (60 - 4 * i) & 15];
}

int
cluster_parse(
    const struct text *content, struct cluster *cluster, struct problems *problems)
{
	struct reading *reading = allocate(sizeof(*reading));
	size_t errors = problems->errors;

	*cluster = (struct cluster){.node_count = 0};
	reading->cluster = cluster;
	reading->problems = problems;
	reading->section = SECTIONS;
	ini_read(content, problems, take_line, reading);
	take_standards(reading);
	take_checksum(content, cluster);
	rules_check(reading);
	free(reading);
	return problems->errors == errors ? 0 : -1;
}

int
cluster_read(const char *path, struct cluster *cluster, struct problems *problems)
{
	struct text content = {0};
	int result = -1;

	problems->file = path;
	if (file_read(path, FILE_LIMIT, &content) < 0)
		problem_error(problems, (struct place){0},
		    "cannot read the cluster file: %s%s", strerror(errno),
		    errno == ENOENT ? " (\"cmonha-ui init\" writes one)" : "");
	else
		result = cluster_parse(&content, cluster, problems);
	text_free(&content);
	return result;
}

const struct node *
cluster_node(const struct cluster *cluster, const char *name)
{
	for (size_t i = 0; i < cluster->node_count; i++)
		if (strcmp(cluster->nodes[i].name, name) == 0)
			return &cluster->nodes[i];
	return NULL;
}

const struct node *
cluster_find_self(const struct cluster *cluster, const char *name,
    const struct local_addresses *addresses, const char **reason)
{
	const struct node *self = NULL;

	if (name) {
		self = cluster_node(cluster, name);
		*reason = self ? NULL : "the cluster file has no node of that name";
		return self;
	}
	for (size_t i = 0; i < cluster->node_count; i++) {
		if (!network_find(addresses, &cluster->nodes[i].address))
			continue;
		if (self) {
			*reason = "this machine has the addresses of two nodes; "
				  "say which it is with --node NAME";
			return NULL;
		}
		self = &cluster->nodes[i];
	}
	*reason = self ? NULL
		       : "no node has an address of this machine; add a [node] section "
			 "for it, or say which it is with --node NAME";
	return self;
}

size_t
cluster_count(const struct cluster *cluster, enum node_role role)
{
	size_t count = 0;

	for (size_t i = 0; i < cluster->node_count; i++)
		if (cluster->nodes[i].roles & role)
			count++;
	return count;
}
