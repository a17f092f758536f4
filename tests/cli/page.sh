# shellcheck shell=sh
# The pages for people as cmonhachk sends them: whole HTML that needs nothing else, and whose style its own policy allows.

nobody_cluster 'deadline = 100ms' >nobody.conf

# Every element is closed, ids are unique and exist where they are referred to, headers have a scope, the only style is
# the one that the Content-Security-Policy names, and nothing is run, loaded or framed.
page_is_whole() {
	/usr/bin/python3 - headers out <<'END'
import base64
import hashlib
import html.parser
import sys

VOID = {"meta"}


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.ids, self.wanted, self.seen, self.styles = [], [], [], [], []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.seen.append(tag)
        assert tag not in {"script", "iframe", "img", "link", "object", "form"}, tag
        assert not any(name.startswith("on") or name == "style" for name in attributes), attributes
        assert tag != "th" or attributes["scope"] in {"row", "col"}, attributes
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if "aria-labelledby" in attributes:
            self.wanted.append(attributes["aria-labelledby"])
        if tag == "html":
            assert attributes["lang"] == "en"
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "style":
            self.styles.append(data)


with open(sys.argv[1]) as head, open(sys.argv[2]) as body:
    headers, text = head.read(), body.read()
page = Page()
page.feed(text)
page.close()
assert text.startswith("<!DOCTYPE html>"), text[:20]
assert not page.open, page.open
assert len(page.ids) == len(set(page.ids)) and set(page.wanted) <= set(page.ids), page.ids
for tag in ("title", "h1", "header", "main", "footer"):
    assert page.seen.count(tag) == 1, tag
digest = base64.b64encode(hashlib.sha256("".join(page.styles).encode()).digest()).decode()
assert f"style-src 'sha256-{digest}';" in headers, f"the style's hash is {digest}"
END
}

served /overview --config "$here/nobody.conf" --node cc1
says headers "HTTP/1.1 200 OK"
says headers "Content-Type: text/html; charset=utf-8"
says headers "X-Content-Type-Options: nosniff"
says out "There is no leader</h1>"
says out "As seen by cc1 at <time"
is "the page is not whole" page_is_whole 2>err
served /no-leader --config "$here/nobody.conf" --node cc1
says headers "HTTP/1.1 503 Service Unavailable"
says headers "Retry-After: 2"
says out "<p>No controller says that it is the leader.</p>"
lacks out "192.0.2."
is "the page is not whole" page_is_whole 2>err
