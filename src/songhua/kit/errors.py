"""The ways a question can end without an answer, and nothing more.

`InputError` is the user's to mend, `NotAllowed` is for somebody else to do, `Conflict` says that
the record is no longer in the state the question assumed, `Infeasible` is the world's, and any
other exception is ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from songhua.kit.messages import named, sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from songhua.kit.messages import Language


@dataclass(frozen=True)
class Problem:
    """One thing wrong with what was given: where it is, which rule it breaks, the value seen.

    `where` is a field name or a place a person can find ("第7行 进度"); `row` (counted from 1, as
    spreadsheets do) and `column` (the heading) are set for tables. `code` names a sentence in
    some ``messages.csv``, whose ``{value}`` and ``{where}`` are filled in.
    """

    where: str
    code: str
    value: str = ""
    row: int | None = None
    column: str | None = None

    def text(self, language: Language = "zh", where: str | None = None) -> str:
        """The sentence a person reads: what happened and what to do next. `where` is what they
        call the place, if that is more than the field's own name."""
        place = named(self.where, language) if where is None else where
        return sentence(self.code, language, value=self.value, where=place)


class SonghuaError(Exception):
    """Base of the errors a caller is expected to handle. Carries every problem found."""

    def __init__(self, problems: Sequence[Problem] | Problem) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("; ".join(f"{p.where}: {p.code} {p.value!r}" for p in self.problems))


class InputError(SonghuaError):
    """What was given cannot be used (422 on the web)."""


class NotAllowed(SonghuaError):
    """This person may not do this to this record (403)."""


class Conflict(SonghuaError):
    """The record is not in a state that allows this (409)."""


class Infeasible(SonghuaError):
    """The question is sound and has no answer: the constraints in conflict (409)."""


def require(holds: bool, where: str, code: str, value: object = "") -> None:
    """Raise `InputError` with a single problem unless `holds`."""
    if not holds:
        raise InputError(Problem(where, code, str(value)))
