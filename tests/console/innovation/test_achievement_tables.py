"""Achievements come and go as spreadsheets, and are matched with firms, carriers and funds."""

from __future__ import annotations

import html
import re
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from songhua.console import clock
from songhua.console.api import tokens
from songhua.console.cooperation.services import entering
from songhua.console.cooperation.shelf import BY_KEY
from songhua.console.innovation import achievement_selectors
from songhua.console.innovation.models import Achievement, Challenge
from songhua.console.innovation.services import achievement_matches, achievement_registry
from songhua.console.innovation.services import achievement_tables as tables
from songhua.console.ledger import counted
from songhua.console.subsidies.services import registry
from songhua.kit.errors import InputError, NotAllowed

from ..city import spoken
from .fair import DAY, Fair, found
from .test_achievements import WANTED, enter

HEADS = "类别,名称,说明,领域,区县,阶段,成熟度从,成熟度到,金额从（元）,金额到（元）,权属"
GOOD = "成果,热网平衡,供热管网水力平衡算法,智慧供暖,松北区,中试,6,,100000,200000.50,专利"


@pytest.fixture
def fair(db) -> Fair:
    with clock.pinned(DAY):
        yield found()


def csv(*rows: str) -> bytes:
    return "\n".join([HEADS, *rows]).encode()


def test_a_sheet_is_entered_whole_and_comes_out_as_it_went_in(fair):
    rows = (GOOD, "需求,找泄漏,寻找管网泄漏检测,智慧供暖,,,,,,,")
    assert tables.bring(fair.firm, "成果.csv", csv(*rows)) == 2
    row = Achievement.objects.get(kind="achievement")
    assert (row.stage, row.trl_low, row.high_fen) == ("pilot", 6, 20_000_050)
    whole = tables.export(achievement_selectors.achievements({}))
    assert tables.bring(fair.firm, "成果.xlsx", whole) == 2
    again = Achievement.objects.filter(kind="achievement").first()
    same = ("title", "text", "field", "stage", "trl_high", "low_fen", "high_fen", "rights")
    assert [getattr(again, name) for name in same] == [getattr(row, name) for name in same]


def test_one_wrong_cell_keeps_the_whole_sheet_out(fair):
    bad = "成果,甲,乙,魔法,,小试,12,,5,3,"
    with pytest.raises(InputError) as caught:
        tables.bring(fair.firm, "成果.csv", csv(GOOD, bad))
    spoken(caught.value.problems)
    assert {(p.row, p.column) for p in caught.value.problems} == {
        (3, "D 领域"), (3, "G 成熟度从"), (3, "I 金额从（元）"),
    }  # fmt: skip
    assert not Achievement.objects.exists()
    with pytest.raises(NotAllowed):
        tables.bring(fair.office, "成果.csv", csv(GOOD))


def test_the_pages_bring_in_and_give_out(fair):
    client = Client()
    client.force_login(fair.firm)
    assert client.get("/achievements/import/").status_code == 200
    assert client.get("/achievements/template.xlsx").status_code == 200

    def send(content: bytes, **more: str):
        file = SimpleUploadedFile("成果.csv", content)
        return client.post("/achievements/import/", {"file": file} | more)

    assert send(csv("成果,甲,乙,魔法,,小试,,,,,")).status_code == 422
    marked = send(csv("成果,甲,乙,魔法,,小试,,,,,"), marked="1")
    assert marked.content[:2] == b"PK"
    assert send(csv(GOOD)).status_code == 302
    assert client.get("/achievements/export.xlsx?stage=pilot").content[:2] == b"PK"


def test_an_achievement_meets_firms_carriers_and_funds_and_says_why(fair):
    row = enter(fair)
    firm = registry.register(
        fair.office, kind="enterprise", name="松江供热管网检测有限公司",
        credit_code="913100007109328220", since=date(2020, 1, 1),
    )  # fmt: skip
    carrier = registry.register(
        fair.office, kind="carrier", name="某孵化器", operator=firm, since=date(2021, 1, 1)
    )
    fund = entering.enter(fair.science, BY_KEY["funds"], {
        "title": "冰城科创基金", "kind": "risk", "manager": "x", "since": "2020-01-01",
        "text": "投向供热管网、传感器",
    })  # fmt: skip

    def names(official: bool) -> list[list[str]]:
        found = achievement_matches.suited(row, official=official)
        return [[name for name, _, _ in kind.found] for kind in found]

    assert names(official=True) == [["松江供热管网检测有限公司"], [], ["冰城科创基金"]]
    registry.put_fact(
        fair.office, carrier, name="focus", value="管网泄漏检测设备", as_of=DAY, source="调研"
    )
    assert names(official=True)[1] == ["某孵化器"], "a new fact is seen at the next question"
    assert names(official=False) == [["冰城科创基金"]]
    registry.end(fair.office, firm, on=DAY, reason="注销")
    entering.strike(fair.science, fund, reason="重复")
    assert names(official=True) == [[], ["某孵化器"], []]
    demand = achievement_registry.enter(fair.industry, **WANTED)
    assert achievement_matches.suited(demand, official=True) == []
    client = Client()
    client.force_login(fair.leader)
    page = html.unescape(client.get(f"/achievements/{row.pk}/").content.decode())
    assert "适合的载体" in page
    assert re.search(r"某孵化器</a><div>共同之处：<span class=\"tag\">", page)


def test_counts_of_the_plan_are_those_of_the_lists(fair):
    enter(fair)
    enter(fair, stage="pilot")
    achievement_registry.enter(fair.industry, **WANTED)
    assert counted.count("achievements") == 2
    assert counted.count("achievements_matured") == 1
    assert counted.count("achievements", date(2023, 2, 28)) == 0
    fair.at("published")
    assert counted.count("challenges", date(2023, 3, 1)) == 1


def test_programs_read_challenges_achievements_and_their_matches(fair):
    row, asked = enter(fair), achievement_registry.enter(fair.industry, **WANTED)
    fair.at("published")
    fair.draft()
    token, secret = tokens.make(fair.firm, name="x", scopes=["read"], days="30")
    assert token.pk
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    shown = client.get("/api/v1/achievements?kind=achievement").json()["rows"]
    assert [one["id"] for one in shown] == [row.pk]
    (match,) = client.get(f"/api/v1/achievements/{asked.pk}/matches").json()
    assert (match["id"], match["title"]) == (row.pk, row.title)
    assert sum(match["terms"].values()) > 0
    shown = client.get("/api/v1/challenges").json()["rows"]
    assert [one["state"] for one in shown] == ["published"], "another's draft is not shown"
    assert Challenge.objects.count() == 2
    assert client.get("/api/v1/achievements?kind=other").status_code == 422
