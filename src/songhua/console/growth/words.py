"""What people call the codes of growth, as declared in ``words.csv``."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

from songhua.console.design.bilingual import choose


@cache
def words(kind: str) -> dict[str, tuple[str, str]]:
    """``{code: (zh, en)}`` of a kind, in the order declared."""
    with (files(__package__) / "words.csv").open(encoding="utf-8") as stream:
        return {
            row["code"]: (row["zh"], row["en"])
            for row in csv.DictReader(stream)
            if row["kind"] == kind
        }


def word(kind: str, code: str) -> str:
    """The word for a code in the reader's language; the code itself without one."""
    pair = words(kind).get(code)
    return choose(*pair) if pair else code


@cache
def choices(kind: str) -> dict[str, str]:
    """The code behind each code and word of a kind, as forms and sheets may give it."""
    return {said: code for code, pair in words(kind).items() for said in (code, *pair)}
