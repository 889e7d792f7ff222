"""The way of an application as data: states, steps and the numbers that practice sets."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from songhua.governance.transitions import Transition, Transitions

Guard = Literal[
    "disinterested", "reason", "gives_amount", "gives_no_amount", "all_signed", "needs_no_experts",
    "panel_complete", "amount_known", "choice_stands", "not_paid_elsewhere", "notice_open",
    "notice_over", "objections_answered", "not_scorer", "not_proposer", "not_approver",
    "within_cap", "within_budget", "evaluated",
]  # fmt: skip


class Criterion(BaseModel):
    """What experts give points for, from 0 to `most`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    most: int = Field(gt=0)
    zh: str
    en: str


class NoDoubleSupport(BaseModel):
    """The reading of 不重复支持, as `songhua.policy.portfolio.Reading` takes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    within_policy: Literal["exclusive", "allow"]
    between_city: Literal["exclusive", "allow"]
    district_conflicts: bool
    selection: Literal["choice", "automatic_maximum"]


class Settings(BaseModel):
    """Numbers that no text lays down; `average` may leave out the highest and the lowest score."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    notice_workdays: int = Field(ge=1)
    answer_workdays: int = Field(ge=1)
    experts_at_least: int = Field(ge=1)
    average: Literal["mean", "trimmed"]
    pass_mark: Decimal
    finance_unit: str
    no_double_support: NoDoubleSupport
    criteria: tuple[Criterion, ...] = Field(min_length=1)


class Step(Transition):
    """One row, with the guards that this desk knows."""

    guards: tuple[Guard, ...]


class Workflow(Transitions):
    """The table of ``workflow.yaml``."""

    settings: Settings
    transitions: tuple[Step, ...]


def parse(text: str) -> Workflow:
    """A workflow from YAML; raises `pydantic.ValidationError`, for it is a file of ours."""
    return Workflow.model_validate(yaml.safe_load(text))


@cache
def standard() -> Workflow:
    """The workflow that ships with songhua."""
    return parse(files(__package__).joinpath("workflow.yaml").read_text("utf-8"))
