"""Finds the sentence behind each obligation in the bureau's own copy of the official text.

The text is split by its headings (附件1, 一、 (一) 1. (1)) and, inside a paragraph, by the marks
一是 and 短期/中期. Full-width or half-width brackets, digits and spaces are alike. Within the
article's section, the sentence that shares most character bigrams with our own wording is chosen;
a bigram that many sentences share counts less. Nothing is read, stored or remembered here.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from songhua.programmes.model import Programme

_NUMERALS = "一二三四五六七八九十"
_PART = re.compile(r"附\s*件\s*([0-9]+)(?![0-9.、])")
_LEVELS = (
    re.compile(rf"([{_NUMERALS}]+)\s*、"),
    re.compile(rf"\(\s*([{_NUMERALS}]+)\s*\)"),
    re.compile(r"([0-9]{1,2})\s*[.、](?![0-9])"),
    re.compile(r"\(\s*([0-9]{1,2})\s*\)"),
)
_FORMS = ("{}", "({})", "{}", "({})")
_MARK = re.compile(rf"([{_NUMERALS}]是|(?:短期|中期|远期|长期)(?=[到至,:]))")
_UNITS = re.compile(r"\(?\s*责任(?:部门|单位)\s*:")
_SENTENCE = re.compile(r"[^。;!?\n\r]+[。;!?]?")


@dataclass(frozen=True)
class Passage:
    """``text[start:end] == sentence``, in the section `article` of the attached text."""

    article: str
    start: int
    end: int
    sentence: str


def passages(text: str, programme: Programme) -> dict[str, Passage]:
    """The best sentence for each obligation id; ids whose section is absent are left out.

    `text` is the whole attached notice. Where the text lacks the mark of an article, the unmarked
    sentences of its section are searched. An obligation that shares no bigram with its section
    is left out.
    """
    sections: dict[str, list[Passage]] = {}
    for passage in sentences(text):
        sections.setdefault(passage.article, []).append(passage)
    weighed = {article: _weights(found) for article, found in sections.items()}
    found: dict[str, Passage] = {}
    for duty in programme.obligations:
        article = duty.article if duty.article in sections else _section(duty.article)
        if article in sections:
            best = _best(duty.title_zh, sections[article], weighed[article])
            if best is not None:
                found[duty.id] = best
    return found


def sentences(text: str) -> Iterator[Passage]:
    """Every sentence of `text` under its article; the lines naming units are left out.

    >>> [(p.article, p.sentence) for p in sentences("附件1\\n一、目标\\n（一） 供热。")]
    [('附件1 一', '一、目标'), ('附件1 一(一)', '（一） 供热。')]
    """
    alike = _alike(text)
    part, levels, closing = "通知", ["", "", "", ""], False
    for line in re.finditer(r"[^\n\r]+", alike):
        content = line[0].strip()
        heading = _PART.match(content)
        if heading and len(content) < 60:
            part, levels, closing = f"附件{heading[1]}", ["", "", "", ""], False
            continue
        if _UNITS.match(content):
            closing = True  # the paragraph after the last clause's units closes the annex
            continue
        numbered = part != "通知" and _numbered(content, levels)
        if closing and not numbered and part != "通知" and not any(levels[1:]):
            levels = ["附则", "", "", ""]
        closing = bool(re.search(r"\(\s*责任(?:部门|单位)\s*:[^)]*\)\s*$", content))
        section = f"{part} {''.join(levels)}".strip()
        yield from _split(text, alike, line.start(), line.end(), section)


def _alike(text: str) -> str:
    """`text` with full-width forms and odd spaces folded, character for character."""
    folded = (unicodedata.normalize("NFKC", c) for c in text)
    same = "".join(f if len(f) == 1 else c for f, c in zip(folded, text, strict=True))
    return re.sub(r"[^\S\n\r]", " ", same)


def _numbered(content: str, levels: list[str]) -> bool:
    """Whether the line opens a section; `levels` then holds its number."""
    for depth, pattern in enumerate(_LEVELS):
        number = pattern.match(content)
        if number:
            rest = [""] * (len(levels) - depth - 1)
            levels[depth:] = [_FORMS[depth].format(number[1]), *rest]
            return True
    return False


def _split(text: str, alike: str, start: int, end: int, section: str) -> Iterator[Passage]:
    mark = ""
    for piece in _SENTENCE.finditer(alike, start, end):
        content = piece[0].strip()
        if not content:
            continue
        marked = _MARK.match(content)
        mark = f" {marked[1]}" if marked else mark
        first = piece.start() + len(piece[0]) - len(piece[0].lstrip())
        last = first + len(content)
        yield Passage(section + mark, first, last, text[first:last])


def _section(article: str) -> str:
    """An article without its mark: ``附件1 三(二) 一是`` lies in ``附件1 三(二)``."""
    return " ".join(article.split(" ")[:2])


def _bigrams(text: str) -> set[str]:
    letters = "".join(c for c in _alike(text) if c.isalnum())
    return {letters[place : place + 2] for place in range(len(letters) - 1)}


def _weights(section: list[Passage]) -> Counter[str]:
    """In how many sentences of the section each bigram stands."""
    return Counter(pair for passage in section for pair in _bigrams(passage.sentence))


def _best(wording: str, section: list[Passage], spread: Counter[str]) -> Passage | None:
    wanted = _bigrams(wording)

    def score(passage: Passage) -> float:
        return sum(1 / spread[pair] for pair in wanted & _bigrams(passage.sentence))

    best = max(section, key=lambda p: (score(p), -len(p.sentence)), default=None)
    return best if best is not None and score(best) > 0 else None
