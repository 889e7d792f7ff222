"""The whole catalogue: every resource with the code tables they use, held to each other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from songhua.exchange.catalogue import checks
from songhua.exchange.catalogue.codes import parse_code
from songhua.kit.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from songhua.exchange.catalogue.resource import Resource


@dataclass(frozen=True)
class Code:
    """One value that a code table allows, and what it means."""

    value: str
    zh: str = ""
    en: str = ""


@dataclass(frozen=True)
class CodeTable:
    """The only values that a field may hold. Raises `InputError` with every problem."""

    name: str
    codes: tuple[Code, ...]

    def __post_init__(self) -> None:
        checks.settle(self._problems())

    @property
    def values(self) -> tuple[str, ...]:
        """The values allowed, in their order."""
        return tuple(code.value for code in self.codes)

    def _problems(self) -> Iterator[Problem]:
        yield from checks.text("name", self.name, required=True)
        if not self.codes:
            yield Problem("codes", "catalogue_code_table_empty", self.name)
        seen: set[str] = set()
        for number, code in enumerate(self.codes):
            yield from checks.text(f"codes.{number}.value", code.value, required=True)
            yield from checks.text(f"codes.{number}.zh", code.zh)
            yield from checks.text(f"codes.{number}.en", code.en)
            if code.value in seen:
                yield Problem(f"codes.{number}.value", "catalogue_code_table_twice", code.value)
            seen.add(code.value)


@dataclass(frozen=True)
class Catalogue:
    """Resources and code tables. Codes and names occur once, and what a field or a
    resource refers to is there. Raises `InputError` with every problem; its `where` is a path
    ("resources.2.fields.0.reference")."""

    resources: tuple[Resource, ...] = ()
    code_tables: tuple[CodeTable, ...] = ()

    def __post_init__(self) -> None:
        checks.settle(self._problems())

    def __iter__(self) -> Iterator[Resource]:
        return iter(self.resources)

    def __len__(self) -> int:
        return len(self.resources)

    @cached_property
    def by_name(self) -> dict[str, Resource]:
        """The resources by name."""
        return {resource.name: resource for resource in self.resources}

    @cached_property
    def by_code(self) -> dict[str, Resource]:
        """The resources by their codes."""
        return {resource.code: resource for resource in self.resources}

    @cached_property
    def tables(self) -> dict[str, CodeTable]:
        """The code tables by name."""
        return {table.name: table for table in self.code_tables}

    def schemas(self) -> dict[str, dict[str, str]]:
        """Table → column → DuckDB type, as the enforcement point asks for."""
        return {
            resource.table: {field.name: field.kind.sql for field in resource.fields}
            for resource in self.resources
            if resource.fields
        }

    def joined(self, other: Catalogue) -> Catalogue:
        """Both together; raises `InputError` where they contradict each other. A code table that
        is the same in both is kept once."""
        new = tuple(t for t in other.code_tables if t not in self.code_tables)
        return Catalogue(self.resources + other.resources, self.code_tables + new)

    def numbering(self, category: str) -> Callable[[str], str]:
        """Gives a resource, by its name, the code it has here, else the next free one of the
        category (类、项、目、细目).

        >>> number = Catalogue().numbering("307001")
        >>> number("homes"), number("meters"), number("homes")
        ('307001/000001', '307001/000002', '307001/000001')
        """
        codes = {name: resource.code for name, resource in self.by_name.items()}
        taken = [parse_code(code) for code in codes.values()]
        last = max((int(c.sequence) for c in taken if c.category == category), default=0)

        def number(name: str) -> str:
            nonlocal last
            if name not in codes:
                last += 1
                codes[name] = str(parse_code(f"{category}/{last:06}"))
            return codes[name]

        return number

    def _problems(self) -> Iterator[Problem]:
        yield from _twice("resources", "code", [r.code for r in self.resources])
        yield from _twice("resources", "name", [r.table for r in self.resources])
        yield from _twice("code_tables", "name", [t.name for t in self.code_tables])
        for number, resource in enumerate(self.resources):
            for code in resource.related:
                if code not in self.by_code:
                    yield Problem(f"resources.{number}.related", "catalogue_related_unknown", code)
            yield from self._references(f"resources.{number}.fields", resource)

    def _references(self, where: str, resource: Resource) -> Iterator[Problem]:
        for number, field in enumerate(resource.fields):
            if field.code_table and field.code_table not in self.tables:
                place = f"{where}.{number}.code_table"
                yield Problem(place, "catalogue_code_table_unknown", field.code_table)
            if not field.reference:
                continue
            table, _, column = field.reference.partition(".")
            place = f"{where}.{number}.reference"
            target = self.by_name[table].field(column) if table in self.by_name else None
            if target is None:
                yield Problem(place, "catalogue_reference_unknown", field.reference)
            elif target.kind is not field.kind:
                yield Problem(place, "catalogue_reference_kind", field.reference)


def _twice(where: str, attribute: str, values: list[str]) -> Iterator[Problem]:
    """The values that repeat an earlier one; SQL and file names are blind to case."""
    seen: set[str] = set()
    for number, value in enumerate(values):
        if value.lower() in seen:
            yield Problem(f"{where}.{number}.{attribute}", f"catalogue_{attribute}_twice", value)
        seen.add(value.lower())
