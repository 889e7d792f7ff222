"""The form of a clause, made from the facts that its rule declares.

A form shows and gives on what was typed; what is wrong with it the engine says. Facts of a list
are rows, added and taken away by buttons that need no script. The names of its fields are those
of a share link.
"""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import product
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import forms

from songhua.console.design.bilingual import choose, language, say
from songhua.console.design.posted import Given
from songhua.kit.figures import plain
from songhua.policy.model import ListFact, ScalarFact, TableFact, TextFact

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from songhua.kit.errors import Problem
    from songhua.policy import Policy, Rule
    from songhua.policy.model import Fact, SimpleFact
    from songhua.policy.values import Words

MOST_ROWS = 200
LONGEST_LINK = 4000  # characters of a query string that every server and browser takes
OTHER = "其他"
YES_NO = (("yes", say("是", "Yes")), ("no", say("否", "No")))
PENDING = ("", say("尚未评审", "Not judged yet"))
_AMOUNT = re.compile(r"[¥]?(-?[0-9][0-9,]*(?:\.[0-9]+)?)(万|亿)?元?")
_PLACE = re.compile(r"(\w+)\[(\d+)\]\.(\w+)")
_SCALE = {"万": 4, "亿": 8}
_WHOLE = re.compile(r"-?[0-9]{1,15}")


def amount_text(typed: str) -> str:
    """Yuan as the engine takes them, from what people write; what is no amount stays as it is.

    >>> amount_text("1,386,684.95 元"), amount_text("１６６６.6万元"), amount_text("NaN")
    ('1386684.95', '16666000', 'NaN')
    """
    written = plain(typed).replace(" ", "")
    found = _AMOUNT.fullmatch(written)
    if found is None:
        return written
    number = found[1].replace(",", "")
    if found[2] is None:
        return number
    return f"{Decimal(number).scaleb(_SCALE[found[2]]).normalize():f}"


class FactsForm(forms.Form):
    """The facts of one rule, the day of application, the readings.

    `given` holds what was typed by field name; ``add`` and ``remove`` name a list to lengthen or
    a row to take away. `omitted` are facts that are not asked here.
    """

    def __init__(
        self,
        policy: Policy,
        rule: Rule,
        given: Mapping[str, str],
        day: date,
        omitted: Iterable[str] = (),
    ) -> None:
        self.policy, self.rule = policy, rule
        self.asked = {name: fact for name, fact in rule.facts.items() if name not in set(omitted)}
        self.rows: dict[str, int] = {}
        typed = {"on": day.isoformat()} | dict(given)
        for name, fact in self.asked.items():
            if isinstance(fact, ListFact | TableFact):
                typed |= self._numbered(name, given)
        super().__init__(typed)
        self.wanting: dict[str, str] = {}
        self.others: list[Problem] = []
        for name, fact in self.asked.items():
            if name not in self.rows:
                self.fields[f"fact-{name}"] = _field(fact)
            for row in range(self.rows.get(name, 0)):
                for key, column in _columns(rule, name, fact).items():
                    self.fields[f"fact-{name}-{row}-{key}"] = _field(column, in_row=True)
        self.fields["on"] = Given(
            label=say("申报日期", "Day of application"), widget=forms.DateInput({"type": "date"}),
            help_text=_force(policy),
        )  # fmt: skip
        for key, reading in (policy.readings | rule.readings).items():
            options = [(code, say(o.zh, o.en)) for code, o in reading.options.items()]
            why = say(
                "默认“{d}”：{w}", "Default “{d}”: {w}",
                d=_said(reading.options[reading.default]), w=choose(reading.why_zh, reading.why_en),
            )  # fmt: skip
            self.fields[f"reading-{key}"] = Given(
                label=say(reading.zh, reading.en), help_text=why, required=False,
                widget=forms.Select(choices=options),
            )  # fmt: skip
            self.data.setdefault(f"reading-{key}", reading.default)

    def _numbered(self, name: str, given: Mapping[str, str]) -> dict[str, str]:
        """The rows of a list, numbered from 0, with one that is empty where there is none."""
        pattern = re.compile(rf"fact-{name}-(\d{{1,4}})-(\w+)")
        cells = [(int(m[1]), m[2], given[m[0]]) for m in map(pattern.fullmatch, given) if m]
        numbers = sorted({row for row, _, _ in cells})
        numbers = [row for row in numbers if given.get("remove") != f"{name}-{row}"]
        wanted, _, more = given.get("add", "").partition("-")
        extra = int(more or 1) if wanted == name and more in ("", "10") else 0
        self.rows[name] = min(max(len(numbers) + extra, 1), MOST_ROWS)
        place = {row: at for at, row in enumerate(numbers[:MOST_ROWS])}
        return {f"fact-{name}-{place[row]}-{key}": v for row, key, v in cells if row in place}

    @property
    def touched(self) -> bool:
        """Whether any fact was given."""
        return any(k.startswith("fact-") and str(v).strip() for k, v in self.data.items())

    @property
    def single(self) -> list[forms.BoundField]:
        """The facts that are one value each."""
        return [self[f"fact-{name}"] for name in self.asked if name not in self.rows]

    @property
    def lists(self) -> list[dict[str, Any]]:
        """The facts that are rows: their name, words, heads and cells."""
        return [
            {
                "name": name, "title": _said(self.asked[name]),
                "required": self.asked[name].required, "full": count >= MOST_ROWS,
                "heads": [self[f"fact-{name}-0-{key}"] for key in self._keys(name)],
                "rows": [
                    [self[f"fact-{name}-{row}-{key}"] for key in self._keys(name)]
                    for row in range(count)
                ],
            }
            for name, count in self.rows.items()
        ]  # fmt: skip

    @property
    def readings(self) -> list[forms.BoundField]:
        """The points that the text leaves open."""
        return [bound for bound in self if bound.name.startswith("reading-")]

    def _keys(self, name: str) -> list[str]:
        return list(_columns(self.rule, name, self.asked[name]))

    def facts(self) -> dict[str, object]:
        """The facts as the engine takes them; what is blank is left out, and so are blank rows."""
        found: dict[str, object] = {}
        for name, fact in self.asked.items():
            if name in self.rows:
                items = [self._row(name, fact, row) for row in self._filled(name)]
                if items:
                    table = isinstance(fact, TableFact)
                    found[name] = (
                        {str(i.get("key")): i.get("amount_yuan") for i in items} if table else items
                    )
            elif (value := _value(fact, self._typed(f"fact-{name}"))) is not None:
                found[name] = value
        return found

    def _typed(self, name: str) -> str:
        return str(self.data.get(name, ""))

    def _filled(self, name: str) -> list[int]:
        return [
            row for row in range(self.rows[name])
            if any(self._typed(f"fact-{name}-{row}-{key}").strip() for key in self._keys(name))
        ]  # fmt: skip

    def _row(self, name: str, fact: Fact, row: int) -> dict[str, object]:
        read = {
            key: _value(column, self._typed(f"fact-{name}-{row}-{key}"))
            for key, column in _columns(self.rule, name, fact).items()
        }
        return {key: value for key, value in read.items() if value is not None}

    def reading(self) -> dict[str, str]:
        """The chosen option of every reading."""
        return {b.name.removeprefix("reading-"): self._typed(b.name) for b in self.readings}

    def link(self) -> str:
        """The query string that brings this form back; "" where it would be too long."""
        usual = {
            f"reading-{k}": r.default
            for k, r in (self.policy.readings | self.rule.readings).items()
        }
        kept = {
            name: text for name in self.fields
            if (text := self._typed(name).strip()) and usual.get(name) != text
        }  # fmt: skip
        written = urlencode(kept)
        return written if len(written) <= LONGEST_LINK else ""

    def refuse(self, problems: Iterable[Problem]) -> None:
        """Put each problem at its field; `wanting` has the labels of the fields that are blank."""
        for problem in problems:
            name = self._field_of(problem.where)
            if name is None:
                self.others.append(problem)
                continue
            label = self._label(problem.where, name)
            if problem.code == "policy_fact_missing":
                self.wanting[name] = label
            sentence = problem.text(language(), where=label)
            self.errors.setdefault(name, self.error_class()).append(sentence)

    def _field_of(self, where: str) -> str | None:
        """``tenants[2].new`` is the third row that is filled; a list is its first cell."""
        if where == "on" or where.startswith("reading."):
            name = where.replace(".", "-", 1)
        elif (found := _PLACE.fullmatch(where)) and found[1] in self.rows:
            name = f"fact-{found[1]}-{self._filled(found[1])[int(found[2])]}-{found[3]}"
        else:
            fact, _, key = where.removeprefix("facts.").partition(".")
            name = f"fact-{fact}"
            if fact in self.rows:
                rows = [r for r in self._filled(fact) if self._typed(f"fact-{fact}-{r}-key") == key]
                last = "amount_yuan" if rows else self._keys(fact)[0]
                name = f"fact-{fact}-{rows[0] if rows else 0}-{last}"
        return name if name in self.fields else None

    def _label(self, where: str, name: str) -> str:
        """What people call a field: a list by its own name, a cell with its list and row."""
        if where in self.rows:
            return _said(self.asked[where])
        parts = name.split("-")
        if len(parts) < 4:
            return str(self[name].label)
        return choose(
            "{t}第 {n} 项的{f}", "{f} of {t} {n}", t=_said(self.asked[parts[1]]),
            n=int(parts[2]) + 1, f=self[name].label,
        )  # fmt: skip


def _said(words: Words) -> str:
    return choose(words.zh, words.en)


def _force(policy: Policy) -> str:
    starts, ends = policy.validity.starts, policy.validity.ends
    return say("有效期 {a} 至 {b}，首尾两日计入。", "In force from {a} to {b}, both included.",
               a=starts or "—", b=ends or "—")  # fmt: skip


def _columns(rule: Rule, name: str, fact: Fact) -> dict[str, SimpleFact]:
    """The fields of a row; a table's are its key, from the words that make it, and its amount."""
    if isinstance(fact, ListFact):
        return dict(fact.fields)
    options: tuple[str, ...] = ()
    if rule.grant.kind == "table" and rule.grant.table == name:
        words = [getattr(rule.facts[key], "options", ()) for key in rule.grant.key]
        options = tuple("".join(choice) for choice in product(*words))
    return {
        "key": TextFact(type="text", options=options, zh="项目", en="Entry"),
        "amount_yuan": ScalarFact(type="amount", zh="金额", en="Amount"),
    }


def _value(fact: SimpleFact | Fact, typed: str) -> object:
    """A field as the engine takes it; None where it is blank."""
    text = plain(typed)
    if not text:
        return None
    if fact.type in ("bool", "review"):
        return {"yes": True, "no": False}.get(text, text)
    if fact.type == "amount":
        return amount_text(text)
    if fact.type == "integer" and _WHOLE.fullmatch(text):
        return int(text)
    return text


def _field(fact: Fact | SimpleFact, *, in_row: bool = False) -> Given:
    label, help_text = say(fact.zh, fact.en), ""
    required = fact.required and fact.type != "review"
    widget: forms.Widget
    if fact.type in ("bool", "review"):
        blank = PENDING if fact.type == "review" else ("", say("请选择", "Choose"))
        if in_row:
            widget = forms.Select(choices=[blank, *YES_NO])
        else:
            options = YES_NO if fact.type == "bool" else (*YES_NO, PENDING)
            widget = forms.RadioSelect(choices=options)
    elif isinstance(fact, TextFact) and fact.options:
        offered = fact.options if OTHER in fact.options else (*fact.options, OTHER)
        named = [(o, choose(o, "Other / 其他") if o == OTHER else o) for o in offered]
        widget = forms.Select(choices=[("", say("请选择", "Choose")), *named])
    elif fact.type == "amount":
        widget = forms.TextInput({"inputmode": "decimal", "autocomplete": "off"})
        help_text = (
            "" if in_row else say("元；也可写“500万元”。", "Yuan; 500万元 is understood too.")
        )
        label = say("{l}（元）", "{l} (yuan)", l=choose(fact.zh, fact.en)) if in_row else label
    elif fact.type == "integer":
        widget = forms.TextInput({"inputmode": "numeric", "autocomplete": "off"})
    else:
        widget = forms.TextInput({"autocomplete": "off"})
    return Given(label=label, required=required, help_text=help_text, widget=widget)
