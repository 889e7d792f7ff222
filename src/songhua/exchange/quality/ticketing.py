"""Issue tickets to the provider of a table: one for each way in which a rule is broken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from songhua.exchange.quality.report import problem

if TYPE_CHECKING:
    from songhua.exchange.quality.report import Report
    from songhua.exchange.quality.rules import Dimension, Severity
    from songhua.kit.errors import Problem

EXAMPLES = 5


@dataclass(frozen=True)
class Ticket:
    """What a department is asked to mend: rule, columns, how many cells or rows, some of them."""

    department: str
    table: str
    rule: str
    columns: tuple[str, ...]
    code: str
    dimension: Dimension
    severity: Severity
    count: int
    examples: tuple[Problem, ...]


def tickets(report: Report, examples: int = EXAMPLES) -> tuple[Ticket, ...]:
    """The tickets of a report, errors before warnings and the most frequent first."""
    found = [
        Ticket(
            report.department, report.table, result.rule, result.columns, finding.code,
            result.dimension, finding.severity, finding.count,
            tuple(problem(report.table, finding, d) for d in finding.examples[:examples]),
        )
        for result in report.results
        for finding in result.findings
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda t: (t.severity == "warning", -t.count)))
