"""States as data: which action leads from where to where, who may take it, and what must hold.

The table of one kind of record (a task, an application) narrows these words to its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from songhua.governance.reasons import spoken
from songhua.kit.errors import Conflict, InputError, NotAllowed, Problem
from songhua.kit.messages import sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from songhua.kit.messages import Language

Kind = Literal["forbidden", "conflict"]


class Transition(BaseModel):
    """One row: in `source`, `action` by any of `roles` leads to `to` if every guard holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str = Field(alias="from")
    action: str = Field(pattern="^[a-z_]+$")
    to: str
    roles: tuple[str, ...] = Field(min_length=1)
    guards: tuple[str, ...]


class Transitions(BaseModel):
    """The whole table. An unknown key, state or role, or a doubled row, is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    states: tuple[str, ...]
    initial: str
    roles: tuple[str, ...]
    transitions: tuple[Transition, ...]

    @model_validator(mode="after")
    def _whole(self) -> Transitions:
        named = {self.initial, *(s for row in self.transitions for s in (row.source, row.to))}
        actors = {role for row in self.transitions for role in row.roles}
        if not named <= set(self.states) or not actors <= set(self.roles):
            raise ValueError("every state and role of a row must be one of the table's")
        keys = [(row.source, row.action) for row in self.transitions]
        if len(set(keys)) < len(keys):
            raise ValueError("a state and an action may lead to one state only")
        return self

    def find(self, state: str, action: str) -> Transition | None:
        """The row for `action` in `state`, if there is one."""
        rows = (r for r in self.transitions if (r.source, r.action) == (state, action))
        return next(rows, None)

    def roles_for(self, action: str) -> frozenset[str]:
        """Every role that may do `action` in some state; empty if there is no such action."""
        return frozenset(r for row in self.transitions if row.action == action for r in row.roles)


@dataclass(frozen=True)
class Refusal(Problem):
    """A `Problem` that also says whose it is: another person's (forbidden) or the record's."""

    kind: Kind = "conflict"

    def text(self, language: Language = "zh", where: str | None = None) -> str:
        """The sentence, with words written ``@code`` in the reader's language."""
        comma = "、" if language == "zh" else ", "
        value = comma.join(spoken(word, language) for word in self.value.split("|"))
        return sentence(self.code, language, value=value, where=where or self.where)


def obstacles(
    table: Transitions,
    kind: str,
    state: str,
    action: str,
    roles: Collection[str],
    guard: Callable[[str], Refusal | None],
) -> tuple[Refusal, ...]:
    """Everything that stands in the way of `action` by somebody with `roles`, forbidden first.

    `kind` ("task") begins the codes of the sentences: ``<kind>_role_forbidden``,
    ``<kind>_wrong_state``, ``<kind>_word_unknown``, ``<kind>_state_…``, ``<kind>_role_…``.
    Raises `InputError` for a state, action or role that does not exist.
    """
    ever = table.roles_for(action)
    words = [(state, state in table.states), (action, bool(ever))]
    words += [(role, role in table.roles) for role in roles]
    wrong = [Problem(kind, f"{kind}_word_unknown", word) for word, known in words if not known]
    if wrong:
        raise InputError(wrong)
    row = table.find(state, action)
    may = row.roles if row else ever
    found: list[Refusal | None] = []
    if not set(roles) & set(may):
        names = "|".join(f"@{kind}_role_{name}" for name in table.roles if name in may)
        found.append(Refusal("role", f"{kind}_role_forbidden", names, kind="forbidden"))
    if row is None:
        found.append(Refusal("state", f"{kind}_wrong_state", f"@{kind}_state_{state}"))
    else:
        found += [guard(name) for name in row.guards]
    refusals = [refusal for refusal in found if refusal]
    return tuple(sorted(refusals, key=lambda refusal: refusal.kind, reverse=True))


def refuse(refusals: tuple[Refusal, ...]) -> None:
    """Raise `NotAllowed` if anything is forbidden, else `Conflict` if anything is left."""
    forbidden = [refusal for refusal in refusals if refusal.kind == "forbidden"]
    if forbidden:
        raise NotAllowed(forbidden)
    if refusals:
        raise Conflict(refusals)
