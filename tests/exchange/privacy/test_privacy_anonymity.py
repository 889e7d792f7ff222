"""k, l and t are what the papers that defined them say."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import wasserstein_distance

from songhua.exchange.privacy.anonymity import (
    closeness,
    distinct_diversity,
    entropy_diversity,
    equivalence_classes,
)
from songhua.exchange.privacy.risk import measure

# Sweeney 2002, figure 2: k = 2 for race, birth, gender and zip.
SWEENEY = [
    *[("black", 1965, "m", "0214*")] * 2, *[("black", 1965, "f", "0213*")] * 2,
    *[("black", 1964, "f", "0213*")] * 2, *[("white", 1964, "m", "0213*")] * 3,
    *[("white", 1967, "m", "0213*")] * 2,
]  # fmt: skip

# Machanavajjhala et al. 2007, figures 2 and 3: the same patients, 4-anonymous and 3-diverse.
ILL = ["heart"] * 2 + ["viral"] * 2 + ["cancer", "heart"] + ["viral"] * 2 + ["cancer"] * 4
FOUR_ANONYMOUS = [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]
THREE_DIVERSE = [0, 1, 1, 0, 2, 2, 2, 2, 0, 0, 1, 1]


def test_sweeneys_table_is_2_anonymous():
    table = pl.DataFrame(SWEENEY, schema=["race", "birth", "gender", "zip"], orient="row")
    found = measure(table, table.columns)
    assert (found.k, found.classes, found.alone) == (2, 5, 0)


@pytest.mark.parametrize(("classes", "distinct"), [(FOUR_ANONYMOUS, 1), (THREE_DIVERSE, 3)])
def test_the_patients_of_the_l_diversity_paper(classes, distinct):
    found = measure(pl.DataFrame({"class": classes, "ill": ILL}), ["class"], ["ill"])
    assert (found.k, found.diversity["ill"].distinct) == (4, distinct)


def test_a_class_of_a_half_and_two_quarters_is_as_diverse_as_2_8_values():
    table = pl.DataFrame({"class": THREE_DIVERSE, "ill": ILL})
    assert measure(table, ["class"], ["ill"]).diversity["ill"].entropy == pytest.approx(2**1.5)


@pytest.mark.parametrize(("salaries", "distance"), [((3, 4, 5), 0.375), ((6, 8, 11), 1 / 6)])
def test_salaries_of_the_t_closeness_paper(salaries, distance):
    """Li, Li & Venkatasubramanian 2007, section 4: nine salaries from 3k to 11k."""
    rest = [salary for salary in range(3, 12) if salary not in salaries]
    values = np.array([*salaries, *rest])
    found = closeness(np.array([0] * 3 + [1] * 6), values, ordered=True)
    assert found[0] == pytest.approx(distance)


_TABLES = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6)), min_size=1, max_size=40)


@given(_TABLES)
def test_measures_are_what_counting_by_hand_gives(rows):
    classes = equivalence_classes([np.array([row[0] for row in rows])], len(rows))
    values = np.unique([row[1] for row in rows], return_inverse=True)[1]
    ranks = values.max()
    for each in range(classes.max() + 1):
        own = values[classes == each]
        shares = np.bincount(own, minlength=ranks + 1) / len(own)
        overall = np.bincount(values, minlength=ranks + 1) / len(values)
        entropy = -sum(share * math.log(share) for share in shares if share)
        assert distinct_diversity(classes, values)[each] == len(set(own))
        assert entropy_diversity(classes, values)[each] == pytest.approx(math.exp(entropy))
        unordered = abs(shares - overall).sum() / 2
        assert closeness(classes, values, False)[each] == pytest.approx(unordered, abs=1e-12)
        ordered = wasserstein_distance(own, values) / max(ranks, 1)
        assert closeness(classes, values, True)[each] == pytest.approx(ordered, abs=1e-12)


@given(_TABLES)
def test_merging_classes_never_lowers_k_or_l_and_never_raises_t(rows):
    table = pl.DataFrame(rows, schema=["fine", "value"], orient="row").with_columns(
        coarse=pl.col("fine") // 2, ill=pl.col("value").cast(pl.String)
    )
    fine, coarse = (measure(table, [name], ["ill"]) for name in ("fine", "coarse"))
    assert coarse.k >= fine.k
    assert coarse.diversity["ill"].distinct >= fine.diversity["ill"].distinct
    assert coarse.diversity["ill"].entropy >= fine.diversity["ill"].entropy - 1e-9
    assert coarse.diversity["ill"].t <= fine.diversity["ill"].t + 1e-9


def test_many_wide_columns_do_not_overflow_into_one_class():
    rng = np.random.default_rng(0)
    wide = [rng.permutation(5000) * 400_000 for _ in range(6)]
    assert equivalence_classes(wide, 5000).max() == 4999


def test_empty_cells_are_a_value_and_an_empty_table_has_no_k():
    assert measure(pl.DataFrame({"a": [1, None, None]}), ["a"]).k == 1
    empty = measure(pl.DataFrame({"a": []}), ["a"])
    assert (empty.k, empty.average) == (None, None)
    assert measure(pl.DataFrame({"a": [1, 2, 3]}), []).k == 3
