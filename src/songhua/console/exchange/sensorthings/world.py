"""What one caller may know of the registry. All that is answered comes from here."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from songhua.console.exchange.sensorthings.kinds import KINDS
from songhua.console.exchange.services import devices
from songhua.console.people.models import Role

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from songhua.console.exchange import models
    from songhua.console.people.models import User


class World:
    """The entities that `caller` (None: the public) may know of: datastreams whose readings they
    may see, what belongs to these, and what their own department has entered."""

    def __init__(self, caller: User | None) -> None:
        self.caller = caller

    @cached_property
    def streams(self) -> QuerySet[models.Datastream]:
        """The datastreams, in their order."""
        return devices.visible(self.caller)

    def of(self, kind: str) -> QuerySet[Any]:
        """The entities of a kind."""
        model = KINDS[kind].model
        if kind == "Datastream":
            return self.streams
        if kind == "Location":
            known = Q(things__in=self.of("Thing"))
        else:
            known = Q(datastreams__in=self.streams)
        found = model.objects.filter(known | self._own())
        return model.objects.filter(pk__in=found.order_by().values("pk"))

    def _own(self) -> Q:
        caller = self.caller
        acts = caller is not None and caller.role in {Role.STAFF, Role.OFFICE} and caller.unit_id
        return Q(unit=caller.unit_id) if acts and caller else Q(pk__in=[])
