"""The city's vocabulary: one row for each name that a scenario uses, its unit and its official
Chinese: datasets, columns, actions, parameters and indicators."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from songhua.kit.messages import Language


@dataclass(frozen=True)
class Term:
    """What a name means. `unit` is "1" for a pure number and empty for what is no quantity."""

    name: str
    unit: str
    zh: str
    en: str
    definition_zh: str
    definition_en: str
    source: str

    def label(self, language: Language) -> str:
        """What people call it: 候诊时间（min） / Wait (min)."""
        text, unit = (self.zh if language == "zh" else self.en), self.unit
        if unit in ("", "1"):
            return text
        return f"{text}（{unit}）" if language == "zh" else f"{text} ({unit})"

    def definition(self, language: Language) -> str:
        """The sentence that defines it; may be empty."""
        return self.definition_zh if language == "zh" else self.definition_en


@cache
def terms(package: str) -> dict[str, Term]:
    """Every term declared by `package` in its ``terms.csv``, by name."""
    with (files(package) / "terms.csv").open(encoding="utf-8") as stream:
        rows = [Term(**row) for row in csv.DictReader(stream, strict=True)]
    found = {term.name: term for term in rows}
    if len(found) != len(rows):
        raise ValueError(f"{package}: a term is declared twice")
    return found
