"""The ladder: proposed from figures, decided by a person, on record; and who needs a call."""

from __future__ import annotations

from datetime import date

import pytest

from songhua.console import clock
from songhua.console.growth import ladder, selectors
from songhua.console.growth.models import LadderMove
from songhua.console.growth.services import carriers, moves
from songhua.console.ledger.services import audit, vouch
from songhua.console.subsidies.services import registry
from songhua.governance.cultivation.ladder import default_ladder
from songhua.kit.errors import Conflict, InputError, NotAllowed

from .field import DAY

GOOD, POOR = ("6000000", "600000"), ("4000000", "400000")


def rung(firm) -> str | None:
    return selectors.rungs(clock.today()).get(firm.pk)


def test_a_promotion_is_proposed_confirmed_and_counted_and_a_drop_likewise(field):
    firm = field.firm(1, since=date(2010, 1, 1))
    field.figures(firm, y2021=GOOD, y2022=POOR)
    (up,) = moves.evaluate(field.staff, 2021)
    assert (up.kind, up.before, up.after, up.state) == ("promotion", "", "wings", "proposed")
    assert up.figures["revenue_yuan"] == "6000000"
    assert rung(firm) is None
    with pytest.raises(NotAllowed):
        moves.decide(field.staff, [up.pk], confirmed=True)
    moves.decide(field.office, [up.pk], confirmed=True)
    assert rung(firm) == "wings"
    with pytest.raises(Conflict):
        moves.decide(field.office, [up.pk], confirmed=True)
    (down,) = moves.evaluate(field.staff, 2022)
    assert (down.kind, down.before, down.after) == ("drop", "wings", "")
    assert {r["code"] for r in down.reasons} == {"cultivation_not_met"}
    moves.decide(field.office, [down.pk], confirmed=True)
    assert rung(firm) == ""
    assert selectors.on_ladder(DAY).count() == 0
    assert audit.verify() == [] and list(vouch.unvouched()) == []


def test_asking_again_proposes_nothing_new_and_new_figures_withdraw_a_proposal(field):
    firm = field.firm(1, since=date(2010, 1, 1))
    field.figures(firm, y2022=GOOD)
    (first,) = moves.evaluate(field.staff, 2022)
    assert moves.evaluate(field.staff, 2022) == []
    field.figures(firm, y2022=POOR)
    assert moves.evaluate(field.staff, 2022) == []
    first.refresh_from_db()
    assert first.state == "withdrawn"
    field.figures(firm, y2022=GOOD)
    (again,) = moves.evaluate(field.staff, 2022)
    with pytest.raises(InputError):
        moves.decide(field.office, [again.pk], confirmed=False)
    moves.decide(field.office, [again.pk], confirmed=False, opinion="数据待核")
    assert moves.evaluate(field.staff, 2022) == []
    field.figures(firm, y2022=("7000000", "600000"))
    assert len(moves.evaluate(field.staff, 2022)) == 1
    assert audit.verify() == []


def test_a_year_that_is_not_over_and_a_firm_that_did_not_exist_are_left_alone(field):
    field.figures(field.firm(1, since=date(2023, 2, 1)), y2022=GOOD)
    with pytest.raises(InputError, match="growth_year_not_over"):
        moves.evaluate(field.staff, 2023)
    assert moves.evaluate(field.staff, 2022) == []


def test_a_figure_that_cannot_be_read_is_unknown_and_moves_nobody(field):
    firm = field.firm(1, since=date(2010, 1, 1))
    field.figures(firm, y2022=("约六百万", "600000"))
    assert moves.evaluate(field.staff, 2022) == []
    assert "unreported" in [a.kind for a in ladder.alerts_of(DAY, [firm.pk])[firm.pk]]


def test_figures_of_a_merged_firm_count_for_the_one_that_was_kept(field):
    kept, other = field.firm(1, since=date(2010, 1, 1)), field.firm(2, since=date(2010, 1, 1))
    field.figures(other, y2022=GOOD)
    (move,) = moves.evaluate(field.staff, 2022)
    moves.decide(field.office, [move.pk], confirmed=True)
    assert [f.pk for f in selectors.on_ladder(DAY)] == [other.pk]
    proposal = registry.propose_merge(field.office, kept, other, reason="同一企业")
    registry.decide_merge(field.office, proposal, accepted=True)
    assert [f.pk for f in selectors.on_ladder(DAY)] == [kept.pk]
    assert moves.evaluate(field.staff, 2022) == []
    assert len(moves.story(kept)) == 1


def test_a_criterion_of_the_office_takes_the_place_of_the_default_on_its_day(field):
    firm = field.firm(1, since=date(2010, 1, 1))
    field.figures(firm, y2021=GOOD, y2022=GOOD)
    given = {"rung": "wings", "fact": "revenue_yuan", "at_least": "8000000",
             "since": "2022-01-01", "basis": "市科技局某号文"}  # fmt: skip
    with pytest.raises(NotAllowed):
        moves.set_criterion(field.staff, given)
    moves.set_criterion(field.office, given)
    assert len(moves.evaluate(field.staff, 2021)) == 1
    assert moves.evaluate(field.staff, 2022) == []
    assert LadderMove.objects.filter(state="proposed").count() == 0
    moves.set_criterion(field.office, given | {"at_least": "", "basis": "取消"})
    assert len(moves.evaluate(field.staff, 2022)) == 1
    rules = [c for c in ladder.current().criteria if (c.rung, c.fact) == ("wings", "revenue_yuan")]
    assert [(c.since.year, c.until and c.until.year) for c in rules] == [(2015, 2022)]


def test_everything_wrong_with_a_criterion_is_told_at_once(field):
    with pytest.raises(InputError) as caught:
        moves.set_criterion(field.office, {"rung": "x", "fact": "revenue_yuan", "at_least": "9",
                                           "at_most": "8", "since": "2022-13-01"})  # fmt: skip
    assert {p.where for p in caught.value.problems} == {"rung", "at_most", "since", "basis"}


@pytest.mark.django_db
def test_an_unchanged_ladder_holds_the_same_criteria():
    key = lambda c: (c.rung, c.fact)  # noqa: E731
    assert sorted(ladder.current().criteria, key=key) == sorted(default_ladder().criteria, key=key)


def test_a_long_stay_warns_and_ends_with_leaving(field):
    firm, home = field.firm(1), field.carrier()
    stay = field.move_in(home, firm, on=date(2020, 2, 1))

    def warned(on: date) -> bool:
        found = ladder.alerts_of(on, [firm.pk]).get(firm.pk, ())
        return "long_stay" in [alert.kind for alert in found]

    assert not warned(date(2024, 2, 29)) and warned(date(2024, 3, 1))
    with clock.pinned(date(2024, 3, 2)):
        carriers.move_out(field.staff, stay, on=date(2024, 3, 2), outcome="graduated")
    assert not warned(date(2024, 3, 2))
