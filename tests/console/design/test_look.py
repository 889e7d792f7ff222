"""The style guide, the plain page and the error pages in a browser: axe finds nothing in either
theme or width, nothing is fetched from elsewhere, and the page never scrolls sideways."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CHROMIUM = shutil.which("chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--enable-unsafe-swiftshader"]  # fmt: skip
PAGES = ["", "plain/", "error/404/", "error/422/", "error/500/"]
AXE = """async () => (await axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a",
    "wcag21aa", "wcag22aa", "best-practice"]})).violations.map(
    v => [v.id, v.nodes.map(n => n.html)])"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
]


@pytest.fixture(scope="module")
def site():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, str(HERE / "show.py"), str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield f"http://127.0.0.1:{port}/"
    server.terminate()
    server.wait()


@pytest.fixture(scope="module")
def browser():
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_are_accessible_and_keep_to_themselves(site, browser, theme, width):
    axe = (HERE / "vendor" / "axe.min.js").read_text(encoding="utf-8")
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=theme, locale="zh-CN"
    )
    for path in PAGES:
        page = context.new_page()
        elsewhere, broken = [], []
        page.on("request", lambda r, to=elsewhere: to.append(r.url))
        page.on("pageerror", lambda e, to=broken: to.append(str(e)))
        page.goto(site + path)
        if not path:
            page.wait_for_selector("figure[data-drawn]", timeout=30_000)
            assert page.locator(".chart-canvas svg").count() == 4
        context.new_cdp_session(page).send("Runtime.evaluate", {"expression": axe})
        assert page.evaluate(AXE) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert broken == []
        assert [u for u in elsewhere if not u.startswith((site, "blob:", "data:"))] == []
        page.close()
    context.close()
