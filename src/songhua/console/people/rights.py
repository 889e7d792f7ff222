"""Who may open what. ``rights.csv`` is the whole truth; the tests walk every route against it.

Each line: route, methods, then for each role one of
``all`` (every row), ``unit`` (rows of the person's own unit), ``own`` (rows of the person's own
enterprise or account), ``open`` (only what is published) or nothing (refused). ``anyone`` in the
column public marks the few pages that need no sign-in.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from django.urls import URLResolver, get_resolver

from songhua.console.people.models import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.urls import URLPattern


@cache
def table() -> dict[tuple[str, str], dict[str, str]]:
    """``{(route, method): {role: scope}}`` as declared."""
    rows: dict[tuple[str, str], dict[str, str]] = {}
    with (files("songhua.console.people") / "rights.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            for method in row["methods"].split("|"):
                rows[row["route"], method] = {role: row[role] for role in Role.values}
    return rows


def routes() -> dict[str, str]:
    """``{name: address}`` of every route of the console; those for programs begin ``api:``."""
    return dict(_named(get_resolver().url_patterns, "", "/"))


def _named(
    patterns: Iterable[URLPattern | URLResolver], names: str, address: str
) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        here = f"{address}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from _named(pattern.url_patterns, f"{pattern.namespace}:", here)
        else:
            yield f"{names}{pattern.name}", here


def scope(user: object, route: str, method: str) -> str:
    """The scope in which `user` may use `route`: "" where it may not."""
    wanted = "GET" if method in {"GET", "HEAD", "OPTIONS"} else method
    line = table().get((route, wanted))
    if line is None:
        return ""
    if line[Role.PUBLIC] == "anyone":
        return "anyone"
    if not getattr(user, "is_authenticated", False):
        return ""
    return line[getattr(user, "role", Role.PUBLIC)]


def may_open(user: object, route: str, method: str) -> bool:
    """Whether the door opens at all; which rows are seen is decided by the selectors."""
    return scope(user, route, method) != ""
