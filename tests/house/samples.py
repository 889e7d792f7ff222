"""The sample: a small table for each input, that conforms and says where it is from."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING

import polars as pl

from songhua.kit.conform import conform
from songhua.kit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

    from songhua.kit.spec import Action, Scenario

LARGEST_BYTES = 1024 * 1024
LICENCES = r"Apache-2\.0|CC0|CC[- ]BY|MIT|BSD|ODbL|PDDL|public domain"
ORIGINS = r"[Ss]imulated|模拟|https?://|doi:"


def folder(scenario: Scenario) -> Traversable:
    """Where the sample lies."""
    return files(scenario.package) / "sample"


def raw(scenario: Scenario, name: str) -> pl.DataFrame:
    """The sample of a dataset as it stands in its file: all text."""
    return pl.read_csv((folder(scenario) / f"{name}.csv").read_bytes(), infer_schema=False)


def tables(scenario: Scenario, action: Action) -> dict[str, pl.DataFrame]:
    """What `action` reads, from the sample, in its declared types."""
    return {name: conform(scenario.dataset(name), raw(scenario, name)) for name in action.reads}


def every_input_has_a_sample_that_conforms(scenario: Scenario) -> Iterator[str]:
    """One small CSV file for each input, and no other."""
    inputs = {d.name: d for d in scenario.inputs}
    found = {e.name.removesuffix(".csv"): e for e in folder(scenario).iterdir()
             if e.name.endswith(".csv")}  # fmt: skip
    yield from (f"sample/{name}.csv is missing" for name in inputs.keys() - found.keys())
    yield from (f"sample/{name}.csv is no input" for name in found.keys() - inputs.keys())
    for name in inputs.keys() & found.keys():
        if len(found[name].read_bytes()) > LARGEST_BYTES:
            yield f"sample/{name}.csv is larger than {LARGEST_BYTES} bytes"
        try:
            conform(inputs[name], raw(scenario, name))
        except InputError as error:
            yield f"sample/{name}.csv: {error}"


def the_sample_says_where_it_is_from(scenario: Scenario) -> Iterator[str]:
    """SOURCE.md names a licence, and an address or that the data are simulated."""
    path = folder(scenario) / "SOURCE.md"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    if not re.search(LICENCES, text):
        yield "sample/SOURCE.md names no licence"
    if not re.search(ORIGINS, text):
        yield "sample/SOURCE.md says neither simulated nor where the data are from"


RULES = (every_input_has_a_sample_that_conforms, the_sample_says_where_it_is_from)
