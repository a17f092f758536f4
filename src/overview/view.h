/*
 * What one node reports at /status, as another machine may show it: the node may be of
 * another version, or hostile, so a member may be missing or of any type, and its text
 * is made printable. Owns the names of the members; never judges (see judgement.h).
 */
#ifndef CMONHA_OVERVIEW_VIEW_H
#define CMONHA_OVERVIEW_VIEW_H

#include <jansson.h>
#include <stdbool.h>

#include "base/text.h"

/* In all of these `status` may be NULL: the node has not answered. */

/* Appends the string, of which nothing moves a cursor (text_make_printable());
 * "unknown" if it is no string. */
void view_add_text(struct text *text, const json_t *string);

/* Whether users may be sent to the node. */
bool view_is_shown(const json_t *status);

/* Whether its controller says that it is the leader, and yet users may not be sent to
 * it. */
bool view_claims_to_lead(const json_t *status);

/* Whether it has this virtual IP, in the form of address_format(). */
bool view_has_vip(const json_t *status, const char *vip);

/* Appends the virtual IPs that it has, separated by commas, or "-". */
void view_add_vips(struct text *text, const json_t *status);

/* Appends the names of the servers that its HAProxy sends users to: "none", or "-" if
 * that is not known. */
void view_add_servers(struct text *text, const json_t *status);

#endif
