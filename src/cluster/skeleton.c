#include "cluster/skeleton.h"

#include <stdlib.h>
#include <string.h>

#include "base/value.h"
#include "cluster/keys.h"

static const char *
given_value(const struct skeleton *skeleton, const struct key *key)
{
	for (size_t i = skeleton->count; i > 0; i--) {
		const struct setting *setting = &skeleton->settings[i - 1];

		if (strcmp(setting->section, section_name(key->section)) == 0 &&
		    strcmp(setting->key, key->name) == 0)
			return setting->value;
	}
	return NULL;
}

static void
add_sections(const struct skeleton *skeleton, struct text *file)
{
	enum section section = SECTIONS;

	for (size_t i = 0; i < key_count && keys[i].section != SECTION_NODE; i++) {
		const struct key *key = &keys[i];
		const char *given = given_value(skeleton, key);

		if (key->section != section) {
			section = key->section;
			text_addf(file, "\n[%s]\n", section_name(section));
		} else {
			text_addf(file, "\n");
		}
		text_add_wrapped(file, "# ", 76, key->help);
		if (given)
			text_addf(file, "%s = %s\n", key->name, given);
		else if (key->default_text)
			text_addf(file, "#%s =    (default: %s)\n", key->name,
			    key->default_text);
		else
			text_addf(file, "#%s = %s\n", key->name,
			    key->default_value ? key->default_value : "");
	}
}

static const char *
add_nodes(char *list, struct text *file)
{
	char *item;

	while ((item = value_next_item(&list))) {
		char *equals = strchr(item, '=');

		if (!equals)
			return "must be a list of NAME=ADDRESS";
		*equals = '\0';
		text_addf(file, "\n[node %s]\naddress = %s\n", value_trim(item),
		    value_trim(equals + 1));
	}
	return NULL;
}

const char *
skeleton_write(const struct skeleton *skeleton, struct text *file)
{
	char *nodes = copy_string(skeleton->nodes);
	const char *reason = NULL;

	if (strchr(nodes, '\n'))
		reason = "contains a line break";
	for (size_t i = 0; i < skeleton->count; i++) {
		enum section section = section_find(skeleton->settings[i].section);

		if (section >= SECTION_NODE ||
		    !key_find(section, skeleton->settings[i].key))
			reason = "names a key that does not exist";
		else if (strchr(skeleton->settings[i].value, '\n'))
			reason = "contains a line break";
	}
	text_addf(file, "# The cluster file of cmonha-ui: the same on all nodes. "
			"After a change:\n"
			"#	cmonha-ui check && cmonha-ui apply\n"
			"# See \"cmonha-ui help config\" and cmonha-ui.conf(5).\n");
	add_sections(skeleton, file);
	text_addf(file,
	    "\n# A section for each node. Optional keys: priority, interface, roles, pin.\n");
	if (!reason)
		reason = add_nodes(nodes, file);
	free(nodes);
	return reason;
}
