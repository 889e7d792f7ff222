"""How the pages of the desk say their codes and show a redline: ``{% load consultation %}``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.utils.html import format_html, format_html_join

from songhua.console.consultation import words
from songhua.console.consultation.selectors import members

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.utils.safestring import SafeString

    from songhua.governance.consultation import Piece

register = template.Library()
TONES = {
    "draft": "", "open": "green", "closed": "yellow", "answered": "blue", "adopted": "green",
    "partly": "yellow", "not_adopted": "red", "kept": "", "changed": "yellow", "moved": "blue",
    "added": "green", "removed": "red",
}  # fmt: skip
ELEMENTS = {"keep": "{}", "delete": "<del>{}</del>", "insert": "<ins>{}</ins>"}
register.filter("called", words.called)
register.filter("members", members)


@register.filter
def tone(code: str) -> str:
    """The colour of a code's tag."""
    return f" tag-{TONES[code]}" if TONES.get(code) else ""


@register.filter
def marked(pieces: Iterable[Piece]) -> SafeString:
    """A clause with what was deleted and inserted."""
    marks = (format_html(ELEMENTS[piece.kind], piece.text.strip("\n")) for piece in pieces)
    return format_html_join("", "{}", ((mark,) for mark in marks))
