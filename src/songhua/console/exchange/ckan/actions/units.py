"""Organizations are the departments of the programme."""

from __future__ import annotations

from songhua.console.exchange.ckan.refusals import Invalid
from songhua.console.people.models import Unit


def unit_of(key: object) -> Unit | None:
    """The department with this code; None for an empty key."""
    if key in (None, ""):
        return None
    row = Unit.objects.filter(code=str(key)).first()
    if row is None:
        raise Invalid(owner_org=["Organization does not exist"])
    return row
