"""Finding sentences in an attached text: by section, by wording, whatever its brackets."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhua.programmes.load import bundled, load
from songhua.programmes.passages import passages, sentences

ICE = load(Path(__file__).parent / "ice_harbour")
SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "programme"
TEXT = """关于两份文件的通知
请于1月15日12:00前反馈，公开征求社会意见。
附件1
冰港市方案
一、目标
到2025年智能泊位不低于12个。港口产业突破7.5亿元。
二、任务
(一)气象
1.53公里航道通航。建设海冰预报服务系统，提前预警。
责任部门:市气象局
(二)机制
各单位配合。每月调度一次港口建设。
附件2
若干政策
一、支持泊位。给予补助。
(责任单位:市港务局)
本政策由市港务局负责解释。
"""


def test_each_obligation_finds_its_sentence() -> None:
    found = passages(TEXT, ICE)
    assert {id: passage.sentence for id, passage in found.items()} == {
        "OB-001": "到2025年智能泊位不低于12个。",
        "OB-002": "港口产业突破7.5亿元。",
        "OB-003": "建设海冰预报服务系统，提前预警。",
        "OB-004": "每月调度一次港口建设。",
        "OB-005": "请于1月15日12:00前反馈，公开征求社会意见。",
    }
    assert found["OB-003"].article == "附件1 二(一)"


def test_the_last_paragraph_of_a_policy_is_its_closing_provision() -> None:
    assert [p.sentence for p in sentences(TEXT) if p.article == "附件2 附则"] == [
        "本政策由市港务局负责解释。"
    ]


def test_full_width_brackets_and_odd_spaces_change_nothing() -> None:
    wide = TEXT.translate(str.maketrans("():12", "（）：１２")).replace("二、", "　二 、\u00a0")
    wide = wide.replace("（一）", "（ 一 ）").replace("附件１", "附件 １：").replace("\n", "\r\n")
    plain = {id: p.article for id, p in passages(TEXT, ICE).items()}
    assert {id: p.article for id, p in passages(wide, ICE).items()} == plain


def test_marks_inside_a_paragraph_open_a_part_of_the_section() -> None:
    text = "附件1\n一、目标\n短期到2023年，甲。乙。\n中期到2025年，丙。"
    text += "\n(一)体系\n总述。一是甲。二是乙。"
    assert [p.article for p in sentences(text)] == [
        "附件1 一",
        "附件1 一 短期",
        "附件1 一 短期",
        "附件1 一 中期",
        "附件1 一(一)",
        "附件1 一(一)",
        "附件1 一(一) 一是",
        "附件1 一(一) 二是",
    ]


def test_an_absent_section_gives_nothing_rather_than_a_guess() -> None:
    assert passages("附件1\n三、别的\n智能泊位不低于12个。", ICE) == {}
    assert passages("", ICE) == {}


@given(st.text(alphabet="附件12一二三、.()（）责任部门:。；\n\r 　短期到是甲乙丙①…", max_size=80))
def test_every_passage_is_the_piece_of_text_it_says(text: str) -> None:
    end = 0
    for passage in sentences(text):
        assert text[passage.start : passage.end] == passage.sentence != ""
        assert passage.start >= end
        end = passage.end


@pytest.mark.skipif(
    not (SHARED / "harbin_2022_official_text.txt").is_file(),
    reason="the official text is not attached here",
)
def test_harbins_obligations_land_on_their_sentences() -> None:
    text = (SHARED / "harbin_2022_official_text.txt").read_text(encoding="utf-8")
    with (SHARED / "obligations.csv").open(encoding="utf-8") as stream:
        quotes = {row["id"]: row["quote"] for row in csv.DictReader(stream)}
    found = passages(text, bundled())
    hits = [id for id, quote in quotes.items() if id in found and quote in found[id].sentence]
    assert len(hits) >= 210, sorted(set(quotes) - set(hits))
