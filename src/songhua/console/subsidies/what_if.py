"""What other rates, caps and thresholds would give to those whom the desk and the registry know."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from django.urls import reverse

from songhua.console.design.bilingual import choose
from songhua.console.subsidies import selectors
from songhua.console.subsidies.clauses import said, wan
from songhua.console.subsidies.models import Subject, SubjectFact
from songhua.console.subsidies.services import engine, holdings
from songhua.console.subsidies.words import word
from songhua.kit.money import yuan
from songhua.policy.applicants import applicants_of
from songhua.policy.changes import figures
from songhua.policy.sandbox import sandbox, sweep
from songhua.policy.values import money, percent, rate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from songhua.console.people.models import User
    from songhua.policy import Policy, Rule
    from songhua.policy.sandbox import Applicants, Outcome
    from songhua.policy.values import Words

FEN_PER_WAN = 1_000_000
STEPS = range(4, 13)
"""A figure is swept from half to one and a half of what is written, in eighths."""
MOST_MOVED = 50
PARTS = ("grant", "cap", "conditions", "values", "readings")
"""The parts of a rule in the order in which their figures are asked for."""


class Figure(NamedTuple):
    """A figure or reading of a rule: its path, what it is, as written, and the options it has."""

    path: str
    name: str
    written: str
    options: list[tuple[str, str]]


class Known(NamedTuple):
    """An applicant of a rule: the name and page, and the facts that the engine takes."""

    name: str
    url: str
    facts: engine.Json


def rules_with_figures(policy: Policy) -> list[Rule]:
    """The rules whose money follows from a figure."""
    money_parts = {"grant", "cap"}
    return [
        rule
        for rule in policy.rules.values()
        if money_parts & {path.split(".")[1] for path in figures(rule)}
    ]


def figures_of(rule: Rule) -> list[Figure]:
    """Everything of a rule that a what-if may change, in words."""
    found = sorted(figures(rule).items(), key=lambda item: PARTS.index(item[0].split(".")[1]))
    return [
        Figure(path, _name(rule, path.split(".")[1:]), _short(written), _options(rule, path))
        for path, written in found
    ]


def _short(written: str) -> str:
    """An amount in the largest unit that leaves no decimals: 500万元, 5亿元."""
    fen = money(written) if written.endswith("元") else None
    for unit, size in (("亿元", FEN_PER_WAN * 10_000), ("万元", FEN_PER_WAN)):
        if isinstance(fen, int) and fen and fen % size == 0:
            return f"{fen // size}{unit}"
    return written


def _name(rule: Rule, path: list[str]) -> str:
    leaf = word("figure", path[-1])
    match path:
        case ["conditions", code, *_]:
            found = next(c for c in rule.conditions if getattr(c, "code", "") == code)
            return f"{word('figure', 'threshold')}{choose('：', ': ')}{said(found)}"  # type: ignore[arg-type]
        case ["values", name, *_]:
            return f"{said(rule.values[name])}{choose('：', ': ')}{word('figure', 'threshold')}"
        case ["readings", name, *_]:
            return said(rule.readings[name])
        case _:
            return word("figure", "cap") if path[0] == "cap" else leaf


def _options(rule: Rule, path: str) -> list[tuple[str, str]]:
    parts = path.split(".")
    if parts[1] != "readings":
        return []
    options: Mapping[str, Words] = rule.readings[parts[2]].options
    return [(key, said(words)) for key, words in options.items()]


def applicants(user: User, policy: Policy, rule: Rule, on: date) -> dict[str, Known]:
    """Who applied under a rule, and who of the registry has all its facts and did not apply."""
    rows = selectors.applications(user).filter(policy=policy.policy, rule=rule.id)
    found, applied = {}, set()
    for row in rows.exclude(state__in=holdings.GONE):
        facts = _asked(rule, row.facts | row.findings)
        known = engine.with_prior(rule, facts, holdings.prior_fen(row, rule))
        url = reverse("application", args=[row.pk])
        found[f"a{row.pk}"] = Known(f"{row.subject.name} #{row.pk}", url, known)
        applied.add(row.subject.merged_into_id or row.subject_id)
    for subject, facts in _registered(on):
        asked = _asked(rule, facts)
        if subject.pk not in applied and asked:
            url = reverse("subject", args=[subject.pk])
            found[f"s{subject.pk}"] = Known(subject.name, url, asked)
    return found


def _asked(rule: Rule, facts: engine.Json) -> engine.Json:
    return {name: value for name, value in facts.items() if name in rule.facts}


def _registered(on: date) -> Iterator[tuple[Subject, engine.Json]]:
    """Every active subject with what the registry knew of it on a day: 2 queries."""
    known: defaultdict[int, engine.Json] = defaultdict(dict)
    rows = SubjectFact.objects.filter(as_of__lte=on).order_by("as_of", "pk")
    for key, merged, name, value in rows.values_list(
        "subject_id", "subject__merged_into_id", "name", "value"
    ):
        known[merged or key][name] = value
    for subject in Subject.objects.filter(state=Subject.State.ACTIVE):
        if subject.pk in known:
            yield subject, known[subject.pk]


@dataclass(frozen=True)
class Answer:
    """What the changes do to the applicants, and who was left out for want of facts."""

    outcome: Outcome
    given: Applicants
    people: dict[str, Known]
    left_out: list[Known]

    @property
    def anybody(self) -> bool:
        """Whether there is anyone to work with."""
        return self.given.frame.height > 0

    @property
    def sides(self) -> list[dict[str, Any]]:
        """The counts and sums before and after."""
        rows = self.outcome.rules.to_dicts()
        return [row | {"left_fen": self.outcome.left_fen[row["side"]]} for row in rows]

    @property
    def moved(self) -> list[dict[str, Any]]:
        """Whose award changes, the largest changes first."""
        frame = self.outcome.moved
        order = frame["change_fen"].abs().rank(descending=True)
        rows = frame.with_columns(order=order).sort("order", nulls_last=True).head(MOST_MOVED)
        return [row | {"who": self.people[row["applicant"]]} for row in rows.to_dicts()]


def answer(
    user: User, policy: Policy, rule: Rule, on: date, budget_fen: int, changes: Mapping[str, str]
) -> Answer:
    """The rule as it stands and with `changes`, on everyone known; raises as `sandbox` does."""
    people = applicants(user, policy, rule, on)
    given, left_out = applicants_of(rule, {key: p.facts for key, p in people.items()}, on)
    outcome = sandbox(policy, {rule.id: given}, budget_fen, changes)
    return Answer(outcome, given, people, [people[key] for key in left_out])


def distribution(found: Answer) -> dict[str, Any]:
    """The awards above 0 before and after, by how many percent do not exceed them."""
    frame = found.outcome.quantiles
    percents = frame["percent"].unique().sort().to_list()
    series = []
    for side in ("before", "after"):
        own = dict(frame.filter(side=side).select("percent", "amount_fen").iter_rows())
        values = [own[p] / FEN_PER_WAN if p in own else None for p in percents]
        series.append({"name": word("side", side), "values": values, "dashed": side == "before"})
    return {
        "kind": "line", "title": choose("金额分布", "How the amounts are spread"),
        "description": choose(
            "横轴：有多少比例的受助者金额不超过纵轴的数。",
            "Across: the share of the paid whose amount is no more than the figure.",
        ),
        "unit": choose("万元", "10,000 yuan"), "places": 2, "min": 0,
        "x": [f"{p}%" for p in percents], "x_label": choose("不超过", "No more than"),
        "series": series,
    }  # fmt: skip


def curve(policy: Policy, rule: str, found: Answer, budget_fen: int, path: str) -> dict[str, Any]:
    """The total under `policy` for each value of one figure of a rule, beside the budget."""
    figure = next(f for f in figures_of(policy.rules[rule]) if f.path == path)
    grid = grid_of(figure.written)
    rows = sweep(policy, {rule: found.given}, budget_fen, path, grid.values())
    chart: dict[str, Any] = {
        "kind": "line",
        "title": choose("合计随“{n}”变化", "The total as “{n}” changes", n=figure.name),
        "description": choose("其他内容按表中填写的。", "All else as filled in."),
        "unit": choose("万元", "10,000 yuan"), "places": 2, "min": 0, "x": list(grid),
        "x_label": figure.name,
        "series": [
            {
                "name": choose("金额合计", "Total"),
                "values": [fen / FEN_PER_WAN for fen in rows["total_fen"]],
            },
            {
                "name": choose("评审可能再加", "Reviews may add"), "dashed": True,
                "values": [fen / FEN_PER_WAN for fen in rows["open_fen"]],
            },
        ],
    }  # fmt: skip
    if budget_fen:
        budget = {"name": choose("预算", "Budget"), "value": budget_fen / FEN_PER_WAN}
        chart["targets"] = [budget]
    return chart


def grid_of(written: str) -> dict[str, str]:
    """Values from half to one and a half of a figure, as people read them and as rules are written.

    >>> list(grid_of("30%"))[::4], list(grid_of("500万元").values())[0], list(grid_of("10"))[:2]
    (['15%', '30%', '45%'], '2500000.00元', ['5', '6'])
    """
    if written.endswith("元"):
        fens = [int(str(money(written))) * step // 8 for step in STEPS]
        return {wan(fen): f"{yuan(fen)}元" for fen in fens}
    if written.isdigit():
        counts = [str(int(written) * step // 8) for step in STEPS]
        return {count: count for count in counts}
    exact = Fraction(str(rate(written)))
    rates = [min(Fraction(1), exact * step / 8) for step in STEPS]
    return {percent(each): f"{each.numerator}/{each.denominator}" for each in rates}
