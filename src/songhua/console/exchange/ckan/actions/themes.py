"""Groups are the themes of the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q

from songhua.console.exchange import documents
from songhua.console.exchange.ckan.actions.finding import (
    MOST_LISTED,
    entry_of,
    page,
    shown_to,
    visible,
)  # fmt: skip
from songhua.console.exchange.ckan.actions.registry import MISSING, Call, action, uuid_of
from songhua.console.exchange.ckan.refusals import Invalid, Missing
from songhua.console.exchange.models import Group
from songhua.console.exchange.services import themes

if TYPE_CHECKING:
    from django.db.models import QuerySet

FULL = 1000  # datasets that a theme is shown with


def _counted(call: Call) -> QuerySet[Group]:
    seen = visible(call).order_by().values("pk")
    return Group.objects.annotate(n=Count("entries", filter=Q(entries__in=seen)))


def _as_dict(row: Any) -> dict[str, Any]:
    return _plain(row) | {"num_followers": 0, "package_count": row.n}


def _plain(row: Group) -> dict[str, Any]:
    return documents.group(row) | {
        "approval_status": "approved", "created": documents.stamp(row.created_at),
        "image_url": "", "is_organization": False, "state": row.state, "type": "group",
    }  # fmt: skip


def _group(call: Call) -> Any:
    key = call.text("id")
    row = _counted(call).filter(Q(name=key) | Q(uid=uuid_of(key))).first()
    if row is None:
        raise Missing()
    return row


@action(reads=True)
def group_list(call: Call) -> list[Any]:
    """The themes: their names, or more with `all_fields`."""
    whole = call.flag("all_fields")
    rows = _counted(call) if whole else Group.objects.all()
    if call.given.get("groups"):
        rows = rows.filter(name__in=call.listed("groups"))
    rows = page(call, rows.order_by("title", "name"))
    return [_as_dict(row) for row in rows] if whole else [row.name for row in rows]


@action(reads=True)
def group_show(call: Call) -> dict[str, Any]:
    """One theme."""
    row = _group(call)
    found = _as_dict(row) | {"extras": [], "groups": []}
    if call.flag("include_users", otherwise=True):
        found["users"] = []
    if call.flag("include_datasets"):
        found["packages"] = shown_to(call, FULL, groups=row)
    return found


@action(reads=True)
def group_package_show(call: Call) -> list[Any]:
    """The datasets of a theme."""
    return shown_to(call, call.number("limit", FULL, FULL), groups=_group(call))


@action(reads=True)
def group_autocomplete(call: Call) -> list[Any]:
    """Themes whose name or title holds a text."""
    text = call.text("q", otherwise="")
    rows = Group.objects.filter(Q(name__icontains=text) | Q(title__icontains=text))
    most = call.number("limit", 20, MOST_LISTED)
    return [{"id": str(r.uid), "name": r.name, "title": r.title} for r in rows[:most]]


def _fields(call: Call) -> dict[str, str]:
    return {name: str(call.given[name] or "") for name in themes.FIELDS if name in call.given}


@action(reads=False)
def group_create(call: Call) -> dict[str, Any]:
    """A new theme."""
    person = call.person()
    if not call.given.get("name"):
        raise Invalid(name=[MISSING])
    row: Any = themes.create(person, str(call.given["name"]), _fields(call))
    row.n = 0
    return _as_dict(row) | {"extras": [], "groups": [], "users": []}


def _changed(call: Call, given: dict[str, str]) -> dict[str, Any]:
    row = themes.change(call.person(), _group(call), given)
    found = _plain(row) | {"extras": [], "groups": [], "users": []}
    packages = shown_to(call, FULL, groups=row)
    return found | {"packages": packages, "package_count": len(packages)}


@action(reads=False)
def group_patch(call: Call) -> dict[str, Any]:
    """A theme, changed in what is given."""
    return _changed(call, _fields(call))


@action(reads=False)
def group_update(call: Call) -> dict[str, Any]:
    """A theme, replaced by what is given."""
    return _changed(call, dict.fromkeys(themes.FIELDS, "") | _fields(call))


@action(reads=False)
def group_delete(call: Call) -> None:
    """Drop a theme; its datasets stay."""
    themes.remove(call.person(), _group(call))


@action(reads=False)
def group_purge(call: Call) -> None:
    """The same as to delete it: nothing of a theme is kept but its history."""
    group_delete(call)


@action(reads=False)
def member_create(call: Call) -> dict[str, Any]:
    """Put a dataset under a theme."""
    return _member(call, belongs=True)


@action(reads=False)
def member_delete(call: Call) -> None:
    """Take a dataset out of a theme."""
    _member(call, belongs=False)


def _member(call: Call, *, belongs: bool) -> dict[str, Any]:
    person, row = call.person(), _group(call)
    if call.text("object_type") != "package":
        raise Invalid(object_type=["Only datasets stand under a theme"])
    entry = entry_of(call, "object")
    themes.member(person, row, entry, belongs=belongs)
    return {
        "id": f"{row.uid}:{entry.uid}", "table_name": "package", "table_id": str(entry.uid),
        "capacity": call.text("capacity", otherwise="public"), "group_id": str(row.uid),
        "state": "active",
    }  # fmt: skip
