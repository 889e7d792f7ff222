"""Small rules that fields and resources share. A check yields what is wrong; nothing is raised
before everything has been looked at."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from songhua.exchange.catalogue.vocabulary import words
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LONGEST = 20_000
SEPARATORS = "；;、,，\n|"
"""What stands between the words of a list in one cell; no word may hold one."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}", re.IGNORECASE)
_SLUG = re.compile(r"[a-z0-9_-]{2,100}")


def settle(problems: Iterable[Problem]) -> None:
    """Raise everything found as one `InputError`; nothing found is silence."""
    if found := tuple(problems):
        raise InputError(found)


def text(where: str, value: str, *, required: bool = False) -> Iterator[Problem]:
    """A text must be trimmed, legible in XML and not overlong; a required one not empty."""
    if required and not value:
        yield Problem(where, "empty")
    if value != value.strip() or not all(map(_legible, value)):
        yield Problem(where, "catalogue_text_illegible", repr(value)[:80])
    if len(value) > LONGEST:
        yield Problem(where, "catalogue_text_long", str(len(value)))


def identifier(where: str, value: str) -> Iterator[Problem]:
    """The name of a column must be plain enough for SQL."""
    if not _NAME.fullmatch(value):
        yield Problem(where, "catalogue_name_malformed" if value else "empty", value)


def slug(where: str, value: str) -> Iterator[Problem]:
    """The name of a resource must be plain enough for files and addresses, as CKAN asks it."""
    if not _SLUG.fullmatch(value):
        yield Problem(where, "catalogue_slug_malformed" if value else "empty", value)


def word(where: str, name: str, value: str) -> Iterator[Problem]:
    """A choice must be a code of the list `name`."""
    if not value:
        yield Problem(where, "empty")
    elif value not in words(name):
        yield Problem(where, "catalogue_word_unknown", value)


def listed(where: str, values: tuple[str, ...]) -> Iterator[Problem]:
    """The words of a list must be legible, different and free of separators."""
    for value in values:
        yield from text(where, value, required=True)
        if any(mark in value for mark in SEPARATORS):
            yield Problem(where, "catalogue_list_separator", value)
    if sum(map(len, values)) > LONGEST:
        yield Problem(where, "catalogue_text_long", str(sum(map(len, values))))
    if len(set(values)) < len(values):
        yield Problem(where, "catalogue_list_twice", "、".join(values))


def _legible(character: str) -> bool:
    if character in "\n\t":
        return True
    return unicodedata.category(character) not in ("Cc", "Cs") and character not in "\ufffe\uffff"
