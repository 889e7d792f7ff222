"""Leverage and recovery to the fen, and who is within ten minutes."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhua.governance.cultivation.funds import Placement, leverage, recovery
from songhua.governance.cultivation.reach import Reach, reached, road_metres
from songhua.kit.errors import InputError

FEN = st.integers(0, 10**15)


@given(st.lists(st.builds(Placement, st.integers(1, 10**15), FEN, FEN), min_size=1))
def test_ratios_are_of_the_sums_and_lose_nothing(placements):
    public = sum(p.public_fen for p in placements)
    assert leverage(placements).value * public == sum(p.others_fen for p in placements)
    assert recovery(placements).value * public == sum(p.returned_fen for p in placements)


def test_an_unknown_amount_is_no_zero_and_no_money_gives_no_ratio():
    some = [Placement(100, 300, None), Placement(100, 100, 50)]
    assert leverage(some).value == Fraction(2)
    assert recovery(some).value is None and "1" in recovery(some).reason.text("zh")
    for nothing in ([], [Placement(0, 5, 5)]):
        assert leverage(nothing).value is None and leverage(nothing).reason


def test_a_degree_of_latitude_is_some_111_kilometres_and_of_longitude_less():
    here, north, east = np.array([[126.0, 45.0]]), [126.0, 46.0], [127.0, 45.0]
    lengths = road_metres(here, np.array([north, east]), 1.0)[0]
    assert lengths[0] == pytest.approx(111_195, abs=1)
    assert lengths[1] == pytest.approx(78_626, abs=2)
    assert road_metres(here, np.array([north]), 1.3)[0, 0] == pytest.approx(1.3 * lengths[0])


def test_ten_minutes_at_eighty_metres_over_a_detour_are_615_metres():
    service = np.array([[126.6, 45.7]])
    north = np.degrees(np.array([615.0, 616.0]) / 6_371_008.8)
    places = np.array([[126.6, 45.7 + step] for step in north])
    assert reached(places, service, Reach()).tolist() == [True, False]
    assert not reached(places, np.empty((0, 2)), Reach()).any()


@pytest.mark.parametrize("where", [[[181.0, 0.0]], [[0.0, 91.0]], [[float("nan"), 0.0]]])
def test_a_place_off_the_globe_is_refused(where):
    with pytest.raises(InputError):
        road_metres(np.array(where), np.array([[0.0, 0.0]]), 1.3)
    with pytest.raises(InputError):
        road_metres(np.array([[0.0, 0.0]]), np.array([[0.0, 0.0]]), 0.9)
