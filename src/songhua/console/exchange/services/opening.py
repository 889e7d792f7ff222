"""What must be true of a table before everybody may see it, whichever way it would be opened.

A dataset is public where it is published and open, and of its tables the columns that are said to
be open. All that becomes public is looked at for personal data first: when a dataset is opened, and
with every version of an open one. What its provider said of people in the data stands in
``about["opening"]``: ``quasi_identifiers`` and ``sensitive`` columns, by which k-anonymity and
l-diversity are measured, and the columns that somebody ``looked_at`` and found harmless.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from songhua.console.exchange.models import Entry
from songhua.exchange.privacy.opening import ResourceField, Thresholds, release_check
from songhua.exchange.privacy.scanning import CERTAIN, scan
from songhua.kit.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    import polars as pl

    from songhua.exchange.privacy.scanning import Finding

ROLES = ("quasi_identifiers", "sensitive", "looked_at")
BEYOND_DOUBT = {"resident_id", "mobile"}
"""What nobody may declare harmless once the cells bear it out."""
GENERAL = "general"


def public(entry: Entry) -> bool:
    """Whether everybody may see the dataset."""
    return entry.is_open and entry.state == Entry.State.ACTIVE


def said(entry: Entry) -> dict[str, list[str]]:
    """What its provider said of people in the data, by `ROLES`."""
    kept = entry.about.get("opening", {})
    return {role: list(kept.get(role, [])) for role in ROLES}


def classes(entry: Entry) -> dict[str, str]:
    """The class of each field's data, as the catalogue has it."""
    return {f["name"]: f.get("sensitivity", GENERAL) for f in entry.about.get("fields", [])}


def shown(columns: Iterable[dict[str, Any]]) -> list[str]:
    """The columns of a table that an open dataset shows."""
    return [column["name"] for column in columns if column.get("open")]


def against(entry: Entry, frame: pl.DataFrame) -> list[Problem]:
    """Everything against showing the columns of `frame` to everybody."""
    from songhua.exchange.privacy.risk import measure

    kept, classed = said(entry), classes(entry)
    fields = [ResourceField(n, classed.get(n, GENERAL) != GENERAL) for n in frame.columns]
    people = any(sensitivity != GENERAL for sensitivity in classed.values())
    findings = _doubtful(scan(frame), people, set(kept["looked_at"]))
    named = (*kept["quasi_identifiers"], *kept["sensitive"])
    unknown = [name for name in named if name not in frame.columns]
    quasi = [name for name in kept["quasi_identifiers"] if name in frame.columns]
    sensitive = [name for name in kept["sensitive"] if name in frame.columns]
    # With nobody to be told apart by anything, all rows are one class, however few.
    limits = Thresholds() if quasi else Thresholds(k=1, l_distinct=1)
    found = release_check(fields, frame.columns, findings, measure(frame, quasi, sensitive), limits)
    if not frame.height:
        found = [problem for problem in found if problem.code != "opening_not_measured"]
    return [*(Problem(name, "privacy_column_unknown", name) for name in unknown), *found]


def _doubtful(
    findings: Sequence[Finding], people: bool, looked_at: Collection[str]
) -> list[Finding]:
    """The findings that stand in the way. A place is personal where the rows are about people; a
    heading alone, which its cells do not bear out, is no finding."""
    people = people or any(f.kind != "coordinate" and f.basis == "content" for f in findings)
    return [
        f for f in findings
        if (f.basis == "content" or f.confidence >= CERTAIN)
        and (f.kind != "coordinate" or people)
        and (f.column not in looked_at or (f.kind in BEYOND_DOUBT and f.confidence >= CERTAIN))
    ]  # fmt: skip
