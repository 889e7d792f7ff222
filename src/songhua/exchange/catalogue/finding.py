"""What the search index holds of a resource, and how many resources stand behind each choice."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from songhua.exchange.catalogue.vocabulary import words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from songhua.exchange.catalogue.resource import Resource

FACETS = ("theme", "provider", "tier", "format", "open", "cycle")


def search_text(resource: Resource) -> str:
    """Everything a person may search a resource by, the most telling first, one part a line.
    Contacts are left out: people are not found through the index of data."""
    theme = words("theme").get(resource.theme)
    themes = (theme.zh, theme.en) if theme else ()
    fields = (text for f in resource.fields for text in (f.title_zh, f.title_en, f.name))
    parts = (
        resource.title_zh, resource.title_en, *resource.keywords, resource.name, resource.code,
        resource.provider, *themes, resource.summary_zh, resource.summary_en,
        resource.spatial, *fields,
    )  # fmt: skip
    return "\n".join(dict.fromkeys(part for part in parts if part))


def facets(resources: Iterable[Resource]) -> dict[str, dict[str, int]]:
    """``{facet: {choice: resources}}``, the most frequent first, then by name. `format` counts a
    resource once for each of its formats; `open` is yes or no; no theme is an empty name."""
    counts: dict[str, Counter[str]] = {facet: Counter() for facet in FACETS}
    for resource in resources:
        counts["theme"][resource.theme] += 1
        counts["provider"][resource.provider] += 1
        counts["tier"][str(resource.tier)] += 1
        counts["format"].update(resource.formats)
        counts["open"]["yes" if resource.open else "no"] += 1
        counts["cycle"][resource.cycle] += 1
    return {
        facet: dict(sorted(count.items(), key=lambda one: (-one[1], one[0])))
        for facet, count in counts.items()
    }
