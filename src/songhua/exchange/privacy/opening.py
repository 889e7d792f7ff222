"""What stands in the way of opening a dataset to everybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import Field

from songhua.exchange.privacy.scanning import CERTAIN
from songhua.kit.errors import Problem
from songhua.kit.params import Params

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from songhua.exchange.privacy.risk import Risk
    from songhua.exchange.privacy.scanning import Finding


class Thresholds(Params):
    """What an open dataset must reach. No rule of the city gives these numbers: those that nobody
    has set are told as 默认值 wherever they are used."""

    k: int = Field(default=5, ge=1)
    l_distinct: int = Field(default=2, ge=1)
    t: float = Field(default=0.5, ge=0, le=1)

    def told(self, name: str) -> str:
        """The threshold as people read it."""
        mark = "" if name in self.model_fields_set else "（默认值）"
        return f"{getattr(self, name)}{mark}"


@dataclass(frozen=True)
class ResourceField:
    """A column as the catalogue has it, and whether it is marked sensitive there."""

    name: str
    sensitive: bool = False


def release_check(
    fields: Sequence[ResourceField],
    scanned: Collection[str],
    findings: Sequence[Finding],
    risk: Risk | None,
    thresholds: Thresholds | None = None,
) -> list[Problem]:
    """Every obstacle to opening the columns `fields`, each with a sentence; none where it may be
    opened.

    `scanned` names the columns that `findings` are about, and `risk` is None where it was never
    measured: neither is taken for harmless.

    >>> found = release_check([ResourceField("rooms")], ["rooms"], [], None)
    >>> [obstacle.code for obstacle in found]
    ['opening_not_measured']
    """
    opened = {field.name for field in fields}
    limits = thresholds or Thresholds()
    return [
        *(Problem(f.name, "opening_not_scanned") for f in fields if f.name not in scanned),
        *(Problem(f.name, "opening_sensitive") for f in fields if f.sensitive),
        *(_personal(finding) for finding in findings if finding.column in opened),
        *_measured(risk, limits),
    ]


def _personal(finding: Finding) -> Problem:
    code = "opening_identifier" if finding.confidence >= CERTAIN else "opening_suspected"
    seen = f"{finding.kind}, {finding.rows}, {finding.confidence:.0%}"
    return Problem(finding.column, code, seen)


def _measured(risk: Risk | None, limits: Thresholds) -> Iterator[Problem]:
    if risk is None or risk.k is None:
        yield Problem("k", "opening_not_measured")
        return
    if risk.k < limits.k:
        yield Problem("k", "opening_k", f"k = {risk.k} < {limits.told('k')}")
    for name, found in risk.diversity.items():
        if found.distinct < limits.l_distinct:
            seen = f"l = {found.distinct} < {limits.told('l_distinct')}"
            yield Problem(name, "opening_l", seen)
        if found.t > limits.t:
            yield Problem(name, "opening_t", f"t = {found.t:.3f} > {limits.told('t')}")
