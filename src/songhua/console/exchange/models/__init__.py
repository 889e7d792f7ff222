"""What the exchange remembers."""

from songhua.console.exchange.models.catalogue import Distribution, Entry, Group, Version
from songhua.console.exchange.models.evidence import Event
from songhua.console.exchange.models.sharing import Grant, Request, Step, Use

__all__ = [
    "Distribution",
    "Entry",
    "Event",
    "Grant",
    "Group",
    "Request",
    "Step",
    "Use",
    "Version",
]
