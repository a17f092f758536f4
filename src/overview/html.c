#include "overview/html.h"

#include <time.h>

/* A change of it changes its hash in html.h. Contrasts are at least 4.5 to 1 (WCAG 2.2,
 * 1.4.3). Narrow screens have a card for each row of a table. */
static const char style[] =
    ":root{color-scheme:light dark;--text:#1c2430;--calm:#566072;--back:#f3f5f8;"
    "--card:#fff;--line:#dae0e8;--good:#0b6b3a;--good-back:#e1f4e9;--bad:#a11422;"
    "--bad-back:#fdeaec;--warn:#724600;--warn-back:#fff3d9}"
    "@media(prefers-color-scheme:dark){:root{--text:#e6eaf0;--calm:#a3aebe;"
    "--back:#10141a;--card:#191f27;--line:#323b47;--good:#7fe3aa;--good-back:#12331f;"
    "--bad:#ffa9af;--bad-back:#43191f;--warn:#ffd484;--warn-back:#392b0e}}"
    "*{box-sizing:border-box}"
    "body{margin:0 auto;max-width:70rem;padding:1.75rem 1.25rem 2.5rem;"
    "background:var(--back);color:var(--text);"
    "font:1rem/1.5 system-ui,'Segoe UI',Roboto,'Liberation Sans',sans-serif}"
    "h1{font-size:1.85rem;line-height:1.25;letter-spacing:-.01em;margin:0}"
    "h1::before{content:'';display:inline-block;width:.62em;height:.62em;"
    "margin-right:.45em;border-radius:50%;background:currentColor}"
    "h2{font-size:1.05rem;margin:2rem 0 .6rem}"
    "p{margin:.4rem 0}"
    "a{color:inherit;text-underline-offset:.2em}"
    "a:focus-visible{outline:3px solid currentColor;outline-offset:3px}"
    "time,.number{font-variant-numeric:tabular-nums;white-space:nowrap}"
    "code{font-size:.95em}"
    ".calm{color:var(--calm)}.good{color:var(--good)}.warning{color:var(--warn)}"
    ".critical{color:var(--bad)}"
    "dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(13rem,1fr));"
    "gap:.75rem;margin:1.4rem 0 0}"
    "dl div{background:var(--card);border:1px solid var(--line);border-radius:.6rem;"
    "padding:.75rem 1rem}"
    "dt,dd small,thead,th small,footer{color:var(--calm);font-size:.875rem}"
    "dd{margin:0;font-size:1.3rem;font-weight:600;line-height:1.35;"
    "overflow-wrap:anywhere}"
    "dd small,th small{display:block;font-weight:400}"
    "dd time{white-space:normal}"
    "ul{list-style:none;margin:0;padding:0}"
    "main li{padding:.55rem 1rem;margin:0 0 .4rem;border-left:.3rem solid;"
    "border-radius:.4rem;overflow-wrap:anywhere}"
    "li.critical{background:var(--bad-back)}li.warning{background:var(--warn-back)}"
    "table{width:100%;border-spacing:0;background:var(--card);"
    "border:1px solid var(--line);border-radius:.6rem}"
    "th,td{text-align:left;vertical-align:top;padding:.65rem 1rem;"
    "overflow-wrap:break-word}"
    "thead th,th time{font-weight:400}"
    "tbody :is(th,td){border-top:1px solid var(--line)}"
    ".role{display:inline-block;padding:.05rem .65rem;border-radius:1rem;"
    "border:1px solid var(--line);white-space:nowrap}"
    ".role.good{background:var(--good-back);border-color:currentColor;font-weight:600}"
    ".role.critical{background:var(--bad-back);border-color:currentColor;"
    "font-weight:600}"
    "footer{margin-top:2.25rem}"
    "nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;font-size:1rem;"
    "color:var(--text)}"
    "@media(max-width:54rem){body{padding:1.25rem .9rem 2rem}"
    "h1{font-size:1.5rem}"
    "dl{grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr))}"
    "dd{font-size:1.15rem}"
    "thead{position:absolute;width:1px;height:1px;overflow:hidden;"
    "clip-path:inset(50%)}"
    "table,tbody,tr,th,td{display:block;overflow-wrap:anywhere}"
    "table{border:0;background:none}"
    "tr{background:var(--card);border:1px solid var(--line);border-radius:.6rem;"
    "margin:0 0 .7rem;padding:.45rem 0}"
    "tbody :is(th,td){border:0;padding:.2rem 1rem}"
    "th small{display:inline;margin-left:.6rem}"
    "td::before{content:attr(data-label)': ';color:var(--calm)}}";

void
html_add_head(struct text *page, const char *title, int refresh)
{
	text_addf(page, "<!DOCTYPE html>\n"
			"<html lang=\"en\">\n"
			"<head>\n"
			"<meta charset=\"utf-8\">\n"
			"<meta name=\"viewport\" content=\"width=device-width, "
			"initial-scale=1\">\n");
	if (refresh > 0)
		text_addf(
		    page, "<meta http-equiv=\"refresh\" content=\"%d\">\n", refresh);
	text_addf(page, "<title>");
	html_add_text(page, title);
	text_addf(page, "</title>\n<style>%s</style>\n</head>\n<body>\n", style);
}

void
html_add_end(struct text *page)
{
	text_addf(page, "</body>\n</html>\n");
}

void
html_add_text(struct text *page, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '<':
			text_addf(page, "&lt;");
			break;
		case '>':
			text_addf(page, "&gt;");
			break;
		case '&':
			text_addf(page, "&amp;");
			break;
		case '"':
			text_addf(page, "&quot;");
			break;
		case '\'':
			text_addf(page, "&#39;");
			break;
		default:
			text_add_bytes(page, text, 1);
		}
	}
}

void
html_add_duration(struct text *page, int64_t milliseconds)
{
	const long long seconds =
	    (long long)(milliseconds < 0 ? 0 : milliseconds) / 1000;
	const long long minutes = seconds / 60, hours = minutes / 60, days = hours / 24;

	if (minutes < 1)
		text_addf(page, "%lld s", seconds);
	else if (hours < 1)
		text_addf(page, "%lld min", minutes);
	else if (days < 2)
		text_addf(page, "%lld h %lld min", hours, minutes % 60);
	else
		text_addf(page, "%lld days", days);
}

void
html_add_time(struct text *page, int64_t second)
{
	time_t time = second;
	char machine[32] = "", people[32] = "";
	struct tm utc;

	if (gmtime_r(&time, &utc)) {
		strftime(machine, sizeof(machine), "%Y-%m-%dT%H:%M:%SZ", &utc);
		strftime(people, sizeof(people), "%Y-%m-%d %H:%M:%S UTC", &utc);
	}
	text_addf(page, "<time datetime=\"%s\">%s</time>", machine, people);
}

void
html_begin_table(
    struct text *page, const char *id, const char *heading, const char *const columns[])
{
	text_addf(page,
	    "<h2 id=\"%s\">%s</h2>\n"
	    "<table role=\"table\" aria-labelledby=\"%s\">\n"
	    "<thead role=\"rowgroup\">\n<tr role=\"row\">",
	    id, heading, id);
	for (size_t i = 0; columns[i]; i++)
		text_addf(page, "<th role=\"columnheader\" scope=\"col\">%s</th>",
		    columns[i]);
	text_addf(page, "</tr>\n</thead>\n<tbody role=\"rowgroup\">\n");
}

void
html_begin_row(struct text *page)
{
	text_addf(page, "<tr role=\"row\">\n<th role=\"rowheader\" scope=\"row\">");
}

void
html_end_row_heading(struct text *page)
{
	text_addf(page, "</th>\n");
}

void
html_begin_cell(struct text *page, const char *column)
{
	text_addf(page, "<td role=\"cell\" data-label=\"%s\">", column);
}

void
html_end_cell(struct text *page)
{
	text_addf(page, "</td>\n");
}

void
html_end_row(struct text *page)
{
	text_addf(page, "</tr>\n");
}

void
html_end_table(struct text *page)
{
	text_addf(page, "</tbody>\n</table>\n");
}
