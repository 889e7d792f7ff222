"""Views read the request, call one service or selector, and answer."""

from songhua.console.runs.views.decisions import (
    decision_carry_out,
    decision_decide,
    decision_measure,
    run_attach,
    run_propose,
)
from songhua.console.runs.views.runs import (
    run,
    run_again,
    run_cancel,
    run_compare,
    run_new,
    runs,
)
from songhua.console.runs.views.scenarios import scenario, scenarios, table_template
from songhua.console.runs.views.schedules import schedule_new, schedule_switch, schedules
from songhua.console.runs.views.tables import (
    table,
    table_cancel,
    table_drop,
    table_file,
    table_problems,
    table_sample,
    table_upload,
)

__all__ = [
    "decision_carry_out", "decision_decide", "decision_measure", "run", "run_again", "run_attach",
    "run_cancel", "run_compare", "run_new", "run_propose", "runs", "scenario", "scenarios",
    "schedule_new", "schedule_switch", "schedules", "table", "table_cancel", "table_drop",
    "table_file", "table_problems", "table_sample", "table_template", "table_upload",
]  # fmt: skip
