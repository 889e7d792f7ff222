"""Scenarios as they are declared."""

from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router, Schema

from songhua.console.runs import access
from songhua.console.runs.api.shown import REFUSALS
from songhua.kit.spec import Scenario
from songhua.kit.terms import terms
from songhua.runtime import schema
from songhua.runtime.registry import scenarios as declared

router = Router(tags=["场景 / Scenarios"])


class ScenarioLine(Schema):
    """A scenario in a list; `usable` says whether you may bring tables to it and run it."""

    name: str
    zh: str
    en: str
    story_zh: str
    story_en: str
    clause: str
    departments: list[str]
    maturity: str
    usable: bool


class ScenarioList(Schema):
    """Every scenario that you may see."""

    rows: list[ScenarioLine]


class TermShown(Schema):
    """What a name means; `unit` is "1" for a pure number and empty for what is no quantity."""

    name: str
    unit: str
    zh: str
    en: str
    definition_zh: str
    definition_en: str
    source: str


class DatasetShown(Schema):
    """A table with its Frictionless Table Schema; `is_input` where some action reads it."""

    name: str
    sharing: str
    is_input: bool
    table_schema: dict[str, Any]


class ActionShown(Schema):
    """What can be asked: tables read and written, indicators, JSON Schema of the parameters."""

    name: str
    reads: list[str]
    writes: list[str]
    kpis: list[str]
    params: dict[str, Any]


class ScenarioShown(ScenarioLine):
    """A scenario with everything that it declares; `files` can be fetched under ``schema/``."""

    datasets: list[DatasetShown]
    actions: list[ActionShown]
    terms: list[TermShown]
    files: list[str]


@router.get(
    "/scenarios", url_name="scenarios", response={200: ScenarioList, **REFUSALS},
    summary="场景一览 / List the scenarios",
)  # fmt: skip
def scenarios(request: HttpRequest) -> dict[str, Any]:
    """The scenarios that the holder of the token may see."""
    readable, usable = access.readable(request.user), access.usable(request.user)
    return {"rows": [_line(s, usable) for s in declared().values() if s.name in readable]}


@router.get(
    "/scenarios/{name}", url_name="scenario", response={200: ScenarioShown, **REFUSALS},
    summary="一个场景的全部声明 / One scenario as declared",
)  # fmt: skip
def scenario(request: HttpRequest, name: str) -> dict[str, Any]:
    """Its tables, actions, parameters and terms."""
    found = _known(request, name)
    inputs = {d.name for d in found.inputs}
    return _line(found, access.usable(request.user)) | {
        "datasets": [
            {"name": d.name, "sharing": d.sharing, "is_input": d.name in inputs,
             "table_schema": schema.table_schema(found, d)}
            for d in found.datasets
        ],
        "actions": [
            {"name": a.name, "reads": a.reads, "writes": a.writes, "kpis": a.kpis,
             "params": schema.params_schema(found, a)}
            for a in found.actions
        ],
        "terms": [vars(t) for t in terms(found.package).values()],
        "files": list(schema.documents(found)),
    }  # fmt: skip


@router.get(
    "/scenarios/{name}/schema/{file}", url_name="scenario_schema",
    response={200: dict[str, Any], **REFUSALS},
    summary="JSON Schema 与 Frictionless 数据包 / JSON Schema and Frictionless descriptors",
)  # fmt: skip
def scenario_schema(request: HttpRequest, name: str, file: str) -> dict[str, Any]:
    """One of the files that ``songhua schema`` writes."""
    found = schema.documents(_known(request, name))
    if file not in found:
        raise Http404
    return found[file]


def _known(request: HttpRequest, name: str) -> Scenario:
    if name not in access.readable(request.user):
        raise Http404
    return declared()[name]


def _line(it: Scenario, usable: frozenset[str]) -> dict[str, Any]:
    said = ("name", "zh", "en", "story_zh", "story_en", "clause", "departments", "maturity")
    return {n: getattr(it, n) for n in said} | {"usable": it.name in usable}
