"""What people see of the catalogue: the public what is open, departments all of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.cache import cache
from django.core.paginator import Paginator
from django.db.models import Avg, Count, Max, Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404

from songhua.console import clock
from songhua.console.design import say
from songhua.console.exchange import records, searching
from songhua.console.exchange.models import Distribution, Entry, Rating
from songhua.console.exchange.services import entries
from songhua.console.people.models import Role, Unit
from songhua.exchange.catalogue import words
from songhua.kit.errors import NotAllowed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.core.paginator import Page
    from django.db.models import QuerySet
    from django.http import QueryDict

    from songhua.exchange.catalogue import Field

FACETS = ("unit", "tier", "theme", "cycle", "form", "open")
PAGE_SIZE = 20
MOST_CHOICES = 12
OFFICIAL = (Role.STAFF, Role.OFFICE, Role.LEADER)


def caller(user: Any) -> Any:
    """Who asks, as the door to the rows wants it: None for everybody who has not signed in."""
    return user if user.is_authenticated else None


def official(user: Any) -> bool:
    """Whether a department looks: it sees the whole catalogue, the public what is open."""
    return user.is_authenticated and user.role in OFFICIAL


def visible(user: Any) -> QuerySet[Entry]:
    """The published datasets that `user` may know of."""
    rows = Entry.objects.filter(state=Entry.State.ACTIVE)
    return rows if official(user) else rows.filter(is_open=True)


def managed(user: Any) -> QuerySet[Entry]:
    """The datasets that `user` looks after, in every state but removed for good."""
    rows = Entry.objects.exclude(state=Entry.State.PURGED)
    if not user.is_authenticated:
        return rows.none()
    if user.role == Role.OFFICE:
        return rows
    own = user.role == Role.STAFF and user.unit_id is not None
    return rows.filter(unit=user.unit_id) if own else rows.none()


def manages(user: Any, entry: Entry) -> bool:
    """Whether `user` may change a dataset."""
    if not user.is_authenticated:
        return False
    try:
        entries.demand(user, entry.unit)
    except NotAllowed:
        return False
    return True


def may_ask(user: Any, entry: Entry) -> bool:
    """Whether `user` may request a dataset for its department."""
    staff = user.is_authenticated and user.role == Role.STAFF and user.unit_id is not None
    shared = entry.tier != Entry.Tier.DENIED and entry.state == Entry.State.ACTIVE
    return staff and shared and user.unit_id != entry.unit_id


def entry_called(user: Any, name: str) -> Entry:
    """The dataset, if this person may know of it, as `stocked` gives it; 404 otherwise, so that
    names cannot be probed."""
    rows = stocked(Entry.objects.filter(name=name)).defer("published", "found_by")
    entry = rows.first()
    if entry is None or not _knows(user, entry):
        raise Http404
    return entry


def _knows(user: Any, entry: Entry) -> bool:
    """Whether `user` is among those to whom `visible` or `managed` gives the dataset."""
    shown = entry.state == Entry.State.ACTIVE and (entry.is_open or official(user))
    return shown or (entry.state != Entry.State.PURGED and manages(user, entry))


def own_entry(user: Any, name: str) -> Entry:
    """The dataset, if this person looks after it; 404 otherwise."""
    return get_object_or_404(managed(user).select_related("unit"), name=name)


def stocked(rows: QuerySet[Entry]) -> QuerySet[Entry]:
    """The datasets with their departments and what they are had as."""
    ways = Distribution.objects.filter(removed_at=None).select_related("current")
    return rows.select_related("unit").prefetch_related(Prefetch("distributions", ways))


def tables(entry: Entry) -> list[Distribution]:
    """The tables of a dataset that have rows, of one that came from `stocked`."""
    return [way for way in entry.distributions.all() if way.current_id and way.sql_name]


@dataclass(frozen=True)
class Found:
    """A page of the catalogue, and what stands beside it to narrow it down."""

    page: Page[Entry]
    facets: list[tuple[str, Any, list[Choice]]]


@dataclass(frozen=True)
class Choice:
    """A value of a facet."""

    value: str
    label: str
    count: int
    chosen: bool
    query: str  # of the page that has it chosen, or no longer


TITLES = {
    "unit": ("提供部门", "Department"), "tier": ("共享类型", "Sharing"), "theme": ("主题", "Theme"),
    "cycle": ("更新周期", "Updated"), "form": ("格式", "Format"), "open": ("开放", "Open"),
}  # fmt: skip


def search(user: Any, given: QueryDict) -> Found:
    """The datasets that `given` (q, sort, mine, page and a value for each facet) looks for."""
    base = managed(user) if given.get("mine") else visible(user)
    chosen = {facet: [given[facet]] for facet in FACETS if given.get(facet)}
    if "open" in chosen:
        chosen["open"] = [chosen["open"] == ["True"]]
    text = str(given.get("q", ""))[:200]
    rows = searching.matching(base, text, chosen)
    names = [facet for facet in FACETS if facet != "open" or official(user)]
    units = {unit.code: unit for unit in Unit.objects.all()}
    counted = _counted(rows, names)
    facets = [
        (name, say(*TITLES[name]), [
            Choice(one.value, label(name, one.value, units), one.count,
                   given.get(name) == one.value, _turned(given, name, one.value))
            for one in counted[name]
        ])
        for name in names
    ]  # fmt: skip
    ordered = searching.ordered(rows, text, str(given.get("sort", "")))
    page = Paginator(ordered.values_list("pk", flat=True), PAGE_SIZE).get_page(given.get("page"))
    shown = stocked(Entry.objects.filter(pk__in=list(page.object_list)))
    found = {row.pk: row for row in shown.defer("published", "found_by", "about", "extras")}
    page.object_list = [found[pk] for pk in page.object_list if pk in found]
    return Found(page, facets)


def _counted(rows: QuerySet[Entry], names: Sequence[str]) -> dict[str, list[searching.Facet]]:
    """The facets of these datasets, remembered until anything in the catalogue changes."""
    newest = Entry.objects.order_by().aggregate(newest=Max("modified_at"), last=Max("pk"))
    said = f"{rows.order_by().values('pk').query} {names} {newest}"
    key = f"facets-{hashlib.sha256(said.encode()).hexdigest()}"
    counted = cache.get(key)
    if counted is None:
        counted = searching.facets(rows, names, MOST_CHOICES)
        cache.set(key, counted)
    return counted


def _turned(given: QueryDict, facet: str, value: str) -> str:
    changed = given.copy()
    changed.pop("page", None)
    if changed.pop(facet, None) != [value]:
        changed[facet] = value
    return "?" + changed.urlencode()


def label(facet: str, value: str, units: Mapping[str, Unit]) -> str:
    """What people call a value of a facet."""
    if facet == "unit" and value in units:
        return str(say(units[value].name_zh, units[value].name_en or units[value].name_zh))
    if facet == "open":
        return str(say("向社会开放", "Open") if value == "True" else say("未开放", "Not open"))
    word = words(facet).get(value) if facet in {"tier", "theme", "cycle"} else None
    return str(say(word.zh, word.en)) if word else value


def fields_shown(user: Any, entry: Entry, columns: list[dict[str, Any]] | None) -> list[Field]:
    """The fields of a dataset: all of them to departments, to the public those that are open.
    `columns` are those of its table that the person may see; None where there is no table."""
    fields = list(records.fields_of(entry) or records.fields_from(tables(entry)))
    if official(user):
        return fields
    if columns is not None:
        names = {column["name"] for column in columns}
        return [field for field in fields if field.name in names]
    return [field for field in fields if field.open]


def days_late(entry: Entry) -> int | None:
    """By how many days a dataset's update is late; None where that is not known."""
    return records.listed(entry, tables(entry)).days_late(clock.today())


def rated(entry: Entry) -> dict[str, Any]:
    """How many have rated a dataset, and how: 1 query."""
    return Rating.objects.filter(entry=entry).aggregate(n=Count("pk"), mean=Avg("stars"))
