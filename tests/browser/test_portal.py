"""The open catalogue in a real browser: searched, opened, its first rows and chart seen."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from .test_pages import violations

pytestmark = pytest.mark.browser
OPEN = """
import django; django.setup()
from songhua.console.exchange.models import Entry
from songhua.console.exchange.services import entries, uploads
from songhua.console.people.models import Unit, User
unit, office = Unit.objects.first(), User.objects.get(username="office")
entry = entries.create(office, {"name": "snow-depth", "title": "积雪深度", "unit": unit,
    "title_en": "Snow depth", "tier": "unconditional", "state": "active", "is_open": True})
rows = "日期,测点,积雪深度\\n" + "".join(
    f"2026-01-{day:02d},测点{day % 3},{day / 2}\\n" for day in range(1, 29))
uploads.upload(office, entry, None, "snow.csv", rows.encode())
entry = Entry.objects.get(pk=entry.pk)
uploads.describe(office, entry, {f["name"]: {"open": True} for f in entry.about["fields"]})
"""


@pytest.fixture(scope="module")
def snow(site, site_environment):
    """An open dataset of the running city."""
    subprocess.run([sys.executable, "-c", OPEN], env=site_environment, check=True)
    return f"{site}/catalogue/"


@pytest.mark.parametrize("width", [1440, 390])
def test_anybody_finds_opens_and_downloads_open_data(sign_in, axe_source, snow, width):
    page = sign_in(None, width)
    page.goto(snow)
    assert not violations(page, axe_source)
    page.evaluate("window.sameDocument = true")
    page.fill("#filter-q", "积雪")
    expect(page).to_have_url(re.compile("q="))
    assert page.evaluate("window.sameDocument")
    page.click("#found li a.fw-medium")
    page.wait_for_selector("#rows figure.chart svg path", state="attached", timeout=15000)
    assert page.locator("#rows section > .table-region tbody tr").count() == 20
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert not violations(page, axe_source)
    with page.expect_download() as download:
        page.click("a[download]:has-text('CSV')")
    assert download.value.suggested_filename == "snow-depth.csv"
    page.click("form[action$='/rate/'] button >> nth=3")
    page.wait_for_load_state("networkidle")
    assert "4.0" in page.inner_text("main")
    assert not page.problems


def test_the_portal_speaks_english(sign_in, snow):
    page = sign_in(None)
    page.goto(snow)
    page.click("form[action='/language/'] button")
    page.wait_for_load_state("networkidle")
    assert "Open data" in page.inner_text("main") and "Snow depth" in page.inner_text("main")
