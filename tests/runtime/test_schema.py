"""What is exported says the same as the declaration, in the words of the two standards."""

from __future__ import annotations

import json

import polars as pl
import pytest

from songhua.kit.conform import conform, dtype
from songhua.kit.errors import InputError
from songhua.kit.params import parse
from songhua.kit.terms import terms
from songhua.runtime.registry import scenarios
from songhua.runtime.schema import data_package, documents, params_schema, table_schema

EVERY = list(scenarios().values())
ACTIONS = [(s, a) for s in EVERY for a in s.actions]


@pytest.mark.parametrize("scenario", EVERY, ids=lambda s: s.name)
def test_everything_exported_is_json(scenario):
    found = documents(scenario)
    assert list(found) == [*(f"{a.name}.params.schema.json" for a in scenario.actions),
                           "datapackage.json"]  # fmt: skip
    assert json.loads(json.dumps(found, allow_nan=False)) == found


@pytest.mark.parametrize(("scenario", "action"), ACTIONS, ids=lambda x: x.name)
def test_the_schema_takes_and_refuses_what_the_parameters_do(scenario, action):
    jsonschema = pytest.importorskip("jsonschema")
    schema = params_schema(scenario, action)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    base = action.params.model_construct().model_dump(mode="json")
    tried = [{}, base, {**base, "misspelt": 1}]
    for name, field in schema["properties"].items():
        words = terms(scenario.package)[name]
        assert (field["zh"], field["en"]) == (words.zh, words.en)
        assert field.get("unit", "") == words.unit
        limits = [field[k] for k in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
                  if k in field]  # fmt: skip
        values = [v for x in limits for v in (x - 1, x, x + 1)]
        tried += [{**base, name: value} for value in (*values, None, [], {}, "text")]
    for given in tried:
        try:
            parse(action.params, given)
            taken = True
        except InputError:
            taken = False
        assert validator.is_valid(given) == taken, given


@pytest.mark.parametrize("scenario", EVERY, ids=lambda s: s.name)
def test_the_package_names_every_table_with_its_columns_key_and_limits(scenario):
    package = data_package(scenario)
    assert [r["name"] for r in package["resources"]] == [d.name for d in scenario.datasets]
    for dataset, resource in zip(scenario.datasets, package["resources"], strict=True):
        schema = resource["schema"]
        assert schema.get("primaryKey", []) == list(dataset.key)
        for column, field in zip(dataset.columns, schema["fields"], strict=True):
            limits = field["constraints"]
            assert field["name"] == column.name and limits["required"] == column.required
            assert limits.get("minimum") == column.low and limits.get("maximum") == column.high
            assert tuple(limits.get("enum", ())) == column.choices
            assert " / " in field["title"]


@pytest.mark.parametrize("scenario", EVERY, ids=lambda s: s.name)
def test_the_samples_fit_the_exported_schema(scenario):
    """A reader of the schema alone takes the sample as `conform` does."""
    from importlib.resources import files

    for dataset in scenario.inputs:
        path = files(scenario.package) / "sample" / f"{dataset.name}.csv"
        text = pl.read_csv(path.read_bytes(), infer_schema=False).fill_null("")
        taken = conform(dataset, text)
        for field in table_schema(scenario, dataset)["fields"]:
            cells = text[field["name"]].to_list()
            if field["type"] == "boolean":
                read = [c in field["trueValues"] for c in cells]
                assert set(cells) <= {*field["trueValues"], *field["falseValues"]}
                assert read == taken[field["name"]].to_list()
            if field["constraints"]["required"]:
                assert "" not in cells
            assert taken.schema[field["name"]] == dtype(
                next(c for c in dataset.columns if c.name == field["name"])
            )
