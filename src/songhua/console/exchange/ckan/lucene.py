"""Search texts as CKAN's clients write them, read into a tree: the part of Solr's language that
they use. Words stand side by side with AND, as CKAN asks Solr to do.

    heat "hot water" +tags:(energy OR 供热) -state:draft name:heat*
    metadata_modified:[2024-01-01T00:00:00Z TO *]
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<range>[\[{]\s*(?P<low>"[^"]*"|\S+?)\s+TO\s+(?P<high>"[^"]*"|\S+?)\s*[\]}])
    | (?P<quoted>"(?P<phrase>(?:\\.|[^"\\])*)")
    | (?P<word>(?:AND|OR|NOT)(?=[\s()]|$)|&&|\|\|)
    | (?P<sign>[+\-!()])
    | (?P<field>[\w.*\-]+):(?=\S)
    | (?P<text>(?:\\.|[^\s()"\\:\[\]{}^~])+)
    )(?P<boost>[\^~][\d.]*)?""",
    re.VERBOSE,
)


MOST = 200  # tokens of one search


class Unreadable(ValueError):
    """A text that is none of the language; says where."""


@dataclass(frozen=True)
class Word:
    """A word, or words in a row, in a field or anywhere. A `*` that was not quoted stands for any
    text."""

    field: str
    text: str
    quoted: bool = False


@dataclass(frozen=True)
class Range:
    """Values of a field from `low` to `high`, None where it is open."""

    field: str
    low: str | None
    high: str | None


@dataclass(frozen=True)
class Group:
    """What must, must not and may hold; of the last one at least, where nothing must."""

    must: tuple[Node, ...] = ()
    never: tuple[Node, ...] = ()
    may: tuple[Node, ...] = ()


Node = Word | Range | Group


def parse(text: str) -> Group:
    """The tree of a search; an empty group means everything. Raises `Unreadable`."""
    reader = _Reader(text)
    found = reader.group("")
    if reader.at < len(reader.tokens):
        raise Unreadable(f"')' without '(' in {text!r}")
    return found


class _Reader:
    def __init__(self, text: str) -> None:
        self.tokens: list[re.Match[str]] = []
        self.at, end = 0, 0
        while text[end:].strip():
            if len(self.tokens) == MOST:
                raise Unreadable(f"more than {MOST} words and signs")
            found = _TOKEN.match(text, end)
            if found is None:
                raise Unreadable(f"cannot read {text[end:].strip()[:40]!r}")
            self.tokens.append(found)
            end = found.end()

    def _next(self) -> re.Match[str] | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def group(self, field: str) -> Group:
        """Clauses up to the end or a closing bracket, which is left."""
        clauses: list[tuple[str, Node]] = []
        joined = ""
        while (token := self._next()) is not None and token["sign"] != ")":
            if token["word"] and token["word"] != "NOT":
                self.at += 1
                joined = {"&&": "AND", "||": "OR"}.get(token["word"], token["word"])
                if joined == "OR" and clauses and clauses[-1][0] == "must":
                    clauses[-1] = ("may", clauses[-1][1])
                continue
            clauses.append(self._clause(field, joined))
            joined = ""
        if joined:
            raise Unreadable(f"the search ends with {joined}")
        sorts = {sort: tuple(n for s, n in clauses if s == sort) for sort in
                 ("must", "never", "may")}  # fmt: skip
        return Group(**sorts)

    def _clause(self, field: str, joined: str) -> tuple[str, Node]:
        sort = "may" if joined == "OR" else "must"
        while (token := self._next()) is not None:
            if token["word"] == "NOT" or token["sign"] in ("-", "!"):
                sort = "never"
            elif token["sign"] == "+":
                sort = "+must"
            else:
                break
            self.at += 1
        return sort.removeprefix("+"), self._atom(field)

    def _atom(self, field: str) -> Node:
        token = self._next()
        if token is None or token["word"]:
            raise Unreadable("the search ends where a word is needed")
        self.at += 1
        if token["field"]:
            return self._atom("" if token["field"] == "*" else token["field"])
        if token["sign"] == "(":
            found = self.group(field)
            closing = self._next()
            if closing is None:
                raise Unreadable("'(' without ')'")
            self.at += 1
            return found
        if token["range"]:
            return Range(field, _bound(token["low"]), _bound(token["high"]))
        if token["quoted"]:
            return Word(field, _plain(token["phrase"]), quoted=True)
        if token["text"]:
            return Word(field, _plain(token["text"]))
        raise Unreadable(f"{token[0].strip()!r} where a word is needed")


def _bound(text: str) -> str | None:
    return None if text == "*" else text.strip('"')


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)
