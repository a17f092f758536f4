"""What a page must be, whatever it shows: readable, on every screen, by keyboard and by a screen reader."""

from webdriver import Browser

LIGHT, DARK = False, True
PHONE = 360  # CSS pixels; WCAG 2.2, 1.4.10 names 320
NARROW = 320

# Each text with its colour and the colour behind it, as contrast by WCAG 2.2: the lowest, with its text.
LOWEST_CONTRAST = """
const channel = v => { v /= 255; return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; };
const parse = s => s.match(/[\\d.]+/g).map(Number);
const light = c => .2126 * channel(c[0]) + .7152 * channel(c[1]) + .0722 * channel(c[2]);
const behind = e => {
	for (; e; e = e.parentElement) {
		const c = parse(getComputedStyle(e).backgroundColor);
		if (c.length === 3 || c[3] > 0) return c;
	}
	return [255, 255, 255];
};
let lowest = [99, ""];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
	const text = walker.currentNode.nodeValue.trim(), e = walker.currentNode.parentElement;
	if (!text) continue;
	const a = light(parse(getComputedStyle(e).color)), b = light(behind(e));
	const contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
	if (contrast < lowest[0]) lowest = [contrast, text];
}
return lowest;
"""

HUES = """
const hue = e => {
	const [r, g, b] = getComputedStyle(e).color.match(/\\d+/g).map(Number);
	const most = Math.max(r, g, b), span = most - Math.min(r, g, b);
	if (span < 40) return "grey";
	const sixth = most === r ? (g - b) / span : most === g ? 2 + (b - r) / span : 4 + (r - g) / span;
	const angle = (sixth * 60 + 360) % 360;
	return angle < 20 || angle > 330 ? "red" : angle < 70 ? "yellow" : angle < 170 ? "green" : "blue";
};
return [...document.querySelectorAll(arguments[0])].map(e => [e.textContent, hue(e)]);
"""


def hues(browser: Browser, selector: str) -> dict[str, str]:
    """The text of each such element, and whether it is grey, green, yellow or red."""
    return dict(browser.run(HUES, selector))


def heading(browser: Browser) -> str:
    """The first heading."""
    return str(browser.run("return document.querySelector('h1')?.textContent ?? ''"))


def has(browser: Browser, words: str) -> bool:
    """Whether the page shows these words."""
    return words in str(browser.run("return document.body.innerText"))


def is_readable(browser: Browser) -> None:
    """In both colour schemes, and without scrolling sideways on each screen."""
    for dark in (LIGHT, DARK):
        browser.set_view(1280, 900, dark)
        back = browser.run("return getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
        assert (sum(back) < 384) == dark, f"dark: {dark}, the background is {back}"
        contrast, text = browser.run(LOWEST_CONTRAST)
        assert contrast >= 4.5, f"dark: {dark}, contrast {contrast:.2f} of: {text}"
    for width, phone in ((1280, False), (900, False), (PHONE, True), (NARROW, True)):
        browser.set_view(width, 740, LIGHT, phone)
        sizes = browser.run("const e = document.documentElement; return [e.scrollWidth, e.clientWidth, innerWidth]")
        assert sizes == [width] * 3, f"{width} pixels: the page scrolls sideways: {sizes}"
    browser.set_view(1280, 900, LIGHT)


def is_accessible(browser: Browser, *tables: str) -> None:
    """Language, landmarks, one heading; tables keep headers and cells where they are shown as blocks."""
    assert browser.run("return document.documentElement.lang") == "en"
    for width in (1280, PHONE):
        browser.set_view(width, 740, LIGHT)
        nodes = browser.accessible()
        roles = [role for role, _ in nodes]
        for role in ("banner", "main", "contentinfo"):
            assert roles.count(role) == 1, f"{width} pixels: {roles.count(role)} of {role}"
        for name in tables:
            assert ("table", name) in nodes, f"{width} pixels: no table {name}: {set(nodes)}"
        for role in ("columnheader", "rowheader", "cell") if tables else ():
            assert role in roles, f"{width} pixels: no {role}"
    browser.set_view(1280, 900, LIGHT)


def is_reachable(browser: Browser) -> None:
    """Every link by the Tab key, in order, and one sees where one is."""
    links = browser.run("return [...document.links].map(e => e.href)")
    assert links, "there are no links"
    reached = []
    for _ in links:
        browser.press_tab()
        href, outline = browser.run(
            "const e = document.activeElement; return [e.href, getComputedStyle(e).outlineStyle]"
        )
        assert outline == "solid", f"{href}: the focus is not visible"
        reached.append(href)
    assert reached == links, f"by Tab: {reached}, in the page: {links}"
