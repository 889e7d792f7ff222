"""Sentences for people, in Chinese and English, one per rule.

Every package of songhua may hold a ``messages.csv`` with the columns code, zh, en, and so may the
package of a scenario that comes from elsewhere. A code is declared once in the whole house; a
sentence says what happened and what to do next.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.metadata import entry_points
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

Language = Literal["zh", "en"]


def _catalogues(folder: Traversable, depth: int = 2) -> Iterator[Traversable]:
    for entry in folder.iterdir():
        if entry.is_dir() and depth and not entry.name.startswith(("_", ".")):
            yield from _catalogues(entry, depth - 1)
        elif entry.name == "messages.csv":
            yield entry


def _elsewhere() -> Iterator[Traversable]:
    """The catalogues of scenarios that other packages bring, found without importing them."""
    for entry in entry_points(group="songhua.scenarios"):
        spec = find_spec(entry.module)
        for place in (spec and spec.submodule_search_locations) or ():
            if (found := Path(place) / "messages.csv").is_file():
                yield found


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Every sentence of the house: ``{code: {"zh": …, "en": …}}``; none is declared twice."""
    found: dict[str, dict[str, str]] = {}
    for entry in (*_catalogues(files("songhua")), *_elsewhere()):
        with entry.open(encoding="utf-8") as stream:
            for row in csv.DictReader(stream):
                if row["code"] in found:
                    raise ValueError(f"message {row['code']!r} is declared twice")
                found[row["code"]] = {"zh": row["zh"], "en": row["en"]}
    return found


def named(field: str, language: Language) -> str:
    """What people call the form field `field`: its entry ``field_…``, or the name itself. A field
    for one month is written percent-2023-06.

    >>> named("percent", "zh"), named("percent-2023-06", "en"), named("C7 完成进度", "zh")
    ('完成进度', 'Progress 2023-06', 'C7 完成进度')
    """
    name, dash, rest = field.partition("-")
    word = catalogue().get(f"field_{name}", {}).get(language)
    return f"{word} {rest}".strip() if word and bool(dash) == bool(rest) else field


def sentence(code: str, language: Language, **values: object) -> str:
    """The sentence for `code` in `language` with its ``{places}`` filled.

    >>> sentence("empty", "en", where="percent", value="")
    'percent is empty. Fill it in.'
    """
    text = catalogue().get(code, {}).get(language, code)
    for name, value in values.items():
        text = text.replace("{" + name + "}", str(value))
    return text
