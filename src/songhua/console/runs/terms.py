"""What a scenario's names are called, in the reader's language and with their units."""

from __future__ import annotations

from typing import TYPE_CHECKING

from songhua.console.design import bilingual
from songhua.kit.terms import terms

if TYPE_CHECKING:
    from songhua.kit.errors import Problem
    from songhua.kit.spec import Dataset, Scenario
    from songhua.kit.terms import Term


def term(scenario: Scenario, name: str) -> Term | None:
    """The term called `name`; None where the scenario no longer declares it."""
    return terms(scenario.package).get(name)


def label(scenario: Scenario, name: str) -> str:
    """The name with its unit: 候诊时间（min）; as it is written where nothing declares it."""
    found = term(scenario, name)
    return found.label(bilingual.language()) if found else name


def title(scenario: Scenario, name: str) -> str:
    """The name without its unit."""
    found = term(scenario, name)
    return bilingual.choose(found.zh, found.en) if found else name


def unit(scenario: Scenario, name: str) -> str:
    """The unit as it is shown beside a figure; "" for a pure number."""
    found = term(scenario, name)
    return found.unit if found and found.unit != "1" else ""


def definition(scenario: Scenario, name: str) -> str:
    """The sentence that defines the name; may be empty."""
    found = term(scenario, name)
    return found.definition(bilingual.language()) if found else ""


def place(scenario: Scenario, problem: Problem) -> str:
    """What people call the place of a problem: ``visits.scan_min`` is the column, by its label."""
    known = terms(scenario.package)
    last = problem.where.rpartition(".")[2]
    return label(scenario, last) if last in known else ""


def sentence(scenario: Scenario, problem: Problem) -> str:
    """A problem as a sentence that names its place as the pages do."""
    return problem.text(bilingual.language(), where=place(scenario, problem) or None)


def dataset(scenario: Scenario, name: str) -> Dataset | None:
    """The dataset called `name`; None where the scenario no longer declares it."""
    return next((d for d in scenario.datasets if d.name == name), None)
