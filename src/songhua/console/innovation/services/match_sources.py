"""What an achievement may be matched with besides demands: firms, carriers, and whatever a
neighbouring application registers in ``ready()``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.urls import reverse

from songhua.console.innovation.challenge_workflow import standard
from songhua.console.subsidies.models import MergeProposal, Subject, SubjectFact
from songhua.engines.matching import Item

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    Keys = Collection[int] | None  # None for every record


@dataclass(frozen=True)
class Source:
    """Records by the name under which the audit log knows them. `items` gives those that may be
    found among the records asked for; `kinds` says what each kind of them is on the page of an
    achievement, and `names` how one is called and where its page is; `open` shows them to
    everybody, not to officials alone; `told` finds the records that an entry about another one
    changes, by that other's name."""

    items: Callable[[Keys], Iterable[Item]]
    kinds: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    names: Callable[[Collection[int]], Mapping[int, tuple[str, str]]] = lambda _keys: {}
    open: bool = False
    told: Mapping[str, Callable[[Collection[int]], Iterable[int]]] = field(default_factory=dict)


def _subjects(keys: Keys) -> Iterator[Item]:
    """Active enterprises and carriers, by their names and by every text that is known of them."""
    rows = Subject.objects.filter(
        state=Subject.State.ACTIVE, kind__in=(Subject.Kind.ENTERPRISE, Subject.Kind.CARRIER)
    )
    facts = SubjectFact.objects.filter(subject__state=Subject.State.ACTIVE)
    if keys is not None:
        rows, facts = rows.filter(pk__in=keys), facts.filter(subject__in=keys)
    known: dict[int, dict[str, str]] = {}
    for key, name, value in facts.values_list("subject_id", "name", "value"):
        if isinstance(value, str):
            known.setdefault(key, {})[name] = value
    for row in rows.iterator():
        texts = known.get(row.pk, {})
        found = texts.get("field", "")
        yield Item(
            f"subject:{row.pk}", row.kind, "\n".join([row.name, *texts.values()]),
            found if found in standard().settings.fields else "", texts.get("district", ""),
        )  # fmt: skip


def _of_facts(keys: Collection[int]) -> Iterable[int]:
    return SubjectFact.objects.filter(pk__in=keys).values_list("subject_id", flat=True)


def _of_merges(keys: Collection[int]) -> Iterable[int]:
    rows = MergeProposal.objects.filter(pk__in=keys).values_list("kept_id", "other_id")
    return [key for pair in rows for key in pair]


def _names(keys: Collection[int]) -> dict[int, tuple[str, str]]:
    rows = Subject.objects.filter(pk__in=keys)
    return {row.pk: (row.name, reverse("subject", args=[row.pk])) for row in rows}


SOURCES: dict[str, Source] = {
    "subject": Source(
        _subjects,
        {"enterprise": ("可承接的企业", "Firms that could take it up"),
         "carrier": ("适合的载体", "Carriers that suit it")},
        _names, told={"subjectfact": _of_facts, "mergeproposal": _of_merges},
    ),
}  # fmt: skip
