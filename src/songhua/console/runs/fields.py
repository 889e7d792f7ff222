"""A field for a parameter as its type declares it, and one that chooses a table."""

from __future__ import annotations

import json
import types
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin

from django import forms
from django.utils.timezone import localtime
from pydantic_core import PydanticUndefined

from songhua.console.design.bilingual import choose
from songhua.console.design.posted import Given
from songhua.console.runs import terms
from songhua.kit.params import choices

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from songhua.console.runs.models import Table
    from songhua.kit.spec import Action, Scenario


def bare(annotation: Any) -> tuple[Any, bool]:
    """A type without ``| None``, and whether it had it."""
    if get_origin(annotation) in (Union, types.UnionType):
        inner = [a for a in get_args(annotation) if a is not type(None)]
        return (inner[0] if len(inner) == 1 else annotation), len(inner) < len(get_args(annotation))
    return annotation, False


def read(action: Action, name: str, inner: Any, text: str) -> object:
    """What was typed for a parameter of type `inner`, as the service takes it."""
    named = {str(choice): choice for choice in choices(action.params, name)}
    if named:
        return named.get(text, text)
    if inner in (int, float, str, Decimal, date):
        return text
    try:
        return json.loads(text)  # a list or a record is written as JSON
    except ValueError:
        return text


def parameter(scenario: Scenario, action: Action, name: str, info: FieldInfo) -> Given:
    """The field of a parameter: its label with the unit, its limits in the browser and in words."""
    inner, optional = bare(info.annotation)
    default = None if info.default is PydanticUndefined else info.default
    notes = [terms.definition(scenario, name)]
    allowed = choices(action.params, name)
    widget: forms.Widget
    if allowed:
        options = [(str(c), terms.title(scenario, str(c))) for c in allowed]
        widget = forms.Select(choices=[("", "—"), *options] if optional else options)
    elif inner is bool:
        widget = forms.CheckboxInput()
    elif inner in (int, float, Decimal):
        attrs, note = _limits(info, whole=inner is int)
        widget = forms.NumberInput(attrs)
        notes.append(note)
    else:
        widget = forms.DateInput({"type": "date"}) if inner is date else forms.TextInput()
    if optional:
        notes.append(choose("可留空", "may be left empty"))
    return Given(
        label=terms.label(scenario, name), initial=default, widget=widget,
        required=inner is not bool and not optional,
        help_text=choose("；", "; ").join(filter(None, notes)),
    )  # fmt: skip


def _limits(info: FieldInfo, *, whole: bool) -> tuple[dict[str, object], str]:
    """What a number field enforces in the browser, and the limits in words."""
    found = {
        key: getattr(rule, key)
        for rule in info.metadata
        for key in ("ge", "gt", "le", "lt", "multiple_of")
        if getattr(rule, key, None) is not None
    }
    attrs: dict[str, object] = {
        "step": found.get("multiple_of", 1 if whole else "any"),
        "inputmode": "numeric" if whole else "decimal",
    }
    if (low := found.get("ge", found.get("gt"))) is not None:
        attrs["min"] = low
    if (high := found.get("le", found.get("lt"))) is not None:
        attrs["max"] = high
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    return attrs, choose("，", ", ").join(
        f"{sign} {found[key]:g}" for key, sign in signs.items() if key in found
    )


def table(scenario: Scenario, name: str, rows: list[Table]) -> Given:
    """The choice among the tables that may be read as the dataset `name`."""
    options = [(row.pk, _described(row)) for row in rows]
    return Given(
        label=terms.title(scenario, name), help_text=terms.definition(scenario, name),
        initial=rows[0].pk if rows else None,
        widget=forms.Select(choices=options or [("", choose("还没有可用的表", "No table yet"))]),
    )  # fmt: skip


def _described(row: Table) -> str:
    made = localtime(row.created_at).strftime("%Y-%m-%d %H:%M")
    if row.run_id:
        return choose(
            "运行 {r} 的结果 · {n} 行 · {t}", "result of run {r} · {n} rows · {t}",
            r=row.run_id, n=row.rows, t=made,
        )  # fmt: skip
    return choose(
        "{name} · {n} 行 · {t} · 表 {k}", "{name} · {n} rows · {t} · table {k}",
        name=row.name, n=row.rows, t=made, k=row.pk,
    )  # fmt: skip
