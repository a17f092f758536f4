#!/usr/bin/python3
"""The pages in Chromium, in each state of the cluster. Runs in the client's network of a lab with three nodes, of which
cc1 leads; see `run`."""

import argparse
import pathlib
import subprocess
import sys
import time
import traceback
from collections.abc import Callable

import checks
from webdriver import Browser, wait_until

NODES = ("cc1", "cc2", "cc3")
NO_LEADER = "No ClusterControl leader right now"


class Lab:
    """The lab's command, and what is true there."""

    def __init__(self, command: str, vip: str) -> None:
        self._command = command
        self.vip = vip

    def do(self, *words: str) -> str:
        """What the command prints; it must succeed."""
        done = subprocess.run([self._command, *words], check=True, stdout=subprocess.PIPE, text=True)
        return done.stdout.strip()

    def holder(self) -> str:
        """The active node."""
        return self.do("vip").split()[0]

    def page(self, path: str = "/") -> str:
        """The URL of the page of the cluster, with the password of the active node."""
        lines = self.do("exec", self.holder(), "cat", "/etc/cmonha-ui/stats.passwords").splitlines()
        password = next(line.split()[1] for line in lines if line.startswith("stats"))
        return f"http://stats:{password}@{self.vip}:9600{path}"

    def lead(self, node: str) -> None:
        """Leadership to this node."""
        self.do("lead", node)


class Run:
    """The cases, one after the other: each finds the cluster in the state that the one before left."""

    def __init__(self, lab: Lab, screenshots: pathlib.Path | None) -> None:
        self._lab = lab
        self._screenshots = screenshots
        self.failed = 0

    def case(self, name: str, function: Callable[[], None]) -> None:
        """Run it, and print what came of it."""
        begin = time.monotonic()
        try:
            function()
            verdict = "ok  "
        except Exception:  # a case that fails must not hide those after it
            traceback.print_exc(file=sys.stdout)
            self.failed += 1
            verdict = "FAIL"
        print(f"{verdict}  {name}  ({(time.monotonic() - begin) * 1000:.0f} ms)", flush=True)

    def save(self, browser: Browser, name: str, width: int = 1080, dark: bool = False) -> None:
        """A screenshot, if they are wanted."""
        if self._screenshots:
            browser.set_view(width, 600, dark, phone=width < 600)
            browser.save(self._screenshots / f"{name}.png")
            browser.set_view(1280, 900, checks.LIGHT)

    def see(self, browser: Browser, heading: str, path: str = "/") -> None:
        """Open the page, and wait until it has that heading: its own reloads bring it there."""
        browser.open(self._lab.page(path))
        wait_until(heading, lambda: checks.heading(browser) == heading)

    # ------------------------------------------------------------ the page of the cluster

    def leader(self, browser: Browser) -> None:
        """Title, who leads, colours; all of it without JavaScript."""
        browser.open("data:text/html,<title>a</title><script>document.title='b'</script>")
        assert browser.title() == "a", "JavaScript is not off"
        self.see(browser, "cc1 is the leader")
        assert browser.title() == "cc1 is the leader"
        assert checks.hues(browser, ".role") == {"leader": "green", "follower": "grey"}
        assert checks.hues(browser, "h1") == {"cc1 is the leader": "green"}
        assert "red" not in checks.hues(browser, "body *").values(), "something is red"
        assert checks.has(browser, "Its controller follows another controller.")
        assert checks.has(browser, f"Virtual IP {self._lab.vip} is on")
        self.save(browser, "leader")
        self.save(browser, "phone", width=checks.PHONE, dark=True)

    def use(self, browser: Browser) -> None:
        """By everybody: eyes, keyboard, screen reader; the page that does not reload, so that it holds still."""
        self.see(browser, "cc1 is the leader", "/still")
        checks.is_readable(browser)
        checks.is_accessible(browser, "Nodes", "Last transitions")
        assert ("navigation", "Links") in browser.accessible()
        checks.is_reachable(browser)

    def reload(self, browser: Browser) -> None:
        """By itself, and the link stops that."""
        moment = "return document.querySelector('footer time').dateTime"
        self.see(browser, "cc1 is the leader")
        before = browser.run(moment)
        wait_until("it reloads", lambda: browser.run(moment) != before)
        browser.run("document.querySelector('a[href=\"/still\"]').click()")
        wait_until("the other page", lambda: checks.has(browser, "Reload automatically"))
        assert browser.run("return document.querySelector('meta[http-equiv=refresh]')") is None
        browser.run("document.querySelector('a[href=\"/haproxy\"]').click()")
        wait_until("statistics", lambda: checks.has(browser, "Statistics Report"))

    def failover(self, browser: Browser) -> None:
        """The open page shows the new leader by itself."""
        self.see(browser, "cc1 is the leader")
        self._lab.lead("cc2")
        wait_until("the new leader", lambda: checks.heading(browser) == "cc2 is the leader")
        first = browser.run("return [...document.querySelectorAll('table')].pop().innerText")
        assert "leader" in first and "follower" in first, first
        self.save(browser, "failover")

    def node_down(self, browser: Browser) -> None:
        """A warning, and no more: users are served."""
        holder = self._lab.holder()
        node = next(name for name in NODES if name not in ("cc2", holder))
        self._lab.do("power-off", node)
        self.see(browser, "cc2 is the leader")
        wait_until("it is missed", lambda: checks.has(browser, "2 of 3"))
        # The other HAProxy may still be on its way to the leader, which is red.
        wait_until("a warning is left", lambda: checks.hues(browser, "h1") == {"cc2 is the leader": "yellow"})
        assert checks.hues(browser, ".role")["no answer"] == "red"
        checks.is_readable(browser)
        self.save(browser, "node-down", dark=True)

    # ------------------------------------------------------------ without a leader, and what users see

    def two_leaders(self, page: Browser, user: Browser) -> None:
        """Both pages say so."""
        self._lab.do("sim", "cc1", "fault", "claim-leader")
        heading = "2 controllers claim to lead: cc1, cc2"
        self.see(page, heading)
        wait_until("the problem", lambda: "claims to lead" in checks.hues(page, ".role"))
        assert checks.hues(page, "h1") == {heading: "red"}
        assert checks.hues(page, ".role")["claims to lead"] == "red"
        self.save(page, "two-leaders")
        self.see_no_leader(user, "Two controllers claim to lead.")
        self.save(user, "users")
        self._lab.do("sim", "cc1", "fault", "none")
        wait_until("the UI by itself", lambda: checks.has(user, "node: cc2"))

    def no_leader(self, page: Browser, user: Browser) -> None:
        """Two of three controllers are stopped."""
        for node in ("cc2", "cc3"):
            self._lab.do("exec", node, "systemctl", "stop", "cmon.service")
        self.see(page, "There is no leader")
        wait_until("the reason", lambda: checks.has(page, "it is not running on this node"))
        checks.is_readable(page)
        self.save(page, "no-leader")
        self.see_no_leader(user, "The controller refuses connections")
        checks.is_accessible(user, "What the nodes report")
        checks.is_readable(user)
        for node in ("cc2", "cc3"):
            self._lab.do("exec", node, "systemctl", "start", "cmon.service")
        wait_until("the UI by itself", lambda: checks.has(user, "role: leader"), limit=60)

    def see_no_leader(self, user: Browser, words: str) -> None:
        """The page in place of the UI."""
        user.open(f"http://{self._lab.vip}:81/")
        wait_until(words, lambda: checks.heading(user) == NO_LEADER and checks.has(user, words))

    def taken_along(self, user: Browser, url: str, before: str, after: str) -> None:
        """An open page of the former leader's UI, which asks it for more: its stream ends, its next answers are the
        new leader's, and a reload shows it."""
        wait_until(before, lambda: (user.open(url), checks.has(user, f"node: {before}"))[1])
        user.run(
            "window.ended = false;"
            "const read = r => r.read().then(a => a.done ? (window.ended = true) : read(r));"
            "window.streams = fetch('/stream').then(r => read(r.body.getReader())).catch(() => window.ended = true);"
        )
        self._lab.lead(after)
        wait_until("the stream ends", lambda: user.run("return window.ended"))
        ask = "return fetch('/', {cache: 'no-store'}).then(r => r.text()).catch(e => String(e))"
        wait_until(after, lambda: f"node: {after}" in user.run(ask))
        user.reload()
        wait_until("the page", lambda: checks.has(user, f"node: {after}") and checks.has(user, "role: leader"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vip", required=True)
    parser.add_argument("--lab", required=True, help="the lab's command")
    parser.add_argument("--screenshots", type=pathlib.Path, metavar="DIRECTORY")
    options = parser.parse_args()
    lab = Lab(options.lab, options.vip)
    run = Run(lab, options.screenshots)
    with Browser(9515, scripts=False) as page, Browser(9516, scripts=True) as user:
        plain, secure = f"http://{lab.vip}:81/", f"https://{lab.vip}:444/"
        run.case("leader: title, words, colours, no JavaScript", lambda: run.leader(page))
        run.case("contrast, light, dark, narrow, Tab, screen reader", lambda: run.use(page))
        run.case("it reloads by itself, and not after that link", lambda: run.reload(page))
        run.case("failover: the open page follows", lambda: run.failover(page))
        run.case("two leaders: both pages say so", lambda: run.two_leaders(page, user))
        run.case("http: an open UI goes from cc2 to cc1", lambda: run.taken_along(user, plain, "cc2", "cc1"))
        run.case("TLS: an open UI goes from cc1 to cc2", lambda: run.taken_along(user, secure, "cc1", "cc2"))
        run.case("no leader: the reasons, then the UI by itself", lambda: run.no_leader(page, user))
        lab.lead("cc2")
        run.case("a node is off: a warning", lambda: run.node_down(page))
    print(f"{9 - run.failed} passed, {run.failed} failed, 0 skipped")
    return 1 if run.failed else 0


if __name__ == "__main__":
    sys.exit(main())
