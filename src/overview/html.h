/*
 * What the pages for people have in common: their head, their style, and text of other
 * machines as HTML. Owns the style and the policy that goes with it.
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
	"style-src 'sha256-JeApXazZoFtdAL/2kbKeE/3SbkZ9P64ZURNrQg2WdbQ='; "            \
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/* Appends all up to and with <main>; the page loads itself again after so many seconds.
 */
void html_add_head(struct text *page, const char *title, int refresh);
void html_add_end(struct text *page);

/* Appends the text with <, >, &, " and ' as character references. */
void html_add_text(struct text *page, const char *text);

/* Appends a duration in words: "42 s", "5 min", "3 h 20 min", "12 days". */
void html_add_duration(struct text *page, int64_t milliseconds);

/* Appends a <time> of that second since the Epoch, in UTC. */
void html_add_time(struct text *page, int64_t second);

#endif
