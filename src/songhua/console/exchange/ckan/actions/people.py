"""Users, as far as a department's program needs them: names, never addresses of e-mail. The public
sees nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q

from songhua.console.exchange import documents
from songhua.console.exchange.ckan.actions.finding import MOST_LISTED, visible
from songhua.console.exchange.ckan.actions.registry import Call, action, uuid_of
from songhua.console.exchange.ckan.refusals import Denied, Missing
from songhua.console.exchange.models import Entry, Group
from songhua.console.people.models import Role, Unit, User

if TYPE_CHECKING:
    from django.db.models import QuerySet


def _people(call: Call, text: str) -> QuerySet[User]:
    call.person()
    if not call.official:
        raise Denied("the users of the console are known to departments")
    rows = User.objects.filter(is_active=True).order_by("username")
    return rows.filter(Q(username__icontains=text) | Q(name__icontains=text)) if text else rows


def _as_dict(row: User) -> dict[str, Any]:
    made = Entry.objects.filter(created_by=row).aggregate(n=Count("pk"))["n"]
    return {
        "id": row.username, "name": row.username, "fullname": row.name or None,
        "display_name": row.name or row.username, "about": None, "state": "active",
        "created": documents.stamp(row.date_joined), "last_active": None, "image_url": None,
        "image_display_url": None, "activity_streams_email_notifications": False,
        "sysadmin": row.role == Role.OFFICE, "email_hash": "", "number_created_packages": made,
    }  # fmt: skip


@action(reads=True)
def user_list(call: Call) -> list[Any]:
    """The users of the console: their names, or more with `all_fields`."""
    rows = _people(call, call.text("q", otherwise=""))[:MOST_LISTED]
    if not call.flag("all_fields", otherwise=True):
        return [row.username for row in rows]
    return [_as_dict(row) for row in rows]


@action(reads=True)
def user_show(call: Call) -> dict[str, Any]:
    """One user; without an id, the caller."""
    key = call.text("id", otherwise="") or call.person().username
    row = _people(call, "").filter(username=key).first()
    if row is None:
        raise Missing()
    own = call.caller == row or call.person().role == Role.OFFICE
    return _as_dict(row) | ({"apikey": None, "email": ""} if own else {})


@action(reads=True)
def user_autocomplete(call: Call) -> list[Any]:
    """Users whose name holds a text."""
    rows = _people(call, call.text("q"))[: call.number("limit", 20, MOST_LISTED)]
    return [{"id": r.username, "name": r.username, "fullname": r.name or None} for r in rows]


@action(reads=True)
def member_list(call: Call) -> list[Any]:
    """The datasets of a theme or a department. Who works there is not told."""
    key = call.text("id")
    group = Group.objects.filter(Q(name=key) | Q(uid=uuid_of(key))).first()
    unit = None if group else Unit.objects.filter(code=key).first()
    if group is None and unit is None:
        raise Missing()
    if call.text("object_type", otherwise="package") != "package":
        return []
    rows = visible(call).filter(groups=group) if group else visible(call).filter(unit=unit)
    return [[str(uid), "package", "public"] for uid in rows.values_list("uid", flat=True)]
