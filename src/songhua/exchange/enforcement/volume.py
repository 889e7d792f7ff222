"""How much of a day's granted volume is left, and a question bound to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

from songhua.kit.errors import NotAllowed, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from songhua.exchange.enforcement.grants import Grant


@dataclass(frozen=True)
class Usage:
    """What the grantee was delivered today of each dataset: rows, and bytes of text."""

    rows: Mapping[str, int] = field(default_factory=dict)
    bytes: Mapping[str, int] = field(default_factory=dict)


def left_today(
    grants: Mapping[str, Grant], used: Usage
) -> tuple[tuple[int, str] | None, int | None]:
    """The rows left today with the dataset that leaves the fewest, and the bytes left."""
    rows = [
        (grant.daily_rows - used.rows.get(name, 0), name)
        for name, grant in grants.items()
        if grant.daily_rows is not None
    ]
    octets = [
        (grant.daily_bytes - used.bytes.get(name, 0), name)
        for name, grant in grants.items()
        if grant.daily_bytes is not None
    ]
    spent = dict.fromkeys(name for left, name in sorted(rows + octets) if left <= 0)
    if spent:
        raise NotAllowed([Problem("query", "query_volume_spent", name) for name in spent])
    return min(rows, default=None), min(octets)[0] if octets else None


def limit(tree: exp.Expr, most: int, dataset: str) -> Problem:
    """Bound the rows of `tree` and say so."""
    asked = tree.args.get("limit")
    if asked is None or int(asked.expression.this) > most:
        tree.set("limit", exp.Limit(expression=exp.Literal.number(most)))
    return Problem(dataset, "query_rows_left", str(most))
