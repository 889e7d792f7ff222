"""Texts as tokens: what two descriptions of one thing are likely to share.

Chinese gives its words (jieba) and the character pairs within words of three or more; Russian and
English give words without their endings. Every technical term of our lexicon adds its concept,
whatever its language.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from songhua.engines.matching.lexicon import concepts
from songhua.engines.matching.stems import stem

if TYPE_CHECKING:
    from jieba import Tokenizer

RUNS = re.compile(r"[\u3400-\u9fff]+|[a-zа-я0-9]+")


def tokens(text: str) -> list[str]:
    """The tokens of a text in reading order, concepts last and written ``=concept``.

    >>> tokens("Теплового насоса")
    ['теплов', 'насос', '=heat pump']
    """
    plain = unicodedata.normalize("NFKC", text).lower().replace("ё", "е")
    found: list[str] = []
    stems: list[str] = []
    for run in RUNS.findall(plain):
        if run[0] >= "\u3400":
            found += _chinese(run)
        else:
            stems.append(stem(run))
    return found + stems + [f"={concept}" for concept in concepts(plain, stems)]


def _chinese(run: str) -> list[str]:
    """Words, and the pairs within longer ones; single characters in a row, which are mostly names
    that the dictionary lacks, count as one word."""
    words: list[str] = []
    joined = False
    for word in _cutter().cut(run, HMM=False):
        if joined and len(word) == 1:
            words[-1] += word
        else:
            words.append(word)
        joined = len(word) == 1
    return [token for word in words for token in (word, *_pairs(word)) if len(token) > 1] or [run]


def _pairs(word: str) -> list[str]:
    return [word[i : i + 2] for i in range(len(word) - 1)] if len(word) > 2 else []


@cache
def _cutter() -> Tokenizer:
    import logging

    import jieba

    jieba.setLogLevel(logging.WARNING)
    cutter = jieba.Tokenizer()
    cutter.initialize()
    return cutter
