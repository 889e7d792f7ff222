"""The bridge between Chinese, Russian and English: ``lexicon.csv``, technical terms put together
by us. A term in any language stands for one concept, named in English."""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files

from songhua.engines.matching.stems import stem

LETTERS = re.compile(r"[a-zа-я0-9]+")


def concepts(plain: str, stems: list[str]) -> list[str]:
    """The concepts that a text names: by its Chinese terms, found in the `plain` lower-case text,
    and by its `stems`, the longest term first.

    >>> concepts("地源热泵供暖", [])
    ['heat pump', 'heating']
    """
    pattern, chinese, phrases = _lexicon()
    found = [chinese[term] for term in pattern.findall(plain)]
    longest = max(map(len, phrases))
    at = 0
    while at < len(stems):
        for size in range(longest, 0, -1):
            concept = phrases.get(tuple(stems[at : at + size]))
            if concept is not None:
                found.append(concept)
                at += size
                break
        else:
            at += 1
    return found


@cache
def names(concept: str) -> tuple[str, str]:
    """What people call a concept: its first Chinese and its first Russian term.

    >>> names("heat pump")
    ('热泵', 'тепловой насос')
    """
    return next((zh[0], ru[0]) for name, zh, ru in _rows() if name == concept)


@cache
def _rows() -> tuple[tuple[str, list[str], list[str]], ...]:
    text = files(__package__).joinpath("lexicon.csv").read_text("utf-8")
    return tuple(
        (row["concept"], row["zh"].split("|"), row["ru"].split("|"))
        for row in csv.DictReader(text.splitlines())
    )


@cache
def _lexicon() -> tuple[re.Pattern[str], dict[str, str], dict[tuple[str, ...], str]]:
    """A pattern of all Chinese terms, their concepts, and the concepts of stems in order."""
    chinese = {term.lower(): concept for concept, zh, _ in _rows() for term in zh}
    phrases = {
        tuple(map(stem, LETTERS.findall(term))): concept
        for concept, _, ru in _rows() for term in (concept, *ru)
    }  # fmt: skip
    ordered = sorted(chinese, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, ordered))), chinese, phrases
