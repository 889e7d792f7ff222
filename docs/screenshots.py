"""Pictures for the docs, taken from a running `songhua demo`. A developer's tool.

    python docs/screenshots.py http://127.0.0.1:8000            the pictures that are committed
    python docs/screenshots.py http://127.0.0.1:8000 --all DIR  every page, to look at

The pages are read, never changed, so the demo stays as it was. Each picture is the size of its
window; where Pillow is at hand it is reduced to 256 colours.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext

OUT = Path(__file__).resolve().parent / "img"
PASSWORD = "Songhua-2023"  # every account of the demo, see songhua.console.demo
LARGEST = 250_000
WIDE, NARROW = (1440, 900), (390, 844)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip


@dataclass(frozen=True)
class Shot:
    """One picture: its file, who looks, at which address."""

    name: str
    account: str
    address: str
    scroll: str = ""
    size: tuple[int, int] = WIDE
    language: str = "zh-hans"
    theme: str = "light"


COMMITTED = (
    Shot("wall", "leader", "/wall/", size=(1440, 1080)),
    Shot("wall-en", "leader", "/wall/", size=(1440, 1080), language="en"),
    Shot("wall-dark", "leader", "/wall/", size=(1440, 1080), theme="dark"),
    Shot("wall-phone", "leader", "/wall/", size=NARROW),
    Shot("map", "leader", "/wall/", scroll="[id^=map], .map, canvas.maplibregl-canvas"),
    Shot("todo", "staff", "/todo/", size=(1440, 640)),
    Shot("ledger", "office", "/ledger/?view=ledger"),
    Shot("task", "staff", "/tasks/T0011/", size=(1440, 1160)),
    Shot("run", "office", "/runs/5/", size=(1440, 1400)),
    Shot("run-en", "office", "/runs/5/", size=(1440, 1400), language="en"),
    Shot("application", "office", "/applications/1/", size=(1440, 1100)),
    Shot("dataset", "office", "/catalogue/dataset/ice-snow-visitors/", size=(1440, 1000)),
    Shot("heating", "leader", "/heating/", size=(1440, 1250)),
    Shot("indicator", "office", "/indicators/related_industry_yi/"),
    Shot("notices", "office", "/notices/"),
    Shot("months", "office", "/months/"),
    Shot("documents", "office", "/documents/"),
    Shot("obligation", "office", "/obligations/OB-192/"),
)
PAGES = (
    ("leader", ("/wall/", "/ledger/", "/notices/", "/months/")),
    ("office", ("/todo/", "/ledger/?view=list", "/ledger/?view=table", "/ledger/?view=ledger",
                "/ledger/paste/", "/tasks/new/", "/tasks/T0001/", "/obligations/",
                "/obligations/OB-192/", "/official-text/", "/indicators/",
                "/indicators/core_industry_yi/", "/notices/", "/months/", "/documents/",
                "/imports/", "/units/science_technology_bureau/", "/programme/", "/audit/",
                "/health/", "/accounts/", "/accounts/new/", "/accounts/1/", "/password/")),
    ("staff", ("/todo/", "/ledger/", "/imports/")),
    ("enterprise", ("/todo/", "/ledger/", "/documents/")),
    ("reviewer", ("/todo/",)),
    ("public", ("/programme/", "/obligations/", "/documents/")),
)  # fmt: skip


class Studio:
    """A browser and one signed-in session for each account, language and theme."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser, self.address = browser, address.rstrip("/")
        self.states: dict[str, dict[str, object]] = {}

    def context(self, shot: Shot) -> BrowserContext:
        """A window of the right size in which `shot.account` is signed in."""
        if shot.account not in self.states:
            door = self.browser.new_context()
            page = door.new_page()
            page.goto(f"{self.address}/sign-in/")
            page.fill("[name=username]", shot.account)
            page.fill("[name=password]", PASSWORD)
            page.click("form:has([name=password]) [type=submit]")
            page.wait_for_url(lambda url: "/sign-in/" not in url)
            self.states[shot.account] = door.storage_state()
            door.close()
        width, height = shot.size
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            storage_state=self.states[shot.account],
            color_scheme=shot.theme,
            reduced_motion="reduce",
        )
        context.add_cookies(
            [{"name": "songhua_language", "value": shot.language, "url": self.address}]
        )
        return context

    def take(self, shot: Shot, path: Path) -> None:
        """Save `shot` as `path`."""
        context = self.context(shot)
        page = context.new_page()
        answer = page.goto(self.address + shot.address, wait_until="networkidle")
        if answer is None or answer.status != 200:
            raise SystemExit(f"{shot.address} as {shot.account}: {answer and answer.status}")
        if shot.scroll:
            page.locator(shot.scroll).first.scroll_into_view_if_needed()
        page.wait_for_timeout(1200)  # charts and maps draw themselves after the page is there
        page.screenshot(path=path)
        context.close()
        _reduce(path)
        sys.stdout.write(f"{path}\t{path.stat().st_size // 1000} kB\n")


def _reduce(path: Path) -> None:
    try:
        from PIL import Image
    except ImportError:
        return
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


def every_page() -> Iterator[Shot]:
    """Each page, wide and narrow."""
    for account, addresses in PAGES:
        for address in addresses:
            name = re.sub(r"[^a-z0-9]+", "-", f"{account}{address}".lower()).strip("-")
            yield Shot(name, account, address)
            yield Shot(f"{name}-390", account, address, size=NARROW)


def main() -> int:
    """1 where a picture that is to be committed is too large."""
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("address", help="of a running songhua demo")
    asked.add_argument("--all", type=Path, metavar="DIR", help="every page, into DIR")
    asked.add_argument("--only", metavar="NAME", help="one of the committed pictures")
    given = asked.parse_args()
    shots = every_page() if given.all else COMMITTED
    folder: Path = given.all or OUT
    folder.mkdir(parents=True, exist_ok=True)
    program = next((p for p in map(shutil.which, BROWSERS) if p), None)
    large = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        studio = Studio(browser, given.address)
        for shot in shots:
            if given.only and shot.name != given.only:
                continue
            path = folder / f"{shot.name}.png"
            studio.take(shot, path)
            if not given.all and path.stat().st_size > LARGEST:
                large.append(path.name)
        browser.close()
    if large:
        sys.stderr.write(f"larger than {LARGEST // 1000} kB: {', '.join(large)}\n")
    return 1 if large else 0


if __name__ == "__main__":
    sys.exit(main())
