"""Text that a spreadsheet would run as a formula, made harmless and made plain again."""

from __future__ import annotations

import re
import unicodedata

_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def _dangerous(text: str) -> bool:
    if text[:1] in ("\t", "\r", "\n"):
        return True
    rest = text.lstrip("' \t\r\n\u00a0\u3000\ufeff")
    return bool(rest) and unicodedata.normalize("NFKC", rest[0])[:1] in ("=", "+", "-", "@")


def neutral(text: str) -> str:
    """`text` with a leading apostrophe where a spreadsheet would take it for a formula.

    >>> neutral("=1+1"), neutral("＋86 451"), neutral("科技局")
    ("'=1+1", "'＋86 451", '科技局')
    """
    return "'" + text if _dangerous(text) else text


def bare(text: str) -> str:
    """What `neutral` was given.

    >>> bare("'=1+1"), bare("'quoted'")
    ('=1+1', "'quoted'")
    """
    return text[1:] if text[0] == "'" and _dangerous(text[1:]) else text


def writable(text: str) -> str:
    """`text` without the control characters that no spreadsheet can hold."""
    return _UNFIT.sub("", text)
