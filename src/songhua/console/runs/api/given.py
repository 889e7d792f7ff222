"""What programs may send, declared once: bounds that hold before any record is touched."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Query
from pydantic import Field

from songhua.kit.params import Params

LARGEST = 2**63 - 1  # what both databases count to
NO_NUL = r"^[^\x00]*$"  # PostgreSQL keeps every character but this one

Number = Annotated[int, Field(ge=1, le=LARGEST)]
Seed = Annotated[int, Field(ge=0, le=LARGEST)]
Name = Annotated[str, Field(max_length=60, pattern=r"^[A-Za-z0-9_]*$")]
Text = Annotated[str, Field(max_length=5000, pattern=NO_NUL)]
State = Literal["queued", "running", "done", "failed", "cancelled"]
DecisionState = Literal["proposed", "approved", "refused", "carried_out", "measured"]

Before = Annotated[
    Number | None, Query(None, description="只列编号小于此值的 / Only numbers below this one")
]
Most = Annotated[int, Query(50, ge=1, le=200, description="最多几条 / At most so many")]


class RunAsked(Params):
    """A run to be made; `tables` gives the number of a table for each name that is read."""

    scenario: Name
    action: Name
    tables: dict[Text, Number] = Field(default_factory=dict)
    params: dict[Text, object] = Field(default_factory=dict)
    seed: Seed = 1


class DecisionProposed(Params):
    """What to do on the ground of a run, and the indicator that will tell whether it worked."""

    run: Number
    text: Text
    indicator: Name


class Decided(Params):
    """Approve, or refuse with a reason."""

    approved: bool
    reason: Text = ""


class CarriedOut(Params):
    """How the decision was carried out."""

    note: Text


class Measured(Params):
    """What the indicator really came to."""

    value: float


class EvidenceAttached(Params):
    """The indicator of a run, for a task of the ledger."""

    run: Number
    indicator: Name
    task: Annotated[str, Field(max_length=60, pattern=NO_NUL)]


class ScheduleMade(Params):
    """An action by the clock; `at` (city time, HH:MM) is for those that are due daily."""

    scenario: Name
    action: Name
    params: dict[Text, object] = Field(default_factory=dict)
    every: Literal["quarter_hour", "day"]
    at: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] | None = None
    missed: Literal["latest", "all", "skip"] = "latest"
    seed: Seed = 1


class Switched(Params):
    """Whether a schedule goes on."""

    enabled: bool
