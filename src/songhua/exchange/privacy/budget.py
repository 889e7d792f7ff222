"""The privacy budget of a dataset: what has been told about its people, and what may be still."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from songhua.kit.errors import Conflict, Problem, require

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Budget:
    """What all releases about `dataset` together may spend, and what each did: `spent` gives, for
    the key of each release, its epsilon. Losses add up (sequential composition, Dwork & Roth 2014,
    theorem 3.14), exactly, because they are decimals.

    >>> Budget("households", Decimal("1"), {"a": Decimal("0.4")}).left
    Decimal('0.6')
    """

    dataset: str
    epsilon_total: Decimal
    spent: Mapping[str, Decimal]

    def __post_init__(self) -> None:
        sound = all(each.is_finite() for each in (self.epsilon_total, *self.spent.values()))
        sound = sound and self.epsilon_total > 0 and min(self.spent.values(), default=1) > 0
        require(sound and self.left >= 0, self.dataset, "budget_unsound", self.epsilon_total)

    @property
    def left(self) -> Decimal:
        """What may still be spent."""
        return self.epsilon_total - sum(self.spent.values(), Decimal(0))

    def spend(self, key: str, epsilon: Decimal) -> Budget:
        """The budget after the release `key`.

        Raises `Conflict`: ``budget_exceeded`` with what is left, ``budget_key_spent`` for a release
        that was made before, whose answer must be remembered, not drawn again.
        """
        if key in self.spent:
            raise Conflict(Problem(self.dataset, "budget_key_spent", key))
        if epsilon > self.left:
            raise Conflict(Problem(self.dataset, "budget_exceeded", str(self.left)))
        return replace(self, spent={**self.spent, key: epsilon})
