"""What may be called, by name."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from songhua.console.exchange.ckan.actions.registry import ACTIONS, Action, Call

if TYPE_CHECKING:
    from collections.abc import Mapping

MODULES = (
    "datastore", "packages", "people", "resources", "search", "site", "tags", "themes", "units",
)  # fmt: skip


@cache
def known() -> Mapping[str, Action]:
    """Every action."""
    for name in MODULES:
        import_module(f"songhua.console.exchange.ckan.actions.{name}")
    return ACTIONS


def find(name: str) -> Action | None:
    """The action called `name`."""
    return known().get(name)


__all__ = ["Action", "Call", "find", "known"]
