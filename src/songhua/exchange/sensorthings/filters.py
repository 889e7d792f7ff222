"""``$filter``: comparisons and tests of text, joined by ``and``, ``or`` and ``not``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from songhua.kit.errors import InputError, Problem

MOST_CHARACTERS = 4000
DEEPEST = 50
COMPARISONS = ("eq", "ne", "gt", "ge", "lt", "le")
TESTS = ("startswith", "endswith", "substringof")
_TURNED = {"gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}
_TOKEN = re.compile(
    r"""\s*(?:
    (?P<time>\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|[+-]\d{2}:\d{2}))
    |(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    |(?P<text>'(?:[^']|'')*')
    |(?P<name>@?[A-Za-z_][\w.]*(?:/@?[A-Za-z_][\w.]*)*)
    |(?P<mark>[(),])
    )""",
    re.VERBOSE,
)
Value = str | int | float | bool | datetime | None


@dataclass(frozen=True)
class Compare:
    """A property, by the path that leads to it, against a value."""

    path: tuple[str, ...]
    operator: str
    value: Value


@dataclass(frozen=True)
class Match:
    """Whether a property begins with, ends with or contains a text."""

    path: tuple[str, ...]
    name: str
    text: str


@dataclass(frozen=True)
class Both:
    """Both sides hold."""

    left: Node
    right: Node


@dataclass(frozen=True)
class Either:
    """At least one side holds."""

    left: Node
    right: Node


@dataclass(frozen=True)
class Not:
    """It does not hold."""

    inner: Node


Node = Compare | Match | Both | Either | Not


def refused(where: str, value: str) -> InputError:
    """The error of a query that cannot be read or is not served."""
    return InputError(Problem(where, "sensorthings_query", value[:200]))


def read(text: str) -> Node:
    """The tree of a filter. ``and`` binds more tightly than ``or``, ``not`` most tightly.

    Raises `InputError` ``sensorthings_query``.

    >>> read("result gt 5 and not startswith(Datastream/name, 'ice')")
    Both(left=Compare(path=('result',), operator='gt', value=5), right=Not(inner=Match(\
path=('Datastream', 'name'), name='startswith', text='ice')))
    """
    if len(text) > MOST_CHARACTERS:
        raise refused("$filter", text)
    return _Reader(text).whole()


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at, end = [], 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise refused("$filter", text[at:])
        found.append((str(match.lastgroup), match[str(match.lastgroup)]))
        at = match.end()
    return found


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens, self._at, self._depth = _tokens(text), 0, 0

    def whole(self) -> Node:
        found = self._either()
        if self._next() is not None:
            raise self._wrong()
        return found

    def _next(self) -> tuple[str, str] | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _wrong(self) -> InputError:
        return refused("$filter", " ".join(text for _, text in self._tokens[self._at :]) or "…")

    def _take(self, *wanted: str) -> str | None:
        """The next token if it is one of these words or marks."""
        token = self._next()
        if token is None or token[0] not in {"name", "mark"} or token[1] not in wanted:
            return None
        self._at += 1
        return token[1]

    def _must(self, *wanted: str) -> str:
        found = self._take(*wanted)
        if found is None:
            raise self._wrong()
        return found

    def _either(self) -> Node:
        found = self._both()
        while self._take("or"):
            found = Either(found, self._both())
        return found

    def _both(self) -> Node:
        found = self._one()
        while self._take("and"):
            found = Both(found, self._one())
        return found

    def _one(self) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._wrong()
        try:
            if self._take("not"):
                return Not(self._one())
            if self._take("("):
                found = self._either()
                self._must(")")
                return found
            name = self._take(*TESTS)
            return self._test(name) if name else self._compare()
        finally:
            self._depth -= 1

    def _test(self, name: str) -> Match:
        self._must("(")
        first = self._operand()
        self._must(",")
        second = self._operand()
        self._must(")")
        path, text = (second, first) if name == "substringof" else (first, second)
        if not isinstance(path, tuple) or not isinstance(text, str):
            raise self._wrong()
        return Match(path, name, text)

    def _compare(self) -> Compare:
        left = self._operand()
        operator = self._must(*COMPARISONS)
        right = self._operand()
        if isinstance(left, tuple) and not isinstance(right, tuple):
            return Compare(left, operator, right)
        if isinstance(right, tuple) and not isinstance(left, tuple):
            return Compare(right, _TURNED.get(operator, operator), left)
        raise self._wrong()

    def _operand(self) -> Value | tuple[str, ...]:
        token = self._next()
        if token is None:
            raise self._wrong()
        kind, text = token
        self._at += 1
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if kind == "number":
            return float(text) if set(text) & set(".eE") else int(text)
        if kind == "time":
            return _instant(text)
        if kind == "name" and text not in {*COMPARISONS, *TESTS, "and", "or", "not"}:
            constants: dict[str, Value] = {"true": True, "false": False, "null": None}
            return constants[text] if text in constants else tuple(text.split("/"))
        self._at -= 1
        raise self._wrong()


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise refused("$filter", text) from None
