"""The licences under which data are given away, by the ids that other catalogues use for them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Licence:
    """A licence. `open` says that the Open Definition counts it as open; `domains` what it is
    meant for (``content``, ``data``); `generic` that it stands for several."""

    id: str
    title: str
    url: str
    open: bool
    domains: frozenset[str]
    generic: bool


@cache
def known() -> Mapping[str, Licence]:
    """Every licence by its id."""
    with Path(__file__).with_suffix(".csv").open(encoding="utf-8", newline="") as lines:
        return {
            row["id"]: Licence(
                row["id"], row["title"], row["url"], row["open"] == "yes",
                frozenset(row["domains"].split()), row["generic"] == "yes",
            )
            for row in csv.DictReader(lines)
        }  # fmt: skip
