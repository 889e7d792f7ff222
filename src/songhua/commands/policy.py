"""`songhua policy`: rules checked, played on cases, asked and compared, without Django."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from songhua.commands.arguments import once, pair, say
from songhua.kit.errors import InputError, Problem, require

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from songhua.kit.messages import Language
    from songhua.policy import Policy

LANGUAGES: tuple[Language, ...] = ("zh", "en")


def add(command: Callable[..., argparse.ArgumentParser]) -> None:
    """Declare the command."""
    policy = command("policy", _policy, "政策规则 / the rules of policies")
    policy.add_argument(
        "what", choices=("check", "assess", "diff"),
        help="check 校验规则、核对用例；assess 测算一条规则；diff 比较两个版本 / "
        "check validates and plays cases; assess answers for one rule; diff compares two versions",
    )  # fmt: skip
    policy.add_argument(
        "names", nargs="*", metavar="NAME",
        help="assess 后为规则编号，diff 后为新旧两个版本；可写作 政策/版本/规则 / "
        "after assess a rule, after diff the old and the new version; as POLICY/VERSION/RULE",
    )  # fmt: skip
    policy.add_argument(
        "--policies", type=Path, metavar="DIR",
        help="规则文件夹，默认用随附的 / folder of rules; those that ship unless given",
    )  # fmt: skip
    policy.add_argument("--cases", type=Path, metavar="FILE", help="用例 CSV / cases as CSV")
    policy.add_argument("--facts", type=Path, metavar="FILE", help="事项 JSON / facts as JSON")
    policy.add_argument("--on", metavar="DATE", help="申报日期 / day of application")
    policy.add_argument(
        "--reading", action="append", default=[], type=pair, metavar="NAME=OPTION",
        help="口径，每项一次 / a reading; once for each",
    )  # fmt: skip


def _policy(a: argparse.Namespace) -> int:
    return {"check": _check, "assess": _assess, "diff": _diff}[a.what](a)


def _loaded(folder: Path | None) -> tuple[Policy, ...]:
    from songhua.policy import bundled, load

    return load(folder) if folder else bundled()


def _check(a: argparse.Namespace) -> int:
    """A line for everything wrong, and last how many cases, or rules, passed."""
    from songhua.policy import run_cases

    require(not a.names, "check", "unknown_key", " ".join(a.names))
    passed = total = 0
    try:
        policies = _loaded(a.policies)
        if a.cases:
            run = run_cases(a.cases, policies)
            passed, total = run.passed, run.total
            for line in run.mismatches:
                say(line)
        else:
            passed = total = sum(len(policy.rules) for policy in policies)
    except InputError as error:
        for problem in error.problems:
            say(f"{problem.where}: {problem.text('zh')} / {problem.text('en')}")
        total = max(1, total)
    say(f"passed {passed}/{total}")
    return int(passed < total)


def _assess(a: argparse.Namespace) -> int:
    """Status, amounts and reasons first, then the whole way to them in both languages."""
    from songhua.kit.messages import sentence
    from songhua.kit.money import yuan
    from songhua.policy import assess, explain
    from songhua.policy.cases import answering

    require(len(a.names) == 1, "assess", "policy_names", 1)
    *version, rule = a.names[0].split("/")
    policy = answering(_loaded(a.policies), rule, *_two(version))
    award = assess(policy, rule, _facts(a.facts), _day(a.on), once(a.reading))

    def both(code: str) -> str:
        return " / ".join(sentence(code, language) for language in LANGUAGES)

    def amount(fen: int | None) -> str:
        return both("policy_word_unknown") if fen is None else yuan(fen)

    say(f"status: {award.status}  {both(f'policy_status_{award.status}')}")
    say(f"amount_yuan: {amount(award.amount)}")
    say(f"ceiling_yuan: {amount(award.ceiling)}")
    for reason in award.reasons:
        say(f"reason: {reason.code}  {reason.text('zh')} / {reason.text('en')}")
    for language in LANGUAGES:
        say()
        for line in explain(policy, award, language):
            say(line)
    return 0


def _diff(a: argparse.Namespace) -> int:
    """A line for every field that differs."""
    from songhua.policy import diff

    require(len(a.names) == 2, "diff", "policy_names", 2)
    policies = _loaded(a.policies)
    old, new = (_version(policies, name) for name in a.names)
    for change in diff(old, new).changes:
        path = f"{change.rule}.{change.field}" if change.rule else change.field
        say(f"{path}: {change.old or '—'} → {change.new or '—'}")
    return 0


def _two(version: Sequence[str]) -> tuple[str, str]:
    """POLICY/VERSION, VERSION alone, or neither."""
    require(len(version) <= 2, "policy", "policy_version_unknown", "/".join(version))
    policy, number = ("", "", *version)[-2:]
    return policy, number


def _version(policies: Sequence[Policy], name: str) -> Policy:
    policy, version = _two(name.split("/"))
    found = [p for p in policies if p.version == version and policy in ("", p.policy)]
    known = "、".join(f"{p.policy}/{p.version}" for p in policies)
    require(len(found) == 1, "diff", "policy_version_one_of", f"{name} ({known})")
    return found[0]


def _facts(file: Path | None) -> Any:
    if file is None:
        raise InputError(Problem("--facts", "empty"))
    try:
        return json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(
            Problem(file.name, "programme_file_unreadable", type(error).__name__)
        ) from error


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError as error:
        code = "not_a_date" if text else "empty"
        raise InputError(Problem("--on", code, (text or "")[:40])) from error
