"""Who runs a plant, and who may see what it measures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from songhua.console import clock
from songhua.console.exchange import grants
from songhua.console.exchange.services.devices import NEEDED
from songhua.console.people.models import Role
from songhua.kit.errors import NotAllowed, Problem

if TYPE_CHECKING:
    from songhua.console.heating.models import Plant
    from songhua.console.people.models import User


def runs(user: User, plant: Plant) -> bool:
    """Whether `user` is one of the plant's dispatchers: the people of its own department."""
    return user.role == Role.STAFF and user.unit_id == plant.unit_id


def demand(user: User, plant: Plant) -> None:
    """Raise `NotAllowed` unless `user` runs `plant`."""
    if not runs(user, plant):
        raise NotAllowed(Problem(plant.title, "heating_not_yours"))


def sees(user: User, plant: Plant) -> bool:
    """Whether the exchange opens all readings of `plant` to `user` now: they are the department's
    own, shared without conditions or granted whole, or open to everybody."""
    return any(
        held.grant.columns >= NEEDED and not held.grant.rows and not held.grant.rules
        for held in grants.held(user, "", clock.now(), [plant.table])
    )
