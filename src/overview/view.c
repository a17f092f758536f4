#include "overview/view.h"

#include <string.h>

void
view_add_text(struct text *text, const json_t *foreign)
{
	const char *string = json_string_value(foreign);
	size_t start = text->length;

	text_addf(text, "%s", string ? string : "unknown");
	text_make_printable(text->data + start);
}

bool
view_is_shown(const json_t *status)
{
	return json_is_true(json_object_get(status, "shown"));
}

bool
view_claims_to_lead(const json_t *status)
{
	const char *claim = json_string_value(json_object_get(status, "claim"));

	return claim && strcmp(claim, "leader") == 0 && !view_is_shown(status);
}

bool
view_has_vip(const json_t *status, const char *vip)
{
	json_t *item;
	size_t i;

	json_array_foreach (json_object_get(status, "vips"), i, item) {
		const char *address =
		    json_string_value(json_object_get(item, "address"));

		if (address && strcmp(address, vip) == 0)
			return json_is_true(json_object_get(item, "here"));
	}
	return false;
}

void
view_add_vips(struct text *text, const json_t *status)
{
	json_t *vip;
	size_t i;
	bool any = false;

	json_array_foreach (json_object_get(status, "vips"), i, vip) {
		if (!json_is_true(json_object_get(vip, "here")))
			continue;
		text_addf(text, "%s", any ? "," : "");
		view_add_text(text, json_object_get(vip, "address"));
		any = true;
	}
	if (!any)
		text_addf(text, "-");
}

void
view_add_servers(struct text *text, const json_t *status)
{
	json_t *haproxy = json_object_get(status, "haproxy");
	json_t *server;
	size_t i;
	const char *last = "";
	bool any = false;

	json_array_foreach (json_object_get(haproxy, "servers"), i, server) {
		const char *name = json_string_value(json_object_get(server, "name"));
		const char *state = json_string_value(json_object_get(server, "state"));

		if (!name || !state || strcmp(state, "up") != 0 ||
		    strcmp(last, name) == 0)
			continue;
		text_addf(text, "%s", any ? "," : "");
		view_add_text(text, json_object_get(server, "name"));
		last = name;
		any = true;
	}
	if (!any)
		text_addf(text, json_is_object(haproxy) ? "none" : "-");
}
