"""The way of a challenge as data: states, steps and the numbers that practice sets."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from songhua.governance.challenges.scoring import Method
from songhua.governance.challenges.ties import TieRules
from songhua.governance.transitions import Transition, Transitions

Guard = Literal[
    "has_targets", "reason", "still_open", "closed", "has_bids", "public_day",
    "cleared", "seat_vacant", "panel_done", "somebody_passed", "notice_open", "notice_over",
    "objections_answered", "milestones_accepted", "targets_met",
]  # fmt: skip


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Support(_Strict):
    """The rule of a policy under which an accepted result is supported."""

    policy: str
    rule: str
    mode: str


class Panel(_Strict):
    """How many seats ask for the challenge's own field, how many for any; and the quotas."""

    own_field: int = Field(ge=0)
    any_field: int = Field(ge=0)
    per_unit: int = Field(ge=1)
    outside: int = Field(ge=0)


class Settings(_Strict):
    """Numbers that no text lays down."""

    support: Support
    fields: tuple[str, ...]
    applicant_kinds: tuple[str, ...]
    open_days_at_least: int = Field(ge=1)
    notice_workdays: int = Field(ge=1)
    panel: Panel
    ties: TieRules
    method: Method


class Step(Transition):
    """One row, with the guards that challenges know."""

    guards: tuple[Guard, ...]


class Workflow(Transitions):
    """The table of ``challenge_workflow.yaml``."""

    settings: Settings
    transitions: tuple[Step, ...]


@cache
def standard() -> Workflow:
    """The workflow that ships with songhua."""
    text = files(__package__).joinpath("challenge_workflow.yaml").read_text("utf-8")
    return Workflow.model_validate(yaml.safe_load(text))
