#include "overview/timeline.h"

#include <stdio.h>
#include <string.h>

#include "overview/view.h"

/* Into its place in the list, from which the oldest is dropped if it is full. */
static void
insert(struct event events[static TIMELINE_MAX], size_t *count, const json_t *node,
    const json_t *at, const json_t *ago, const struct text *text)
{
	struct event event = {0};
	size_t place = *count;

	if (!json_is_integer(at) || !json_is_integer(ago))
		return;
	event.at = json_integer_value(at);
	event.ago = json_integer_value(ago);
	snprintf(event.node, sizeof(event.node), "%s",
	    json_string_value(json_object_get(node, "name")));
	snprintf(event.text, sizeof(event.text), "%s", text_string(text));
	while (place > 0 && events[place - 1].ago > event.ago)
		place--;
	if (place == TIMELINE_MAX)
		return;
	if (*count < TIMELINE_MAX)
		++*count;
	memmove(&events[place + 1], &events[place],
	    (*count - 1 - place) * sizeof(events[0]));
	events[place] = event;
}

/* The role, and the reason unless it is the same word. */
static void
add_roles(struct event events[static TIMELINE_MAX], size_t *count, const json_t *node)
{
	const json_t *status = json_object_get(node, "status");
	json_t *transition;
	size_t i;

	json_array_foreach (json_object_get(status, "transitions"), i, transition) {
		const json_t *role = json_object_get(transition, "role");
		const json_t *reason = json_object_get(transition, "reason");
		struct text text = {0};

		view_add_text(&text, role);
		if (!json_equal(role, reason)) {
			text_addf(&text, " (");
			view_add_text(&text, reason);
			text_addf(&text, ")");
		}
		insert(events, count, node, json_object_get(transition, "at"),
		    json_object_get(transition, "ago_ms"), &text);
		text_free(&text);
	}
}

static void
add_vrrp(struct event events[static TIMELINE_MAX], size_t *count, const json_t *node)
{
	const json_t *vrrp = json_object_get(json_object_get(node, "status"), "vrrp");
	struct text text = {0};

	text_addf(&text, "keepalived: ");
	view_add_text(&text, json_object_get(vrrp, "state"));
	insert(events, count, node, json_object_get(vrrp, "since"),
	    json_object_get(vrrp, "since_ms"), &text);
	text_free(&text);
}

size_t
timeline_make(const json_t *judged, struct event events[static TIMELINE_MAX])
{
	json_t *node;
	size_t i, count = 0;

	json_array_foreach (json_object_get(judged, "nodes"), i, node) {
		add_roles(events, &count, node);
		add_vrrp(events, &count, node);
	}
	return count;
}
