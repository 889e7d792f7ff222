"""Noisy releases: as noisy as they say, never beyond the budget, never drawn twice.

The noise cannot be seeded. Statistical tests are so wide that chance fails one in more than a
million runs.
"""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhua.exchange.privacy.budget import Budget
from songhua.exchange.privacy.laplace import Noise
from songhua.exchange.privacy.questions import OTHER, Bounds, Question
from songhua.exchange.privacy.releases import release
from songhua.kit.errors import Conflict, InputError
from songhua.kit.params import parse

HOMES = pl.DataFrame(
    {
        "person": [n // 3 for n in range(3000)],
        "use": [float(n % 100) / 10 for n in range(3000)],
        "district": ["道里区", "南岗区", None] * 1000,
    }
)
TENTHS = Bounds(low=Decimal(0), high=Decimal(10), resolution=Decimal("0.1"))
RICH = Budget("homes", Decimal(1000), {})


def _question(statistic="count", epsilon="0.5", **more):
    return Question(
        dataset="homes", version="1", statistic=statistic, epsilon=Decimal(epsilon), **more
    )


QUESTIONS = [
    (_question(), {"count": 3000}),
    (_question("sum", column="use", bounds=TENTHS), {"sum": HOMES["use"].sum()}),
    (_question("mean", column="use", bounds=TENTHS), {"mean": HOMES["use"].mean()}),
    (
        _question("histogram", column="district", categories=("道里区", "南岗区")),
        {"道里区": 1000, "南岗区": 1000, OTHER: 1000},
    ),
]


@pytest.mark.parametrize(("question", "truth"), QUESTIONS)
def test_the_truth_is_within_the_stated_accuracy_19_times_in_20(question, truth):
    draws, hits = 400, 0
    for _ in range(draws):
        answer, _ = release(question, HOMES, RICH, {})
        far = max(abs(float(answer.figures[name]) - true) for name, true in truth.items())
        hits += far <= float(answer.accuracy) + 1e-9
    assert hits / draws >= 0.95 - 5 * math.sqrt(0.05 * 0.95 / draws)


@pytest.mark.parametrize("scale", [0.7, 2.0, 20.0])
def test_noise_is_discrete_laplace_of_its_scale(scale):
    """Its variance is 2q / (1 - q)², q = exp(-1/scale) (Ghosh, Roughgarden & Sundararajan)."""
    drawn = np.array(Noise(scale).added_to([0] * 40_000))
    q = math.exp(-1 / scale)
    variance = 2 * q / (1 - q) ** 2
    assert abs(drawn.mean()) < 6 * math.sqrt(variance / drawn.size)
    assert drawn.var() / variance == pytest.approx(1, abs=0.12)
    share = (1 - q) / (1 + q)  # of zeros
    assert abs((drawn == 0).mean() - share) < 6 * math.sqrt(share / drawn.size)


@given(st.decimals("0.01", "10", places=2), st.integers(1, 10**7))
def test_the_loss_is_never_above_epsilon_and_hardly_below(epsilon, moved):
    loss = Noise.hiding(moved, epsilon).epsilon(moved)
    assert Decimal(loss) <= epsilon
    assert loss == pytest.approx(float(epsilon), rel=1e-9)


def test_one_person_moves_the_truth_by_no_more_than_the_noise_hides():
    """Whatever rows a person brings, the count moves by at most rows_per_person."""
    question = _question(epsilon="10", person="person", rows_per_person=2)
    crowd = pl.concat([HOMES, HOMES.head(1).select(pl.all().repeat_by(5000).explode())])
    before, after = (release(question, each, RICH, {})[0] for each in (HOMES, crowd))
    assert abs(before.figures["count"] - after.figures["count"]) <= 30


def test_figures_outside_the_bounds_count_as_the_bound_and_unknown_ones_not_at_all():
    wild = pl.DataFrame({"use": [1e300, -1e300, float("nan"), float("inf"), None] * 200})
    question = _question("sum", "10", column="use", bounds=TENTHS)
    assert float(release(question, wild, RICH, {})[0].figures["sum"]) == pytest.approx(4000, abs=40)
    counted = release(_question("count", "10", column="use"), wild, RICH, {})[0]
    assert float(counted.figures["count"]) == pytest.approx(600, abs=5)


@pytest.mark.parametrize(("question", "truth"), QUESTIONS)
def test_an_empty_table_is_answered_like_any_other(question, truth):
    """That nobody is in it is as private as anything."""
    answer, _ = release(question, HOMES.head(0), RICH, {})
    assert answer.figures.keys() == truth.keys()


def test_a_mean_of_too_few_says_that_nothing_is_known():
    answer, _ = release(_question("mean", "0.1", column="use", bounds=TENTHS), HOMES.head(3),
                        RICH, {})  # fmt: skip
    assert answer.accuracy is None
    assert 0 <= answer.figures["mean"] <= 10


def test_the_budget_is_spent_exactly_and_then_refuses_with_what_is_left():
    budget, answers = Budget("homes", Decimal(1), {}), {}
    for version in range(3):
        question = _question(epsilon="0.3").model_copy(update={"version": str(version)})
        answer, budget = release(question, HOMES, budget, answers)
        answers[answer.key] = answer
    assert budget.left == Decimal("0.1")
    with pytest.raises(Conflict) as refused:
        release(_question(epsilon="0.2"), HOMES, budget, answers)
    assert refused.value.problems[0].value == "0.1"
    assert "0.1" in refused.value.problems[0].text("zh")


def test_the_same_question_is_answered_from_memory_and_costs_nothing():
    question = _question("histogram", column="district", categories=("道里区", "南岗区"))
    answer, budget = release(question, HOMES, RICH, {})
    same = question.model_copy(update={"categories": ("南岗区", "道里区")})
    again, after = release(same, HOMES.head(0), budget, {answer.key: answer})
    assert again == answer
    assert after == budget
    with pytest.raises(Conflict):  # forgotten, it is not drawn again
        release(question, HOMES, budget, {})


@pytest.mark.parametrize(
    "change",
    [{"epsilon": Decimal("0.4")}, {"version": "2"}, {"rows": "district = '道里区'"},
     {"column": "use"}, {"person": "person"}, {"dataset": "flats"}],
)  # fmt: skip
def test_another_question_has_another_key(change):
    assert _question().key() != _question().model_copy(update=change).key()


@pytest.mark.parametrize(
    ("question", "codes"),
    [
        (_question("sum"), {"noise_column_missing", "noise_bounds_missing"}),
        (_question("mean", column="use", bounds=Bounds(low=Decimal(2), high=Decimal(1))),
         {"noise_bounds_unsound"}),
        (_question("sum", column="use", bounds=Bounds(low=Decimal("0.5"), high=Decimal(1))),
         {"noise_bounds_unsound"}),
        (_question("histogram", column="district"), {"noise_categories_missing"}),
        (_question("histogram", column="district", categories=("a", "a")),
         {"noise_categories_twice"}),
        (_question("histogram", column="district", categories=("a", OTHER)),
         {"noise_categories_twice"}),
        (_question(rows_per_person=2), {"noise_person_missing"}),
        (_question("sum", column="district", bounds=TENTHS), {"noise_not_figures"}),
        (_question(column="gone"), {"privacy_column_unknown"}),
    ],
)  # fmt: skip
def test_an_incomplete_question_spends_nothing_and_says_what_is_missing(question, codes):
    with pytest.raises(InputError) as refused:
        release(question, HOMES, RICH, {})
    assert {problem.code for problem in refused.value.problems} == codes


def test_a_budget_that_does_not_add_up_is_refused():
    for total, spent in (("1", {"a": Decimal(2)}), ("0", {}), ("1", {"a": Decimal(-1)}),
                         ("NaN", {})):  # fmt: skip
        with pytest.raises(InputError):
            Budget("homes", Decimal(total), spent)
    with pytest.raises(InputError):
        release(_question(), HOMES, Budget("flats", Decimal(1), {}), {})


def test_a_question_is_strict():
    for wrong in ({"epsilon": "0"}, {"epsilon": "NaN"}, {"epsilom": "1"}, {"statistic": "median"}):
        given_ = {"dataset": "homes", "version": "1", "statistic": "count", "epsilon": "1"}
        with pytest.raises(InputError):
            parse(Question, given_ | wrong)
