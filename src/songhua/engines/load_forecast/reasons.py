"""Why a forecast is as it is, and what of a record could not be used as it was."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from songhua.engines.load_forecast.recent import silent
from songhua.engines.load_forecast.signature import HELD_H, age_h

if TYPE_CHECKING:
    from songhua.engines.load_forecast.record import Floats, Issued, Record

Reasons: TypeAlias = NDArray[np.int8]


class Reason(IntEnum):
    """Why an hour of a forecast is as it is; the last that applies."""

    NORMAL = 0
    NO_RECENT_LOAD = 1  # no load in two weeks: by weather and calendar only, or NaN without them
    OLD_WEATHER = 2  # the last weather observed was held for longer than six hours
    UNKNOWN = 3  # NaN: no weather forecast for it, or nothing to go by


@dataclass(frozen=True)
class Gaps:
    """Hours of a training, from its first load to its last, that were not used as they were.

    `load` hours had none and were left out. In `held` hours a weather reading was missing and
    taken as the last one; `weather` hours were left out, for theirs was missing for longer.
    """

    load: int
    held: int
    weather: int


def reasons(record: Record, issued: Issued, load_mw: Floats) -> Reasons:
    """The `Reason` of every hour of a forecast, shape (issues, horizon)."""
    found = np.full(load_mw.shape, Reason.NORMAL, np.int8)
    found[silent(record.load_mw, issued.issue)] = Reason.NO_RECENT_LOAD
    found[age_h(record)[issued.issue - 1] > HELD_H] = Reason.OLD_WEATHER
    found[np.isnan(load_mw)] = Reason.UNKNOWN
    return found


def gaps(record: Record) -> Gaps:
    """What is missing between the first known load and the last."""
    known = np.isfinite(record.load_mw)
    inside = slice(int(known.argmax()), known.size - int(known[::-1].argmax()))
    age = age_h(record)[inside]
    held = (age > 0) & (age <= HELD_H)
    return Gaps(int((~known[inside]).sum()), int(held.sum()), int((age > HELD_H).sum()))
