"""The table of states and transitions, read strictly from the packaged ``workflow.yaml``."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal, get_args

import yaml
from pydantic import Field, model_validator

from songhua.governance import transitions

TaskState = Literal["draft", "active", "closing", "closed", "cancelled", "suspended"]
Role = Literal["leader", "office", "staff", "enterprise", "reviewer", "public"]
Guard = Literal[
    "has_lead_department",
    "has_evidence",
    "has_accepted_evidence",
    "not_submitter",
    "all_children_closed",
    "not_reason_missing",
]


class Transition(transitions.Transition):
    """A row in the words of a task."""

    source: TaskState = Field(alias="from")
    to: TaskState
    roles: tuple[Role, ...] = Field(min_length=1)
    guards: tuple[Guard, ...]


class Workflow(transitions.Transitions):
    """The whole table. An unknown key, state, role or guard, or a doubled row, is refused."""

    states: tuple[TaskState, ...]
    initial: TaskState
    roles: tuple[Role, ...]
    transitions: tuple[Transition, ...]

    @model_validator(mode="after")
    def _all_words(self) -> Workflow:
        if self.states != get_args(TaskState) or self.roles != get_args(Role):
            raise ValueError("states and roles must be those of songhua, each once, in order")
        return self


def parse(text: str) -> Workflow:
    """A workflow from YAML; raises `pydantic.ValidationError`, for it is a file of ours."""
    return Workflow.model_validate(yaml.safe_load(text))


@cache
def standard() -> Workflow:
    """The workflow that ships with songhua."""
    return parse(files("songhua.governance").joinpath("workflow.yaml").read_text("utf-8"))
