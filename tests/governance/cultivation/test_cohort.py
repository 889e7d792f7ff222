"""Survival of cohorts: a textbook's figures, a peer's figures, and what always holds."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songhua.governance.cultivation.cohort import kaplan_meier, median_multiple
from songhua.kit.errors import InputError

# 6-mercaptopurine, weeks in remission (Freireich et al. 1963).
ENDED = [6, 6, 6, 7, 10, 13, 16, 22, 23]
LAST_SEEN = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
COHORTS = st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=60)


def test_the_textbook_example_is_met_to_its_last_figure():
    ended = [True] * len(ENDED) + [False] * len(LAST_SEEN)
    rows = kaplan_meier(ENDED + LAST_SEEN, ended)
    found = [
        (r.time, r.at_risk, round(float(r.alive), 4), round(r.error, 4)) for r in rows if r.ended
    ]
    assert found == [
        (6, 21, 0.8571, 0.0764), (7, 17, 0.8067, 0.0869), (10, 15, 0.7529, 0.0963),
        (13, 12, 0.6902, 0.1068), (16, 11, 0.6275, 0.1141), (22, 7, 0.5378, 0.1282),
        (23, 6, 0.4482, 0.1346),
    ]  # fmt: skip


@settings(deadline=None, max_examples=40)
@given(COHORTS)
def test_share_and_interval_are_those_of_lifelines(firms):
    fitter = pytest.importorskip("lifelines").KaplanMeierFitter()
    durations, ended = [t for t, _ in firms], [end for _, end in firms]
    fitter.fit(durations, ended)
    for row in kaplan_meier(durations, ended):
        assert float(row.alive) == pytest.approx(fitter.survival_function_at_times(row.time).item())
        if row.interval:
            theirs = fitter.confidence_interval_.loc[row.time]
            assert row.interval == pytest.approx(tuple(theirs), abs=1e-9)


@given(COHORTS)
def test_the_share_alive_never_rises_and_lies_within_its_interval(firms):
    rows = kaplan_meier([t for t, _ in firms], [end for _, end in firms])
    shares = [Fraction(1), *(row.alive for row in rows)]
    assert shares == sorted(shares, reverse=True) and shares[-1] >= 0
    for row in rows:
        assert row.interval is None or 0 <= row.interval[0] <= row.alive <= row.interval[1] <= 1


def test_where_nobody_was_last_seen_alive_it_is_the_plain_share():
    rows = kaplan_meier([1, 2, 2, 4], [True] * 4)
    assert [row.alive for row in rows] == [Fraction(3, 4), Fraction(1, 4), 0]
    assert rows[-1].interval is None
    assert kaplan_meier([], []) == ()


@pytest.mark.parametrize(
    "asked", [([1], []), ([-1], [True]), ([1], [True], 1.0), ([1], [True], float("nan"))]
)
def test_what_makes_no_sense_is_refused(asked):
    with pytest.raises(InputError):
        kaplan_meier(*asked)


def test_growth_leaves_out_who_lacks_a_figure():
    assert median_multiple([(None, 5), (0, 9), (5, None)]) == (None, 0)
    assert median_multiple([(2, 3), (2, 1), (1, 9)]) == (Fraction(3, 2), 3)
