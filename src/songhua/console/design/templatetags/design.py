"""The tags and filters that every page of the console speaks with."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

from django import template
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from songhua.console.design import bilingual, charts, figures
from songhua.console.design.icons import ICONS, SHAPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.forms import BoundField

register = template.Library()

WORDS = {
    "green": ("正常", "On track"),
    "yellow": ("预警", "Warning"),
    "red": ("滞后", "Behind"),
    "blue": ("已完成", "Done"),
    "grey": ("无数据", "No data"),
}
for name in ("day", "day_text", "moment", "month_label", "figure", "percent"):
    register.filter(name, getattr(figures, name))
register.filter("say_field", bilingual.field)


@register.simple_tag
def say(zh: str, en: str, **values: object) -> SafeString:
    """``{% say "共 {n} 条" "{n} rows" n=count %}``: the pair in the reader's language, escaped."""
    text = conditional_escape(bilingual.choose(zh, en))
    if not values:
        return text
    shown = {key: figures.UNKNOWN if value is None else value for key, value in values.items()}
    return format_html(text, **shown)


@register.simple_tag
def icon(name: str, label: str = "", size: int = 20) -> SafeString:
    """``{% icon "bell" %}``: our drawing; with `label` it is read aloud, else hidden."""
    role = format_html('role="img" aria-label="{}"', label) if label else 'aria-hidden="true"'
    return format_html(
        '<svg class="icon icon-{}" viewBox="0 0 24 24" width="{}" height="{}" {}>{}</svg>',
        name, size, size, mark_safe(role), mark_safe(ICONS[name]),
    )  # fmt: skip


@register.filter
def sentences(given: object) -> list[str]:
    """Reasons or problems as sentences in the reader's language.

    Takes text, a pair {zh, en}, anything with ``text(language)``, or a list of those.
    """
    if not given:
        return []
    if isinstance(given, list | tuple):
        return [sentence for each in given for sentence in sentences(each)]
    if callable(text := getattr(given, "text", None)):
        return [str(text(bilingual.language()))]
    if pair := (bilingual.value(given, "zh") and bilingual.value(given, bilingual.language())):
        return [str(pair)]
    return [str(given)]


@register.simple_tag
def light(colour: object, reasons: object = None, word: str = "") -> SafeString:
    """``{% light task.light task.reasons %}``: colour, shape, word; reasons as its title."""
    key = str(getattr(colour, "value", colour) or "grey")
    key = key if key in SHAPES else "grey"
    why = "；".join(sentences(reasons))
    return format_html(
        '<span class="light light-{}"{}><svg viewBox="0 0 16 16" width="14" height="14"'
        ' aria-hidden="true">{}</svg><span class="light-word">{}</span>{}</span>',
        key,
        format_html(' title="{}"', why) if why else "",
        mark_safe(SHAPES[key]),
        word or bilingual.choose(*WORDS[key]),
        format_html('<span class="visually-hidden">（{}）</span>', why) if why else "",
    )


@register.simple_tag
def progress(actual: Any, planned: Any = None, label: str = "") -> SafeString:
    """``{% progress task.actual task.planned task.name %}``: a bar, the plan as a mark."""
    name = label or bilingual.choose("进度", "Progress")
    if actual is None:
        value, bar = bilingual.choose("未报送", "Not reported"), ""
        aria = format_html('role="img" aria-label="{}：{}"', name, value)
    else:
        value = figures.percent(actual)
        width = max(0, min(100, float(actual)))
        bar = format_html('<span class="meter-bar" style="width:{}%"></span>', f"{width:g}")
        aria = format_html(
            'role="progressbar" aria-label="{}" aria-valuemin="0" aria-valuemax="100" '
            'aria-valuenow="{}"', name, f"{width:g}",
        )  # fmt: skip
    mark, plan = "", ""
    if planned is not None:
        place = max(0, min(100, float(planned)))
        mark = format_html('<span class="meter-plan" style="left:{}%"></span>', f"{place:g}")
        words = bilingual.choose("计划 {p}", "planned {p}", p=figures.percent(planned))
        plan = format_html('<span class="meter-note">{}</span>', words)
    return format_html(
        '<span class="meter"><span class="meter-track" {}>{}{}</span>'
        '<span class="meter-text"><span class="meter-value">{}</span> {}</span></span>',
        aria, bar, mark, value, plan,
    )  # fmt: skip


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: object) -> str:
    """``{% query page=2 %}``: the query string with some of it changed; None takes it out."""
    request = context.get("request")
    parameters = request.GET.copy() if request is not None else _nothing()
    for key, value in changes.items():
        if value is None or value == "":
            parameters.pop(key, None)
        else:
            parameters[key] = str(value)
    return "?" + parameters.urlencode()


def _nothing() -> Any:
    from django.http import QueryDict

    return QueryDict(mutable=True)


@register.simple_block_tag
def table_region(content: str, label: str) -> SafeString:
    """``{% table_region label %}<table>…</table>{% endtable_region %}``: wide tables scroll in
    here, by finger and by arrow keys, and the page does not."""
    return format_html(
        '<div class="table-region" role="region" tabindex="0" aria-label="{}">{}</div>',
        label, mark_safe(content),
    )  # fmt: skip


@register.inclusion_tag("design/components/field.html")
def field(bound: BoundField, label: str = "", help_text: str = "") -> dict[str, object]:
    """``{% field form.name %}``: label, control, help and errors, tied together."""
    kind = getattr(bound.field.widget, "input_type", "textarea")
    check = kind == "checkbox" and not hasattr(bound.field.widget, "option_template_name")
    style = {"select": "form-select", "checkbox": "form-check-input", "radio": "form-check-input"}
    help_text = help_text or bound.help_text
    given = bound.field.widget.attrs
    several = getattr(bound.field.widget, "use_fieldset", False)
    look = "" if several else style.get(kind, "form-control")
    attrs = {"class": f"{look} {given.get('class', '')}".strip()}
    ids = [given.get("aria-describedby")]
    ids += [f"{bound.auto_id}_helptext"] if help_text else []
    if bound.errors:
        ids.append(f"{bound.auto_id}_error")
        attrs["class"] += " is-invalid"
        attrs["aria-invalid"] = "true"
    if described := " ".join(filter(None, ids)):
        attrs["aria-describedby"] = described
    return {
        "field": bound, "label": label or bound.label, "help_text": help_text, "check": check,
        "hidden": bound.is_hidden, "several": several, "control": bound.as_widget(attrs=attrs),
        "required": bound.field.required,
    }  # fmt: skip


_numbers = itertools.count(1)  # so that no two pictures on a page share an id


@register.inclusion_tag("design/components/chart.html")
def chart(data: dict[str, Any], id: str = "", height: int = 300) -> dict[str, object]:
    """``{% chart data %}``: a drawing and the same figures as a table (see charts.py)."""
    return {
        "chart": data, "id": id or f"chart-{next(_numbers)}", "height": height,
        "kind": data.get("kind", "line"), "table": charts.table(data), "json": _json(data),
    }  # fmt: skip


@register.inclusion_tag("design/components/map.html")
def city_map(data: dict[str, Any], id: str = "", height: int = 460) -> dict[str, object]:
    """``{% city_map data %}``: districts coloured by light or category (see charts.py)."""
    name = id or f"map-{next(_numbers)}"
    return {"map": data, "id": name, "height": height, "json": _json(data)}


def _json(data: object) -> SafeString:
    """JSON that cannot end the element it stands in; exact decimals and lazy text become plain."""
    written = json.dumps(data, ensure_ascii=False, default=_plain)
    for character, code in (("<", "\\u003C"), (">", "\\u003E"), ("&", "\\u0026")):
        written = written.replace(character, code)
    return mark_safe(written)


def _plain(value: object) -> object:
    from datetime import date
    from decimal import Decimal

    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else str(value)


@register.filter
def field_errors(form: Any) -> Iterator[tuple[str, str, str]]:
    """(id of the field, its label, what is wrong) for every error of a form."""
    for message in form.non_field_errors():
        yield "", "", message
    for bound in form:
        for message in bound.errors:
            yield bound.auto_id, bound.label, message


@register.filter
def lines(values: list[object]) -> SafeString:
    """Several sentences, each on its own line."""
    return format_html_join(mark_safe("<br>"), "{}", ((value,) for value in values))
