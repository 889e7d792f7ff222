"""What the numbers of scenario_name must satisfy."""

from __future__ import annotations

import polars as pl

from songhua.runtime.execute import execute
from songhua.scenarios.scenario_name import scenario


def test_a_reading_at_the_limit_is_not_cold():
    action = scenario.action("compare_sensors")
    readings = pl.DataFrame(
        {"sensor": ["A"] * 4, "taken_at": ["2023-01-0" + d for d in "1234"],
         "outdoor_c": [-26, -25, -24, -30]}
    )  # fmt: skip
    outcome = execute(scenario, action, {"readings": readings}, action.params(), seed=1)
    assert outcome.kpis == {"cold_share": 0.5}
