"""`songhua scenarios`, `run` and `schema`: the scenarios on the command line, without Django."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from songhua.commands.arguments import once, pair, say
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from songhua.kit.spec import Action, Dataset, Scenario


def add(command: Callable[..., argparse.ArgumentParser]) -> None:
    """Declare the commands."""
    listed = command("scenarios", _scenarios, "场景一览 / the scenarios and what each asks for")
    listed.add_argument("name", nargs="?", help="只看一个场景 / one scenario in full")

    run = command("run", _run, "在文件上运行场景 / run a scenario's action on files")
    run.add_argument("scenario", help="场景 / the scenario")
    run.add_argument("action", help="操作 / the action")
    run.add_argument(
        "--table", action="append", default=[], type=pair, metavar="NAME=FILE",
        help="输入表，CSV、XLSX 或 Parquet，每表一次 / an input table; once for each",
    )  # fmt: skip
    run.add_argument(
        "--param", action="append", default=[], type=pair, metavar="NAME=VALUE",
        help="参数，每项一次 / a parameter; once for each",
    )  # fmt: skip
    run.add_argument("--seed", type=int, default=1, help="随机种子 / seed")
    run.add_argument(
        "--out", type=Path, required=True,
        help="结果文件夹，不得已有内容 / folder for the results; must hold nothing yet",
    )  # fmt: skip
    run.add_argument(
        "--format", action="append", choices=("csv", "parquet"),
        help="结果表的格式，默认两种 / form of the result tables; both unless given",
    )  # fmt: skip

    schema = command("schema", _schema, "导出数据格式 / export JSON Schema and Frictionless")
    schema.add_argument("scenario", help="场景 / the scenario")
    schema.add_argument("--out", type=Path, required=True, help="文件夹 / folder for the files")


def _run(a: argparse.Namespace) -> None:
    from songhua.kit.terms import terms
    from songhua.runtime.local import FORMS, run_files
    from songhua.runtime.registry import find

    tables = {name: Path(file) for name, file in once(a.table).items()}
    found = run_files(
        a.scenario, a.action, tables, once(a.param), a.seed, a.out, forms=a.format or FORMS,
        progress=_progress if sys.stderr.isatty() else lambda share: None,
    )  # fmt: skip
    words = terms(find(a.scenario, a.action)[0].package)
    for name, value in found["kpis"].items():
        shown = "—" if value is None else f"{value:g}"
        say(f"{name} = {shown}  {words[name].label('zh')} / {words[name].label('en')}")
    say(f"{a.out}: {', '.join([*found['tables'], 'result.json'])}")


def _progress(share: float) -> None:
    sys.stderr.write(f"\r{share:4.0%} ")
    sys.stderr.flush()


def _schema(a: argparse.Namespace) -> None:
    from songhua.runtime.schema import documents

    found = documents(_named(a.scenario))
    a.out.mkdir(parents=True, exist_ok=True)
    for name, document in found.items():
        path = a.out / name
        text = json.dumps(document, ensure_ascii=False, indent=2)
        path.write_text(text + "\n", encoding="utf-8")
        say(str(path))


def _named(name: str) -> Scenario:
    from songhua.runtime.registry import scenarios

    known = scenarios()
    if name not in known:
        raise InputError(Problem("scenario", "scenario_unknown", f"{name} ({'、'.join(known)})"))
    return known[name]


def _scenarios(a: argparse.Namespace) -> None:
    from songhua.runtime.registry import scenarios

    if a.name is None:
        for it in scenarios().values():
            actions = ", ".join(action.name for action in it.actions)
            say(f"{it.name}  {it.zh} / {it.en}  [{it.maturity}]  {actions}")
        return
    for line in _described(_named(a.name)):
        say(line)


def _described(it: Scenario) -> Iterator[str]:
    yield f"{it.zh} / {it.en}  {it.clause}  {'、'.join(it.departments)}  [{it.maturity}]"
    yield it.story_zh
    yield it.story_en
    for dataset in it.inputs:
        yield ""
        yield from _table(it, dataset)
    for action in it.actions:
        yield ""
        yield from _action(it, action)


def _table(it: Scenario, dataset: Dataset) -> Iterator[str]:
    from songhua.runtime.schema import table_schema

    yield f"表 table {dataset.name}  {_label(it, dataset.name)}"
    for field in table_schema(it, dataset)["fields"]:
        limits = field["constraints"]
        words = [field["type"], *_limits(limits), "" if limits["required"] else "可空 optional"]
        yield f"  {field['name']}: {' '.join(w for w in words if w)}  {field['title']}"


def _action(it: Scenario, action: Action) -> Iterator[str]:
    from songhua.runtime.schema import params_schema

    yield f"操作 action {action.name}  {_label(it, action.name)}"
    for name, field in params_schema(it, action)["properties"].items():
        default = f"= {json.dumps(field['default'])}" if "default" in field else "必填 required"
        words = [str(field.get("type", "")), *_limits(field), default]
        yield f"  --param {name}  {' '.join(w for w in words if w)}  {field['title']}"
    tables = " ".join(f"--table {name}={name}.csv" for name in action.reads)
    yield f"  songhua run {it.name} {action.name} {tables} --seed 1 --out result"


def _label(it: Scenario, name: str) -> str:
    from songhua.kit.terms import terms

    term = terms(it.package)[name]
    return f"{term.label('zh')} / {term.label('en')}"


def _limits(schema: dict[str, Any]) -> list[str]:
    marks = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    found = [f"{mark} {schema[key]:g}" for key, mark in marks.items() if key in schema]
    return [*found, *(["|".join(schema["enum"])] if "enum" in schema else [])]
