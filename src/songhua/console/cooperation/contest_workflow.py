"""The way of a contest as data."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import yaml
from pydantic import BaseModel, ConfigDict, Field

from songhua.console.innovation.challenge_workflow import Panel
from songhua.governance.challenges.scoring import Method
from songhua.governance.transitions import Transitions


class Settings(BaseModel):
    """Numbers that no text lays down."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    priority_months: int = Field(ge=1)
    panel: Panel
    method: Method


class Workflow(Transitions):
    """The table of ``contest_workflow.yaml``."""

    settings: Settings


@cache
def standard() -> Workflow:
    """The workflow that ships with songhua."""
    text = files(__package__).joinpath("contest_workflow.yaml").read_text("utf-8")
    return Workflow.model_validate(yaml.safe_load(text))
