"""From opinions to the adoption table: nothing dropped, two people, no gap, one publication."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.test import Client
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from songhua.console import clock, files
from songhua.console.consultation import selectors
from songhua.console.consultation.models import Answer, Opinion
from songhua.console.consultation.services import answers, notices, opinions, tables
from songhua.console.consultation.services.opinions import Said
from songhua.console.ledger.services import audit
from songhua.governance.consultation import apply, redline
from songhua.kit.errors import Conflict, InputError, NotAllowed

from .conftest import CLOSES, DRAFT, REVISED

AFTER = CLOSES.date() + timedelta(days=1)
LETTER = "补助最高一百万元偏低，建议参照周边港口城市的做法适当提高，优先用于客运破冰船的更新改造"


@pytest.fixture
def closed(empty_city, notice):
    """Twelve send one letter about one clause, two speak for themselves; then it closes."""
    for number in range(12):
        said = Said(f"{LETTER}{'。！'[number % 2]}", "5", name="王五", phone=f"1380000{number:04d}")
        opinions.speak(notice.pk, said, form=f"l{number}", origin="")
    opinions.speak(notice.pk, Said("同意", "", "organisation", "冰港航运公司"), form="a", origin="")
    opinions.speak(notice.pk, Said(LETTER, "1"), form="b", origin="")
    with clock.pinned(AFTER):
        yield notice


def all_of(row, state: str = "") -> list[int]:
    return list(selectors.answers(row, state).values_list("pk", flat=True))


def answered(city, row):
    """Every row decided by the bureau, approved by the office and published."""
    answers.arrange(city.staff, row)
    answers.decide(city.staff, row, all_of(row), outcome="adopted", reason="已写入第三条")
    answers.approve(city.office, row, all_of(row))
    return tables.issue(city.staff, row)


def test_alike_opinions_of_one_clause_stand_together_and_every_opinion_stands_somewhere(
    empty_city, closed
):
    assert answers.arrange(empty_city.staff, closed) == 3
    assert answers.arrange(empty_city.staff, closed) == 0
    found = selectors.answers(closed)
    assert [answer.heard for answer in found] == [12, 1, 1]
    assert [answer.campaign for answer in found] == [12, 0, 0]
    assert not Opinion.objects.filter(answer=None).exists()


def test_an_opinion_that_came_by_post_joins_the_rows_that_are_not_decided(empty_city, closed):
    answers.arrange(empty_city.staff, closed)
    for channel in ("post", "email"):
        opinions.enter(
            empty_city.staff, closed, Said(LETTER, "5"), channel=channel, received=CLOSES
        )
        made = answers.arrange(empty_city.staff, closed)
        assert made == (0 if channel == "post" else 1)
        answers.decide(empty_city.staff, closed, all_of(closed), outcome="partly", reason="见理由")
    assert [answer.heard for answer in selectors.answers(closed)] == [13, 1, 1, 1]


def test_the_table_is_not_published_while_anything_is_missing(empty_city, closed):
    city = empty_city
    with pytest.raises(Conflict) as caught:
        tables.issue(city.staff, closed)
    assert [p.code for p in caught.value.problems] == ["adoption_opinions_left"]
    answers.arrange(city.staff, closed)
    with pytest.raises(Conflict) as caught:
        tables.issue(city.staff, closed)
    assert len(caught.value.problems) == 9
    rows = all_of(closed)
    with pytest.raises(InputError):
        answers.decide(city.staff, closed, rows, outcome="perhaps", reason="")
    with pytest.raises(Conflict):
        answers.approve(city.office, closed, rows)
    answers.decide(city.office, closed, rows, outcome="not_adopted", reason="财力有限")
    with pytest.raises(NotAllowed):
        answers.approve(city.office, closed, rows)
    with pytest.raises(NotAllowed):
        answers.approve(city.staff, closed, rows)
    answers.approve(city.leader, closed, rows[:-1])
    with pytest.raises(Conflict) as caught:
        tables.issue(city.office, closed)
    assert [p.code for p in caught.value.problems] == ["adoption_unapproved"]
    answers.approve(city.leader, closed, rows)
    assert tables.issue(city.office, closed).consultation.phase == "answered"


def test_a_row_that_changes_is_decided_anew(empty_city, closed):
    city = empty_city
    answers.arrange(city.staff, closed)
    answers.decide(city.staff, closed, all_of(closed), outcome="adopted", reason="好")
    answers.approve(city.office, closed, all_of(closed))
    big, one, other = selectors.answers(closed)
    alone = answers.split(city.staff, big.opinions.last())
    assert set(all_of(closed, "undecided")) == {big.pk, alone.pk}
    answers.join(city.staff, one, other)
    assert set(all_of(closed, "undecided")) == {big.pk, alone.pk, one.pk}
    assert sorted(a.heard for a in selectors.answers(closed)) == [1, 2, 11]
    with pytest.raises(Conflict):
        answers.split(city.staff, alone.opinions.get())
    assert not audit.verify()


def test_the_published_table_is_the_same_on_the_page_and_in_every_file(empty_city, closed):
    Opinion.objects.filter(form="a").update(received_at=CLOSES)  # spoke last
    table = answered(empty_city, closed)
    assert [row["number"] for row in table.rows] == [1, 2, 3]
    assert [row["sender"] for row in table.rows] == ["王**等12人次", "匿名", "冰港****公司"]
    assert table.counts["total"] == 14 == sum(row["count"] for row in table.rows)
    assert table.counts["participants"] == 12
    shown = Client().get(f"/consultations/{closed.pk}/").content.decode()
    texts = {}
    for form in ("pdf", "docx", "xlsx"):
        content = files.load(table.files[form])
        answer = Client().get(f"/consultations/{closed.pk}/adoption.{form}")
        assert answer.content == content
        texts[form] = content
    book = CalamineWorkbook.from_filelike(io.BytesIO(texts["xlsx"]))
    cells = {str(c) for name in book.sheet_names for r in book.get_sheet_by_name(name).to_python()
             for c in r}  # fmt: skip
    pages = PdfReader(io.BytesIO(texts["pdf"])).pages
    printed = "".join("".join(page.extract_text() for page in pages).split())
    for row in table.rows:
        assert row["sender"] in shown and row["sender"] in cells
        assert row["opinion"] in shown and row["opinion"] in cells and row["reason"] in cells
    assert "意见采纳情况表" in printed and "王**等12人次" in printed
    for text in (shown, printed, *cells):
        assert "13800000001" not in text and "冰港航运" not in text
    assert not [f for f in audit.verify() if "opinion" not in f.subject]


def test_after_publication_nothing_changes_any_more(empty_city, closed):
    city = empty_city
    answered(city, closed)
    row = type(closed).objects.get(pk=closed.pk)
    steps = (
        lambda: tables.issue(city.staff, row),
        lambda: answers.arrange(city.staff, row),
        lambda: answers.decide(city.staff, row, all_of(row), outcome="partly", reason="改"),
        lambda: answers.approve(city.office, row, all_of(row)),
        lambda: opinions.enter(city.staff, row, Said("晚"), channel="post", received=CLOSES),
    )
    for step in steps:
        with pytest.raises(Conflict):
            step()
    opinion = Opinion.objects.get(form="b")
    page = Client().get(f"/consultations/answer/?receipt={opinion.receipt}").content.decode()
    assert "已写入第三条" in page and not audit.verify()
    whole = Client().get(f"/api/v1/consultations/{row.pk}").json()
    assert len(whole["table"]) == 3 and whole["state"] == "answered"
    assert Answer.objects.filter(approved_by=city.office).count() == 3


def test_answers_wait_for_the_closing_and_for_the_right_unit(empty_city, notice):
    with pytest.raises(Conflict):
        answers.arrange(empty_city.staff, notice)
    with pytest.raises(NotAllowed), clock.pinned(AFTER):
        answers.arrange(empty_city.weather, notice)


def test_an_opinion_follows_its_clause_through_the_versions(empty_city, notice):
    opinions.speak(notice.pk, Said("太低", "5"), form="f", origin="")
    notices.add_version(empty_city.staff, notice, text=REVISED, label="修改稿")
    old, new = notice.versions.all()
    assert {c.id: c.number for c in new.read()}[5] == "第四条"
    assert {c.id: c.number for c in old.read()}[5] == "第三条"
    changes = redline(old.read(), new.read())
    assert apply(DRAFT, changes) == REVISED
    page = Client().get(f"/consultations/{notice.pk}/redline/").content.decode()
    assert "<del>100</del><ins>500</ins>" in page and "气象局每日发布冰情" in page
    assert Client().get(f"/consultations/{notice.pk}/redline/?old=9").status_code == 404


def test_counts_for_the_wall_are_counts_of_rows(empty_city, closed):
    assert selectors.counts(AFTER) == {"consultations": 1, "opinions": 14, "answered": 0}
    assert selectors.counts(CLOSES.date() - timedelta(days=30))["consultations"] == 0
    answered(empty_city, closed)
    assert selectors.counts(AFTER)["answered"] == 1
