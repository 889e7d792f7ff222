"""The look-up pages, drawn from the declarations so that they are never out of date.

Each function gives one page as Markdown in one language. What a declaration does not say in a
language stands in `lookup.csv`, `routes.csv` and `glossary.csv` beside this file; a line that is
missing there stops the build, so a new setting or page cannot be forgotten.
"""

from __future__ import annotations

import csv
import os
import re
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Sequence

    from pydantic import BaseModel

Language = Literal["zh", "en"]
HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent / "src" / "songhua"
ROLES = ("leader", "office", "staff", "enterprise", "reviewer", "public")
NOTE = (
    "本页由声明自动生成，与所装版本一致。",
    "This page is drawn from the declarations; it is always that of the version at hand.",
)


def pages(language: Language) -> dict[str, str]:
    """``{name: Markdown}`` of every look-up page."""
    from lookup_scenarios import pages as scenario_pages

    _django()
    found = {
        "cli": cli, "settings": settings, "rights": rights, "workflow": workflow,
        "defaults": defaults, "imports": imports, "messages": messages, "programme": programme,
        "glossary": glossary,
    }  # fmt: skip
    return {name: make(language) for name, make in found.items()} | scenario_pages(language)


def _django() -> None:
    """Set Django up without touching anybody's data folder."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "songhua.console.settings")
    os.environ.setdefault("SONGHUA_SECRET_KEY", "docs")
    os.environ.setdefault("SONGHUA_DATA_DIR", str(Path(tempfile.gettempdir()) / "songhua-docs"))
    import django

    django.setup()


def rows(path: Path) -> list[dict[str, str]]:
    """The lines of a CSV file."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@cache
def words() -> dict[tuple[str, str], tuple[str, str]]:
    """``{(kind, code): (zh, en)}`` of `lookup.csv`."""
    return {(r["kind"], r["code"]): (r["zh"], r["en"]) for r in rows(HERE / "lookup.csv")}


@cache
def ledger_words() -> dict[tuple[str, str], tuple[str, str]]:
    """The console's own words."""
    found = rows(SOURCE / "console" / "ledger" / "words.csv")
    return {(r["kind"], r["code"]): (r["zh"], r["en"]) for r in found}


def pair(kind: str, code: str) -> tuple[str, str]:
    """What is said of `code` in Chinese and English; `SystemExit` where nobody has written it."""
    found = words().get((kind, code)) or ledger_words().get((kind, code))
    if found is None:
        raise SystemExit(f"docs/lookup.csv lacks a line: {kind},{code},中文,English")
    return found


def word(kind: str, code: str, language: Language) -> str:
    """The word for `code` in `language`."""
    return pair(kind, code)[language == "en"]


def pick(language: Language, zh: str, en: str) -> str:
    return zh if language == "zh" else en


def heads(language: Language, zh: str, en: str) -> list[str]:
    """The headings of a table, separated by commas."""
    return pick(language, zh, en).split(",")


def cell(value: object) -> str:
    """`value` as one cell of a table."""
    text = "—" if value in (None, "", ()) else str(value)
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def table(titles: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    out = ["| " + " | ".join(titles) + " |", "|" + "---|" * len(titles)]
    out += ["| " + " | ".join(cell(value) for value in line) + " |" for line in lines]
    return "\n".join(out) + "\n"


def page(language: Language, zh: str, en: str, *parts: str) -> str:
    """A title, the note that the page is generated, and its parts."""
    return "\n\n".join([f"# {pick(language, zh, en)}", pick(language, *NOTE), *parts]) + "\n"


def half(text: str, language: Language) -> str:
    """The part of ``中文 / English`` in `language`."""
    zh, slash, en = text.partition(" / ")
    return en if slash and language == "en" else zh


def commands() -> dict[str, argparse.ArgumentParser]:
    """Every command of `songhua` with its parser."""
    from songhua.cli import _parser

    choices = next(a.choices for a in _parser()._actions if isinstance(a.choices, dict))
    return dict(choices)


def cli(language: Language) -> str:
    """The command line, from its own parser."""
    parts = [
        pick(
            language,
            "返回值：0 完成；1 被拒绝或校验未通过；2 用法错误；130 被 Ctrl-C 中断。",
            "Answers: 0 done, 1 refused or a check failed, 2 wrong usage, 130 stopped by Ctrl-C.",
        )
    ]
    for name, parser in commands().items():
        lines = []
        for action in parser._actions:
            if action.dest == "help":
                continue
            shown = ", ".join(f"`{o}`" for o in action.option_strings) or f"`{action.dest}`"
            choices = " · ".join(f"`{c}`" for c in action.choices or ())
            default = (
                action.default if action.default not in (None, False, [], "==SUPPRESS==") else ""
            )
            text = (
                half(action.help, language)
                if action.help
                else _argument(name, action.dest)[language == "en"]
            )
            lines.append((shown, text, choices, f"`{default}`" if default != "" else ""))
        titles = heads(language, "参数,含义,可选值,默认值", "Argument,Meaning,Values,Default")
        parts.append(f"## songhua {name}\n\n{half(parser.description or '', language)}")
        if lines:
            parts.append(table(titles, lines))
    return page(language, "命令行", "Command line", *parts)


def _argument(command: str, name: str) -> tuple[str, str]:
    return pair("argument", f"{command}.{name}")


def setting_names() -> list[str]:
    """Every ``SONGHUA_*`` that the settings read, those of the docstring first."""
    text = (SOURCE / "console" / "settings.py").read_text("utf-8")
    return list(dict.fromkeys(re.findall(r"SONGHUA_[A-Z_]+[A-Z]", text)))


def setting_docs() -> dict[str, str]:
    """What the docstring of the settings says of each."""
    text = (SOURCE / "console" / "settings.py").read_text("utf-8").split('"""')[1]
    return dict(re.findall(r"^(SONGHUA_[A-Z_]+)\s+(.+)$", text, re.M))


def settings(language: Language) -> str:
    """The environment variables, from the settings' docstring."""
    said = setting_docs()
    lines = []
    for name in setting_names():
        zh, en = pair("setting", name)
        lines.append((f"`{name}`", zh if language == "zh" else said.get(name, en)))
    return page(
        language, "设置", "Settings",
        pick(
            language,
            "设置只在启动时从环境变量读取一次，修改后须重启网站和后台进程。不设置任何变量也能运行。",
            "Settings are read once from the environment when a process starts; restart web and "
            "worker after a change. None of them has to be set.",
        ),
        "## SONGHUA_*\n\n" + table(heads(language, "变量,含义", "Variable,Meaning"), lines),
    )  # fmt: skip


def routes() -> dict[str, str]:
    """``{name: address}`` of every route; those for programs begin ``api:``."""
    from songhua.console.people.rights import routes

    return routes()


@cache
def offered() -> dict[tuple[str, str], str]:
    """``{(address, method): 中文 / English}`` of what the interface for programs offers."""
    from songhua.console.api.interface import document

    return {
        (address, method.upper()): told["summary"]
        for address, methods in document()["paths"].items()
        for method, told in methods.items()
    }


def purpose(row: dict[str, str], address: str, language: Language) -> str:
    """What a route is for, from routes.csv or from the interface's own description."""
    said = {r["route"]: r for r in rows(HERE / "routes.csv")}
    if row["route"] in said:
        return said[row["route"]][language]
    key = (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", address), row["methods"])
    if key not in offered():
        raise SystemExit(f"docs/routes.csv lacks a line for: {row['route']}")
    return half(offered()[key], language)


def rights(language: Language) -> str:
    """Who may open what, from rights.csv, with each page's address and purpose."""
    given = rows(SOURCE / "console" / "people" / "rights.csv")
    lines = []
    for name, address in routes().items():
        for row in (r for r in given if r["route"] == name):
            scopes = [word("scope", row[role], language) if row[role] else "" for role in ROLES]
            if row["public"] == "anyone":
                scopes = [word("scope", "anyone", language)] * len(ROLES)
            methods = row["methods"].replace("|", " ")
            lines.append((f"`{address}`", purpose(row, address, language), methods, *scopes))
    titles = heads(language, "地址,用途,方法", "Address,Purpose,Methods")
    titles += [word("role", role, language) for role in ROLES]
    scopes = [
        (word("scope", code, language), word("scope_meaning", code, language))
        for code in ("all", "unit", "own", "open", "anyone")
    ]
    return page(
        language, "页面与权限", "Pages and rights",
        pick(
            language,
            "没有列在权限表中的页面任何人都打不开。空格（—）为不得使用。哪些行可见由数据范围决定。",
            "A page without a line in the table of rights cannot be opened by anybody. A dash is "
            "a refusal. Which rows are seen is the scope.",
        ),
        f"## {pick(language, '数据范围', 'Scopes')}\n\n"
        + table(heads(language, "范围,含义", "Scope,Meaning"), scopes),
        f"## {pick(language, '页面', 'Pages')}\n\n" + table(titles, lines),
    )  # fmt: skip


def workflow(language: Language) -> str:
    """States, actions, roles and guards of a task, from workflow.yaml."""
    from songhua.governance.workflow import standard
    from songhua.kit.messages import catalogue

    said = catalogue()

    def of(code: str) -> str:
        return said[code][language]

    states = [(f"`{s}`", of(f"task_state_{s}")) for s in standard().states]
    lines = [
        (
            of(f"task_state_{t.source}"), f"{of(f'task_action_{t.action}')} `{t.action}`",
            of(f"task_state_{t.to}"),
            pick(language, "、", ", ").join(of(f"task_role_{r}") for r in t.roles),
            pick(language, "；", "; ").join(word("guard", g, language) for g in t.guards),
        )
        for t in standard().transitions
    ]  # fmt: skip
    return page(
        language, "任务状态与办理", "States of a task",
        pick(
            language,
            "默认值(非文件规定)：方案写明“验收销号”和牵头的办公室，没有规定各个状态。角色不符为"
            " 403（由他人办理），状态不符或条件未满足为 409（补齐后可办）。",
            "A default of ours, not of the plan: the plan names acceptance and closeout and the "
            "office that leads it, not the states. A wrong role is answered 403 (somebody else can "
            "do it), a wrong state or an unmet condition 409 (it can be mended).",
        ),
        f"## {pick(language, '状态', 'States')}\n\n"
        + table(heads(language, "代码,状态", "Code,State"), states),
        f"## {pick(language, '办理', 'Transitions')}\n\n"
        + table(heads(language, "原状态,办理,新状态,角色,条件", "From,Action,To,Roles,Conditions"),
                lines),
    )  # fmt: skip


def _model(model: type[BaseModel], kind: str, language: Language) -> str:
    lines = []
    for name, info in model.model_fields.items():
        default: Any = info.default
        shown = (
            ", ".join(f"{word('notice', k, language)} {v}" for k, v in default.model_dump().items())
            if hasattr(default, "model_dump") else default
        )  # fmt: skip
        zh = (info.description or "").replace(" 默认值(非文件规定)", "")
        lines.append((f"`{name}`", shown, zh if language == "zh" else pair(kind, name)[1]))
    return table(heads(language, "名称,默认值,含义", "Name,Default,Meaning"), lines)


def defaults(language: Language) -> str:
    """Every threshold and limit that is ours and not the plan's."""
    from songhua.governance.assessment import Weights
    from songhua.governance.escalation import EscalationRules
    from songhua.governance.lights import Thresholds

    parts = [
        pick(
            language,
            "下列数值方案均未规定，都是**默认值(非文件规定)**。"
            "本版本中它们写在代码里，改动须改代码并测试；尚无网页可改。",
            "The plan sets none of these. Each is a default of ours, marked 默认值(非文件规定). "
            "In this release they stand in the code; there is no page to edit them yet.",
        )
    ]
    for kind, model in (
        ("light", Thresholds),
        ("escalation", EscalationRules),
        ("weight", Weights),
    ):
        title = pair("defaults", kind)[language == "en"]
        parts.append(f"## {title}\n\n`{model.__module__}.{model.__name__}`\n\n"
                     + _model(model, kind, language))  # fmt: skip
    lines = [(f"`{name}`", value, pair("constant", name)[language == "en"])
             for name, value in constants().items()]  # fmt: skip
    titles = heads(language, "名称,数值,含义", "Name,Value,Meaning")
    parts.append(f"## {word('defaults', 'constant', language)}\n\n{table(titles, lines)}")
    return page(language, "阈值与默认值", "Thresholds and defaults", *parts)


def constants() -> dict[str, object]:
    """The single numbers that decide something, by their full name."""
    from django.conf import settings as console

    from songhua.console import worker
    from songhua.console.api import once, tokens
    from songhua.console.ledger.services import months
    from songhua.console.ledger.services import programme as programme_service
    from songhua.console.people import services as people
    from songhua.console.runs.services import schedules, work
    from songhua.governance import forecast
    from songhua.kit import conform
    from songhua.tables import Limits

    limits = Limits()
    mib = 1024 * 1024
    return {
        "months.REPORT_WORKDAYS": months.REPORT_WORKDAYS,
        "forecast.MINIMUM_INCREMENTS": forecast.MINIMUM_INCREMENTS,
        "people.FAILURES_ALLOWED": people.FAILURES_ALLOWED,
        "people.LOCK_MINUTES": people.LOCK_MINUTES,
        "settings.SESSION_COOKIE_AGE": f"{console.SESSION_COOKIE_AGE} s",
        "settings.UPLOAD_MAX_BYTES": f"{console.UPLOAD_MAX_BYTES // mib} MiB",
        "programme.TEXT_LIMIT": f"{programme_service.TEXT_LIMIT // mib} MiB",
        "tables.Limits.max_unpacked_bytes": f"{limits.max_unpacked_bytes // mib} MiB",
        "tables.Limits.max_ratio": limits.max_ratio,
        "tables.Limits.max_rows": f"{limits.max_rows:,}",
        "tables.Limits.max_columns": limits.max_columns,
        "tables.Limits.max_cells": f"{limits.max_cells:,}",
        "worker.TICK_SECONDS": worker.TICK_SECONDS,
        "settings.TABLE_MAX_BYTES": f"{console.TABLE_MAX_BYTES // mib} MiB",
        "conform.SHOWN": conform.SHOWN,
        "work.MOST_ATTEMPTS": work.MOST_ATTEMPTS,
        "work.UPLOAD_KEPT_S": f"{work.UPLOAD_KEPT_S} s",
        "schedules.MOST_AT_ONCE": schedules.MOST_AT_ONCE,
        "tokens.MOST_DAYS": tokens.MOST_DAYS,
        "tokens.GUESSES_A_MINUTE": tokens.GUESSES_A_MINUTE,
        "once.KEPT": f"{once.KEPT.total_seconds() / 3600:g} h",
    }


def imports(language: Language) -> str:
    """The columns of each kind of file, from the import service."""
    from songhua.console.ledger.models import ImportBatch
    from songhua.console.ledger.services.imports import FIELDS, FOR_STAFF

    parts = []
    for kind, (fields, key) in FIELDS.items():
        comma = pick(language, "、", ", ")
        lines = [
            (
                f"**{f.titles[0]}**",
                comma.join(f.titles[1:]),
                pick(language, "是", "yes") if f.required else "",
                pair("import_field", f"{kind}.{f.name}")[language == "en"],
            )
            for f in fields
        ]
        may = (
            pick(language, "办公室、责任部门", "office and departments")
            if kind in FOR_STAFF
            else pick(language, "仅办公室", "the office only")
        )
        keys = comma.join(f.titles[0] for f in fields if f.name in key)
        rule = pick(
            language, f"可导入：{may}。不得重复：{keys}。", f"For {may}. No two rows share: {keys}."
        )
        titles = heads(language, "表头,也可写作,必填,内容", "Heading,Also written,Required,Content")
        name = word("import_kind", ImportBatch.Kind(kind).value, language)
        parts.append(f"## {name}\n\n{rule}\n\n{table(titles, lines)}")
    return page(language, "导入表的列", "Columns of imports", *parts)


def messages(language: Language) -> str:
    """Every sentence with its code, by the part of the house that says it."""
    parts = []
    for path in sorted(SOURCE.rglob("messages.csv")):
        name = path.parent.relative_to(SOURCE).as_posix().replace("/", ".")
        lines = [(f"`{r['code']}`", r[language]) for r in rows(path)]
        titles = heads(language, "代码,说明", "Code,Sentence")
        parts.append(f"## {name}\n\n" + table(titles, lines))
    return page(language, "消息代码", "Message codes", *parts)


def programme(language: Language) -> str:
    """The bundled programme: what it holds, its indicators, units, zones and defects."""
    from songhua.programmes.load import bundled, counts

    it = bundled()
    names = {u.code: pick(language, u.name_zh, u.name_en) for u in it.units}
    indicators = [
        (
            f"`{i.code}`",
            pick(language, i.name_zh, i.name_en), pick(language, i.unit_zh, i.unit_en),
            i.verb, i.comparator,
            pick(language, "；", "; ").join(f"{y}: {v}" for y, v in i.targets.items()), i.article,
            pick(language, i.note or "", i.note_en or ""),
        )
        for i in it.indicators
    ]  # fmt: skip
    units = [
        (f"`{u.code}`", pick(language, u.name_zh, u.name_en), " · ".join(u.aliases))
        for u in it.units
    ]
    zones = [
        (
            pick(language, z.name_zh, z.name_en), z.article,
            pick(language, "、", ", ").join(names[c] for c in z.units),
            pick(language, z.focus_zh, z.focus_en),
        )
        for z in it.zones
    ]  # fmt: skip
    defects = [
        (d.id, d.article, pick(language, d.zh, d.en), pick(language, d.handling_zh, d.handling_en))
        for d in it.defects
    ]
    found = [(f"`{name}`", number) for name, number in counts(it).items()]

    def part(title: str, titles: str, lines: Iterable[Sequence[object]]) -> str:
        return f"## {title}\n\n{table(titles.split(','), lines)}"

    return page(
        language, "随附方案 harbin_2022", "The bundled programme harbin_2022",
        pick(language, it.source_note, it.source_note_en),
        part(pick(language, "数量", "Counts"), pick(language, "项,数", "Item,Number"), found),
        part(pick(language, "指标", "Indicators"),
             pick(language, "代码,指标,单位,用词,比较,目标,条款,说明",
                  "Code,Indicator,Unit,Verb,Comparator,Targets,Article,Note"), indicators),
        part(pick(language, "单位与别名", "Units and their aliases"),
             pick(language, "代码,名称,别名", "Code,Name,Aliases"), units),
        part(pick(language, "示范区", "Zones"), pick(language, "示范区,条款,单位,重点",
                                                 "Zone,Article,Units,Focus"), zones),
        part(pick(language, "文本缺陷及处理", "Defects of the text and how they are handled"),
             pick(language, "编号,条款,缺陷,处理", "Id,Article,Defect,Handling"), defects),
    )  # fmt: skip


def glossary(language: Language) -> str:
    """The governance words, and the words that the console shows."""
    lines = [
        (
            r["zh"],
            r["en"],
            f"`{r['code']}`" if r["code"] else "",
            r[f"meaning_{language}"],
            r["source"],
        )
        for r in rows(HERE / "glossary.csv")
    ]
    parts = [
        f"## {pick(language, '治理用语', 'Governance words')}\n\n"
        + table(heads(language, "中文,英文,代码,含义,出处", "Chinese,English,Code,Meaning,Source"),
                lines)
    ]  # fmt: skip
    shown = [
        (word("word_kind", kind, language), zh, en, f"`{code}`")
        for (kind, code), (zh, en) in ledger_words().items()
    ]
    parts.append(
        f"## {pick(language, '界面用语', 'Words of the console')}\n\n"
        + table(heads(language, "类别,中文,英文,代码", "Kind,Chinese,English,Code"), shown)
    )
    return page(language, "词汇", "Glossary", *parts)
