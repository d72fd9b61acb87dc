"""A real Chromium driven over chromedriver's own protocol (W3C WebDriver), with nothing but the standard library.

with browser() as chromium:                 skips the test, naming what is missing, where there is no Chromium
    chromium.open(address)
    chromium.until("document.querySelector('.told')")   looks at every frame, waits for no time to pass
    chromium.click(".told button")
    chromium.type("textarea", "bonjour\\n")
    chromium.run("return document.title")
    chromium.complaints()                   what the console says that is an error or a warning
"""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--force-color-profile=srgb",
)  # fmt: skip
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
PATIENCE_SECONDS = 20

UNTIL = """
const [condition, answered] = arguments;
const holds = new Function("return " + condition);
const look = () => (holds() ? answered(true) : requestAnimationFrame(look));
look();
"""


class BrowserError(Exception):
    """The browser cannot do what was asked."""


class Browser:
    """One window."""

    def __init__(self, driver: str, options: dict[str, Any]) -> None:
        self._driver = driver
        capabilities = {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options}}
        capabilities["alwaysMatch"]["goog:loggingPrefs"] = {"browser": "ALL"}
        found = self._ask("POST", "/session", {"capabilities": capabilities})
        self._session = f"/session/{found['sessionId']}"
        self._post("/timeouts", script=PATIENCE_SECONDS * 1000, pageLoad=PATIENCE_SECONDS * 1000)

    def open(self, address: str) -> None:
        """Go somewhere."""
        self._post("/url", url=address)

    def run(self, script: str, *arguments: object) -> Any:
        """Run a script in the page; give what it returns."""
        return self._post("/execute/sync", script=script, args=list(arguments))

    def until(self, condition: str) -> None:
        """Wait until a condition, in JavaScript, holds of the page."""
        try:
            self._post("/execute/async", script=UNTIL, args=[condition])
        except BrowserError as trouble:
            raise AssertionError(f"never: {condition}\nthe page says:\n{self.text('body')}") from trouble

    def text(self, selector: str) -> str:
        """Give the text that is seen of the first element."""
        return str(self._get(f"/element/{self._find(selector)}/text")).replace("\u00a0", " ").replace("\u202f", " ")

    def click(self, selector: str) -> None:
        """Click in the middle of the first element, as a person does: something that covers it gets the click."""
        self._post(f"/element/{self._find(selector)}/click")

    def click_element(self, script: str, *arguments: object) -> None:
        """Click on the element that a script returns."""
        found = self.run(script, *arguments)
        assert found, f"there is no such element: {script} {arguments}"
        self._post(f"/element/{found[ELEMENT]}/click")

    def type(self, selector: str, text: str) -> None:
        """Type into the first element; a path into an input of files."""
        self._post(f"/element/{self._find(selector)}/value", text=text)

    def press(self, key: str) -> None:
        """Press a key where the focus is."""
        down_up = [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        self._post("/actions", actions=[{"type": "key", "id": "keys", "actions": down_up}])

    def screen(self, width: int, height: int, *, dark: bool = False) -> None:
        """Make the page as large as a screen, light or dark."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.command("Emulation.setDeviceMetricsOverride", **metrics)
        feature = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.command("Emulation.setEmulatedMedia", features=[feature])

    def command(self, name: str, **parameters: object) -> Any:
        """Give a command of Chromium's own."""
        return self._post("/goog/cdp/execute", cmd=name, params=parameters)

    def shot(self) -> bytes:
        """Take a screenshot, as PNG."""
        return base64.b64decode(str(self._get("/screenshot")))

    def complaints(self) -> list[str]:
        """List the errors and warnings of the console since this was asked last."""
        return [entry["message"] for entry in self._post("/se/log", type="browser") if entry["level"] != "INFO"]

    def close(self) -> None:
        """Close the window, and the browser with it."""
        self._ask("DELETE", self._session)

    def _find(self, selector: str) -> str:
        return str(self._post("/element", using="css selector", value=selector)[ELEMENT])

    def _get(self, path: str) -> Any:
        return self._ask("GET", self._session + path)

    def _post(self, path: str, **body: object) -> Any:
        return self._ask("POST", self._session + path, body)

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._driver + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=3 * PATIENCE_SECONDS) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as refusal:
            with refusal:
                raise BrowserError(json.load(refusal)["value"]["message"].split("\n")[0]) from None


def chromium_parts() -> tuple[str, str]:
    """Find Chromium and its driver; skip loudly without them."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    driver = shutil.which("chromedriver")
    missing = [name for name, found in (("chromium", browser), ("chromedriver", driver)) if not found]
    if missing:
        pytest.skip(f"the page is not tried in a browser: missing {' and '.join(missing)} (Debian: chromium-driver)")
    assert browser is not None
    assert driver is not None
    return browser, driver


@contextmanager
def browser() -> Generator[Browser]:
    """Start a Chromium with an empty profile, and end it."""
    binary, driver = chromium_parts()
    with tempfile.TemporaryDirectory(prefix="ardoise-browser", ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen([driver, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            flags = [*FLAGS, f"--user-data-dir={profile}"]
            window = Browser(f"http://127.0.0.1:{_port(process)}", {"binary": binary, "args": flags})
            try:
                yield window
            finally:
                window.close()
        finally:
            process.terminate()
            process.communicate(timeout=PATIENCE_SECONDS)


def _port(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    for line in process.stdout:
        started = re.search(r"started successfully on port (\d+)", line)
        if started:
            return int(started[1])
    raise BrowserError("chromedriver did not start")
