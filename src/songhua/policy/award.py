"""The answer to "how much": a status, an amount or None, a ceiling, what bound it, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from songhua.kit.messages import sentence
from songhua.kit.money import yuan
from songhua.policy.values import Words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from songhua.kit.messages import Language

Status = Literal[
    "computed",
    "ineligible",
    "needs_review",
    "case_by_case",
    "external_rule",
    "referral",
    "non_monetary",
    "out_of_force",
    "invalid_input",
]
Binding = Literal["none", "rate", "cap", "prior", "review", "external", "optimum", "choice"]
ReasonKind = Literal["invalid", "force", "closed", "open", "pending", "route"]


def wording(key: str) -> Words:
    """A sentence or word of ``messages.csv`` in both languages."""
    return Words(zh=sentence(key, "zh"), en=sentence(key, "en"))


def in_yuan(fen: int) -> Words:
    """An amount for people, exact.

    >>> in_yuan(123456789).en
    '1,234,567.89 yuan'
    """
    whole, _, decimals = yuan(fen).partition(".")
    figure = f"{'-' if fen < 0 else ''}{abs(int(whole)):,}.{decimals}"
    return Words(zh=f"{figure}元", en=f"{figure} yuan")


@dataclass(frozen=True)
class Reason:
    """One reason: its code, the article it rests on, the sentence, the official words if attached.

    `where` is the path of the fact, for a bad amount.
    """

    code: str
    kind: ReasonKind
    article: str
    words: Words
    quote: str | None = None
    where: str | None = None

    def text(self, language: Language = "zh") -> str:
        """The sentence a person reads."""
        said = self.words.zh if language == "zh" else self.words.en
        return said.replace("{where}", self.where or "")


@dataclass(frozen=True)
class Step:
    """One step of the computation: a code of ``messages.csv`` and what fills its ``{places}``."""

    code: str
    values: Mapping[str, Words] = field(default_factory=dict, hash=False)

    def text(self, language: Language = "zh") -> str:
        """The sentence a person reads."""
        filled = {k: w.zh if language == "zh" else w.en for k, w in self.values.items()}
        return sentence(self.code, language, **filled)


@dataclass(frozen=True)
class Award:
    """What one rule gives. Amounts in fen; None is unknown and never stands for 0.

    `ceiling` is the most that can come out: the amount itself once computed, what the rule would
    give while a point is open, None where nobody knows. `binding` names what fixed the figure.
    """

    policy: str
    version: str
    rule: str
    article: str
    on: date
    status: Status
    amount: int | None = None
    ceiling: int | None = None
    binding: Binding = "none"
    reasons: tuple[Reason, ...] = ()
    steps: tuple[Step, ...] = ()
    quote: str | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the reasons, in the order judged."""
        return tuple(reason.code for reason in self.reasons)
