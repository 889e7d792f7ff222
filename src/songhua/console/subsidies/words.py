"""What people call the codes of the desk, as declared in ``words.csv``."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

from songhua.console.design.bilingual import choose


@cache
def words() -> dict[tuple[str, str], tuple[str, str]]:
    """``{(kind, code): (zh, en)}``."""
    with (files(__package__) / "words.csv").open(encoding="utf-8") as stream:
        return {
            (row["kind"], row["code"]): (row["zh"], row["en"]) for row in csv.DictReader(stream)
        }


def word(kind: str, code: str) -> str:
    """The word for a code in the reader's language; "" for a code without one."""
    pair = words().get((kind, code))
    return choose(*pair) if pair else ""


def codes(kind: str) -> list[str]:
    """Every code of a kind, in the order declared."""
    return [code for k, code in words() if k == kind]
