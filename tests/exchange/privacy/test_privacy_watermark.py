"""A copy names its recipient after it was cut, shuffled or mixed; nobody else is named."""

from __future__ import annotations

from decimal import Decimal
from itertools import combinations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songhua.exchange.privacy.tracing import chance_bound, trace
from songhua.exchange.privacy.units import Mark
from songhua.exchange.privacy.watermark import watermark
from songhua.kit.errors import InputError

SECRET = b"s" * 32
BUREAUS = [f"bureau {n}" for n in range(20)]
MARKS = [
    Mark("use", Decimal("0.01"), low=Decimal(0)),
    Mark("temperature", Decimal("0.1")),
    Mark("seconds", Decimal(1), Decimal(0), Decimal(86_399)),
]


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    rows = 20_000
    use = rng.gamma(3, 40, rows).round(2)
    return pl.DataFrame(
        {
            "id": range(rows),
            "use": np.where(rng.random(rows) < 0.05, 0.0, use),
            "temperature": (20 + 2 * rng.normal(size=rows)).round(1),
            "seconds": rng.integers(0, 86_400, rows, dtype=np.int32),
        }
    ).with_columns(pl.when(pl.col("id") % 50 > 0).then("temperature").alias("temperature"))


@pytest.fixture(scope="module")
def copies(table):
    return {who: watermark(table, MARKS, SECRET, who, ["id"]).frame for who in BUREAUS[:3]}


def _accused(leaked, marks=MARKS):
    return {each.recipient for each in trace(leaked, marks, SECRET, BUREAUS) if each.accused}


def test_only_permitted_figures_move_and_by_no_more_than_a_step(table, copies):
    for copy in copies.values():
        assert copy.schema == table.schema
        assert copy["id"].equals(table["id"])
        for mark in MARKS:
            before, after = table[mark.column], copy[mark.column]
            moved = (after - before).abs().max()
            assert 0 < moved <= float(mark.step) * (1 + 1e-9)
            assert (before.is_null() == after.is_null()).all()
            assert ((before == 0) == (after == 0)).all()
        assert copy["seconds"].is_between(0, 86_399).all()
        assert copy["use"].min() >= 0
        assert (copy["use"] == copy["use"].round(2)).all()
        assert abs(copy["use"].sum() / table["use"].sum() - 1) < 1e-4


def test_the_same_delivery_twice_is_the_same_and_two_recipients_differ(table, copies):
    again = watermark(table, MARKS, SECRET, BUREAUS[0], ["id"]).frame
    assert again.equals(copies[BUREAUS[0]])
    assert not copies[BUREAUS[1]].equals(copies[BUREAUS[0]])


@pytest.mark.parametrize("column", ["use", "seconds"])
def test_one_column_of_a_twentieth_of_the_rows_in_any_order_is_enough(copies, column):
    for who, copy in copies.items():
        leaked = copy.select(column).sample(fraction=0.05, shuffle=True, seed=3)
        assert _accused(leaked) == {who}


def test_a_leak_sent_on_as_text_is_still_a_copy(copies):
    leaked = copies[BUREAUS[2]].sample(1000, seed=1).select(pl.all().cast(pl.String))
    assert _accused(leaked) == {BUREAUS[2]}


def test_both_halves_of_a_mixture_are_named(copies):
    mixed = pl.concat([copies[BUREAUS[0]].head(10_000), copies[BUREAUS[1]].tail(10_000)])
    assert _accused(mixed.sample(fraction=0.1, seed=2)) == set(BUREAUS[:2])


@pytest.mark.parametrize("choose", ["minority", "mean", "random"])
def test_three_who_compare_their_copies_cannot_compose_one_that_names_nobody(copies, choose):
    seen = np.stack([copy["use"].to_numpy() for copy in copies.values()])
    low, high, middle = seen.min(axis=0), seen.max(axis=0), np.median(seen, axis=0)
    rng = np.random.default_rng(1)
    composed = {
        "minority": np.where(middle == low, high, low),
        "mean": seen.mean(axis=0).round(2),
        "random": rng.permuted(seen, axis=0)[0],
    }[choose]
    accused = _accused(pl.DataFrame({"use": composed}))
    assert accused
    assert accused <= set(BUREAUS[:3])


def test_nobody_is_named_by_a_table_that_nobody_was_given(table):
    rng = np.random.default_rng(5)
    other = pl.DataFrame({"use": rng.gamma(2, 50, 5000).round(2)})
    for innocent in (table.head(3000), other, pl.DataFrame({"x": [1]}), table.head(0)):
        assert not _accused(innocent)
    foreign = watermark(table.head(3000), MARKS, b"t" * 32, BUREAUS[0]).frame
    assert not _accused(foreign)


def test_the_stated_chance_of_a_false_accusation_holds(table):
    """Under secrets that have nothing to do with the table every accusation is false: a stated
    chance of 5 % or less comes up in no more than 5 % of the cases, beyond what counting allows."""
    leaked, cases = table.head(150).select("use"), 1000
    stated = [
        trace(leaked, MARKS, n.to_bytes(32), ["bureau"])[0].false_accusation for n in range(cases)
    ]
    assert sum(chance <= 0.05 for chance in stated) <= 0.05 * cases + 5 * np.sqrt(0.05 * cases)
    assert min(stated) < 0.5  # the bound is no idle one


@given(st.lists(st.floats(0.05, 0.95), min_size=1, max_size=8), st.integers(0, 255))
@settings(max_examples=50, deadline=None)
def test_the_bound_is_above_the_exact_chance(chances, pattern):
    chance = np.array(chances)
    one, zero = np.sqrt((1 - chance) / chance), -np.sqrt(chance / (1 - chance))
    bits = np.array([pattern >> n & 1 for n in range(len(chance))])
    score = np.where(bits, one, zero).sum()
    exact = 0.0
    for count in range(len(chance) + 1):
        for ones in combinations(range(len(chance)), count):
            drawn = np.isin(np.arange(len(chance)), ones)
            if np.where(drawn, one, zero).sum() >= score - 1e-12:
                exact += np.where(drawn, chance, 1 - chance).prod()
    assert chance_bound(score, one, zero, chance) >= exact - 1e-9


@pytest.mark.parametrize(
    "column",
    [
        pl.Series("x", [127, -128, 0, 1, None, 64], dtype=pl.Int8),
        pl.Series("x", [255, 0, 1, 2, None, 7], dtype=pl.UInt8),
        pl.Series("x", [2**64 - 1, 0, 5, None], dtype=pl.UInt64),
        pl.Series("x", [2**63 - 1, -(2**63), 5, 6, None, 9]),
        pl.Series("x", [Decimal("9.99"), Decimal("-0.01"), Decimal("0.02"), None], dtype=None),
        pl.Series("x", [float("nan"), float("inf"), 1e300, 12.345, None, -7.0]),
        pl.Series("x", [1.5, 2.25, 1_234_567.0, 3e7], dtype=pl.Float32),
    ],
)
def test_figures_at_the_edge_of_their_type_stay_what_they_are(column):
    step = Decimal("0.01") if not column.dtype.is_integer() else Decimal(1)
    for who in BUREAUS:
        marked = watermark(column.to_frame(), [Mark("x", step)], SECRET, who).frame["x"]
        assert marked.dtype == column.dtype
        for old, new in zip(column, marked, strict=True):
            if old is None or not np.isfinite(float(old)):
                assert str(old) == str(new)
            else:
                assert abs(float(new) - float(old)) <= float(step) * (1 + 1e-6)


def test_what_must_not_change_is_refused(table):
    for mark in (
        Mark("id", Decimal(1)),
        Mark("gone", Decimal(1)),
        Mark("seconds", Decimal("0.5")),
        Mark("name", Decimal(1)),
    ):
        with pytest.raises(InputError):
            watermark(table.with_columns(name=pl.lit("a")), [mark], SECRET, "x", ["id"])
    with pytest.raises(InputError):
        Mark("use", Decimal(0))
    with pytest.raises(InputError):
        watermark(table, MARKS, b"short", "x")
