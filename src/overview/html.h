/*
 * What the pages for people have in common: their head, their style, tables, and text
 * of other machines as HTML. Owns the style and the policy that goes with it.
 */
#ifndef CMONHA_OVERVIEW_HTML_H
#define CMONHA_OVERVIEW_HTML_H

#include <stdint.h>

#include "base/text.h"

/*
 * Content-Security-Policy, W3C CSP 3: nothing is loaded, run, framed or sent; the style
 * in the page counts by its SHA-256, which tests/cli/page.sh compares.
 */
#define HTML_POLICY                                                                    \
	"default-src 'none'; "                                                         \
	"style-src 'sha256-fBw+fiE0m2/X9SQ+n/mX7+VvXnTb1vHDLN36lsTq2Ic='; "            \
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/* Appends all up to and with <body>; the page reloads after so many seconds, 0: never.
 */
void html_add_head(struct text *page, const char *title, int refresh);
void html_add_end(struct text *page);

/* Appends the text with <, >, &, " and ' as character references. */
void html_add_text(struct text *page, const char *text);

/* Appends a duration in words: "42 s", "5 min", "3 h 20 min", "12 days". */
void html_add_duration(struct text *page, int64_t milliseconds);

/* Appends a <time> of that second since the Epoch, in UTC. */
void html_add_time(struct text *page, int64_t second);

/*
 * A table below its heading. The roles are given since a table that narrow screens show
 * as blocks has none by itself. `columns` ends with NULL; each row begins with a
 * heading of its own, and each cell with the name of its column, which narrow screens
 * show. Strings are HTML.
 */
void html_begin_table(struct text *page, const char *id, const char *heading,
    const char *const columns[]);
void html_begin_row(struct text *page);
void html_end_row_heading(struct text *page);
void html_begin_cell(struct text *page, const char *column);
void html_end_cell(struct text *page);
void html_end_row(struct text *page);
void html_end_table(struct text *page);

#endif
