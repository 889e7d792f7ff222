"""One action on files of one's own, without a console: files in, one folder of results out.

The steps are those of the console (`ingest`, then `attempt.run_action`), so the same files,
parameters and seed give the same digests.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from songhua.kit.errors import Conflict, InputError, Problem
from songhua.kit.params import parse
from songhua.kit.terms import terms
from songhua.runtime.attempt import run_action
from songhua.runtime.browse import to_csv_chunks
from songhua.runtime.execute import provenance
from songhua.runtime.ingest import ingest
from songhua.runtime.registry import find

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from songhua.kit.params import Params
    from songhua.kit.spec import Scenario
    from songhua.runtime.ingest import Ingested

FORMS = ("csv", "parquet")
LARGEST_SEED = 2**63 - 1


def run_files(
    scenario: str,
    action: str,
    tables: Mapping[str, Path],
    params: Mapping[str, str],
    seed: int,
    out: Path,
    *,
    forms: Collection[str] = FORMS,
    progress: Callable[[float], None] = lambda share: None,
) -> dict[str, Any]:
    """Run an action on the files `tables` (name → CSV, XLSX or Parquet) and leave its tables and
    ``result.json`` in the new folder `out`; what ``result.json`` says.

    Raises `InputError` with everything wrong with tables, parameters and seed, `Infeasible` from
    the action, and `Conflict` where `out` holds something. `out` appears whole or not at all.
    """
    declared, asked = find(scenario, action)
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise Conflict(Problem("out", "out_not_empty", str(out)))
    problems = [Problem(n, "table_unknown", n) for n in tables if n not in asked.reads]
    problems += [Problem(n, "table_missing", n) for n in asked.reads if n not in tables]
    if not 0 <= seed <= LARGEST_SEED:
        problems.append(Problem("seed", "seed_range", str(seed)))
    try:
        checked = parse(asked.params, spoken(asked.params, params))
    except InputError as error:
        problems += error.problems
    out.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as made:
        work, results = Path(made) / "work", Path(made) / "results"
        work.mkdir()
        results.mkdir()
        taken = {n: _take(declared, n, tables[n], work) for n in asked.reads if n in tables}
        problems += [_placed(n, p) for n, found in taken.items() for p in found.problems]
        if problems:
            raise InputError(problems)
        found = run_action(
            work, progress, scenario=scenario, action=action,
            inputs={n: str(t.path) for n, t in taken.items()},
            params=checked.model_dump(mode="json"), seed=seed,
        )  # fmt: skip
        for name, kept in found["tables"].items():
            _hand_out(work / f"{kept['digest']}.parquet", results, name, forms)
        digests = {n: t.digest for n, t in taken.items()}
        answer = {
            "kpis": found["kpis"],
            "tables": found["tables"],
            "inputs": {n: _told(tables[n], t) for n, t in taken.items()},
            "provenance": provenance(declared, asked, digests, checked, seed),
        }
        text = json.dumps(answer, ensure_ascii=False, indent=2)
        (results / "result.json").write_text(text + "\n", encoding="utf-8")
        results.replace(out)
    return answer


def spoken(kind: type[Params], given: Mapping[str, str]) -> dict[str, object]:
    """Parameters as a command line gives them: text where text is wanted, else JSON if it is any.

    >>> from songhua.kit.params import Params
    >>> class P(Params):
    ...     name: str
    ...     hours: tuple[int, ...]
    >>> spoken(P, {"name": "8", "hours": "[8, 9]"})
    {'name': '8', 'hours': [8, 9]}
    """
    return {name: _value(kind, name, text) for name, text in given.items()}


def _value(kind: type[Params], name: str, text: str) -> object:
    field = kind.model_fields.get(name)
    if field is None or field.annotation is str:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _take(scenario: Scenario, name: str, file: Path, work: Path) -> Ingested:
    if not file.is_file():
        raise InputError(Problem(name, "local_file_missing", str(file)))
    return ingest(file, file.name, scenario.dataset(name), terms(scenario.package), work)


def _placed(table: str, problem: Problem) -> Problem:
    """The problem with its table's name."""
    known = problem.where.partition(".")[0] == table
    return problem if known else replace(problem, where=f"{table} {problem.where}")


def _told(file: Path, taken: Ingested) -> dict[str, Any]:
    return {
        "file": file.name, "digest": taken.digest, "rows": taken.rows,
        "left_out": list(taken.columns_left_out), "encoding": taken.encoding,
    }  # fmt: skip


def _hand_out(kept: Path, results: Path, name: str, forms: Collection[str]) -> None:
    import polars as pl

    if "parquet" in forms:
        shutil.copyfile(kept, results / f"{name}.parquet")
    if "csv" in forms:
        headings = pl.read_parquet_schema(kept)
        with (results / f"{name}.csv").open("wb") as stream:
            stream.writelines(to_csv_chunks(kept, list(headings)))
