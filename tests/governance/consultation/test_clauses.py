"""A draft is cut into clauses without losing a character, and its redline is exact."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhua.governance.consultation import apply, parse, redline
from songhua.kit.errors import InputError

LAW = """供热办法

第一章　总则
第一条　为了规范供热，制定本办法。
第二条　本办法适用于下列单位：
（一）供热企业；
（二）用热单位：
1.居民；
2.学校。
前款所称学校包括幼儿园。
第二条规定的单位应当登记。

第二章　附则
第三条　本办法自2023年1月1日起施行。
"""
SEEN = (
    "第一条　甲乙丙。", "第二条 供热。", "第十一章 总则", "一、目标", "（二）任务", "1.建设。",
    "(3)维护", "附件1", "附件2", "", "　　", "没有编号的一段。", "1.53平方公里",
    "责任部门：市科技局", "①甲",
)  # fmt: skip
LINES = st.lists(st.sampled_from(SEEN) | st.text(max_size=12), max_size=14)
ENDS = st.sampled_from(["\n", "\r\n", "\n\n", "\x85"])
PARTS = st.builds(lambda lines, end: end.join(lines), LINES, ENDS)
TEXTS = st.lists(PARTS, max_size=3).map("".join)


def numbers(text: str) -> list[str]:
    return [clause.number for clause in parse(text)]


def test_a_regulation_is_a_tree_of_chapters_articles_items_and_paragraphs():
    clauses = parse(LAW)
    by_id = {clause.id: clause for clause in clauses}
    under = {c.number: by_id[c.parent].number if c.parent else None for c in clauses}
    assert under == {
        "第1段": None, "第一章": None, "第一条": "第一章", "第二条": "第一章",
        "第二条(一)": "第二条", "第二条(二)": "第二条", "第二条(二)1": "第二条(二)",
        "第二条(二)2": "第二条(二)", "第二条第2款": "第二条", "第二条第3款": "第二条",
        "第二章": None, "第三条": "第二章",
    }  # fmt: skip
    assert by_id[4].body == "本办法适用于下列单位："


def test_a_plan_is_numbered_by_its_own_levels_and_annexes_begin_anew():
    text = "附件1\n方案\n一、目标\n（一）供热\n先试点。\n1.城区\n(1)试点\n附件2\n一、支持攻关。\n"
    assert numbers(text) == [
        "附件1", "附件1 第1段", "附件1 一", "附件1 一(一)", "附件1 一(一)第1段",
        "附件1 一(一)1", "附件1 一(一)1(1)", "附件2", "附件2 一",
    ]  # fmt: skip


def test_a_text_without_numbers_is_one_clause_a_paragraph():
    assert [c.text for c in parse("甲。\n\n乙。\n1.5万元\n")] == ["甲。\n\n", "乙。\n", "1.5万元\n"]
    assert parse("") == ()


@given(TEXTS)
def test_every_character_belongs_to_one_clause_and_every_clause_to_one_before(text):
    clauses = parse(text)
    assert "".join(clause.text for clause in clauses) == text
    assert [clause.id for clause in clauses] == list(range(1, len(clauses) + 1))
    for clause in clauses:
        assert clause.parent is None or clause.parent < clause.id


@given(TEXTS, TEXTS)
def test_a_redline_applied_to_the_old_text_gives_the_new_one(old, new):
    before = parse(old)
    after = parse(new, before)
    changes = redline(before, after)
    assert apply(old, changes) == new
    assert sorted(c.old.id for c in changes if c.old) == sorted(c.id for c in before)
    assert [c.new.id for c in changes if c.new] == [c.id for c in after]
    assert len({c.id for c in after}) == len(after)


@given(TEXTS)
def test_a_text_compared_with_itself_is_kept_to_the_last_clause(text):
    before = parse(text)
    assert {change.kind for change in redline(before, parse(text, before))} <= {"kept"}
    assert parse(text, before) == before


@pytest.mark.parametrize("seed", range(30))
def test_edits_that_are_known_are_found(seed):
    """Of twelve articles one is struck, one moved, one reworded and one added."""
    chance = random.Random(seed)
    alphabet = [chr(0x4E00 + n) for n in range(3000)]
    bodies = ["".join(chance.choices(alphabet, k=40)) + "100万元" for _ in range(13)]
    struck, moved, reworded = chance.sample(range(12), 3)
    kept = [n for n in range(12) if n not in (struck, moved)]
    place = chance.choice([n for n in range(len(kept) + 1) if abs(n - moved) > 2])
    order = [*kept[:place], moved, *kept[place:]]
    changed = {reworded: bodies[reworded].replace("100", "500")}
    added = chance.randrange(len(order) + 1)
    lines = [f"{changed.get(n, bodies[n])}\n" for n in order]
    lines.insert(added, bodies[12] + "\n")
    before = parse("".join(f"{body}\n" for body in bodies[:12]))
    after = parse("".join(lines), before)
    found: dict[str, list[str]] = {}
    for change in redline(before, after):
        found.setdefault(change.kind, []).append((change.new or change.old).body)
    assert found["removed"] == [bodies[struck]]
    assert found["added"] == [bodies[12]]
    assert found["changed"] == [changed[reworded]]
    assert found["moved"] == [bodies[moved]]
    ids = {clause.body: clause.id for clause in before}
    for clause in after:
        if clause.body in ids:
            assert clause.id == ids[clause.body]


def test_a_figure_is_replaced_whole_and_the_rest_is_kept():
    change = redline(parse("最高补助1000万元。"), parse("最高补助1200万元。"))[0]
    assert [(p.kind, p.text) for p in change.pieces] == [
        ("keep", "最高补助"), ("delete", "1000"), ("insert", "1200"), ("keep", "万元。"),
    ]  # fmt: skip


def test_a_clause_that_was_renumbered_keeps_its_id():
    before = parse("一、供热。\n二、供水。\n")
    after = parse("一、供气。\n二、供热。\n三、供水。\n", before)
    assert [(c.number, c.id) for c in after] == [("一", 3), ("二", 1), ("三", 2)]


def test_a_redline_refuses_any_other_text():
    changes = redline(parse("甲。\n乙。\n"), parse("甲。\n"))
    for other in ("甲。\n丙。\n", "甲。\n", "甲。\n乙。\n丙。\n"):
        with pytest.raises(InputError):
            apply(other, changes)


def test_the_consultation_of_2022_falls_into_its_annexes_and_articles(shared_data):
    text = (shared_data / "programme" / "harbin_2022_official_text.txt").read_text("utf-8")
    found = parse(text)
    assert "".join(clause.text for clause in found) == text
    called = [clause.number for clause in found]
    assert {f"附件2 {n}" for n in "一二三四五六七八九十"} <= set(called)
    assert {"附件1 二(五)3(4)", "附件1 二(三)2", "附件1 三(五)"} <= set(called)
