"""The look-up pages of the scenarios: their tables, actions, parameters, indicators and charts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lookup import heads, page, pick, table, word

from songhua.kit.terms import terms
from songhua.runtime.registry import scenarios
from songhua.scenarios import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lookup import Language

    from songhua.kit.spec import Action, Chart, Column, Dataset, Scenario
    from songhua.kit.terms import Term

EXCLUSIVE = ((">", "exclusiveMinimum"), ("<", "exclusiveMaximum"))


def pages(language: Language) -> dict[str, str]:
    """``{name: Markdown}``: one page for each scenario, and the list of them."""
    found = {f"scenario_{name}": scenario(language, it) for name, it in scenarios().items()}
    return {"scenarios": scenario_list(language)} | found


def scenario_list(language: Language) -> str:
    """Every registered scenario with its clause, departments and maturity."""
    lines = [
        (
            f"[{pick(language, s.zh, s.en)}](scenario_{s.name}.md)", f"`{s.name}`", s.clause,
            "、".join(s.departments), word("maturity", s.maturity, language),
        )
        for s in scenarios().values()
    ]  # fmt: skip
    titles = heads(
        language, "场景,代码,条款,责任部门,成熟度", "Scenario,Name,Clause,Departments,Maturity"
    )
    return page(language, "场景一览", "Scenarios", table(titles, lines))


def scenario(language: Language, it: Scenario) -> str:
    """What a scenario declares: its tables, actions, indicators and charts."""
    said = terms(it.package)
    about = [
        pick(language, it.story_zh, it.story_en),
        pick(language, "条款：", "Clause: ") + it.clause
        + pick(language, "。责任部门：", ". Departments: ") + "、".join(it.departments)
        + pick(language, "。成熟度：", ". Maturity: ")
        + word("maturity", it.maturity, language) + pick(language, "。", "."),
    ]  # fmt: skip
    if it.name in SCENARIOS:
        words = pick(language, "给谁用、决定什么、局限", "For whom, what it decides, its limits")
        about.append(f"[{words}](../scenarios/{it.name}.md)")
    kpis = dict.fromkeys(name for action in it.actions for name in action.kpis)
    named = heads(language, "名称,叫法,单位,含义,出处", "Name,Label,Unit,Meaning,Source")
    drawn = [_chart(chart, language) for chart in it.charts]
    axes = heads(language, "图形,数据表,横轴,纵轴,分组", "Kind,Table,Across,Up,By")
    return page(
        language, f"{it.zh}：数据与操作", f"{it.en}: data and actions", *about,
        f"## {pick(language, '数据表', 'Tables')}",
        *(_dataset(language, dataset, said) for dataset in it.datasets),
        f"## {pick(language, '操作', 'Actions')}",
        *(_action(language, action, said) for action in it.actions),
        f"## {pick(language, '指标', 'Indicators')}\n\n"
        + table(named, [_named(said[name], language) for name in kpis]),
        f"## {pick(language, '图', 'Charts')}\n\n" + table(axes, drawn),
    )  # fmt: skip


def _named(term: Term, language: Language) -> tuple[str, ...]:
    """Name, label, unit, meaning and source of a term."""
    meaning = term.definition(language)
    return f"`{term.name}`", pick(language, term.zh, term.en), term.unit, meaning, term.source


def _dataset(language: Language, dataset: Dataset, said: dict[str, Term]) -> str:
    lines = []
    for column in dataset.columns:
        code, label, unit, meaning, source = _named(said[column.name], language)
        kind = word("column_type", column.dtype.__name__, language)
        needed = pick(language, "是", "yes") if column.required else ""
        lines.append((code, label, kind, unit, _allowed(column), needed, meaning, source))
    titles = heads(
        language, "列,叫法,类型,单位,取值,必填,含义,出处",
        "Column,Label,Type,Unit,Allowed,Required,Meaning,Source",
    )  # fmt: skip
    key = pick(language, "主键：", "Key: ") + " + ".join(f"`{name}`" for name in dataset.key)
    sharing = pick(language, "共享：", "Sharing: ") + word("sharing", dataset.sharing, language)
    facts = pick(language, "；", "; ").join([key, sharing] if dataset.key else [sharing])
    term = said[dataset.name]
    return (
        f"### {pick(language, term.zh, term.en)} `{dataset.name}`\n\n"
        f"{term.definition(language)}{pick(language, '。', '. ')}{facts}\n\n{table(titles, lines)}"
    )


def _allowed(column: Column) -> str:
    if column.choices:
        return " · ".join(f"`{choice}`" for choice in column.choices)
    return _between(*(None if x is None else f"{x:g}" for x in (column.low, column.high)))


def _between(low: object, high: object) -> str:
    if low is not None and high is not None:
        return f"{low} … {high}"
    return f"≥ {low}" if low is not None else f"≤ {high}" if high is not None else ""


def _chart(chart: Chart, language: Language) -> tuple[str, ...]:
    by = f"`{chart.by}`" if chart.by else ""
    up = " ".join(f"`{name}`" for name in chart.y)
    return word("chart", chart.kind, language), f"`{chart.table}`", f"`{chart.x}`", up, by


def _accepted(field: dict[str, Any]) -> str:
    """The limits or choices of a parameter, from its JSON Schema."""
    rule = next((f for f in field.get("anyOf", ()) if f.get("type") != "null"), field)
    bounds = [
        _between(rule.get("minimum"), rule.get("maximum")),
        *(f"{sign} {rule[name]}" for sign, name in EXCLUSIVE if name in rule),
        *(f"`{choice}`" for choice in rule.get("enum", ())),
    ]
    return " · ".join(filter(None, bounds))


def _action(language: Language, action: Action, said: dict[str, Term]) -> str:
    lines = []
    for name, field in action.params.model_json_schema().get("properties", {}).items():
        code, label, unit, meaning, source = _named(said[name], language)
        lines.append((code, label, unit, _accepted(field), field.get("default"), meaning, source))
    titles = heads(
        language, "参数,叫法,单位,取值,默认值,含义,出处",
        "Parameter,Label,Unit,Allowed,Default,Meaning,Source",
    )  # fmt: skip

    def listed(names: Sequence[str]) -> str:
        return pick(language, "、", ", ").join(f"`{each}`" for each in names)

    facts = pick(
        language,
        f"读取 {listed(action.reads)}；写出 {listed(action.writes)}；指标 {listed(action.kpis)}。",
        f"Reads {listed(action.reads)}; writes {listed(action.writes)}; indicators "
        f"{listed(action.kpis)}.",
    )
    term = said[action.name]
    return (
        f"### {pick(language, term.zh, term.en)} `{action.name}`\n\n"
        f"{term.definition(language)}{pick(language, '。', '. ')}{facts}\n\n{table(titles, lines)}"
    )
