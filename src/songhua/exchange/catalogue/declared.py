"""What the city's scenarios declare, as entries of the catalogue: nobody types it twice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from songhua.exchange.catalogue.catalogue import Catalogue, Code, CodeTable
from songhua.exchange.catalogue.fields import Field, Kind
from songhua.exchange.catalogue.resource import Resource, Tier
from songhua.kit.terms import terms

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from songhua.kit.spec import Column, Dataset, Scenario
    from songhua.kit.terms import Term

_TIERS = {
    "unconditional": Tier.UNCONDITIONAL, "conditional": Tier.CONDITIONAL, "not_shared": Tier.DENIED
}  # fmt: skip
_KINDS = {
    "Int64": Kind.INTEGER, "Float64": Kind.NUMBER, "String": Kind.STRING,
    "Boolean": Kind.BOOLEAN, "Date": Kind.DATE, "Datetime": Kind.DATETIME,
}  # fmt: skip


@dataclass(frozen=True)
class Registration:
    """What a scenario does not say of its datasets, and the catalogue must know.

    `number` gives a resource its code by its name (`Catalogue.numbering`); `conditions` and
    `legal_basis` are those of its conditional datasets and of those it does not share.
    """

    number: Callable[[str], str]
    theme: str
    conditions: str = ""
    legal_basis: str = ""
    cycle: str = "irregular"
    formats: tuple[str, ...] = ("csv", "json", "xlsx", "parquet")
    spatial: str = ""
    published: date | None = None


def from_scenario(scenario: Scenario, registration: Registration) -> Catalogue:
    """Every dataset that `scenario` declares, with the values it allows as code tables.

    Titles come from the scenario's terms, the provider is its first responsible department.
    Nothing is open: that is for a person to decide. Raises `InputError` where a dataset lacks the
    conditions or the legal basis that its sharing needs.
    """
    resources = tuple(_resource(scenario, d, registration) for d in scenario.datasets)
    tables = tuple(
        CodeTable(_table(scenario, dataset, column), tuple(Code(c) for c in column.choices))
        for dataset in scenario.datasets
        for column in dataset.columns
        if column.choices
    )
    return Catalogue(resources, tables)


def from_run_output(declared: Resource, run: str, finished: date) -> Resource:
    """The entry of a declared dataset after run `run` wrote it, on a civil day."""
    published = declared.published or finished
    return replace(declared, source=f"run:{run}", published=published, updated=finished)


def _resource(scenario: Scenario, dataset: Dataset, registration: Registration) -> Resource:
    words = terms(scenario.package)
    term, tier, name = (
        words[dataset.name],
        _TIERS[dataset.sharing],
        f"{scenario.name}_{dataset.name}",
    )
    return Resource(
        code=registration.number(name),
        name=name,
        title_zh=f"{scenario.zh}：{term.zh}",
        title_en=f"{scenario.en}: {term.en}",
        provider=scenario.departments[0],
        summary_zh=term.definition_zh or scenario.story_zh,
        summary_en=term.definition_en or scenario.story_en,
        theme=registration.theme,
        tier=tier,
        conditions=registration.conditions if tier is Tier.CONDITIONAL else "",
        legal_basis=registration.legal_basis if tier is Tier.DENIED else "",
        cycle=registration.cycle,
        formats=registration.formats,
        spatial=registration.spatial,
        published=registration.published,
        keywords=(scenario.name,),
        key=dataset.key,
        source=f"scenario:{scenario.name}/{dataset.name}",
        fields=tuple(_field(scenario, dataset, c, words[c.name]) for c in dataset.columns),
    )


def _field(scenario: Scenario, dataset: Dataset, column: Column, term: Term) -> Field:
    low, high = (None if x is None else Decimal(str(x)) for x in (column.low, column.high))
    return Field(
        column.name, term.zh, term.en, _KINDS[column.dtype.__name__],
        unit=term.unit, required=column.required, low=low, high=high,
        code_table=_table(scenario, dataset, column) if column.choices else "",
    )  # fmt: skip


def _table(scenario: Scenario, dataset: Dataset, column: Column) -> str:
    return f"{scenario.name}_{dataset.name}.{column.name}"
