"""The inspector is inspected: each rule finds the breach that it is for.

The toy scenario keeps every rule (`test_house.py`). Here a copy of it is broken in one place, and
the rule in charge must say so.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from importlib.resources import files

import pytest

from songhua.kit import conform
from songhua.runtime.registry import scenarios

from . import RULES, behaviour, refusals, samples, shape, words

CODE, TERMS, NUMBERS, SOURCE = (
    "__init__.py", "terms.csv", "sample/numbers.csv", "sample/SOURCE.md",
)  # fmt: skip

# rule, file, what stands there, what it is changed to, words of the complaint
WORDS = [
    (words.every_name_is_a_term_and_every_term_is_used, TERMS,
     "\nitem,", "\nthing,", "item: no line"),
    (words.every_name_is_a_term_and_every_term_is_used, TERMS,
     "\nhow,", "\nidle,,闲置,Idle,无人用,Nobody uses it,\nhow,", "nothing uses it"),
    (words.every_name_is_snake_case, CODE, '"count_slowly",', '"countSlowly",', "snake_case"),
    (words.every_unit_is_a_unit, TERMS, "weight_kg,kg", "weight_kg,stones_of_old", "no unit"),
    (words.every_name_keeps_its_word_on_units, TERMS, "weight_kg,kg", "weight_kg,g", "ends in kg"),
    (words.every_name_keeps_its_word_on_units, TERMS, "drawn_share,1", "drawn_share,h", "ends in"),
    (words.every_word_is_in_both_languages, TERMS, "件数", "Items", "not Chinese"),
    (words.every_word_is_in_both_languages, TERMS, ",Items,", ",件,", "not English"),
    (words.every_word_is_in_both_languages, TERMS, "How many there are", "", "definition of items"),
    (words.every_word_is_in_both_languages, CODE, "For tests: counts things", "计数", "story"),
]  # fmt: skip
SHAPE = [
    (shape.datasets_fit_together, CODE, 'key=("item",)', 'key=("packed_on",)', "required column"),
    (shape.datasets_fit_together, CODE, 'key=("item",)', 'key=("nothing",)', "required column"),
    (shape.datasets_fit_together, CODE, "low=0, high=1000", "low=1000, high=0", "above its upper"),
    (shape.datasets_fit_together, CODE, '"item", pl.String', '"item", pl.String, low=1', "numbers"),
    (shape.datasets_fit_together, CODE, '"items", pl.Int64, low=0', '"items", pl.Int32', "types"),
    (shape.datasets_fit_together, CODE, '"items", pl.Int64, low=0',
     '"items", pl.Int64, choices=("1",)', "choices are for texts"),
    (shape.datasets_fit_together, CODE, '"items", pl.Int64, low=0', '"kind", pl.Int64', "twice"),
    (shape.datasets_fit_together, CODE, 'name="totals"', 'name="sums"', "totals: read or written"),
    (shape.datasets_fit_together, CODE, 'name="totals"', 'name="misbehave"', "two things"),
    (shape.actions_take_what_they_declare, CODE, 'reads=("numbers",)', 'reads=("totals",)',
     "takes numbers"),
    (shape.actions_take_what_they_declare, CODE, "def misbehave(*, ", "def misbehave(", "keyword"),
    (shape.parameters_have_defaults_and_limits, CODE, "Field(5, ge=1", "Field(ge=1", "no default"),
    (shape.parameters_have_defaults_and_limits, CODE, "ge=1, le=100_000", "ge=1", "upper limit"),
    (shape.parameters_have_defaults_and_limits, CODE, "class SlowParams(Params):",
     "from pydantic import BaseModel\nclass SlowParams(BaseModel):", "not songhua.kit.params"),
    (shape.charts_draw_what_is_declared, CODE, 'Chart("totals"', 'Chart("tables"', "no table"),
    (shape.charts_draw_what_is_declared, CODE, 'x="kind"', 'x="colour"', "no column colour"),
    (shape.charts_draw_what_is_declared, CODE, 'y=("weight_kg",)', 'y=("kind",)', "is no number"),
    (shape.charts_draw_what_is_declared, CODE, '"bar"', '"map"', "two columns"),
    (shape.departments_and_clause_are_the_plans, CODE, "市科技局", "市魔法局", "no unit"),
    (shape.departments_and_clause_are_the_plans, CODE, '("市科技局",)', "()", "no responsible"),
    (shape.departments_and_clause_are_the_plans, CODE, "实施方案 附件1", "某文件", "某文件"),
    (shape.importing_it_is_light, CODE, "import os\n", "import os\nimport numba\n", "loads numba"),
    (shape.importing_it_is_light, CODE, "import os\n",
     "import os, sys\nif 'pytest' not in sys.modules: raise ImportError('not here')\n", "not here"),
    (shape.importing_it_is_light, CODE, "import os\n",
     "import os\nimport songhua.scenarios.fever_clinic\n", "scenario fever_clinic"),
]  # fmt: skip
SAMPLES = [
    (samples.every_input_has_a_sample_that_conforms, NUMBERS, "a,red", "a,green", "cell_choice"),
    (samples.the_sample_says_where_it_is_from, SOURCE, "Apache-2.0", "ours", "no licence"),
    (samples.the_sample_says_where_it_is_from, SOURCE,
     "Simulated (模拟数据, Apache-2.0)", "Apache-2.0", "neither simulated nor"),
]  # fmt: skip
MISBEHAVE = '] = "answer"'
BEHAVIOUR = [
    (behaviour.every_action_answers_and_repeats, CODE, MISBEHAVE, '] = "crash"', "as asked"),
    (behaviour.every_action_answers_and_repeats, CODE, MISBEHAVE, '] = "fail"', "out_of_range"),
    (behaviour.every_action_answers_and_repeats, CODE, MISBEHAVE, '] = "undeclared"', "undeclared"),
    (behaviour.every_action_answers_and_repeats, CODE, MISBEHAVE, '] = "not_finite"', "is nan"),
    (behaviour.every_action_answers_and_repeats, CODE, '"drawn_share": rng.random()',
     '"drawn_share": time.monotonic()', "asked again"),
    (behaviour.every_action_answers_and_repeats, CODE, '"drawn_share": rng.random()',
     '"drawn_share": float(hash("a") % 1000)', "another process"),
    (behaviour.no_action_changes_its_inputs_or_goes_back, CODE, "mean = totals",
     'numbers[0, "weight_kg"] = 7.0; mean = totals', "changes numbers"),
    (behaviour.no_action_changes_its_inputs_or_goes_back, CODE, '.sort("kind")',
     '.sort("kind").with_columns(more=1)', "totals.more is not declared"),
    (behaviour.no_action_changes_its_inputs_or_goes_back, CODE, "progress(step / params.steps)",
     "progress(1 / step)", "progress goes"),
    (behaviour.any_table_is_answered_or_refused, CODE, "mean = totals",
     'if numbers.height == 1: raise ZeroDivisionError("one row"); mean = totals', "one row"),
    (behaviour.any_table_is_answered_or_refused, CODE, "mean = totals",
     'assert (numbers["weight_kg"] > 0).all(), "a weight of 0"; mean = totals', "a weight of 0"),
    (behaviour.any_table_is_answered_or_refused, CODE, "mean = totals",
     'if numbers.height == 1: raise Infeasible(Problem("numbers", "unheard_of")); mean = totals',
     "no sentence in a messages.csv for {'unheard_of'}"),
]  # fmt: skip


REFUSALS = [
    (refusals.bad_parameters_are_named, CODE, "class SlowParams(Params):",
     "class SlowParams(Params, extra='ignore'):", "misspelt_name"),
]  # fmt: skip
CASES = [*WORDS, *SHAPE, *SAMPLES, *BEHAVIOUR, *REFUSALS]


@pytest.mark.parametrize(("rule", "file", "old", "new", "said"), CASES)
def test_a_breach_is_found(install_toy, rule, file, old, new, said):
    complaints = list(rule(install_toy(file, old, new)))
    assert any(said in text for text in complaints), complaints


def test_a_missing_and_a_superfluous_sample_are_found(install_toy):
    toy = install_toy()
    folder = files(toy.package) / "sample"
    shutil.move(folder / "numbers.csv", folder / "others.csv")
    complaints = set(samples.every_input_has_a_sample_that_conforms(toy))
    assert complaints == {"sample/numbers.csv is missing", "sample/others.csv is no input"}


def test_missing_pages_are_found(monkeypatch, tmp_path):
    monkeypatch.setattr(shape, "DOCS", tmp_path)
    house = next(iter(scenarios().values()))
    assert len(list(shape.its_pages_are_written(house))) == 6


def test_a_name_that_is_not_its_folders_is_found():
    house = next(iter(scenarios().values()))
    assert list(shape.it_lies_where_its_name_says(replace(house, name="another")))


@pytest.mark.parametrize(
    ("rule", "forgotten", "said"),
    [
        (refusals.bad_cells_are_named, "_cells", "cell_empty"),
        (refusals.bad_tables_are_named, "_twice", "row_twice"),
    ],
)
def test_a_check_that_is_forgotten_is_found(monkeypatch, toy_scenario, rule, forgotten, said):
    monkeypatch.setattr(conform, forgotten, lambda *given: [])
    assert any(said in text for text in rule(toy_scenario))


def test_every_rule_is_tried_here():
    tried = {rule for rule, *_ in CASES} | {
        shape.its_pages_are_written, shape.it_lies_where_its_name_says,
        refusals.bad_cells_are_named, refusals.bad_tables_are_named,
    }  # fmt: skip
    assert tried == set(RULES)
