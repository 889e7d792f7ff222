"""What a check found: a result for every rule, a finding for every way of breaking it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from songhua.kit.errors import Problem

if TYPE_CHECKING:
    from pathlib import Path

    from songhua.exchange.quality.rules import Dimension, Severity

SHOWN = 200
"""Characters of a value that are shown."""


@dataclass(frozen=True)
class Defect:
    """One thing wrong: row as a spreadsheet counts (the headings are row 1; None: the table as a
    whole), heading (None: the whole row), code of the sentence, the value as it stands, and what
    it is thought to mean where that can be told."""

    row: int | None
    column: str | None
    code: str
    value: str
    mended: str | None = None


@dataclass(frozen=True)
class Finding:
    """All defects with one code under one rule: their exact number, and the first of them.

    `expected` says the limit that was broken ("≥ 0"); empty where the sentence says it.
    """

    code: str
    severity: Severity
    count: int
    expected: str
    examples: tuple[Defect, ...]


@dataclass(frozen=True)
class Result:
    """What became of one rule. `checked` counts the rows (or 1: the table) that it was held to."""

    rule: str
    columns: tuple[str, ...]
    dimension: Dimension
    checked: int
    findings: tuple[Finding, ...] = ()

    def count(self, severity: Severity = "error") -> int:
        """The defects of one severity."""
        return sum(f.count for f in self.findings if f.severity == severity)


@dataclass(frozen=True)
class Report:
    """The quality of one table: rows read (empty lines left out), those with an error, results.

    `encoding` is None for a table that is no text file. `defects` is the Parquet file with every
    defect (row, column, rule, code, severity, value, mended), if one was asked for.
    """

    table: str
    department: str
    rows: int
    faulty_rows: int
    encoding: str | None
    results: tuple[Result, ...]
    defects: Path | None = None

    @property
    def sound(self) -> bool:
        """Whether there is no error; warnings may stand."""
        return not any(result.count() for result in self.results)

    def counts(self) -> dict[tuple[str, str], int]:
        """Defects by rule and columns (joined with +), of every rule that was broken."""
        return {
            (result.rule, "+".join(result.columns)): total
            for result in self.results
            if (total := sum(f.count for f in result.findings))
        }

    def examples(self) -> list[tuple[str, Defect]]:
        """The listed defects with their rules: first those of the table, then row by row."""
        found = [(r.rule, d) for r in self.results for f in r.findings for d in f.examples]
        return sorted(found, key=lambda pair: pair[1].row or 0)

    def problems(self) -> tuple[Problem, ...]:
        """The listed defects as the house tells problems."""
        return tuple(
            problem(self.table, finding, defect)
            for result in self.results
            for finding in result.findings
            for defect in finding.examples
        )


def problem(table: str, finding: Finding, defect: Defect) -> Problem:
    """A defect as a problem: the value, then in brackets the limit or the mended value."""
    beside = finding.expected or (f"→ {defect.mended}" if defect.mended else "")
    value = f"{defect.value} ({beside})" if beside and defect.value else defect.value or beside
    where = f"{table}.{defect.column}" if defect.column else table
    return Problem(where, defect.code, value, row=defect.row, column=defect.column)
