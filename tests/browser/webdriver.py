"""A browser, by chromedriver: W3C WebDriver over HTTP, and Chromium's own DevTools commands for what that lacks."""

import base64
import json
import pathlib
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

LIMIT = 30.0  # seconds for a command, and for what is waited for
PAUSE = 0.1


def wait_until(what: str, condition: Callable[[], Any], limit: float = LIMIT) -> Any:
    """Poll until the condition is true, and return it; what it raises meanwhile counts as false."""
    end = time.monotonic() + limit
    last: object = None
    while time.monotonic() < end:
        try:
            last = condition()
        except (WebDriverError, AssertionError) as error:
            last = error
        else:
            if last:
                return last
        time.sleep(PAUSE)
    raise AssertionError(f"not within {limit:g} s: {what}; last: {last}")


class WebDriverError(Exception):
    """What chromedriver reports of a command."""


class Browser:
    """One Chromium with a profile of its own, which is removed with it. To be used in a `with`."""

    def __init__(self, port: int, scripts: bool) -> None:
        self._base = f"http://127.0.0.1:{port}"
        self._profile = tempfile.TemporaryDirectory(prefix="cmonha-browser-")
        self._driver = subprocess.Popen(
            ["chromedriver", f"--port={port}", "--log-level=WARNING"],
            stdout=subprocess.DEVNULL,
        )
        self._session = ""
        try:
            wait_until("chromedriver is ready", self._is_ready)
            self._session = self._begin(scripts)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End both programs."""
        if self._session:
            try:
                self._send("DELETE", f"/session/{self._session}")
            except WebDriverError:
                pass
        self._driver.terminate()
        self._driver.wait(LIMIT)
        self._profile.cleanup()

    def _is_ready(self) -> bool:
        return bool(self._send("GET", "/status")["ready"])

    def _begin(self, scripts: bool) -> str:
        options: dict[str, Any] = {
            "binary": "/usr/bin/chromium",
            "args": [
                "--headless=new",
                "--no-sandbox",  # as root there is none
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
                f"--user-data-dir={self._profile.name}",
            ],
        }
        if not scripts:
            settings = {"profile.managed_default_content_settings.javascript": 2}
            options["prefs"] = settings
        wanted = {
            "browserName": "chrome",
            "acceptInsecureCerts": True,
            "goog:chromeOptions": options,
        }
        body = {"capabilities": {"alwaysMatch": wanted}}
        return str(self._send("POST", "/session", body)["sessionId"])

    def _send(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            self._base + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=LIMIT) as response:
                return json.load(response)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error)["value"]
            raise WebDriverError(f"{value['error']}: {value['message'][:300]}") from error
        except OSError as error:
            raise WebDriverError(str(error)) from error

    def _command(self, method: str, path: str, body: Any = None) -> Any:
        return self._send(method, f"/session/{self._session}{path}", body)

    def open(self, url: str) -> None:
        """Load the page, to its end."""
        self._command("POST", "/url", {"url": url})

    def reload(self) -> None:
        """As by F5."""
        self._command("POST", "/refresh", {})

    def title(self) -> str:
        """Of the page."""
        return str(self._command("GET", "/title"))

    def run(self, script: str, *arguments: Any) -> Any:
        """Run the body of a function in the page; what it returns. A promise is waited for."""
        body = {"script": script, "args": list(arguments)}
        return self._command("POST", "/execute/sync", body)

    def devtools(self, command: str, **parameters: Any) -> Any:
        """A command of the DevTools protocol."""
        body = {"cmd": command, "params": parameters}
        return self._command("POST", "/goog/cdp/execute", body)

    def set_view(self, width: int, height: int, dark: bool, phone: bool = False) -> None:
        """The size of the window's inside, and the user's colour scheme."""
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=phone,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.devtools("Emulation.setEmulatedMedia", features=[scheme])

    def press_tab(self) -> None:
        """The key."""
        key = {"key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}
        self.devtools("Input.dispatchKeyEvent", type="rawKeyDown", **key)
        self.devtools("Input.dispatchKeyEvent", type="keyUp", **key)

    def accessible(self) -> list[tuple[str, str]]:
        """Role and name of each node that a screen reader gets, in order."""
        self.devtools("Accessibility.enable")
        tree = self.devtools("Accessibility.getFullAXTree")["nodes"]
        return [
            (node["role"]["value"], node.get("name", {}).get("value", ""))
            for node in tree
            if not node["ignored"]
        ]

    def save(self, path: pathlib.Path) -> None:
        """The whole page as PNG, with 256 colours. No reload of its own disturbs that; afterwards it is loaded again."""
        self.run("window.stop()")
        size = self.devtools("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        shot = self.devtools("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        command = ["pngquant", "--strip", "--speed", "1", "-"]
        data = base64.b64decode(shot["data"])
        path.write_bytes(subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout)
        self.reload()
