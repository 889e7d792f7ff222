"""A draft as a tree of clauses, of which every character belongs to exactly one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from songhua.governance.consultation.alignment import align
from songhua.governance.consultation.numbering import ANNEX, ARTICLE, Heading, heading

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Clause:
    """One clause: `id` stays through the versions of a draft, `number` is what it is called in
    this one (第三条(一), 附件1 二(三)1). `text` is exactly what stands in the draft, with the ends
    of its lines, without the clauses beneath it; `parent` is their id, None at the top."""

    id: int
    number: str
    label: str
    depth: int
    parent: int | None
    text: str

    @property
    def body(self) -> str:
        """The text without its number and without the space around it."""
        return self.text.strip().removeprefix(self.label).strip()


def parse(text: str, before: Sequence[Clause] = ()) -> tuple[Clause, ...]:
    """The clauses of `text` in its order: ``"".join(c.text for c in parse(text)) == text``.

    A line with a number opens a clause; a line without one is a paragraph (款) of the article it
    stands in, or of the clause before it, or by itself where nothing is numbered. `before` are the
    clauses of the version before, whose ids are kept by what became of them.

    >>> [(c.number, c.parent) for c in parse("第一条　为了治理。\\n（一）供热；\\n前款适用。")]
    [('第一条', None), ('第一条(一)', 1), ('第一条第2款', 1)]
    """
    tree = _Tree()
    for line in text.splitlines(keepends=True):
        tree.take(line)
    found = tree.clauses
    return _inherited(before, found) if before else tuple(found)


class _Tree:
    """The clauses read so far, and those that are still open, outermost first."""

    def __init__(self) -> None:
        self.clauses: list[Clause] = []
        self.open: list[tuple[Heading, int]] = []
        self.last_article = 0
        self.paragraphs: dict[int | None, int] = {}

    def take(self, line: str) -> None:
        """One line: a heading, a paragraph, or the blank that follows one."""
        head = heading(line, self.last_article)
        if head is not None:
            self._open(head, line)
        elif line.strip() or not self.clauses:
            self._paragraph(line)
        else:
            last = self.clauses[-1]
            self.clauses[-1] = replace(last, text=last.text + line)

    def _open(self, head: Heading, line: str) -> None:
        while self.open and self.open[-1][0].level >= head.level:
            self.open.pop()
        if head.level == ARTICLE:
            self.last_article = head.value
        elif head.level == ANNEX:
            self.last_article = 0
        self.open.append((head, len(self.clauses) + 1))
        self._add(self._number().strip(), head.label, [at for _, at in self.open[:-1]], line)

    def _paragraph(self, line: str) -> None:
        article = next((n for n, (h, _) in enumerate(self.open) if h.level == ARTICLE), None)
        if article is not None:
            del self.open[article + 1 :]
        parents = [at for _, at in self.open]
        key = parents[-1] if parents else None
        first = 2 if article is not None else 1  # the line of the article is its first paragraph
        count = self.paragraphs[key] = self.paragraphs.get(key, first - 1) + 1
        word = "款" if article is not None else "段"
        self._add(f"{self._number()}第{count}{word}", "", parents, line)

    def _number(self) -> str:
        in_article = any(head.level == ARTICLE for head, _ in self.open)
        shown = [h.short for h, _ in self.open if not (in_article and h.groups_articles)]
        return "".join(shown)

    def _add(self, number: str, label: str, parents: list[int], line: str) -> None:
        parent = parents[-1] if parents else None
        self.clauses.append(
            Clause(len(self.clauses) + 1, number, label, len(parents), parent, line)
        )


def _inherited(before: Sequence[Clause], found: Sequence[Clause]) -> tuple[Clause, ...]:
    """`found` with the ids of the clauses they come from, and new ids for the rest."""
    ids = {found[new].id: before[old].id for old, new in align(before, found)}
    fresh = max((clause.id for clause in before), default=0)
    for clause in found:
        if clause.id not in ids:
            fresh += 1
            ids[clause.id] = fresh
    return tuple(
        replace(c, id=ids[c.id], parent=None if c.parent is None else ids[c.parent]) for c in found
    )
