"""Forms made from the declaration: a field for each parameter and each table that is read.

A form shows and gives on what was typed. What is wrong with it the service says, so that page,
interface and command line judge alike.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django import forms

from songhua.console.design.bilingual import say
from songhua.console.design.posted import Given
from songhua.console.runs import fields, terms
from songhua.console.runs.models import Schedule
from songhua.kit.figures import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from songhua.console.runs.models import Table
    from songhua.kit.errors import Problem
    from songhua.kit.spec import Action, Scenario

EVERY = (
    (Schedule.Every.DAY, say("每天", "Every day")),
    (Schedule.Every.QUARTER_HOUR, say("每 15 分钟", "Every 15 minutes")),
)
MISSED = (
    (Schedule.Missed.LATEST, say("只补最近一次", "Only the latest")),
    (Schedule.Missed.ALL, say("逐次补跑", "Each of them")),
    (Schedule.Missed.SKIP, say("不补", "None")),
)
BEYOND = -1  # a seed that no service accepts


class ActionForm(forms.Form):
    """The parameters of an action, its seed, and the tables to read where `tables` are given."""

    def __init__(
        self,
        scenario: Scenario,
        action: Action,
        data: Mapping[str, Any] | None = None,
        tables: Mapping[str, list[Table]] | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.scenario, self.action = scenario, action
        self.others: list[Problem] = []
        self.names: dict[str, str] = {"seed": "seed", "every": "every", "at": "at"}
        for name, rows in (tables or {}).items():
            self.names[name] = f"table-{name}"
            self.fields[f"table-{name}"] = fields.table(scenario, name, rows)
        for name, info in action.params.model_fields.items():
            self.names[name] = f"param-{name}"
            self.fields[f"param-{name}"] = fields.parameter(scenario, action, name, info)
        self.fields["seed"] = Given(
            label=say("随机种子", "Seed"), initial=1,
            help_text=say("种子相同，结果相同。", "The same seed gives the same answer."),
            widget=forms.NumberInput({"min": 0, "step": 1, "inputmode": "numeric"}),
        )  # fmt: skip

    @property
    def tables(self) -> list[forms.BoundField]:
        """The fields that choose tables."""
        return [bound for bound in self if bound.name.startswith("table-")]

    @property
    def parameters(self) -> list[forms.BoundField]:
        """The fields of the parameters."""
        return [bound for bound in self if bound.name.startswith("param-")]

    def chosen(self) -> dict[str, int]:
        """The key of the table chosen for each dataset."""
        given = {
            name: self.data.get(field, "")
            for name, field in self.names.items()
            if field.startswith("table-")
        }
        return {name: int(key) for name, key in given.items() if key.isascii() and key.isdigit()}

    def params(self) -> dict[str, object]:
        """The parameters as typed; a blank one is None where it may be, else left out."""
        found = {}
        for name, info in self.action.params.model_fields.items():
            inner, optional = fields.bare(info.annotation)
            text = plain(self.data.get(f"param-{name}", ""))
            if inner is bool:
                found[name] = bool(text)
            elif text or optional:
                found[name] = fields.read(self.action, name, inner, text) if text else None
        return found

    def seed(self) -> int:
        """The seed, or one that the service refuses where none can be read."""
        text = plain(self.data.get("seed", ""))
        return int(text) if text.isascii() and text.isdigit() and len(text) < 30 else BEYOND

    def refuse(self, problems: Iterable[Problem]) -> None:
        """Put each problem at its field; what has no field stands above the form."""
        for problem in problems:
            name = self.names.get(problem.where.partition(".")[0], "")
            if name not in self.fields:
                self.others.append(problem)
                continue
            if name == "seed":
                problem = replace(problem, value=str(self.data.get("seed", "")))
            self.errors.setdefault(name, self.error_class()).append(
                terms.sentence(self.scenario, problem)
            )


class ScheduleForm(ActionForm):
    """An action's parameters and the times at which it runs on the newest tables."""

    def __init__(
        self, scenario: Scenario, action: Action, data: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(scenario, action, data)
        self.fields["every"] = Given(
            label=say("频率", "How often"), widget=forms.Select(choices=EVERY)
        )
        self.fields["at"] = Given(
            label=say("每天几时", "Time of day"), initial="06:00", required=False,
            help_text=say("按北京时间；仅“每天”需要。", "City time; for daily ones only."),
            widget=forms.TimeInput({"type": "time"}),
        )  # fmt: skip
        self.fields["missed"] = Given(
            label=say("错过的时次", "Missed times"), widget=forms.Select(choices=MISSED),
            help_text=say("停机期间错过的，恢复后如何处理。", "Those passed while it stood still."),
        )  # fmt: skip
