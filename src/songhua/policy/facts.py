"""Facts as they arrive, read by the types that a rule declares.

Two sorts of fault are told apart. A bad amount is an answer (``invalid_input`` with its reasons,
for one row of a table must not stop the others). A fault of structure is an `InputError` naming
the path (``equipment[2].buyer``, items counted from 0): an unknown key, a required fact missing,
a value of another type. A fact given as null is a fact not given, save that a required amount
that is null is a bad amount.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from songhua.kit.errors import InputError, Problem
from songhua.policy.amounts import read_fen
from songhua.policy.model import ListFact, ScalarFact, TableFact, TextFact

if TYPE_CHECKING:
    from songhua.policy.model import Fact, Rule


@dataclass
class _Reader:
    """Collects what is wrong while reading."""

    problems: list[Problem] = field(default_factory=list)
    bad_amounts: list[tuple[str, str]] = field(default_factory=list)

    def record(self, given: object, declared: Mapping[str, Fact], path: str) -> dict[str, Any]:
        """The facts of one record; what was not given is None."""
        if not isinstance(given, Mapping):
            self.problems.append(Problem(path or "facts", "policy_fact_not_record"))
            return {}
        dot = f"{path}." if path else ""
        for key in given:
            if key not in declared:
                self.problems.append(Problem(path or "facts", "unknown_key", str(key)[:80]))
        found: dict[str, Any] = {}
        for name, fact in declared.items():
            found[name] = None
            null_amount = isinstance(fact, ScalarFact) and fact.type == "amount" and fact.required
            if given.get(name) is not None or (null_amount and name in given):
                found[name] = self.value(given[name], fact, dot + name)
            elif fact.required and not (isinstance(fact, ScalarFact) and fact.type == "review"):
                self.problems.append(Problem(dot + name, "policy_fact_missing"))
        return found

    def value(self, given: object, fact: Fact, path: str) -> Any:
        match fact:
            case ScalarFact(type="amount"):
                return self.amount(given, path)
            case ScalarFact(type="integer"):
                if isinstance(given, int) and not isinstance(given, bool) and abs(given) < 10**15:
                    return given
                return self.wrong(path, "policy_fact_not_integer", given)
            case ScalarFact():
                good = isinstance(given, bool)
                return given if good else self.wrong(path, "policy_fact_not_boolean", given)
            case TextFact():
                good = isinstance(given, str)
                return given if good else self.wrong(path, "policy_fact_not_text", given)
            case TableFact():
                if not isinstance(given, Mapping):
                    return self.wrong(path, "policy_fact_not_record", given)
                return {str(k): self.amount(v, f"{path}.{k}") for k, v in given.items()}
            case ListFact():
                if not isinstance(given, Sequence) or isinstance(given, str):
                    return self.wrong(path, "policy_fact_not_list", given)
                return [
                    self.record(item, fact.fields, f"{path}[{place}]")
                    for place, item in enumerate(given)
                ]

    def amount(self, given: object, path: str) -> int | None:
        fen = read_fen(given)
        if isinstance(fen, int):
            return fen
        self.bad_amounts += [(path, code) for code in fen]
        return None

    def wrong(self, path: str, code: str, given: object) -> None:
        seen = given[:40] if isinstance(given, str) else type(given).__name__
        self.problems.append(Problem(path, code, seen))


def read_facts(rule: Rule, given: object) -> tuple[dict[str, Any], tuple[tuple[str, str], ...]]:
    """The typed facts of `rule` (amounts in fen, None where not given) and the bad amounts.

    A bad amount is its path and the code of the reason. Raises `InputError` with every fault of
    structure.
    """
    reader = _Reader()
    facts = reader.record(given, rule.facts, "")
    if reader.problems:
        raise InputError(reader.problems)
    return facts, tuple(reader.bad_amounts)
