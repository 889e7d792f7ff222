"""A table is brought and mended, a run watched, two compared, one attached and decided upon."""

from __future__ import annotations

import subprocess
import sys

import pytest
from playwright.sync_api import expect

from .test_pages import violations

pytestmark = pytest.mark.browser

SCENARIO = "/scenarios/fever_clinic/"
HEADINGS = "就诊号,到诊时刻,分诊级别,诊疗时长（min）,需做 CT,检查时长（min）\n"
ROWS = [
    f"v{i:03},2023-01-{1 + i // 24:02} {i % 24:02}:{i * 7 % 60:02},{1 + i % 4},8,是,6"
    for i in range(240)
]
BAD = HEADINGS + "\n".join(["v000,昨天,2,8,是,6", "v001,2023-01-01 08:00,9,8,是,6", *ROWS[2:]])
GOOD = HEADINGS + "\n".join(ROWS)
WAIT = 120_000  # a slow machine may take long; no timing decides


@pytest.fixture(scope="module")
def worker(site, site_environment):
    """The worker beside the web server."""
    process = subprocess.Popen(
        [sys.executable, "-m", "songhua.cli", "worker"], env=site_environment
    )
    yield
    process.terminate()
    process.wait(30)


def bring(page, site: str, name: str, text: str) -> None:
    page.goto(site + SCENARIO)
    page.set_input_files(
        "#file-visits", {"name": name, "mimeType": "text/csv", "buffer": text.encode("gb18030")}
    )
    page.click("form[action$='/visits/upload/'] button")


def ask(page, site: str, **params: str) -> str:
    """Run the simulation, watch its bar, and give the number of the run."""
    page.goto(f"{site}{SCENARIO}actions/simulate_waits/")
    for name, value in params.items():
        page.fill(f"[name=param-{name}]", value)
    page.click(".action-form button[type=submit]")
    expect(page.locator("#run-state [role=progressbar], #run-state .tag-green")).to_have_count(1)
    expect(page.locator("#run-state .tag-green")).to_be_visible(timeout=WAIT)
    return page.url.rstrip("/").rpartition("/")[2]


def sound(page, axe_source) -> None:
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, page.url
    assert not violations(page, axe_source), page.url


def test_from_a_bad_file_to_an_approved_decision(worker, sign_in, site, axe_source):
    office = sign_in("office")
    bring(office, site, "到诊.csv", BAD)
    expect(office.locator("#table-state .tag-red")).to_be_visible(timeout=WAIT)
    said = office.inner_text("main")
    assert "发现 2 个问题" in said and "昨天" in said and "不是时刻" in said and "高于上限" in said
    sound(office, axe_source)

    bring(office, site, "到诊.csv", GOOD)
    expect(office.locator("#table-state .tag-green")).to_be_visible(timeout=WAIT)
    assert "240 行全部通过检查" in office.inner_text("main")
    sound(office, axe_source)
    office.goto(site + SCENARIO)
    office.click("form[action$='/roster/sample/'] button")
    expect(office.locator("#table-state .tag-green")).to_be_visible(timeout=WAIT)

    first = ask(office, site)
    office.wait_for_selector("figure.chart svg path", state="attached")
    sound(office, axe_source)
    second = ask(office, site, turnaround_min="20")

    office.goto(f"{site}/runs/")
    for number in (first, second):
        office.check(f"input[name=run][value='{number}']")
    office.click("#compare button")
    office.wait_for_selector("figure.chart svg path", state="attached")
    assert "不同" in office.inner_text("main") and "消毒间隔" in office.inner_text("main")
    sound(office, axe_source)

    office.goto(f"{site}/runs/{second}/")
    task = office.locator("#attach-tasks option").first.get_attribute("value")
    office.fill("#attach-task", task)
    office.click("form[action$='/attach/'] button")
    expect(office.locator("#evidence")).to_contain_text(task)
    office.fill("#decision-text", "消毒间隔由 20 分钟缩短为 10 分钟")
    office.click("form[action$='/propose/'] button")
    expect(office.locator("#decisions")).to_contain_text("待批准")
    sound(office, axe_source)
    office.goto(f"{site}/tasks/{task}/")
    office.click(f"#evidence a[href='/runs/{second}/']")

    leader = sign_in("leader", 390)
    leader.goto(f"{site}/runs/{second}/")
    leader.click("button[name=approved][value='1']")
    expect(leader.locator("#decisions")).to_contain_text("已批准")
    sound(leader, axe_source)
    for name in ("", "tables/1/", "scenarios/", SCENARIO[1:], "runs/"):
        leader.goto(f"{site}/{name}")
        sound(leader, axe_source)
    # The server refused the bad file with a page; nothing else went wrong.
    assert not office.problems + leader.problems
