"""Tags are the keywords of the datasets that the caller may find, formats those of their files."""

from __future__ import annotations

from typing import Any

from django.db.models import Count

from songhua.console.exchange import searching
from songhua.console.exchange.ckan.actions.finding import MOST_LISTED, shown_to, visible
from songhua.console.exchange.ckan.actions.registry import MISSING, Call, action
from songhua.console.exchange.ckan.refusals import Invalid, Missing
from songhua.console.exchange.models import Distribution


def _words(call: Call, *texts: str) -> list[str]:
    """The keywords that hold every one of the texts."""
    lists = visible(call).order_by().values_list("keywords", flat=True)
    found = {word for words in lists for word in words}
    return sorted(w for w in found if all(text.lower() in w.lower() for text in texts))


def _asked(call: Call) -> list[str]:
    """What tags are looked for: nothing finds nothing."""
    given = call.given.get("query") or call.given.get("q") or []
    return [str(one) for one in (given if isinstance(given, list) else [given]) if str(one).strip()]


def _as_dict(word: str) -> dict[str, Any]:
    return {"id": word, "name": word, "vocabulary_id": None}


@action(reads=True)
def tag_list(call: Call) -> list[Any]:
    """All keywords, or those that hold a text."""
    found = _words(call, *_asked(call))
    if call.flag("all_fields"):
        return [_as_dict(word) | {"display_name": word} for word in found]
    return list(found)


@action(reads=True)
def tag_show(call: Call) -> dict[str, Any]:
    """One keyword."""
    word = call.text("id")
    rows = visible(call).filter(searching.tagged(word))
    if not rows.exists():
        raise Missing()
    found = _as_dict(word) | {"display_name": word}
    if call.flag("include_datasets"):
        found["packages"] = shown_to(call, 1000, searching.tagged(word))
    return found


@action(reads=True)
def tag_search(call: Call) -> dict[str, Any]:
    """Keywords that hold a text, page by page."""
    asked = _asked(call)
    found = _words(call, *asked) if asked else []
    first, most = call.number("offset", 0), call.number("limit", MOST_LISTED)
    return {"count": len(found), "results": [_as_dict(w) for w in found[first : first + most]]}


@action(reads=True)
def tag_autocomplete(call: Call) -> list[str]:
    """The names of keywords that hold a text."""
    asked = _asked(call)
    found = _words(call, *asked) if asked else []
    return found[: call.number("limit", 10, MOST_LISTED)]


@action(reads=True)
def vocabulary_list(call: Call) -> list[Any]:
    """There are no vocabularies but the free one."""
    return []


@action(reads=True)
def format_autocomplete(call: Call) -> list[str]:
    """Formats that hold a text, the most frequent first."""
    if "q" not in call.given:
        raise Invalid(q=[MISSING])
    rows = Distribution.objects.filter(
        entry__in=visible(call).order_by().values("pk"), removed_at=None,
        form__icontains=call.text("q", otherwise=""),
    )  # fmt: skip
    counted = rows.exclude(form="").order_by().values_list("form").annotate(n=Count("pk"))
    found = sorted(counted, key=lambda pair: (-pair[1], pair[0]))
    most = call.number("limit", 5, MOST_LISTED)
    return list(dict.fromkeys(form.lower() for form, _ in found))[:most]
