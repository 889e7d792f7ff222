"""Choices: any lawful set is respected, what it forgoes is told, and a change asks again."""

from __future__ import annotations

import pytest

from songhua.policy.choice import choose, recheck, settle
from songhua.policy.portfolio import Candidate, Limit, Reading


def award(name, source, amount, *matters, groups=()):
    return Candidate(name, source, amount, frozenset(matters), frozenset(groups))


LOW, HIGH = award("low", "this", 300_00, "x"), award("high", "city", 350_00, "x")
AUTOMATIC = Reading(selection="automatic_maximum")


def test_a_lower_choice_is_respected_and_its_loss_told():
    found = choose([LOW, HIGH], ["low"])
    assert (found.status, found.amount, found.ceiling, found.forgone) == (
        "computed", 300_00, 350_00, 50_00,
    )  # fmt: skip
    assert found.reasons == ("FORGONE_50.00",)
    assert choose([LOW, HIGH], ["high"]).reasons == ("FORGONE_0.00",)
    assert choose([LOW, HIGH], []).reasons == ("FORGONE_350.00",)


def test_a_choice_that_pays_a_matter_twice_is_refused_with_the_pair():
    found = choose([LOW, HIGH], ["high", "low"])
    assert (found.status, found.amount, found.ceiling) == ("ineligible", 0, 350_00)
    assert found.reasons == ("CHOICE_CONFLICTS",)
    assert [(pair.first, pair.second, pair.matters) for pair in found.exclusions] == [
        ("low", "high", ("x",))
    ]


def test_a_choice_of_an_award_that_is_not_there_is_an_error():
    found = choose([LOW, HIGH], ["low", "lost"])
    assert (found.status, found.amount, found.ceiling) == ("invalid_input", None, None)
    assert found.reasons == ("UNKNOWN_AWARD_ID",)


def test_a_choice_above_a_limit_is_refused():
    awards = [award(f"p{n}", "province", 5, f"m{n}", groups=["2023"]) for n in range(3)]
    found = choose(awards, ["p0", "p1", "p2"], Reading(limits=(Limit("2023", 2),)))
    assert (found.status, found.ceiling, found.reasons) == (
        "ineligible", 10, ("CHOICE_ABOVE_LIMIT",),
    )  # fmt: skip


def test_where_the_largest_is_paid_as_of_right_nothing_less_can_be_chosen():
    assert choose([LOW, HIGH], ["low"], AUTOMATIC).reasons == ("AUTOMATIC_MAXIMUM",)
    assert choose([LOW, HIGH], ["high"], AUTOMATIC).status == "computed"


def test_an_unknown_amount_leaves_the_loss_unknown():
    open_award = award("open", "city", None, "x")
    chosen_known = choose([LOW, open_award], ["low"])
    assert (chosen_known.status, chosen_known.amount) == ("computed", 300_00)
    assert (chosen_known.ceiling, chosen_known.forgone) == (None, None)
    assert chosen_known.reasons == ("AMOUNT_UNKNOWN",)
    chosen_open = choose([LOW, open_award], ["open"])
    assert (chosen_open.status, chosen_open.amount) == ("needs_review", None)
    assert choose([LOW, open_award], ["low"], AUTOMATIC).status == "needs_review"
    assert choose([LOW, open_award], ["low", "open"]).status == "ineligible"


@pytest.mark.parametrize(
    ("new", "changed", "ask_again"),
    [
        ([LOW, HIGH], (), False),
        ([LOW, award("high", "city", 340_00, "x")], ("high",), False),
        ([LOW, award("high", "city", 350_01, "x")], ("high",), True),
        ([award("low", "this", 299_99, "x"), HIGH], ("low",), True),
        ([HIGH], ("low",), True),
        ([LOW, award("high", "city", None, "x")], ("high",), True),
        ([LOW, HIGH, award("new", "this", 1, "y")], ("new",), True),
    ],
)
def test_the_applicant_is_asked_again_only_when_more_is_forgone_than_was_accepted(
    new, changed, ask_again
):
    found = recheck([LOW, HIGH], new, ["low"])
    assert (found.changed, found.ask_again) == (changed, ask_again)


def test_a_loss_that_nobody_was_shown_was_not_accepted():
    unknown = award("high", "city", None, "x")
    assert recheck([LOW, unknown], [LOW, HIGH], ["low"]).ask_again
    assert not recheck([LOW, unknown], [LOW, award("high", "city", 1, "x")], ["low"]).ask_again


@pytest.mark.parametrize(
    ("later_paid", "ways"),
    [
        (False, [(("low",), "settled", 0), (("high",), "offset", 50_00)]),
        (True, [(("low",), "recovery", 350_00), (("high",), "recovery", 300_00)]),
    ],
)
def test_a_later_award_on_a_paid_matter_is_offset_or_recovered(later_paid, ways):
    found = settle([LOW, award("else", "this", 9, "y")], HIGH, later_paid=later_paid)
    assert [(way.keep, way.kind, way.amount) for way in found] == ways


def test_a_smaller_later_award_gives_money_back():
    assert [(way.kind, way.amount) for way in settle([HIGH], LOW)] == [
        ("settled", 0), ("recovery", 50_00),
    ]  # fmt: skip


def test_whatever_is_kept_the_applicant_ends_with_exactly_that():
    """Received, plus the offset or less the recovery, is the amount of what is kept."""
    paid = [award("a", "this", 100, "x"), award("b", "this", 70, "y")]
    later = award("c", "city", 120, "x", "y")
    amounts = {a.id: a.amount for a in (*paid, later)}
    for later_paid in (False, True):
        received = 170 + (120 if later_paid else 0)
        for way in settle(paid, later, later_paid=later_paid):
            change = way.amount if way.kind == "offset" else -way.amount
            assert received + change == sum(amounts[name] for name in way.keep)


def test_nothing_is_settled_where_nothing_excludes():
    assert settle([LOW], award("s", "state", 500, "x")) == ()
    assert settle([LOW], award("d", "district", 500, "x")) == ()
    assert len(settle([LOW], award("d", "district", 5, "x"), Reading(district_conflicts=True))) == 2


def test_an_award_without_an_amount_settles_nothing_yet():
    ways = settle([LOW], award("open", "city", None, "x"))
    assert [(way.kind, way.amount) for way in ways] == [("settled", 0), ("unknown", None)]
