"""The options of a query: what is filtered, expanded, selected, in which order, how much of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from songhua.exchange.sensorthings import filters
from songhua.exchange.sensorthings.filters import refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from songhua.exchange.sensorthings.filters import Node

MOST = 1000
"""Entities of a page; a wish for more is a wish for so many."""
USUAL = 100
DEEPEST = 4
_PATH = re.compile(r"@?[A-Za-z_][\w.]*(/@?[A-Za-z_][\w.]*)*")
_KNOWN = ("$filter", "$expand", "$select", "$orderby", "$top", "$skip", "$count", "$resultFormat")


@dataclass(frozen=True)
class Query:
    """The options. `orderby` is of paths and whether it goes down; an empty `select` is all."""

    filter: Node | None = None
    expand: Mapping[str, Query] = field(default_factory=dict)
    select: tuple[str, ...] = ()
    orderby: tuple[tuple[tuple[str, ...], bool], ...] = ()
    top: int = USUAL
    skip: int = 0
    count: bool = False
    data_array: bool = False
    given: Mapping[str, str] = field(default_factory=dict)  # as it was asked


def read(given: Mapping[str, str], depth: int = 0) -> Query:
    """The query of an address's options; others than the standard's are not served.

    Raises `InputError` ``sensorthings_query``.

    >>> read({"$expand": "Datastreams($top=2;$select=name)/Sensor"}).expand["Datastreams"].top
    Traceback (most recent call last):
    ...
    songhua.kit.errors.InputError: $expand: sensorthings_query '/Sensor'
    >>> read({"$expand": "Datastreams($top=2;$select=name)"}).expand["Datastreams"].select
    ('name',)
    """
    if depth > DEEPEST:
        raise refused("$expand", "…")
    for name in given:
        if name not in _KNOWN:
            raise refused(name, given[name])
    return Query(
        filter=filters.read(given["$filter"]) if given.get("$filter") else None,
        expand=_expand(given.get("$expand", ""), depth),
        select=tuple(_paths("$select", given.get("$select", ""))),
        orderby=tuple(_orders(given.get("$orderby", ""))),
        top=min(_number("$top", given.get("$top", str(USUAL))), MOST),
        skip=_number("$skip", given.get("$skip", "0")),
        count=_one_of("$count", given.get("$count", "false"), "false", "true"),
        data_array=_one_of("$resultFormat", given.get("$resultFormat", ""), "", "dataArray"),
        given=dict(given),
    )


def _expand(text: str, depth: int) -> dict[str, Query]:
    found: dict[str, Query] = {}
    for item in _split(text, ","):
        match = re.fullmatch(r"([A-Za-z]+)((?:/[A-Za-z]+)*)(?:\((.*)\))?(.*)", item, re.DOTALL)
        if match is None or match[4]:
            raise refused("$expand", match[4] if match else item)
        name, deeper, inner, _ = match.groups()
        if deeper:  # A/B($top=1) is A($expand=B($top=1))
            inner = f"$expand={deeper[1:]}({inner or ''})"
        made = read(_options(inner or ""), depth + 1)
        before = found.get(name)
        if before:
            kept = before if deeper else made
            made = replace(kept, expand={**before.expand, **made.expand})
        found[name] = made
    return found


def _options(text: str) -> dict[str, str]:
    pairs = [item.partition("=") for item in _split(text, ";")]
    return {name.strip(): value for name, _, value in pairs}


def _split(text: str, mark: str) -> Iterator[str]:
    """The parts of a text between marks that stand outside brackets and quotes."""
    depth, quoted, begun = 0, False, 0
    for at, sign in enumerate(text):
        quoted ^= sign == "'"
        if quoted:
            continue
        depth += (sign == "(") - (sign == ")")
        if sign == mark and depth == 0:
            yield text[begun:at].strip()
            begun = at + 1
    if depth or quoted:
        raise refused("$expand", text)
    if text[begun:].strip():
        yield text[begun:].strip()


def _paths(where: str, text: str) -> Iterator[str]:
    for item in _split(text, ","):
        if not _PATH.fullmatch(item):
            raise refused(where, item)
        yield item


def _orders(text: str) -> Iterator[tuple[tuple[str, ...], bool]]:
    for item in _split(text, ","):
        path, _, way = item.partition(" ")
        if not _PATH.fullmatch(path) or way.strip().lower() not in {"", "asc", "desc"}:
            raise refused("$orderby", item)
        yield tuple(path.split("/")), way.strip().lower() == "desc"


def _number(where: str, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise refused(where, text)
    return int(text)


def _one_of(where: str, text: str, no: str, yes: str) -> bool:
    if text not in {no, yes}:
        raise refused(where, text)
    return text == yes
