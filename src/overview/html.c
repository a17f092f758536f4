#include "overview/html.h"

#include <time.h>

/* A change of it changes its hash in html.h. Contrasts are at least 4.5 to 1 (WCAG 2.2,
 * 1.4.3). Narrow screens have a card for each row of a table. */
static const char style[] =
    ":root{color-scheme:light dark;--text:#1b2330;--calm:#566072;--back:#f4f6f8;"
    "--card:#fff;--line:#d8dee6;--good:#0a6637;--good-back:#e0f4e8;--bad:#9d1320;"
    "--bad-back:#fde9eb;--warn:#704500;--warn-back:#fff2d6}"
    "@media(prefers-color-scheme:dark){:root{--text:#e6eaf0;--calm:#a5b0c0;"
    "--back:#11151b;--card:#1a2028;--line:#333d4a;--good:#7ee2a8;--good-back:#123526;"
    "--bad:#ffa8ae;--bad-back:#43191f;--warn:#ffd382;--warn-back:#3a2c0d}}"
    "*{box-sizing:border-box}"
    "body{margin:0;background:var(--back);color:var(--text);"
    "font:1rem/1.5 system-ui,'DejaVu Sans',sans-serif}"
    "main{max-width:68rem;margin:0 auto;padding:1.5rem 1rem 3rem}"
    "h1{font-size:1.75rem;line-height:1.25;margin:0 0 .25rem}"
    "h2{font-size:1.1rem;margin:2rem 0 .6rem}"
    "p{margin:0 0 .5rem}"
    "a{color:inherit}"
    "a:focus-visible{outline:3px solid currentColor;outline-offset:2px}"
    ".calm{color:var(--calm)}"
    ".number{font-variant-numeric:tabular-nums;white-space:nowrap}"
    "ul{list-style:none;margin:0;padding:0}"
    "li{padding:.5rem .8rem;margin:0 0 .4rem;border-left:.3rem solid;"
    "border-radius:.3rem;overflow-wrap:anywhere}"
    ".critical{color:var(--bad);background:var(--bad-back)}"
    ".warning{color:var(--warn);background:var(--warn-back)}"
    "table{width:100%;border-collapse:collapse;background:var(--card);"
    "border:1px solid var(--line);border-radius:.4rem}"
    "th,td{text-align:left;vertical-align:top;padding:.6rem .8rem;"
    "border-top:1px solid var(--line);overflow-wrap:anywhere}"
    "thead th{border:0;color:var(--calm);font-weight:400;font-size:.85rem}"
    "tbody th small{display:block;font-weight:400;color:var(--calm)}"
    ".role{display:inline-block;padding:.05rem .6rem;border-radius:1rem;"
    "border:1px solid var(--line);white-space:nowrap}"
    ".role.leader{color:var(--good);background:var(--good-back);"
    "border-color:currentColor;font-weight:600}"
    ".role.wrong{color:var(--bad);background:var(--bad-back);"
    "border-color:currentColor;font-weight:600}"
    "footer{margin-top:2.5rem;color:var(--calm);font-size:.9rem}"
    "@media(max-width:44rem){thead{position:absolute;width:1px;height:1px;"
    "overflow:hidden;clip-path:inset(50%)}"
    "table,tbody,tr,th,td{display:block}"
    "table{border:0;background:none}"
    "tr{background:var(--card);border:1px solid var(--line);border-radius:.4rem;"
    "margin:0 0 .7rem;padding:.4rem 0}"
    "th,td{border:0;padding:.2rem .8rem}"
    "td[data-label]::before{content:attr(data-label)': ';color:var(--calm)}}";

void
html_add_head(struct text *page, const char *title, int refresh)
{
	text_addf(page,
	    "<!DOCTYPE html>\n"
	    "<html lang=\"en\">\n"
	    "<head>\n"
	    "<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width, "
	    "initial-scale=1\">\n"
	    "<meta http-equiv=\"refresh\" content=\"%d\">\n"
	    "<title>",
	    refresh);
	html_add_text(page, title);
	text_addf(
	    page, "</title>\n<style>%s</style>\n</head>\n<body>\n<main>\n", style);
}

void
html_add_end(struct text *page)
{
	text_addf(page, "</main>\n</body>\n</html>\n");
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
	text_addf(
	    page, "<time class=\"number\" datetime=\"%s\">%s</time>", machine, people);
}
