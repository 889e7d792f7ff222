"""Datasets of another catalogue brought here, and kept as they are there.

Whoever answers CKAN's action interface can be harvested: CKAN, and another exchange like this one.
Each time the whole list of names and instants is read, a thousand at once, and then the datasets
that are new or changed since; so one that failed is tried again by itself. What has gone there is
withdrawn here, once it is asked for by its id and not shown either.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

from django.db import transaction

from songhua.console.exchange.models import Entry
from songhua.console.exchange.services import entries
from songhua.kit.errors import InputError, Problem, SonghuaError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from songhua.console.people.models import Unit, User

PAGE = 1000
MOST_DATASETS = 100_000
MOST_BYTES = 64 * 1024 * 1024  # of one answer
SECONDS = 60
PLAIN = ("author", "author_email", "maintainer", "maintainer_email", "version", "url")


@dataclass
class Harvested:
    """What became of the datasets: how many, and why some could not be taken."""

    created: int = 0
    changed: int = 0
    same: int = 0
    withdrawn: int = 0
    failed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """Another catalogue: its address, and a token where it wants one."""

    url: str
    token: str = ""

    @property
    def origin(self) -> str:
        """How its datasets are marked here."""
        return f"harvest:{self.url.rstrip('/')}"

    def ask(self, action: str, **given: Any) -> Any:
        """The result of an action; None where the source says that there is no such thing, or not
        for us. Raises `InputError` where it does not answer as it should."""
        address = f"{self.url.rstrip('/')}/api/3/action/{action}?{urlencode(given)}"
        request = Request(address, headers={"Authorization": self.token} if self.token else {})
        try:
            body = _read(request)
            if len(body) > MOST_BYTES:
                raise ValueError(f"more than {MOST_BYTES:,} bytes")
            said = json.loads(body)
            return said["result"] if said["success"] else None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(Problem("source", "exchange_harvest_source", str(error))) from None


def _read(request: Request) -> bytes:
    """The body of the answer; that of a refusal says in JSON that it is one."""
    try:
        with urlopen(request, timeout=SECONDS) as answer:
            return bytes(answer.read(MOST_BYTES + 1))
    except HTTPError as error:
        if error.code not in (403, 404):
            raise
        return error.read(MOST_BYTES + 1)


def harvest(actor: User | None, source: Source, unit: Unit) -> Harvested:
    """Bring the datasets of `source` here, under `unit`, open to everybody as they are there.

    One that cannot be taken is told of and does not stop the others. Raises `InputError` where the
    list itself cannot be had, `NotAllowed` for a unit that is not the actor's.
    """
    entries.demand(actor, unit)
    if urlsplit(source.url).scheme not in ("http", "https"):
        raise InputError(Problem("source", "exchange_harvest_source", source.url))
    listed = dict(_listed(source))
    ours = {
        row.about.get("harvested", {}).get("id", ""): row
        for row in Entry.objects.filter(origin=source.origin, state=Entry.State.ACTIVE)
    }
    done = Harvested()
    for key, modified in listed.items():
        row = ours.get(key)
        if row is not None and row.about["harvested"]["modified"] == modified:
            done.same += 1
            continue
        try:
            found = source.ask("package_show", id=key)
            if found is not None:
                _take(actor, source, unit, row, found, modified)
                done.created += row is None
                done.changed += row is not None
        except (SonghuaError, KeyError, TypeError, ValueError, AttributeError) as error:
            done.failed[key] = _said(error)
    for key, row in ours.items():
        if key not in listed and _gone(source, key):
            entries.withdraw(actor, row)
            done.withdrawn += 1
    return done


def _listed(source: Source) -> Iterator[tuple[str, str]]:
    """The id of every dataset there, and when it was changed."""
    for start in range(0, MOST_DATASETS, PAGE):
        found = source.ask("package_search", fl="id,metadata_modified", sort="id asc", rows=PAGE,
                           start=start, facet="false")  # fmt: skip
        if found is None:
            raise InputError(Problem("source", "exchange_harvest_source", "package_search"))
        for one in found["results"]:
            yield str(one["id"]), str(one["metadata_modified"]).rstrip("Z")
        if start + PAGE >= found["count"]:
            return


def _gone(source: Source, key: str) -> bool:
    found = source.ask("package_show", id=key)
    return found is None or found.get("state") != "active"


@transaction.atomic
def _take(
    actor: User | None, source: Source, unit: Unit, row: Entry | None, found: Mapping[str, Any],
    modified: str,
) -> None:  # fmt: skip
    """Enter a dataset, or change it, with its resources."""
    said = {
        "name": found["name"], "title": found.get("title") or found["name"],
        "summary": found.get("notes") or "", "licence": found.get("license_id") or "",
        "keywords": sorted({tag["name"] for tag in found.get("tags") or []}),
        "extras": {name: found[name] for name in PLAIN if found.get(name)}
        | {"extras": [{"key": str(e["key"]), "value": str(e["value"])}
                      for e in found.get("extras") or []
                      if not str(e["key"]).startswith("songhua_")]},
        "about": {"harvested": {"id": found["id"], "modified": modified}},
    }  # fmt: skip
    if row is None:
        kept = {"unit": unit, "origin": source.origin, "is_open": True, "state": "active",
                "tier": Entry.Tier.UNCONDITIONAL}  # fmt: skip
        row = entries.create(actor, {**said, **kept})
    else:
        row = entries.change(actor, row, said)
    there = {str(old.uid): old for old in row.distributions.filter(removed_at=None)}
    for given in found.get("resources") or []:
        fields = {
            "name": str(given.get("name") or "")[:200], "url": str(given.get("url") or "")[:2000],
            "description": given.get("description") or "",
            "form": str(given.get("format") or "")[:60],
            "extras": {"mimetype": given["mimetype"]} if given.get("mimetype") else {},
        }  # fmt: skip
        old = there.pop(str(_own(source, given["id"])), None)
        if old is None:
            entries.distribute(actor, row, {**fields, "uid": _own(source, given["id"])})
        else:
            entries.redistribute(actor, old, fields)
    for left in there.values():
        entries.redistribute(actor, left, None)


def _own(source: Source, key: object) -> uuid.UUID:
    """The id here of a resource there: the same each time, and nobody else's."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{source.origin}#{key}")


def _said(error: Exception) -> str:
    if isinstance(error, SonghuaError):
        return "; ".join(problem.text("en") for problem in error.problems)
    return f"{type(error).__name__}: {error}"
