"""Every kind of record comes in by one way, stays on record, and goes out as it came in."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.test import Client

from songhua.console.cooperation import selectors
from songhua.console.cooperation.models import Agreement, CooperationEvent, Duty, Partner
from songhua.console.cooperation.services import bringing, duties, entering
from songhua.console.cooperation.shelf import BY_KEY, KINDS
from songhua.console.ledger.services import vouch
from songhua.kit.errors import Conflict, InputError, NotAllowed
from songhua.tables import read

from ..bureau import written
from ..city import spoken
from ..innovation.fair import DAY
from .yard import GIVEN


def test_a_record_of_every_kind_is_entered_and_vouched_for(yard):
    rows = yard.all()
    assert not list(vouch.unvouched())
    Partner.objects.filter(pk=rows["partners"].pk).update(city="大连")
    assert [one.subject for one in vouch.unvouched()] == [vouch.subject(rows["partners"])]


@pytest.mark.parametrize(
    ("kind", "more", "places"),
    [
        ("events", {"title": " ", "kind": "庙会", "starts": "2023-02-30", "hosted": "也许"},
         {"title", "kind", "starts", "hosted"}),
        ("events", {"ends": "2023-01-31"}, {"ends"}),
        ("events", {"place": "长" * 121}, {"place"}),
        ("events", {"spent_fen": "1.234"}, {"spent_fen"}),
        ("partners", {"unit": "没有这个单位"}, {"unit"}),
        ("funds", {"since": "0001-01-01"}, {"since"}),
        ("contests", {"prizes": "一等奖"}, {"prizes"}),
        ("contests", {"prizes": "一等奖 1，一等奖 2"}, {"prizes"}),
        ("contests", {"closes": "2023-02-01T00:00"}, {"closes"}),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_at_once_and_nothing_is_kept(yard, kind, more, places):
    before = written()
    with pytest.raises(InputError) as caught:
        yard.enter(kind, **more)
    assert {problem.where for problem in caught.value.problems} == places
    spoken(caught.value.problems)
    assert written() == before


def test_a_link_is_found_by_number_or_by_the_only_title(yard):
    first = yard.enter("partners")
    agreement = {"event": None, "signed_on": "2023-02-02"}
    assert yard.enter("agreements", **agreement).partner == first
    yard.enter("partners")
    with pytest.raises(InputError) as caught:
        yard.enter("agreements", **agreement)
    assert caught.value.problems[0].code == "cooperation_several"
    assert yard.enter("agreements", **agreement, partner=f"#{first.pk} x").partner == first


def test_staff_answer_for_their_own_unit_and_the_office_names_one(yard):
    with pytest.raises(NotAllowed):
        yard.enter("partners", by="industry", unit="市科技局")
    for by in ("leader", "firm", "first", "citizen"):
        with pytest.raises(NotAllowed):
            yard.enter("partners", by=by)
    with pytest.raises(InputError) as caught:
        yard.enter("partners", by="office")
    assert caught.value.problems[0].where == "unit"
    assert yard.enter("partners", by="office", unit="市科技局").unit == yard.science.unit


def test_a_record_is_corrected_with_a_reason_by_who_answers_for_it(yard):
    row = yard.enter("partners")
    given = GIVEN["partners"] | {"city": "莫斯科", "country": "俄罗斯"}
    with pytest.raises(NotAllowed):
        entering.change(yard.industry, row, given, reason="误填")
    with pytest.raises(InputError):
        entering.change(yard.science, row, given, reason=" ")
    entering.change(yard.science, row, given, reason="误填")
    row.refresh_from_db()
    assert (row.city, row.country) == ("莫斯科", "俄罗斯")
    assert not list(vouch.unvouched())


def test_what_is_struck_out_counts_no_longer_and_what_hangs_on_it_goes_first(yard):
    rows = yard.all()
    with pytest.raises(InputError) as caught:
        entering.strike(yard.science, rows["partners"], reason="重复")
    assert caught.value.problems[0].code == "cooperation_held"
    entering.strike(yard.science, rows["duties"], reason="重复")
    entering.strike(yard.science, rows["agreements"], reason="重复")
    assert selectors.rows(yard.leader, BY_KEY["agreements"]).count() == 0
    assert selectors.rows(yard.leader, BY_KEY["agreements"], struck=True).count() == 1
    with pytest.raises(InputError):
        entering.change(yard.science, rows["agreements"], GIVEN["agreements"], reason="x")
    assert not list(vouch.unvouched())


def test_an_agreement_is_renewed_once_by_a_later_one_with_the_same_partner(yard):
    yard.enter("events")
    yard.enter("partners")
    old = yard.enter("agreements")
    parts = {code: n for code, _, n in selectors.parts(yard.leader, BY_KEY["agreements"])}
    assert (parts["ending"], parts["ended"], parts["standing"]) == (1, 0, 1)
    later = {"renews": f"#{old.pk}", "signed_on": "2023-02-20", "ends_on": "2025-01-01"}
    yard.enter("agreements", **later)
    parts = {code: n for code, _, n in selectors.parts(yard.leader, BY_KEY["agreements"])}
    assert parts["ending"] == 0, "a renewed agreement asks for nothing more"
    for wrong in (later, later | {"renews": f"#{old.pk}", "signed_on": "2023-02-01"}):
        with pytest.raises(InputError) as caught:
            yard.enter("agreements", **wrong)
        assert caught.value.problems[-1].where == "renews"


def test_a_duty_hangs_on_one_thing_and_is_done_once(yard):
    rows = yard.all()
    for more in ({"agreement": None}, {"event": "国际技术转移大会"}):
        with pytest.raises(InputError):
            yard.enter("duties", **more)
    duty = rows["duties"]
    overdue = BY_KEY["duties"].parts["overdue"].where
    assert Duty.objects.filter(overdue(DAY)).get() == duty
    with pytest.raises(NotAllowed):
        duties.finish(yard.industry, duty, done_on=DAY, result="已挂牌")
    duties.finish(
        yard.science, duty, done_on=DAY, result="已挂牌", filename="a/照片.pdf", chunks=[b"%PDF"]
    )
    with pytest.raises(Conflict):
        duties.finish(yard.science, duty, done_on=DAY, result="再次")
    assert not Duty.objects.filter(overdue(DAY)).exists()
    assert not list(vouch.unvouched())
    client = Client()
    client.force_login(yard.leader)
    assert client.get(f"/cooperation-files/{duty.pk}/").getvalue() == b"%PDF"


def sheet(content: bytes) -> list[tuple[object, ...]]:
    return [tuple(row) for row in read(content, "whole.xlsx").cells]


def test_an_exported_list_can_be_brought_in_again_and_is_the_same(yard):
    yard.all()
    for key in ("events", "partners", "agreements", "duties", "resources", "funds", "placements",
                "returns", "expert_costs", "contests", "attendances"):  # fmt: skip
        kind = BY_KEY[key]
        whole = bringing.export(yard.office, kind, {})
        assert bringing.bring(yard.office, kind, f"{key}.xlsx", whole) == len(sheet(whole)) - 1
        lines = sheet(bringing.export(yard.office, kind, {}))[1:]
        assert len(lines) == 2, key
        assert lines[0][1:] == lines[1][1:], key
    assert not list(vouch.unvouched())


def test_a_sheet_with_a_wrong_cell_enters_nothing_and_names_every_cell(yard):
    kind = BY_KEY["events"]
    heads = [column.zh for column in kind.writable]
    good = ["论坛", "论坛", "2023-01-01", "2023-01-02", "松北", "是", "否", 5, "", ""]
    rows = [good, ["", "论坛", "2023-01-01", "2022-01-02", "松北", "是", "否", 5, "", ""],
            ["会", "舞会", "2023-01-01", "2023-01-02", "松北", "是", "否", -5, "", ""],
            ["会", "论坛", "2023-01-02", "2023-01-01", "松北", "是", "否", 5, "", ""]]  # fmt: skip
    content = "\n".join(",".join(map(str, row)) for row in [heads, *rows]).encode()
    with pytest.raises(InputError) as caught:
        bringing.bring(yard.science, kind, "活动.csv", content)
    spoken(caught.value.problems)
    cells = {(problem.row, (problem.column or "")[0]) for problem in caught.value.problems}
    assert {(3, "A"), (4, "B"), (4, "H")} <= cells
    assert not CooperationEvent.objects.exists()
    late = "\n".join(",".join(map(str, row)) for row in [heads, rows[0], rows[3]]).encode()
    with pytest.raises(InputError) as caught:
        bringing.bring(yard.science, kind, "活动.csv", late)
    assert [(p.row, p.column) for p in caught.value.problems] == [(3, "D 结束日期")]
    marked = bringing.marked("活动.csv", late, caught.value.problems)
    with zipfile.ZipFile(io.BytesIO(marked)) as book:
        assert 'ref="D3"' in book.read("xl/comments1.xml").decode()
    assert not CooperationEvent.objects.exists()


def test_people_see_what_is_theirs(yard):
    rows = yard.all()
    firm = {kind.key: selectors.rows(yard.firm, kind).count()
            for kind in KINDS if kind.key in rows}  # fmt: skip
    assert firm["agreements"] == firm["expert_costs"] == firm["placements"] == 1
    assert firm["contests"] == firm["bookings"] == 0, "a draft and another's booking are hidden"
    assert selectors.rows(yard.rival, BY_KEY["agreements"]).count() == 0
    client = Client()
    client.force_login(yard.rival)
    assert client.get(f"/cooperation/agreements/{rows['agreements'].pk}/").status_code == 404
    assert client.get("/cooperation/partners/").status_code == 404
    assert client.get(f"/cooperation/events/{rows['events'].pk}/").status_code == 200
    assert Agreement.objects.count() == 1


def test_a_form_shows_what_was_wrong_and_keeps_what_was_typed(yard):
    client = Client()
    client.force_login(yard.science)
    answer = client.post("/cooperation/partners/new/", {"title": "某大学", "kind": "university"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="某大学"' in page
    given = {"title": "某大学", "kind": "university", "country": "俄罗斯", "city": "莫斯科"}
    answer = client.post("/cooperation/partners/new/", given)
    row = Partner.objects.get()
    assert answer.url == f"/cooperation/partners/{row.pk}/"
    answer = client.post(f"{answer.url}edit/", given | {"city": "喀山", "reason": "误填"})
    assert answer.status_code == 302
    assert client.post(f"/cooperation/partners/{row.pk}/strike/", {"reason": ""}).status_code == 422
    row.refresh_from_db()
    assert (row.city, row.struck) == ("喀山", False)
