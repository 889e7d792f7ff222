"""From the programme's files into the records, again and again without losing a link.

Units, indicators and obligations are known by their codes: a new name, alias, wording or date
updates the row and every task, figure and notice stays tied to it. What has vanished from the
files but is referred to by records is left in place and reported.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import ProtectedError

from songhua.console import clock, files
from songhua.console.ledger.models import (
    Indicator,
    IndicatorTarget,
    Obligation,
    OfficialText,
)
from songhua.console.ledger.services import audit
from songhua.console.people.models import Unit, UnitAlias
from songhua.kit.errors import InputError, Problem
from songhua.programmes.load import bundled, counts, load
from songhua.programmes.passages import passages

if TYPE_CHECKING:
    from collections.abc import Iterable

    from songhua.console.people.models import User
    from songhua.programmes.model import Programme

TEXT_LIMIT = 5 * 1024 * 1024


@lru_cache(maxsize=4)
def _read(folder: str) -> Programme:
    return load(Path(folder)) if folder else bundled()


def current() -> Programme:
    """The programme this console runs, from its files."""
    return _read(settings.PROGRAMME)


@lru_cache(maxsize=4)
def _outlines(folder: str) -> bytes:
    bundle = resources.files("songhua.programmes") / "harbin_2022"
    return ((Path(folder) if folder else bundle) / "districts.geojson").read_bytes()


def outlines() -> bytes:
    """The GeoJSON of the programme's districts, as its folder holds it."""
    return _outlines(settings.PROGRAMME)


@dataclass(frozen=True)
class Loaded:
    """What loading did: rows by kind, and the codes that records still hold on to."""

    counts: dict[str, int]
    kept: tuple[str, ...]


@transaction.atomic
def load_programme(actor: User | str, programme: Programme | None = None) -> Loaded:
    """Bring the records in line with the programme's files, all or nothing."""
    programme = programme or current()
    audit.hold()
    units = _units(programme)
    indicators = _indicators(programme, units)
    _obligations(programme, units, indicators)
    kept = (
        _drop(Obligation.objects.all(), {o.id for o in programme.obligations})
        + _drop(Indicator.objects.all(), {i.code for i in programme.indicators})
        + _drop(Unit.objects.all(), {u.code for u in programme.units})
    )
    counts = {
        "units": len(programme.units),
        "indicators": len(programme.indicators),
        "obligations": len(programme.obligations),
    }
    audit.record(actor, "programme_loaded", programme.code, counts=counts, kept=kept)
    return Loaded(counts, tuple(kept))


def _units(programme: Programme) -> dict[str, Unit]:
    units: dict[str, Unit] = {}
    UnitAlias.objects.all().delete()
    for given in programme.units:
        unit, _ = Unit.objects.update_or_create(
            code=given.code,
            defaults={
                "name_zh": given.name_zh,
                "name_en": given.name_en,
                "kind": given.kind,
                "district": given.district or "",
            },
        )
        units[given.code] = unit
    UnitAlias.objects.bulk_create(
        UnitAlias(unit=units[u.code], name=alias) for u in programme.units for alias in u.aliases
    )
    return units


def _indicators(programme: Programme, units: dict[str, Unit]) -> dict[str, Indicator]:
    indicators: dict[str, Indicator] = {}
    for given in programme.indicators:
        indicator, _ = Indicator.objects.update_or_create(
            code=given.code,
            defaults={
                "name_zh": given.name_zh,
                "name_en": given.name_en,
                "unit_zh": given.unit_zh,
                "unit_en": given.unit_en,
                "places": given.places,
                "comparator": given.comparator,
                "owner": units[given.owner],
                "article": given.article,
            },
        )
        indicators[given.code] = indicator
        for year, value in given.targets.items():
            IndicatorTarget.objects.update_or_create(
                indicator=indicator, due=given.due(year), defaults={"value": value}
            )
        indicator.targets.exclude(due__in=[given.due(year) for year in given.targets]).delete()
    return indicators


def _obligations(
    programme: Programme, units: dict[str, Unit], indicators: dict[str, Indicator]
) -> None:
    for given in programme.obligations:
        obligation, _ = Obligation.objects.update_or_create(
            code=given.id,
            defaults={
                "article": given.article,
                "kind": given.kind,
                "unit_stated": given.unit_stated,
                "unit_note": given.unit_note or "",
                "deadline": given.deadline,
                "deadline_time": str(given.deadline_time or ""),
                "cycle": ",".join(given.cycle),
                "metric": given.metric or "",
                "comparator": given.comparator or "",
                "value": "" if given.value is None else str(given.value),
                "value_unit": given.unit or "",
                "indicator": indicators[given.indicator] if given.indicator else None,
                "title_zh": given.title_zh,
                "title_en": given.title_en,
                "evidence_zh": given.evidence_zh,
                "evidence_en": given.evidence_en,
                "ambiguity_zh": given.ambiguity_zh or "",
                "ambiguity_en": given.ambiguity_en or "",
                "module": given.module,
            },
        )
        obligation.units.set(units[code] for code in given.units)


def _drop(rows: Iterable[Unit | Indicator | Obligation], codes: set[str]) -> list[str]:
    kept = []
    for row in rows:
        if row.code not in codes:
            try:
                with transaction.atomic():
                    row.delete()
            except ProtectedError:
                kept.append(row.code)
    return kept


def counts_of(programme: Programme) -> dict[str, object]:
    """What the programme holds, and whether its cross-checks add up."""
    return dict(counts(programme))


def attach_official_text(actor: User, filename: str, content: bytes) -> OfficialText:
    """Keep the bureau's copy of the official text and find each obligation's passage in it."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise InputError(Problem("file", "text_encoding", filename))
    found = passages(text, current())
    if not found:
        raise InputError(Problem("file", "text_without_articles", filename))
    sha256, size = files.keep([content], TEXT_LIMIT)
    with transaction.atomic():
        attached = OfficialText.objects.create(
            sha256=sha256,
            filename=filename,
            passages={code: p.sentence for code, p in found.items()},
            attached_by=actor,
            attached_at=clock.now(),
        )
        audit.record(
            actor, "official_text_attached", f"officialtext:{attached.pk}",
            sha256=sha256, size=size, found=len(found),
        )  # fmt: skip
    return attached
