"""Words without their endings, by a short list of endings: enough that cases and numbers of one
Russian or English word meet, and no grammar."""

from __future__ import annotations

import re
from functools import cache

RUSSIAN = (
    "иями", "ениями", "ования", "ости", "остью", "ость", "ение", "ения", "ением", "ению", "ений",
    "ание", "ания", "анием", "анию", "аний", "ями", "ами", "ого", "его", "ому", "ему", "ыми",
    "ими", "ая", "яя", "ое", "ее", "ые", "ие", "ый", "ий", "ой", "ей", "ую", "юю", "ых", "их",
    "ым", "им", "ом", "ем", "ам", "ям", "ах", "ях", "ов", "ев", "ию", "ия", "ии", "ью", "а", "я",
    "о", "е", "ы", "и", "у", "ю", "ь", "й",
)  # fmt: skip
ENGLISH = ("ations", "ation", "ings", "ing", "ies", "ed", "es", "s", "e", "y")
LEAST = 3  # letters that stay
FLEETING = re.compile(r"..[ео][кц]$")


@cache
def _ordered(endings: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(endings, key=len, reverse=True))


def stem(word: str) -> str:
    """A lower-case word without the longest ending that leaves three letters, and without the
    vowel that comes and goes before a last к or ц.

    >>> stem("насосами"), stem("станок"), stem("станка"), stem("pumps"), stem("3d")
    ('насос', 'станк', 'станк', 'pump', '3d')
    """
    russian = "а" <= word[-1] <= "я"
    for ending in _ordered(RUSSIAN if russian else ENGLISH):
        if word.endswith(ending) and len(word) - len(ending) >= LEAST:
            word = word[: -len(ending)]
            break
    return word[:-2] + word[-1] if russian and FLEETING.search(word) else word
