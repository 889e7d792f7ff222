"""An enterprise and three officials play a whole application in real browsers, with a request for
correction, a recusal, an objection and a recovery; then the decision and the audit log are read."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from .conftest import free_port
from .test_pages import OPEN, violations

pytestmark = pytest.mark.browser
TESTS = Path(__file__).parents[1]
PASSWORD = "Harbour-2024"
DAY, AFTER_NOTICE = "2023-03-01", "2023-03-13"
PREPARE = f"""
import sys; sys.path.insert(0, {str(TESTS)!r})
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from console import bureau
bureau.found()
"""
VERIFY = """
import django; django.setup()
from songhua.console.ledger.services import audit
print(audit.verify())
"""


class Desk:
    """A console whose civil day can be moved on, and a browser for each person."""

    prepare = PREPARE

    def __init__(self, folder: Path, chromium) -> None:
        self.folder, self.chromium, self.server = folder, chromium, None
        self.pages, self.day = {}, DAY
        self.run(self.prepare)
        self.start()

    def environment(self) -> dict[str, str]:
        mine = {
            "SONGHUA_DATA_DIR": str(self.folder), "SONGHUA_TODAY": self.day,
            "DJANGO_SETTINGS_MODULE": "songhua.console.settings",
        }  # fmt: skip
        return {k: v for k, v in os.environ.items() if k != "SONGHUA_DATABASE_URL"} | mine

    def run(self, code: str) -> str:
        command = [sys.executable, "-c", code]
        done = subprocess.run(
            command, env=self.environment(), check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def start(self) -> None:
        port = free_port()
        command = [sys.executable, "-m", "songhua.cli", "serve", "--port", str(port)]
        self.server = subprocess.Popen(command, env=self.environment())
        self.address = f"http://127.0.0.1:{port}"
        for _ in range(300):
            try:
                urlopen(f"{self.address}/live/", timeout=2).close()
                return
            except OSError:
                time.sleep(0.1)

    def stop(self) -> None:
        for page in self.pages.values():
            page.context.close()
        self.pages = {}
        self.server.terminate()
        self.server.wait(15)

    def move_to(self, day: str) -> None:
        self.stop()
        self.day = day
        self.start()

    def person(self, name: str, path: str):
        """The page of somebody who has signed in, at `path`."""
        if name not in self.pages:
            page = self.chromium.new_context(locale="zh-CN").new_page()
            page.problems = []
            page.on("pageerror", lambda e: page.problems.append(str(e)))
            page.goto(f"{self.address}/sign-in/")
            page.fill("input[name=username]", name)
            page.fill("input[name=password]", PASSWORD)
            page.click("main button[type=submit]")
            page.wait_for_load_state("networkidle")
            self.pages[name] = page
        page = self.pages[name]
        page.goto(self.address + path)
        page.wait_for_load_state("networkidle")
        return page

    def step(self, name: str, action: str, at: str = "/applications/1/", **fields: str):
        """Somebody takes a step by its form; their page afterwards."""
        page = self.person(name, at)
        return send(page, f"form[action$='/steps/{action}/']", **fields)


def send(page, form: str, button: str = "button[type=submit]", **fields: str):
    """Fill a form and send it."""
    found = page.locator(form).first
    found.evaluate(OPEN)
    for name, value in fields.items():
        field = found.locator(f"[name={name}]").first
        kind = field.evaluate("e => e.type")
        if kind == "radio":
            found.locator(f"[name={name}][value='{value}']").check()
        elif kind == "select-one":
            field.select_option(label=value)
        else:
            field.fill(value)
    found.locator(button).last.click()
    page.wait_for_load_state("networkidle")
    return page


@pytest.fixture
def desk(tmp_path, chromium):
    found = Desk(tmp_path, chromium)
    yield found
    found.stop()


def draft(desk) -> None:
    """From the calculator's facts to a draft with a paper, by the enterprise."""
    firm = desk.person("firm", "/calculator/pilot_zone/issued-2022/P01/")
    firm.select_option("[name=fact-applicant_kind]", index=1)
    firm.check("[name=fact-chokepoint][value=yes]")
    firm.select_option("[name=fact-mode]", index=1)
    firm.wait_for_selector("#result a:has-text('用这些事实申报')")
    firm.click("#result a:has-text('用这些事实申报')")
    firm.wait_for_load_state("networkidle")
    send(firm, "#calculator form", "button[name=save]", matters="寒地电池")
    assert firm.url.endswith("/applications/1/")
    firm.fill("#kind", "可研报告")
    firm.set_input_files("#file", files=[{
        "name": "冰城智能.txt", "mimeType": "text/plain", "buffer": "方案".encode(),
    }])  # fmt: skip
    firm.click("form[action$='/papers/'] button")
    firm.wait_for_load_state("networkidle")
    assert "冰城智能.txt" in firm.inner_text("#papers")


def review(desk) -> None:
    """Correction asked and answered, accepted, a blind panel from which one expert steps down."""
    desk.step("firm", "submit")
    desk.step("science", "ask_correction", reason="请写明事项")
    firm = desk.person("firm", "/applications/1/")
    assert "2023-03-15 前补正" in firm.inner_text("main")
    firm.click("a[href$='/edit/']")
    firm.wait_for_load_state("networkidle")
    send(firm, "#calculator form", "button[name=save]", matters="寒地固态电池攻关")
    desk.step("firm", "submit")
    for action in ("accept", "pass_formal", "call_experts"):
        desk.step("science", action)
    for name in ("first", "second", "third", "fourth"):
        desk.step("science", "seat", expert=f"{name} 某")
    expert = desk.person("fourth", "/panels/1/")
    assert "冰城智能" not in expert.content()
    send(expert, "form[action$='/score/']:has([name=recuse])", reason="曾在该企业任职")
    assert "已回避" in expert.inner_text("main")
    assert desk.person("fourth", "/panels/1/").locator("form[action$='/score/']").count() == 0
    for name in ("first", "second", "third"):
        page = desk.person(name, "/panels/1/")
        send(page, "form[action$='/score/']:has([name=innovation])", innovation="35",
             feasibility="25", benefit="24", opinion="可行")  # fmt: skip
    desk.step("science", "close_panel", reviewed_amount_yuan="300万元")
    page = desk.step("science", "compute")
    assert "3,000,000.00元" in page.inner_text("main")


def notice(desk) -> None:
    """The notice is open to anybody without signing in; an objection is made and answered."""
    desk.step("science", "propose")
    page = desk.chromium.new_context(locale="zh-CN").new_page()
    page.goto(f"{desk.address}/public-notices/")
    assert "3,000,000.00 元" in page.inner_text("main")
    assert "还有 7 个工作日" in page.inner_text("main")
    page.context.close()
    citizen = desk.person("citizen", "/public-notices/")
    send(citizen, "form[action$='/object/']", text="该技术已经成熟")
    assert "异议已提交" in citizen.inner_text("main")
    early = desk.person("science", "/applications/1/")
    assert "现在不能办理" in early.inner_text("#step-close_notice")
    send(
        early, "form[action^='/objections/']", "button[value='0']", text="查新报告说明尚无成熟产品"
    )
    assert "不成立" in early.inner_text("#notices")


def pay(desk) -> None:
    """After the notice: approval, the decision, an instalment, a recovery that is paid back."""
    desk.step("science", "close_notice")
    assert "已批准" not in desk.person("office", "/applications/1/").inner_text("#steps")
    desk.step("leader", "approve")
    desk.person("science", "/applications/1/")
    send(desk.pages["science"], "form[action$='/letter/']")
    page = desk.step("finance", "pay", amount_yuan="100万元", paid_on=AFTER_NOTICE)
    assert "1,000,000.00元" in page.inner_text("main")
    desk.step("office", "recover", amount_yuan="400000", reason="审计核减")
    leader = desk.person("leader", "/applications/1/")
    send(leader, "form[action$='/order/']", "button.btn-primary", due="2023-06-01",
         decision="同意追回")  # fmt: skip
    finance = desk.person("finance", "/applications/1/")
    send(finance, "form[action$='/repay/']", "button.btn-primary", amount_yuan="400000",
         received_on=AFTER_NOTICE)  # fmt: skip
    assert "已结清" in finance.inner_text("#recoveries")


def test_a_whole_application_is_played_and_the_chain_is_whole(desk, axe_source):
    draft(desk)
    review(desk)
    notice(desk)
    desk.move_to(AFTER_NOTICE)
    pay(desk)
    firm = desk.person("firm", "/applications/1/")
    with firm.expect_download() as waiting:
        firm.click("#letters a[href$='.pdf']")
    assert Path(waiting.value.path()).read_bytes().startswith(b"%PDF")
    assert "评审专家" in firm.inner_text("main")
    assert "fourth 某" not in firm.content()
    assert not violations(firm, axe_source)
    audit = desk.person("leader", "/audit/")
    assert "application_approve" in audit.content() or "批准" in audit.inner_text("main")
    assert desk.run(VERIFY) == "[]"
    assert not [problem for page in desk.pages.values() for problem in page.problems]
