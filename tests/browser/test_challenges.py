"""One challenge from demand to accepted contract and payment, by twelve people in real browsers."""

from __future__ import annotations

import json
from urllib.request import urlopen

import pytest

from songhua.governance.challenges.draw import draw
from songhua.governance.challenges.seed import candidates_of, seed

from .test_pages import violations
from .test_subsidies import TESTS, VERIFY, Desk, send

pytestmark = [pytest.mark.browser, pytest.mark.slow]
OPENING, DRAWING = "2023-03-06", "2023-03-07"
SIGNING, PAYING = "2023-03-15", "2023-03-27"
ROW, APPLICATION = "/challenges/1/", "/applications/1/"
PREPARE = f"""
import sys; sys.path.insert(0, {str(TESTS)!r})
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from console.innovation import fair
fair.found()
"""
LINKED = """
import django; django.setup()
from songhua.console.subsidies.models import Payment
made = Payment.objects.get()
print(made.amount_fen, made.application.challenge.number)
"""
PLAN = "采用自加热电池与多模态识别，六个月完成样机并实测。"


class Fairground(Desk):
    """The bureau with a second firm and six experts."""

    prepare = PREPARE


@pytest.fixture
def desk(tmp_path, chromium):
    found = Fairground(tmp_path, chromium)
    yield found
    found.stop()


def publish(desk) -> None:
    """A department's demand, published by the office, read by anybody, bid for by two firms."""
    page = desk.person("industry", "/challenges/new/")
    send(page, "#demand", title="寒地巡检机器人", problem="冬季低温下巡检困难", field="智慧供暖",
         budget_yuan="300万元", **{
             "target-0-name": "低温启动", "target-0-direction": "不高于",
             "target-0-threshold": "-30", "target-0-unit": "℃"})  # fmt: skip
    desk.person("industry", f"{ROW}edit/").check("[name=chokepoint]")
    send(desk.pages["industry"], "#demand")
    desk.step("industry", "submit", ROW)
    desk.step("office", "publish", ROW, closes_on="2023-03-03", closes_at="17:00")
    visitor = desk.chromium.new_context(locale="zh-CN").new_page()
    visitor.goto(f"{desk.address}/challenges/")
    assert "寒地巡检机器人" in visitor.inner_text("main")
    visitor.context.close()
    bid = {"applicant_kind": "科技型企业", "promised-0": "-35", "plan": PLAN}
    page = desk.person("firm", f"{ROW}bid/")
    send(page, "#bid", price_yuan="280万元", people="王一", **bid | {"plan": f"王一：{PLAN}"})
    assert "匿名评审" in page.inner_text("#problems")
    send(page, "#bid", price_yuan="280万元", people="王一", **bid)
    assert "投标已密封" in page.inner_text("main")
    send(desk.person("rival", f"{ROW}bid/"), "#bid", price_yuan="260万元", people="赵二", **bid)
    office = desk.person("office", ROW)
    assert "截止前任何人不能开标" in office.inner_text("#step-open_bids")
    assert PLAN not in office.content()


def judge(desk, axe_source) -> None:
    """The list is sealed, the panel drawn a day later, one member replaced, all score blind."""
    desk.move_to(OPENING)
    desk.step("office", "open_bids", ROW)
    page = desk.step("office", "seal_list", ROW, public_source="双色球第2023026期",
                     public_on=DRAWING)  # fmt: skip
    assert "届时抽取" in page.inner_text("#step-draw")
    desk.move_to(DRAWING)
    desk.step("office", "draw", ROW, public_value="01 08 12 19 25 33 06")
    names = ("first", "second", "third", "fourth", "fifth", "sixth")
    seated = [name for name in names if on_panel(desk, name)]
    assert len(seated) == 3
    send(panel_of(desk, seated[0]), "#recuse", reason="师生关系")
    desk.step("office", "replace", ROW)
    for name in names:
        if name != seated[0] and on_panel(desk, name):
            score(desk, name, axe_source)
    page = desk.step("office", "rank", ROW)
    assert "80.00" in page.inner_text("#ranking")


def on_panel(desk, name: str) -> bool:
    page = desk.person(name, "/challenge-panels/")
    return page.locator("main a[href^='/challenge-panels/']").count() == 1


def panel_of(desk, name: str):
    page = desk.person(name, "/challenge-panels/")
    page.click("main a[href^='/challenge-panels/']")
    page.wait_for_load_state("networkidle")
    return page


def score(desk, name: str, axe_source) -> None:
    """Nothing of a bid before the declaration, nothing of a bidder after it."""
    page = panel_of(desk, name)
    assert PLAN not in page.content()
    send(page, "#declare")
    assert PLAN in page.content()
    assert not [word for word in ("冰城", "南国", "王一", "赵二") if word in page.content()]
    assert not violations(page, axe_source)
    while page.locator("form[id^='score-']").count():
        form = page.locator("form[id^='score-']").first
        cheap = "2,600,000" in form.locator("xpath=..").inner_text()
        points = dict.fromkeys(("fit", "feasibility", "team"), "70" if cheap else "80")
        send(page, f"form[id='{form.get_attribute('id')}']", opinion="可行", **points)


def contract(desk) -> None:
    """The notice runs out, the contract is signed, measured and accepted, and handed over."""
    desk.step("office", "propose", ROW)
    desk.move_to(SIGNING)
    desk.step("office", "close_notice", ROW)
    desk.step("office", "sign", ROW, signed_on=SIGNING,
              **{"milestone-0-title": "样机", "milestone-0-due": "2023-09-30"})  # fmt: skip
    page = desk.person("firm", ROW)
    page.set_input_files("#contract [name=file]", files=[{
        "name": "检测报告.txt", "mimeType": "text/plain", "buffer": "实测".encode(),
    }])  # fmt: skip
    send(page, "#contract form", text="样机完成", **{"measured-0": "-33.5"})
    send(desk.person("industry", ROW), "#contract form", "button[value='1']", opinion="属实")
    desk.step("office", "accept", ROW)
    page = desk.step("office", "hand_over", ROW)
    assert "申报 #1" in page.inner_text("#support")


def pay(desk) -> None:
    """The subsidies desk pays what the panel found, without asking experts a second time."""
    desk.step("firm", "submit")
    for action in ("accept", "pass_formal"):
        desk.step("science", action)
    if desk.person("finance", APPLICATION).locator("form[action$='/steps/sign/']").count():
        desk.step("finance", "sign", agreed="1")
    for action in ("skip_experts", "compute", "propose"):
        desk.step("science", action)
    desk.move_to(PAYING)
    desk.step("science", "close_notice")
    desk.step("leader", "approve")
    desk.step("finance", "pay", amount_yuan="280万元", paid_on=PAYING)


def test_a_challenge_is_played_from_demand_to_payment(desk, axe_source):
    publish(desk)
    judge(desk, axe_source)
    contract(desk)
    pay(desk)
    firm = desk.person("firm", ROW)
    assert "2,800,000.00元" in firm.inner_text("#support")
    for name in ("firm", "office"):
        assert not violations(desk.person(name, ROW), axe_source)
    assert desk.run(LINKED) == "280000000 JB2023-001"
    with urlopen(f"{desk.address}/challenge-draws/1/") as answer:
        record = json.load(answer)
    again = seed(record["secret"], record["public_value"], record["list"])
    assert list(draw(candidates_of(record["list"]), again)) == record["panel"]
    assert desk.run(VERIFY) == "[]"
    assert not [problem for page in desk.pages.values() for problem in page.problems]
