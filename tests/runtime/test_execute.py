"""An action is called with what it declares and held to what it declares."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from songhua.kit.errors import Infeasible, InputError
from songhua.kit.params import parse
from songhua.kit.spec import Outcome
from songhua.runtime.execute import BrokenPromise, execute, provenance

NUMBERS = pl.DataFrame(
    {"item": ["a", "b", "c"], "kind": ["red", "blue", "red"], "weight_kg": ["1.5", "2", "0.5"]}
)


def run(scenario, how="answer", tables=None, seed=1, action="misbehave"):
    asked = scenario.action(action)
    params = parse(asked.params, {"how": how} if action == "misbehave" else {})
    return execute(
        scenario, asked, {"numbers": NUMBERS} if tables is None else tables, params, seed
    )


def test_the_answer_is_what_is_declared_and_in_its_order(toy_scenario):
    outcome = run(toy_scenario)
    assert outcome.tables["totals"].rows() == [("blue", 1, 2.0), ("red", 2, 2.0)]
    assert list(outcome.kpis) == ["mean_kg", "drawn_share"]
    assert outcome.kpis["mean_kg"] == pytest.approx(4 / 3)


def test_chance_follows_the_seed_and_the_action(toy_scenario):
    drawn = run(toy_scenario).kpis["drawn_share"]
    assert run(toy_scenario).kpis["drawn_share"] == drawn
    assert run(toy_scenario, seed=2).kpis["drawn_share"] != drawn
    assert run(toy_scenario, action="count_slowly").kpis["drawn_share"] != drawn


def test_all_problems_of_all_tables_come_at_once(toy_scenario):
    bad = NUMBERS.with_columns(pl.lit("green").alias("kind"))
    with pytest.raises(InputError) as caught:
        run(toy_scenario, tables={"numbers": bad, "misspelt": NUMBERS})
    found = [(p.where, p.code) for p in caught.value.problems]
    assert found == [("misspelt", "table_unknown")] + [("numbers.kind", "cell_choice")] * 3


def test_a_missing_table_is_named(toy_scenario):
    with pytest.raises(InputError) as caught:
        run(toy_scenario, tables={})
    assert [(p.where, p.code) for p in caught.value.problems] == [("numbers", "table_missing")]


@pytest.mark.parametrize(
    ("how", "error"), [("fail", InputError), ("infeasible", Infeasible), ("crash", RuntimeError)]
)
def test_what_the_action_raises_is_passed_on(toy_scenario, how, error):
    with pytest.raises(error):
        run(toy_scenario, how)


@pytest.mark.parametrize("how", ["undeclared", "not_finite"])
def test_a_broken_promise_is_never_the_users_fault(toy_scenario, how):
    with pytest.raises(BrokenPromise):
        run(toy_scenario, how)


@pytest.mark.parametrize(
    "wrong",
    [
        pl.DataFrame({"kind": ["red"], "items": [1]}),
        pl.DataFrame({"kind": ["red"], "items": [1], "weight_kg": [None]}),
        pl.DataFrame({"kind": ["green"], "items": [1], "weight_kg": [1.0]}),
        pl.DataFrame({"kind": ["red", "red"], "items": [1, 2], "weight_kg": [1.0, 1.0]}),
        pl.DataFrame({"kind": ["red"], "items": [-1], "weight_kg": [1.0]}),
    ],
    ids=["no column", "empty cell", "unknown choice", "key twice", "below the limit"],
)
def test_an_output_that_does_not_conform_is_a_broken_promise(toy_scenario, wrong):
    toy = toy_scenario
    answer = Outcome({"totals": wrong}, {"mean_kg": None, "drawn_share": None})
    asked = replace(toy.action("misbehave"), function=lambda *, numbers, params, rng: answer)
    with pytest.raises(BrokenPromise, match="totals"):
        execute(toy, asked, {"numbers": NUMBERS}, asked.params(), 1)


def test_an_unknown_indicator_stays_unknown_and_an_empty_table_is_an_answer(toy_scenario):
    toy = toy_scenario
    none = run(toy).tables["totals"].head(0)
    answer = Outcome({"totals": none}, {"drawn_share": None, "mean_kg": None})
    asked = replace(toy.action("misbehave"), function=lambda *, numbers, params, rng: answer)
    outcome = execute(toy, asked, {"numbers": NUMBERS}, asked.params(), 1)
    assert outcome.kpis == {"mean_kg": None, "drawn_share": None}
    assert outcome.tables["totals"].height == 0


def test_only_an_action_that_asks_for_progress_gets_it(toy_scenario):
    shares: list[float] = []
    asked = toy_scenario.action("count_slowly")
    execute(toy_scenario, asked, {"numbers": NUMBERS}, asked.params(), 1, shares.append)
    assert shares == [0.2, 0.4, 0.6, 0.8, 1.0]
    quiet = toy_scenario.action("misbehave")
    execute(toy_scenario, quiet, {"numbers": NUMBERS}, quiet.params(), 1, shares.append)
    assert len(shares) == 5


def test_provenance_changes_with_everything_that_may_change_the_answer(install_toy):
    def digest(toy, action="count_slowly", inputs=None, seed=1, **given):
        asked = toy.action(action)
        facts = provenance(toy, asked, inputs or {"numbers": "d1"}, asked.params(**given), seed)
        return facts["digest"]

    toy = install_toy()
    first = digest(toy)
    assert digest(toy) == first
    assert digest(toy, seconds=0.0) == first  # a default said aloud is the same question
    others = {
        digest(toy, seed=2), digest(toy, steps=6), digest(toy, inputs={"numbers": "d2"}),
        digest(toy, action="misbehave"),
    }  # fmt: skip
    assert len(others | {first}) == 5


def test_provenance_changes_with_the_code(install_toy, tmp_path):
    from songhua.runtime.execute import code_version

    toy = install_toy()
    before = code_version(toy.package)
    code = tmp_path / "site" / "songhua_toy" / "__init__.py"
    code.write_text(code.read_text("utf-8") + "\n# another line\n", "utf-8")
    code_version.cache_clear()
    assert code_version(toy.package) != before
