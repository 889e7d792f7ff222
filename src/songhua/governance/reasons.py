"""Why an answer is what it is: a code and its values, spoken in Chinese or English on demand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from songhua.kit.messages import catalogue, sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from songhua.kit.messages import Language


def spoken(value: str, language: Language) -> str:
    """`value`, or the word of the catalogue it names when it is written ``@code``."""
    named = value.startswith("@") and value[1:] in catalogue()
    return sentence(value[1:], language) if named else value


@dataclass(frozen=True)
class Reason:
    """One reason: a code of ``messages.csv`` and the values that fill its ``{places}``.

    A value written ``@code`` is itself a word of the catalogue, so levels and states are spoken
    in the reader's language.

    >>> Reason("light_behind_red", {"points": "20"}).text("en")
    'Behind plan by 20 points. It must catch up next month.'
    """

    code: str
    values: Mapping[str, str] = field(default_factory=dict, hash=False)

    def text(self, language: Language = "zh") -> str:
        """The sentence a person reads."""
        filled = {name: spoken(value, language) for name, value in self.values.items()}
        return sentence(self.code, language, **filled)


def because(code: str, **values: object) -> Reason:
    """A `Reason` whose values are turned into text.

    >>> because("light_overdue", days=3).values
    {'days': '3'}
    """
    return Reason(code, {name: str(value) for name, value in values.items()})
