"""Whether a task will be done in time is told from its own reports, or not told at all."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from songhua.console.ledger.outlook import completion, whole_percent
from songhua.governance.periods import add_months

START, DUE = date(2023, 1, 1), date(2023, 12, 28)


def task(percents: list[float | None], state: str = "active"):
    cells = [
        SimpleNamespace(
            month=add_months(START, n),
            report=None if p is None else SimpleNamespace(percent=Decimal(str(p))),
        )
        for n, p in enumerate(percents)
    ]
    last = next((Decimal(str(p)) for p in reversed(percents) if p is not None), None)
    return SimpleNamespace(state=state, due=DUE, actual_percent=last), cells


def test_a_steady_task_that_is_quick_enough_will_be_done():
    assert whole_percent(completion(*task([10, 20, 30, 40, 50]))) == 100
    assert whole_percent(completion(*task([5, 10, 15, 20, 25]))) == 0


def test_an_unsteady_task_is_neither_certain_nor_hopeless():
    assert 1 <= whole_percent(completion(*task([9, 14, 27, 33, 41, 52]))) <= 99


def test_a_missing_month_is_a_gap_and_not_zero():
    whole = completion(*task([10, 20, 30, 40, 50, 60]))
    gaps = completion(*task([10, None, 30, 40, None, 60]))
    assert (whole.median, gaps.median) == (pytest.approx(120), pytest.approx(120))


def test_too_few_reports_say_nothing():
    ahead = completion(*task([10, 20]))
    assert whole_percent(ahead) is None and ahead.reason.text("zh") and ahead.reason.text("en")
    assert whole_percent(completion(*task([None, None]))) is None


@pytest.mark.parametrize("state", ["draft", "closed", "suspended", "cancelled"])
def test_a_task_that_does_not_run_is_not_forecast(state):
    assert completion(*task([10, 20, 30, 40, 50], state)) is None


def test_a_task_that_reports_everything_done_is_not_forecast():
    assert completion(*task([10, 50, 100])) is None
