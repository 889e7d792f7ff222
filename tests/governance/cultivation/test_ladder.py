"""The ladder: bounds, climbing, dropping, and what is not known."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from songhua.governance.cultivation.alerts import alerts
from songhua.governance.cultivation.facts import FACTS, FirmYear, facts
from songhua.governance.cultivation.ladder import (
    Ladder,
    default_ladder,
    growth,
    history,
    movement,
    rung_state,
)
from songhua.kit.errors import InputError
from songhua.kit.messages import catalogue

LADDER = default_ladder()
KNOWN = st.fixed_dictionaries({fact: st.none() | st.fractions(0, 10**10) for fact in FACTS})
HELD = st.sampled_from([None, *LADDER.rungs])
YUAN = 100
LEAST = 10_000_000 * YUAN
FIRST = 578_703_703  # fen; with a fen more, LEAST would be less than 1.728 times of it


@pytest.mark.parametrize(
    ("first", "last", "state"),
    [(FIRST, LEAST, "met"), (FIRST, LEAST - 1, "not_met"), (FIRST + 1, LEAST, "not_met")],
)
def test_bounds_are_included_and_a_fen_less_is_not(first, last, state):
    years = {2020: FirmYear(first), 2023: FirmYear(last, research_fen=last // 10)}
    known = facts(2000, years, 2023)
    assert rung_state(LADDER, "gazelle", known, date(2023, 12, 31))[0] == state


def test_a_firm_climbs_drops_and_keeps_its_rung_where_figures_are_missing():
    good = FirmYear(revenue_fen=6_000_000 * YUAN, research_fen=600_000 * YUAN)
    poor = FirmYear(revenue_fen=4_000_000 * YUAN, research_fen=400_000 * YUAN)
    years = {2020: good, 2022: poor}
    moves = history(LADDER, 2010, years, range(2019, 2023))
    assert [(m.kind, m.before, m.after) for m in moves] == [
        ("kept", None, None),
        ("promotion", None, "wings"),
        ("unknown", "wings", "wings"),
        ("drop", "wings", None),
    ]
    assert moves[-1].reasons[0].text("zh") == "展翅企业：主营业务收入未达到条件。"
    assert "not known" in moves[2].reasons[0].text("en")


@given(HELD, KNOWN)
def test_nobody_moves_on_what_is_not_known(held, known):
    move = movement(LADDER, held, known, 2023)
    rank = {None: -1, **{rung: place for place, rung in enumerate(LADDER.rungs)}}
    day = date(2023, 12, 31)
    if move.kind == "promotion":
        assert rank[move.after] > rank[held]
        assert rung_state(LADDER, move.after, known, day)[0] == "met"
    elif move.kind == "drop":
        assert rank[move.after] < rank[held]
        assert rung_state(LADDER, held, known, day)[0] == "not_met" and move.reasons
    else:
        assert move.after == held
    if all(value is None for value in known.values()):
        assert move.kind == ("unknown" if held else "kept")


def test_criteria_change_on_their_day_and_a_rung_without_any_is_unknown():
    rule = {"rung": "gazelle", "fact": "age_years", "at_most": "3", "basis": "default"}
    ladder = Ladder.model_validate({
        "rungs": ["gazelle"], "stalled_years": 1, "stay_months": 48,
        "criteria": [{**rule, "from": date(2020, 1, 1), "until": date(2022, 1, 1)},
                     {**rule, "from": date(2022, 1, 1), "at_most": "2"}],
    })  # fmt: skip
    three = {**dict.fromkeys(FACTS), "age_years": Fraction(3)}
    days = (date(2019, 12, 31), date(2021, 12, 31), date(2022, 1, 1))
    states = [rung_state(ladder, "gazelle", three, d)[0] for d in days]
    assert states == ["missing", "met", "not_met"]


def test_a_criterion_of_a_rung_that_does_not_exist_is_refused():
    rule = {"rung": "giant", "fact": "age_years", "at_most": "3", "basis": "", "from": "2020-01-01"}
    with pytest.raises(ValidationError, match="giant"):
        Ladder.model_validate(
            {"rungs": ["eaglet"], "criteria": [rule], "stalled_years": 1, "stay_months": 48}
        )


@pytest.mark.parametrize(
    ("revenue", "said"),
    [((5, 5, 5), "stalled"), ((5, 4, 3), "stalled"), ((5, 4, 5), "growing"),
     ((None, 4, 5), "growing"), ((5, None, 9), "unknown"), ((5, 5, None), "unknown")],
)  # fmt: skip
def test_a_firm_is_stalled_only_where_every_year_is_known_and_none_rose(revenue, said):
    years = {2021 + i: FirmYear(revenue_fen=fen) for i, fen in enumerate(revenue)}
    assert growth(LADDER, years, 2023) == said


def test_a_year_before_founding_is_refused_and_no_revenue_gives_no_share():
    with pytest.raises(InputError):
        facts(2020, {}, 2019)
    assert facts(2020, {2020: FirmYear(0, 5)}, 2020)["research_share"] is None


def test_every_rung_and_fact_has_its_word_and_every_number_says_that_it_is_a_default():
    words = {f"cultivation_{rung}" for rung in LADDER.rungs} | {f"fact_{fact}" for fact in FACTS}
    assert words <= set(catalogue())
    assert {c.basis for c in LADDER.criteria} == {"默认值(非文件规定)"}
    assert {c.rung for c in LADDER.criteria} == set(LADDER.rungs)


def test_a_falling_figure_warns_and_a_missing_one_asks_for_it():
    def kinds(figures: dict[int, FirmYear], stay: int | None = None) -> list[str]:
        return [alert.kind for alert in alerts(LADDER, figures, 2022, stay)]

    falling = {2020: FirmYear(9, 5), 2021: FirmYear(9, 4), 2022: FirmYear(8, 3)}
    assert kinds(falling) == ["stalled", "research_falls"]
    assert kinds(falling | {2021: FirmYear(10, 4)}) == ["research_falls"]
    assert kinds(falling | {2021: FirmYear(9, None)}) == ["stalled"]
    assert kinds({2020: FirmYear(9), 2021: FirmYear(9)}) == ["unreported"]
    assert kinds({2022: FirmYear(0)}) == []
    assert kinds({2022: FirmYear(1)}, LADDER.stay_months) == []
    assert kinds({2022: FirmYear(1)}, LADDER.stay_months + 1) == ["long_stay"]
    for alert in alerts(LADDER, falling, 2022, 60):
        assert "{" not in alert.reason.text("zh") + alert.reason.text("en")
