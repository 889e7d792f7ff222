"""The awards that somebody qualifies for, as rows of a form, and which of them are chosen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from songhua.console.design.bilingual import choose
from songhua.console.subsidies.forms import LONGEST_LINK, amount_text
from songhua.kit.errors import InputError, Problem
from songhua.kit.figures import plain
from songhua.policy.amounts import read_fen
from songhua.policy.portfolio import Candidate, Reading

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_AWARDS = 25  # up to here every set is looked at
BLANK_ROWS = 3
READINGS: dict[str, tuple[str, ...]] = {  # the first option is the usual one
    "within_policy": ("exclusive", "allow"),
    "between_city": ("exclusive", "allow"),
    "district_conflicts": ("no", "yes"),
    "selection": ("choice", "automatic_maximum"),
}
FIELDS = ("name", "source", "amount", "matters", "chosen")
_CELL = re.compile(r"award-(\d{1,3})-(name|source|amount|matters|chosen)")
_BETWEEN = re.compile(r"[、,;；，\s]+")


class AwardsForm:
    """What was typed, row by row; blank rows stand for nothing."""

    def __init__(self, given: Mapping[str, str]) -> None:
        cells: dict[int, dict[str, str]] = {}
        for key, text in given.items():
            if (found := _CELL.fullmatch(key)) and given.get("remove") != found[1]:
                cells.setdefault(int(found[1]), {})[found[2]] = text
        self.rows = [cells[number] for number in sorted(cells)][:MOST_AWARDS]
        more = 1 if "add" in given else 0 if self.rows else BLANK_ROWS
        self.rows += [{} for _ in range(min(more, MOST_AWARDS - len(self.rows)))]
        self.chosen_reading = {
            name: given.get(f"reading-{name}", options[0]) for name, options in READINGS.items()
        }

    @property
    def filled(self) -> list[tuple[int, dict[str, str]]]:
        """The rows that say something, with their place counted from 1."""
        said = ("name", "amount", "matters")
        return [
            (place, row) for place, row in enumerate(self.rows, 1)
            if any(row.get(key, "").strip() for key in said)
        ]  # fmt: skip

    def name_of(self, place: int) -> str:
        """What an award is called: as it was named, or by its place."""
        written = plain(self.rows[place - 1].get("name", ""))[:60]
        return written or choose("第 {n} 项", "Award {n}", n=place)

    def candidates(self) -> list[Candidate]:
        """The awards; raises `InputError` with every row that cannot be read."""
        found, problems = [], []
        for place, row in self.filled:
            written = amount_text(row.get("amount", ""))
            fen = read_fen(written) if written else None
            if isinstance(fen, tuple):
                where = choose("第 {n} 项的金额", "The amount of award {n}", n=place)
                problems += [Problem(where, f"policy_{code.lower()}") for code in fen]
                fen = None
            matters = frozenset(filter(None, _BETWEEN.split(plain(row.get("matters", "")))))
            try:
                found.append(
                    Candidate(self.name_of(place), row.get("source", "this"), fen, matters)
                )  # type: ignore[arg-type]
            except InputError as error:
                problems += error.problems
        if problems:
            raise InputError(problems)
        return found

    def chosen(self) -> list[str]:
        """The names of the awards that were ticked."""
        return [self.name_of(place) for place, row in self.filled if row.get("chosen")]

    def reading(self) -> Reading:
        """How the clause is read; raises `InputError` for a word that is no option."""
        given: dict[str, Any] = dict(self.chosen_reading)
        given["district_conflicts"] = given["district_conflicts"] == "yes"
        return Reading(**given)

    def link(self) -> str:
        """The query string that brings this form back; "" where it would be too long."""
        kept = {
            f"award-{place}-{key}": row[key]
            for place, row in self.filled
            for key in FIELDS
            if row.get(key)
        }
        kept |= {
            f"reading-{name}": option
            for name, option in self.chosen_reading.items()
            if option != READINGS[name][0]
        }
        written = urlencode(kept)
        return written if len(written) <= LONGEST_LINK else ""
