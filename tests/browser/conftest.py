"""A small simulated city behind the real web server, and headless Chromium in front of it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

PASSWORD = "Songhua-2023"
DAY = "2023-02-20"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
BUILD = f"""
import django; django.setup()
from songhua.console.demo import prepare
from songhua.console.simulate import play_demo
prepare(); play_demo(5, {DAY!r}, {PASSWORD!r}, tasks=60)
"""
AXE = Path(__file__).parents[1] / "console" / "design" / "vendor" / "axe.min.js"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def site_environment(tmp_path_factory):
    """What the processes of the city are started with."""
    folder = tmp_path_factory.mktemp("city")
    environment = os.environ | {
        "SONGHUA_DATA_DIR": str(folder), "SONGHUA_TODAY": DAY, "SONGHUA_SIMULATED": "1",
        "DJANGO_SETTINGS_MODULE": "songhua.console.settings",
    }  # fmt: skip
    environment.pop("SONGHUA_DATABASE_URL", None)
    return environment


@pytest.fixture(scope="session")
def site(site_environment):
    """The address of a running console with five simulated months of sixty tasks."""
    environment = site_environment
    subprocess.run([sys.executable, "-c", BUILD], env=environment, check=True)
    port = free_port()
    command = [sys.executable, "-m", "songhua.cli", "serve", "--port", str(port)]
    server = subprocess.Popen(command, env=environment)
    address = f"http://127.0.0.1:{port}"
    for _ in range(200):
        try:
            urlopen(f"{address}/live/", timeout=2).close()
            break
        except OSError:
            time.sleep(0.1)
    yield address
    server.terminate()
    server.wait(15)


@pytest.fixture(scope="session")
def chromium():
    """Debian's Chromium under Playwright."""
    sync_api = pytest.importorskip("playwright.sync_api")
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if found is None:
        pytest.skip("chromium is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def sign_in(site, chromium):
    """``sign_in(role, width)``: a page of a signed-in person; problems are gathered in
    ``page.problems`` (console errors, requests that left the site, failed requests)."""
    contexts = []

    def enter(role: str | None, width: int = 1440, dark: bool = False):
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, locale="zh-CN",
            color_scheme="dark" if dark else "light",
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.problems = []
        page.on("console", lambda m: m.type == "error" and page.problems.append(m.text))
        page.on("pageerror", lambda e: page.problems.append(str(e)))
        page.on(
            "request",
            lambda r: (
                not r.url.startswith((site, "blob:", "data:"))
                and page.problems.append(f"left the site: {r.url}")
            ),
        )
        if role is not None:
            page.goto(f"{site}/sign-in/")
            page.fill("input[name=username]", role)
            page.fill("input[name=password]", PASSWORD)
            page.click("main button[type=submit]")
            page.wait_for_load_state("networkidle")
            assert "/sign-in/" not in page.url, page.inner_text("body")
        return page

    yield enter
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def axe_source() -> str:
    return AXE.read_text(encoding="utf-8")
