"""The table of states and transitions, read strictly from the packaged ``workflow.yaml``."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

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


class Transition(BaseModel):
    """One row: in `source`, `action` by any of `roles` leads to `to` if every guard holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: TaskState = Field(alias="from")
    action: str = Field(pattern="^[a-z_]+$")
    to: TaskState
    roles: tuple[Role, ...] = Field(min_length=1)
    guards: tuple[Guard, ...]


class Workflow(BaseModel):
    """The whole table. An unknown key, state, role or guard, or a doubled row, is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    states: tuple[TaskState, ...]
    initial: TaskState
    roles: tuple[Role, ...]
    transitions: tuple[Transition, ...]

    @model_validator(mode="after")
    def _whole(self) -> Workflow:
        if self.states != get_args(TaskState) or self.roles != get_args(Role):
            raise ValueError("states and roles must be those of songhua, each once, in order")
        keys = [(row.source, row.action) for row in self.transitions]
        if len(set(keys)) < len(keys):
            raise ValueError("a state and an action may lead to one state only")
        return self

    def find(self, state: TaskState, action: str) -> Transition | None:
        """The row for `action` in `state`, if there is one."""
        rows = (r for r in self.transitions if (r.source, r.action) == (state, action))
        return next(rows, None)

    def roles_for(self, action: str) -> frozenset[Role]:
        """Every role that may do `action` in some state; empty if there is no such action."""
        return frozenset(r for row in self.transitions if row.action == action for r in row.roles)


def parse(text: str) -> Workflow:
    """A workflow from YAML; raises `pydantic.ValidationError`, for it is a file of ours."""
    return Workflow.model_validate(yaml.safe_load(text))


@cache
def standard() -> Workflow:
    """The workflow that ships with songhua."""
    return parse(files("songhua.governance").joinpath("workflow.yaml").read_text("utf-8"))
