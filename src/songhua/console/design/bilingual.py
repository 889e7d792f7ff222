"""Chinese and English side by side where they are used: our whole translation mechanism."""

from __future__ import annotations

from django.utils.functional import lazy
from django.utils.translation import get_language

CHINESE, ENGLISH = "zh", "en"


def language() -> str:
    """The language of this request: "en" where English was asked for, otherwise "zh"."""
    return ENGLISH if (get_language() or "").startswith("en") else CHINESE


def choose(zh: str, en: str, **values: object) -> str:
    """The text in the present language with its ``{places}`` filled, now."""
    text = en if language() == ENGLISH else zh
    return text.format_map(values) if values else text


def say(zh: str, en: str, **values: object) -> str:
    """A pair that becomes text when it is shown, in the language of whoever looks.

    >>> str(say("共 {n} 条", "{n} rows", n=3))
    '共 3 条'
    """
    return _later(zh, en, **values)


_later = lazy(choose, str)


def field(record: object, name: str) -> str:
    """`name_zh` or `name_en` of an object or a mapping; the other language where one is empty."""
    first, second = (ENGLISH, CHINESE) if language() == ENGLISH else (CHINESE, ENGLISH)
    return str(value(record, f"{name}_{first}") or value(record, f"{name}_{second}") or "")


def value(record: object, name: str, otherwise: object = None) -> object:
    """`record.name` or `record["name"]`, whichever there is."""
    if isinstance(record, dict):
        return record.get(name, otherwise)
    return getattr(record, name, otherwise)
