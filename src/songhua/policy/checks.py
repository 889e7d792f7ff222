"""What must hold inside a rule and between versions, beyond the shape of single records.

Names must lead to facts or values of the right sort, readings to declared options, and no two
issued versions of a policy may be in force on one day. Each check yields the problems it finds.
"""

from __future__ import annotations

from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

from songhua.kit.errors import Problem
from songhua.policy import vocabulary as v
from songhua.policy.model import (
    Closed,
    ListFact,
    Open,
    Review,
    Reviewed,
    Routes,
    Saying,
    ScalarFact,
    Share,
    Stairs,
    Table,
    TableFact,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from songhua.policy.model import Fact, Heading, Rule
    from songhua.policy.vocabulary import Number, Test
    from songhua.programmes.place import Sited

Sort = Literal["bool", "review", "text", "amount", "integer", "list", "table", "count", "unknown"]
Path = tuple[Any, ...]
ROUNDING = {"half_up", "down"}
"""The ways to round that a policy's reading ``rounding`` may offer."""


def versions(headings: Iterable[Sited[Heading]]) -> Iterator[Problem]:
    """No version twice, and no two issued versions of one policy in force on the same day."""
    for one, other in combinations(headings, 2):
        a, b = one.it, other.it
        if a.policy != b.policy:
            continue
        if a.version == b.version:
            yield Problem(other.where("version"), "programme_id_twice", b.version)
        starts = max(x.validity.starts or date.min for x in (a, b))
        ends = min(x.validity.ends or date.max for x in (a, b))
        if a.status == b.status == "issued" and starts <= ends:
            seen = f"{a.version} / {b.version}"
            yield Problem(other.where("validity"), "policy_validity_overlaps", seen)


def heading(record: Sited[Heading]) -> Iterator[Problem]:
    """The one reading that every rule shares is the rounding."""
    readings = record.it.readings
    for key in readings:
        if key != "rounding":
            yield Problem(record.where("readings", key), "unknown_key", key)
    if "rounding" not in readings:
        yield Problem(record.where("readings"), "programme_missing", "rounding")
        return
    for option in readings["rounding"].options:
        if option not in ROUNDING:
            where = record.where("readings", "rounding", "options", option)
            yield Problem(where, "programme_not_listed", option)


def rule(record: Sited[Rule]) -> Iterator[Problem]:
    """Every name in the rule leads to something of the right sort; no reason code stands twice."""
    for path, code, value in _Checker(record.it).problems():
        yield Problem(record.where(*path), code, value)


class _Checker:
    """Walks one rule. A finding is the path to it, the code of its sentence and the name."""

    def __init__(self, checked: Rule) -> None:
        self.rule = checked
        self.names = {name: _sort(fact) for name, fact in checked.facts.items()}
        self.optional = {name for name, fact in checked.facts.items() if not fact.required}

    def problems(self) -> Iterator[tuple[Path, str, str]]:
        rule = self.rule
        yield from self._sayings()
        if "rounding" in rule.readings:
            yield ("readings", "rounding"), "programme_id_twice", "rounding"
        for name, fact in rule.facts.items():
            for field, part in fact.fields.items() if isinstance(fact, ListFact) else ():
                if not part.required:
                    yield ("facts", name, "fields", field), "policy_name_optional", field
        for name, value in rule.values.items():
            if name in self.names:
                yield ("values", name), "programme_id_twice", name
            yield from self.number(value.of, ("values", name, "of"), self.names)
            self.names[name] = sort = "count" if value.unit else "amount"
            if self.units(value.of, self.names) - {sort, "unknown"}:
                yield ("values", name, "of"), "policy_unit_wrong", name
        for place, condition in enumerate(rule.conditions):
            path: Path = ("conditions", place)
            if isinstance(condition, Review):
                yield from self.named(condition.fact, (*path, "fact"), self.names, "review")
            else:
                yield from self.test(condition.require, (*path, "require"), self.names)
        yield from self.grant()
        if rule.cap and rule.cap.prior is not None:
            yield from self.fact(rule.cap.prior, ("cap", "prior"), "amount")

    def _sayings(self) -> Iterator[tuple[Path, str, str]]:
        seen: dict[str, Saying] = {}
        for path, saying in sayings(self.rule):
            if seen.setdefault(saying.code, saying) != saying:
                yield (*path, "code"), "programme_id_twice", saying.code

    def grant(self) -> Iterator[tuple[Path, str, str]]:
        grant = self.rule.grant
        if isinstance(grant, Share | Stairs):
            yield from self.named(grant.base, ("grant", "base"), self.names, "amount")
        elif isinstance(grant, Reviewed):
            yield from self.fact(grant.fact, ("grant", "fact"), "amount")
        elif isinstance(grant, Table):
            yield from self.fact(grant.table, ("grant", "table"), "table")
            for place, key in enumerate(grant.key):
                yield from self.named(key, ("grant", "key", place), self.names, "text")
        elif isinstance(grant, Routes):
            for place, route in enumerate(grant.routes):
                yield from self.test(route.when, ("grant", "routes", place, "when"), self.names)

    def fact(self, name: str, path: Path, sort: Sort) -> Iterator[tuple[Path, str, str]]:
        """A fact that may be missing."""
        if self.names.get(name) != sort or name not in self.rule.facts:
            yield path, "policy_name_unknown", name

    def named(
        self, name: str, path: Path, names: Mapping[str, Sort], *sorts: Sort
    ) -> Iterator[tuple[Path, str, str]]:
        """A name of one of these sorts. What may be missing decides nothing, save a text."""
        missing = names is self.names and name in self.optional
        if names.get(name) not in sorts:
            yield path, "policy_name_unknown", name
        elif missing and sorts not in {("text",), ("review",)}:
            yield path, "policy_name_optional", name

    def test(self, test: Test, path: Path, names: Mapping[str, Sort]) -> Iterator[Any]:
        match test:
            case v.IsTrue() | v.IsFalse():
                yield from self.named(test.name, (*path, "name"), names, "bool")
            case v.OneOf():
                yield from self.named(test.name, (*path, "name"), names, "text")
            case v.Same():
                if names is self.names:
                    yield (*path, "test"), "policy_name_unknown", "same"
                yield from self.named(test.field, (*path, "field"), names, "integer")
                yield from self.named(test.fact, (*path, "fact"), self.names, "integer")
            case v.Compare():
                sorts: tuple[Sort, ...] = ("amount",)
                sorts = sorts if test.amount is not None else ("count", "integer")
                yield from self.named(test.name, (*path, "name"), names, *sorts)
            case v.AllOf() | v.AnyOf():
                for place, part in enumerate(test.tests):
                    yield from self.test(part, (*path, "tests", place), names)
            case v.TestByReading():
                yield from self.reading(test, path)
                for option, part in test.options.items():
                    yield from self.test(part, (*path, "options", option), names)

    def number(self, number: Number, path: Path, names: Mapping[str, Sort]) -> Iterator[Any]:
        match number:
            case v.Named():
                sorts: tuple[Sort, ...] = ("amount", "integer", "count")
                yield from self.named(number.name, (*path, "name"), names, *sorts)
            case v.Sum() | v.CountOf():
                fields = self.fields(number.list)
                if not fields or names is not self.names:
                    yield (*path, "list"), "policy_name_unknown", number.list
                    return
                yield from self.test(number.where, (*path, "where"), fields)
                if isinstance(number, v.Sum):
                    yield from self.number(number.of, (*path, "of"), fields)
            case v.Minus():
                yield from self.number(number.left, (*path, "left"), names)
                yield from self.number(number.right, (*path, "right"), names)
            case v.AtLeastZero():
                yield from self.number(number.of, (*path, "of"), names)
            case v.NumberByReading():
                yield from self.reading(number, path)
                for option, part in number.options.items():
                    yield from self.number(part, (*path, "options", option), names)

    def units(self, number: Number, names: Mapping[str, Sort]) -> set[Sort]:
        """What a number counts: fen, things, or both where it mixes them."""
        match number:
            case v.Named():
                sort = names.get(number.name, "unknown")
                return {"count" if sort == "integer" else sort}
            case v.CountOf():
                return {"count"}
            case v.Sum():
                return self.units(number.of, self.fields(number.list))
            case v.Minus():
                return self.units(number.left, names) | self.units(number.right, names)
            case v.AtLeastZero():
                return self.units(number.of, names)
            case v.NumberByReading():
                return set().union(*(self.units(n, names) for n in number.options.values()))

    def fields(self, name: str) -> dict[str, Sort]:
        """The fields of a list; empty where the name leads to none."""
        record = self.rule.facts.get(name)
        if not isinstance(record, ListFact):
            return {}
        return {field: _sort(fact) for field, fact in record.fields.items()}

    def reading(
        self, word: v.TestByReading | v.NumberByReading, path: Path
    ) -> Iterator[tuple[Path, str, str]]:
        declared = self.rule.readings.get(word.reading)
        if declared is None:
            yield (*path, "reading"), "policy_reading_unknown", word.reading
        elif set(declared.options) != set(word.options):
            seen = ", ".join(sorted(set(declared.options) ^ set(word.options)))
            yield (*path, "options"), "policy_reading_options_differ", seen


def _sort(fact: Fact) -> Sort:
    if isinstance(fact, ScalarFact):
        return fact.type
    if isinstance(fact, TableFact):
        return "table"
    return "list" if isinstance(fact, ListFact) else "text"


def sayings(rule: Rule) -> Iterator[tuple[Path, Saying]]:
    """Every reason the rule can give, with its path."""
    for place, condition in enumerate(rule.conditions):
        path: Path = ("conditions", place)
        if isinstance(condition, Closed | Open):
            yield path, condition
        else:
            yield (*path, "refused"), condition.refused
            yield (*path, "pending"), condition.pending
    if isinstance(rule.grant, Table):
        yield ("grant", "missing"), rule.grant.missing
    elif isinstance(rule.grant, Routes):
        yield ("grant", "otherwise"), rule.grant.otherwise
        for place, route in enumerate(rule.grant.routes):
            for number, saying in enumerate(route.reasons):
                yield ("grant", "routes", place, "reasons", number), saying
