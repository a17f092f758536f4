/*
 * Our one line in /etc/services, a file that belongs to others: exactly that line is
 * added and exactly that line is removed, whatever else happened to the file. It can be
 * told by the comment at its end.
 */
#ifndef CMONHA_APPLY_SERVICES_LINE_H
#define CMONHA_APPLY_SERVICES_LINE_H

#include "base/text.h"

#define SERVICES_FILE "/etc/services"

/*
 * Appends to `after` the file `before` with our line for `entry` ("cmonhachk
 * 9201/tcp"), or without any of ours if `entry` is "". A line of ours stays where it
 * is. Where the administrator has an equal entry of his own, none is added. A file
 * without a newline at its end gets it back that way.
 */
void
services_line_put(const struct text *before, const char *entry, struct text *after);

#endif
