"""The closed lists that an entry of the catalogue chooses from, kept as data with their source.

`vocabulary.csv` gives each word its Chinese and English name, the other names that offices write
for it, its address in the vocabularies of the European Union (for DCAT-AP) and one detail: the
days after which an update is late (cycle), the DuckDB type (kind), the media type (format), the
European themes that it falls under (theme).

Of the fourteen themes of Harbin's open-data platform the source names eleven.
"""

from __future__ import annotations

import csv
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from songhua.kit.messages import Language


@dataclass(frozen=True)
class Word:
    """One choice of a list. `iri` and `detail` may be empty."""

    code: str
    zh: str
    en: str
    aliases: tuple[str, ...]
    iri: str
    detail: str
    source: str

    def label(self, language: Language) -> str:
        """What people call it."""
        return self.zh if language == "zh" else self.en


@cache
def words(name: str) -> dict[str, Word]:
    """The words of the list `name` (tier, method, cycle, kind, …) by code, in their order.

    >>> words("tier")["denied"].zh, words("cycle")["weekly"].detail
    ('不予共享', '7')
    """
    with (files(__package__) / "vocabulary.csv").open(encoding="utf-8") as stream:
        return {
            row["code"]: Word(
                row["code"], row["zh"], row["en"],
                tuple(row["aliases"].split("|")) if row["aliases"] else (),
                row["iri"], row["detail"], row["source"],
            )
            for row in csv.DictReader(stream, strict=True)
            if row["list"] == name
        }  # fmt: skip


def find(name: str, text: str) -> str | None:
    """The code of what an office wrote: a code, a name in either language or another name.

    >>> find("tier", "有条件 共享"), find("kind", "字符型Ｃ"), find("cycle", "每世纪")
    ('conditional', 'string', None)
    """
    return _spellings(name).get(_fold(text))


@cache
def _spellings(name: str) -> dict[str, str]:
    return {
        _fold(spelling): word.code
        for word in reversed(words(name).values())
        for spelling in (*word.aliases, word.en, word.zh, word.code)
    }


def _fold(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
