"""What a policy is made of: a heading, and rules that hold facts, conditions, a grant and a cap.

Amounts are whole fen, rates exact fractions. Frozen: a what-if takes ``model_copy(update=…)``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from songhua.policy.values import Money, Numeral, Rate, ReasonCode, Word, Words
from songhua.policy.vocabulary import Number, Test  # noqa: TC001 (pydantic reads these)
from songhua.programmes.values import Code, Day, Flag, Text, Whole  # noqa: TC001

RuleId = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,30}$")]


class ScalarFact(Words):
    """One thing asked. A ``review`` is yes, no, or not known yet: somebody must judge it first."""

    type: Literal["bool", "review", "amount", "integer"]
    required: Flag = True


class TextFact(Words):
    """A word. `options` are offered in forms; the conditions say which are enough."""

    type: Literal["text"]
    options: tuple[Text, ...] = ()
    required: Flag = True


class TableFact(Words):
    """Amounts by key, from another document; not given until that document is loaded."""

    type: Literal["table"]
    required: Flag = False


SimpleFact = Annotated[ScalarFact | TextFact, Field(discriminator="type")]


class ListFact(Words):
    """Records with these fields, any number of them."""

    type: Literal["list"]
    fields: Annotated[dict[Code, SimpleFact], Field(min_length=1)]
    required: Flag = True


Fact = Annotated[ScalarFact | TextFact | TableFact | ListFact, Field(discriminator="type")]


class Value(Words):
    """A number with a name, worked out from the facts in the order written.

    Yuan (in fen), or things counted in `unit`.
    """

    unit: Words | None = None
    of: Number


class Saying(Words):
    """A reason: its code and its sentence."""

    code: ReasonCode


class Closed(Saying):
    """What must hold; where it does not, the rule gives nothing."""

    kind: Literal["closed"]
    require: Test


class Open(Saying):
    """A list with 等: outside it a person decides. `ceiling` false: nobody knows the most."""

    kind: Literal["open"]
    require: Test
    ceiling: Flag = True


class Review(Word):
    """A judgement by people: refused, or still pending."""

    kind: Literal["review"]
    fact: Code
    refused: Saying
    pending: Saying


Condition = Annotated[Closed | Open | Review, Field(discriminator="kind")]


class Share(Word):
    """A rate of a base, rounded once to whole fen."""

    kind: Literal["share"]
    base: Code
    rate: Rate


class Stairs(Word):
    """`first` from a base of `start` on (included), and `further` for each further full `each`."""

    kind: Literal["stairs"]
    base: Code
    start: Money
    first: Money
    each: Annotated[Money, Field(gt=0)]
    further: Money


class Reviewed(Word):
    """No rate in the text: the amount that a review has settled, and unknown until then."""

    kind: Literal["reviewed"]
    fact: Code


class Table(Word):
    """An amount from another document's table, under the words of `key` joined together."""

    kind: Literal["table"]
    table: Code
    key: Annotated[tuple[Code, ...], Field(min_length=1)]
    missing: Saying


class Route(Word):
    """Where a matter goes instead of an amount."""

    when: Test
    status: Literal["case_by_case", "external_rule", "referral"]
    reasons: Annotated[tuple[Saying, ...], Field(min_length=1)]


class Routes(Word):
    """The first route whose test holds; a matter that fits none waits for a person."""

    kind: Literal["routes"]
    routes: Annotated[tuple[Route, ...], Field(min_length=1)]
    otherwise: Saying


class NoMoney(Word):
    """A clause that supports without an amount."""

    kind: Literal["none"]


Grant = Annotated[Share | Stairs | Reviewed | Table | Routes | NoMoney, Field(discriminator="kind")]


class Cap(Word):
    """The most. `prior` is the amount fact of what the same subject was paid before.

    ``one_off`` excludes whoever was ever paid; for every other kind earlier payments (of the same
    year, for ``per_year``) use the cap up.
    """

    amount: Money
    kind: Literal["cumulative", "one_off", "per_year", "per_project"]
    prior: Code | None = None


class Reading(Words):
    """A point that the text leaves open, with the answers one can give and why one is taken."""

    options: Annotated[dict[Code, Words], Field(min_length=2)]
    default: Code
    why_zh: Text
    why_en: Text

    @model_validator(mode="after")
    def _default_listed(self) -> Reading:
        if self.default not in self.options:
            raise PydanticCustomError("programme_not_listed", "default", {"value": self.default})
        return self


class Rule(Words):
    """One rule of a clause. `sentences` counts the sentences of `article` that it rests on."""

    id: RuleId
    article: Numeral
    sentences: Annotated[tuple[Annotated[Whole, Field(ge=1)], ...], Field(min_length=1)]
    departments: tuple[Text, ...]
    money: Words | None = None
    facts: dict[Code, Fact]
    values: dict[Code, Value] = Field(default_factory=dict)
    conditions: tuple[Condition, ...] = ()
    grant: Grant
    cap: Cap | None = None
    readings: dict[Code, Reading] = Field(default_factory=dict)
    notes: tuple[Words, ...] = ()
    carried_from: Text | None = None
    """The version whose text this is, where this version's own text has not been seen."""


class Validity(Word):
    """First and last day in force, both included; None where the day is not known."""

    starts: Day | None = None
    ends: Day | None = None
    article: Numeral
    basis_zh: Text
    basis_en: Text

    @model_validator(mode="after")
    def _in_order(self) -> Validity:
        if self.starts and self.ends and self.ends < self.starts:
            raise PydanticCustomError("programme_dates_reversed", "ends", {"value": self.ends})
        return self


class CarriedOver(Word):
    """Rules taken from another version because this one's text of them has not been seen."""

    version: Text
    rules: Annotated[tuple[RuleId, ...], Field(min_length=1)]


class NoDoubleSupport(Words):
    """不重复支持: the clause under which awards on one matter exclude each other."""

    article: Numeral


class Heading(Words):
    """A version of a policy, without its rules. `part` is the annex that holds its text."""

    policy: Code
    version: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
    status: Literal["draft", "issued"]
    document: Text | None = None
    part: Text | None = None
    validity: Validity
    readings: dict[Code, Reading]
    no_double_support: NoDoubleSupport | None = None
    carries_over: CarriedOver | None = None
    source_zh: Text
    source_en: Text


class Policy(Heading):
    """One version with its rules by id. `quotes` holds the official sentences once attached."""

    rules: dict[RuleId, Rule]
    quotes: dict[str, str] = Field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether every rule rests on this version's own text."""
        return all(rule.carried_from is None for rule in self.rules.values())
