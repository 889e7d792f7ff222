"""The table of ``sharing.yaml``."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal, Self

import yaml
from pydantic import Field, model_validator

from songhua.governance.sharing.deadlines import Deadline  # noqa: TC001 (pydantic reads it)
from songhua.governance.transitions import Transition, Transitions

Guard = Literal["reason", "says_what", "has_data", "not_requester"]


class Step(Transition):
    """One row, with the guards that a request knows."""

    guards: tuple[Guard, ...]


class Flow(Transitions):
    """States and steps of a request, the deadlines of its states and of answers to corrections."""

    transitions: tuple[Step, ...]
    deadlines: tuple[Deadline, ...]
    corrections: tuple[Deadline, ...]
    warning_workdays: int = Field(ge=0)

    @model_validator(mode="after")
    def _known(self) -> Self:
        if not {rule.state for rule in self.deadlines} <= set(self.states):
            raise ValueError("every deadline must be of one of the table's states")
        return self


def parse(text: str) -> Flow:
    """A flow from YAML; raises `pydantic.ValidationError`, for it is a file of ours."""
    return Flow.model_validate(yaml.safe_load(text))


@cache
def standard() -> Flow:
    """The flow that ships with songhua."""
    return parse(files(__package__).joinpath("sharing.yaml").read_text("utf-8"))
