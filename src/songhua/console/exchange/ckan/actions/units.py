"""Organizations are the departments of the programme: shown, never changed here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q

from songhua.console.exchange import documents
from songhua.console.exchange.ckan.actions.finding import MOST_LISTED, page, shown_to, visible
from songhua.console.exchange.ckan.actions.registry import Call, action
from songhua.console.exchange.ckan.refusals import Denied, Invalid, Missing
from songhua.console.people.models import Role, Unit

if TYPE_CHECKING:
    from django.db.models import QuerySet


def unit_of(key: object) -> Unit | None:
    """The department with this code; None for an empty key."""
    if key in (None, ""):
        return None
    row = Unit.objects.filter(code=str(key)).first()
    if row is None:
        raise Invalid(owner_org=["Organization does not exist"])
    return row


def _counted(call: Call) -> QuerySet[Unit]:
    """Departments with the number of their datasets that the caller may find."""
    seen = visible(call).order_by().values("pk")
    return Unit.objects.annotate(n=Count("entries", filter=Q(entries__in=seen)))


def _as_dict(row: Any) -> dict[str, Any]:
    return documents.organization(row) | {
        "display_name": row.name_zh, "image_display_url": "", "num_followers": 0,
        "package_count": row.n,
    }  # fmt: skip


@action(reads=True)
def organization_list(call: Call) -> list[Any]:
    """The departments: their codes, or more with `all_fields`."""
    whole = call.flag("all_fields")
    rows = _counted(call) if whole else Unit.objects.all()
    some = call.given.get("organizations")
    if some:
        rows = rows.filter(code__in=call.listed("organizations"))
    rows = page(call, rows.order_by("name_zh", "pk"))
    return [_as_dict(row) for row in rows] if whole else [row.code for row in rows]


def _unit(call: Call) -> Any:
    row = _counted(call).filter(code=call.text("id")).first()
    if row is None:
        raise Missing()
    return row


@action(reads=True)
def organization_show(call: Call) -> dict[str, Any]:
    """One department. Its people are not shown."""
    row = _unit(call)
    found = _as_dict(row) | {"extras": [], "groups": []}
    if call.flag("include_users", otherwise=True):
        found["users"] = []
    if call.flag("include_datasets"):
        found["packages"] = shown_to(call, MOST_LISTED, unit=row)
    return found


@action(reads=True)
def organization_list_for_user(call: Call) -> list[Any]:
    """The departments for which the caller may enter datasets."""
    caller = call.caller
    if caller is None or caller.role not in {Role.STAFF, Role.OFFICE}:
        return []
    own = Unit.objects.order_by("name_zh", "pk")
    rows = own if caller.role == Role.OFFICE else own.filter(pk=caller.unit_id)
    more = {"image_display_url": "", "capacity": "admin"}
    return [documents.organization(r) | more | {"display_name": r.name_zh} for r in rows]


@action(reads=True)
def organization_autocomplete(call: Call) -> list[Any]:
    """Departments whose code or name holds a text."""
    text = call.text("q", otherwise="")
    rows = Unit.objects.filter(Q(code__icontains=text) | Q(name_zh__icontains=text))
    most = call.number("limit", 20, MOST_LISTED)
    return [{"id": r.code, "name": r.code, "title": r.name_zh} for r in rows[:most]]


def _refused(call: Call) -> None:
    call.person()
    if call.given.get("id"):
        _unit(call)
    raise Denied("organizations are the departments of the programme, which is loaded from it")


@action(reads=False)
def organization_create(call: Call) -> None:
    """Not here: a department comes with its programme."""
    _refused(call)


@action(reads=False)
def organization_update(call: Call) -> None:
    """Not here: a department comes with its programme."""
    _refused(call)


@action(reads=False)
def organization_patch(call: Call) -> None:
    """Not here: a department comes with its programme."""
    _refused(call)


@action(reads=False)
def organization_delete(call: Call) -> None:
    """Not here: a department comes with its programme."""
    _refused(call)
