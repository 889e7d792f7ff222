"""Bids open only after the closing second and unchanged; results are judged as measured."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhua.governance.challenges.acceptance import (
    DIRECTIONS,
    TechnicalTarget,
    judge,
    judge_all,
    milestone_state,
    verdict,
)
from songhua.governance.challenges.bids import commitment, seal, still_open, unseal
from songhua.kit.errors import Conflict, InputError

CLOSES = datetime(2023, 3, 1, 9, tzinfo=UTC)
AFTER = CLOSES + timedelta(seconds=1)
KEY = bytes(range(32))


@given(st.binary(max_size=200), st.integers(-100_000, 100_000))
def test_at_no_instant_can_bids_be_both_made_and_read(content, milliseconds):
    now = CLOSES + timedelta(milliseconds=milliseconds)
    sealed, receipt = seal(content, KEY)
    if still_open(now, CLOSES):
        with pytest.raises(Conflict) as caught:
            unseal(sealed, KEY, receipt, now, CLOSES)
        assert caught.value.problems[0].code == "bid_sealed"
    else:
        assert unseal(sealed, KEY, receipt, now, CLOSES) == content


def test_a_bid_says_nothing_and_cannot_be_changed_or_swapped():
    content = "冰城智能 980万元".encode()
    sealed, receipt = seal(content, KEY)
    other, other_receipt = seal(content, KEY)
    assert content not in sealed
    assert receipt != other_receipt
    for bytes_, key, paper in (
        (sealed[:-1] + bytes([sealed[-1] ^ 1]), KEY, receipt), (sealed, bytes(32), receipt),
        (sealed, KEY, other_receipt), (other, KEY, receipt), (b"", KEY, receipt),
    ):  # fmt: skip
        with pytest.raises(InputError):
            unseal(bytes_, key, paper, AFTER, CLOSES)
    assert commitment(content, b"salt") != commitment(content, b"tlas")


def target(direction: str, threshold: str = "5") -> TechnicalTarget:
    return TechnicalTarget("latency", "ms", direction, Decimal(threshold))


@pytest.mark.parametrize(
    ("direction", "below", "at", "above"),
    [("at_least", False, True, True), ("above", False, False, True), ("at_most", True, True, False),
     ("below", True, False, False)],
)  # fmt: skip
def test_the_bound_counts_where_the_word_says_so(direction, below, at, above):
    states = [judge(target(direction), Decimal(v)).state == "met" for v in ("4.999", "5", "5.001")]
    assert states == [below, at, above]


@given(st.sampled_from(DIRECTIONS), st.decimals(-1000, 1000, places=3))
def test_a_value_is_judged_exactly_and_never_turned_into_another(direction, value):
    found = judge(target(direction), value)
    assert found.gap == (None if found.state == "met" else abs(value - 5))
    for language in ("zh", "en"):
        assert str(value) in found.reason.text(language)
        assert "{" not in found.reason.text(language)


def test_what_is_not_measured_is_neither_met_nor_failed():
    targets = [target("below"), TechnicalTarget("heat", "℃", "at_least", Decimal(18))]
    assert verdict(judge_all(targets, {"latency": Decimal(4)})) == "incomplete"
    assert verdict(judge_all(targets, {"latency": Decimal(6)})) == "failed"
    assert verdict(judge_all(targets, {"latency": Decimal(4), "heat": Decimal(18)})) == "passed"
    assert verdict(()) == "incomplete"
    with pytest.raises(InputError):
        judge_all(targets, {"colour": Decimal(1)})
    with pytest.raises(InputError):
        judge(targets[0], Decimal("NaN"))


def test_a_milestone_has_one_state_on_every_day():
    due = date(2023, 6, 30)

    def state(day, submitted, accepted):
        return milestone_state(due, date(2023, 7, day) if day else due, submitted=submitted,
                               accepted=accepted)  # fmt: skip

    assert [state(0, False, None), state(1, False, None)] == ["pending", "overdue"]
    assert [state(1, True, None), state(1, True, True)] == ["submitted", "accepted"]
    assert [state(0, True, False), state(1, True, False)] == ["returned", "overdue"]
