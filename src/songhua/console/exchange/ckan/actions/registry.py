"""How an action is declared, and what it is given."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from songhua.console.exchange.ckan.refusals import Denied, Invalid
from songhua.console.people.models import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from songhua.console.people.models import User

MISSING = "Missing value"
YES = frozenset({"true", "yes", "on", "1", "t", "y"})
NO = frozenset({"false", "no", "off", "0", "f", "n", "none", ""})


@dataclass(frozen=True)
class Call:
    """Who calls, and with what."""

    caller: User | None
    given: dict[str, Any]
    request: HttpRequest

    def text(self, name: str, *, otherwise: str | None = None) -> str:
        """A text that was given. Raises `Invalid` where it is missing and needed."""
        value = self.given.get(name)
        if value in (None, ""):
            if otherwise is None:
                raise Invalid(**{name: [MISSING]})
            return otherwise
        return str(value)

    def listed(self, name: str) -> list[str]:
        """Texts that were given as a list, as JSON or with commas between them."""
        value = self.given.get(name) or []
        if isinstance(value, str):
            value = orjson.loads(value) if value.startswith("[") else value.split(",")
        return [str(one).strip() for one in value]

    def number(self, name: str, otherwise: int, most: int | None = None) -> int:
        """A whole number from 0 on, cut at `most`."""
        value = self.given.get(name)
        if value in (None, ""):
            return otherwise
        try:
            found = int(value)
        except (TypeError, ValueError):
            raise Invalid(**{name: ["Invalid integer"]}) from None
        if found < 0:
            raise Invalid(**{name: ["Must be a natural number"]})
        return found if most is None else min(found, most)

    def flag(self, name: str, *, otherwise: bool = False) -> bool:
        """Yes or no."""
        value = str(self.given.get(name, otherwise)).lower()
        if value not in YES | NO:
            raise Invalid(**{name: ["Please enter a boolean value"]})
        return value in YES

    def person(self) -> User:
        """Who calls. Raises `Denied` for the public."""
        if self.caller is None:
            raise Denied("a token is needed")
        return self.caller

    @property
    def official(self) -> bool:
        """Whether a department calls: it sees the whole catalogue, the public what is open."""
        return self.caller is not None and self.caller.role in {
            Role.STAFF, Role.OFFICE, Role.LEADER
        }  # fmt: skip


def uuid_of(text: str) -> uuid.UUID | None:
    """An id, or None for a text that is none."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


@dataclass(frozen=True)
class Action:
    """Something that may be called; `reads` says that it changes nothing."""

    name: str
    call: Callable[[Call], Any]
    reads: bool

    @property
    def help(self) -> str:
        """What it does."""
        return self.call.__doc__ or ""


ACTIONS: dict[str, Action] = {}


def action(*, reads: bool) -> Callable[[Callable[[Call], Any]], Callable[[Call], Any]]:
    """Declare a function as the action of its name."""

    def declare(call: Callable[[Call], Any]) -> Callable[[Call], Any]:
        ACTIONS[call.__name__] = Action(call.__name__, call, reads)
        return call

    return declare
