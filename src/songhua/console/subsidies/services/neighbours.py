"""What neighbouring applications add to the desk and take from it: they register in ``ready()``,
so that the desk need not know them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from songhua.console.subsidies.access import family

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import date

    from songhua.console.people.models import User
    from songhua.console.subsidies.models import CaseFile, Subject


@dataclass(frozen=True)
class Note:
    """Why a subject has priority (优先扶持), until when, and the record that says so."""

    text: str
    until: date
    url: str


PRIORITY: list[Callable[[Collection[int]], list[Note]]] = []
REFERRED: list[Callable[[User, CaseFile], None]] = []
CONCLUDED: list[Callable[[User, CaseFile], None]] = []


def priority(subject: Subject) -> list[Note]:
    """Every reason for priority of a subject or of what was merged into it."""
    keys = family([subject])
    return [note for source in PRIORITY for note in source(keys)]


def referred(actor: User, case_file: CaseFile) -> None:
    """Hand a case file just opened to whoever waits for it, in the same transaction."""
    for taker in REFERRED:
        taker(actor, case_file)


def concluded(actor: User, case_file: CaseFile) -> None:
    """Tell whoever took a case file that the desk has answered it, in the same transaction."""
    for taker in CONCLUDED:
        taker(actor, case_file)
