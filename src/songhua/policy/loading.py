"""Policies from a folder of YAML, all or nothing.

A version is a folder with a ``policy.yaml`` (the heading) and one file per rule, named by its id.
`load` takes such a folder or any folder up to two levels above it. Whatever is wrong with any file
is listed in one `InputError`, each problem with its file and line.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from songhua.kit.errors import InputError, Problem
from songhua.policy import checks
from songhua.policy.model import Heading, Policy, Rule
from songhua.programmes.place import Raw, Sited
from songhua.programmes.read_yaml import document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

    from pydantic_core import ErrorDetails

M = TypeVar("M", bound=BaseModel)
HEADING = "policy.yaml"
_CODES = {
    "missing": "programme_missing",
    "extra_forbidden": "unknown_key",
    "literal_error": "programme_not_listed",
    "union_tag_invalid": "programme_not_listed",
    "union_tag_not_found": "programme_missing",
    "string_pattern_mismatch": "programme_not_a_code",
    "string_too_short": "programme_missing",
    "too_short": "programme_missing",
}


def load(folder: Traversable) -> tuple[Policy, ...]:
    """Every version of every policy in `folder`, by policy and version.

    Raises `InputError` with every problem of every file.
    """
    problems: list[Problem] = []
    versions = [_Version(folder, path, problems) for path in _versions(folder, "", 2)]
    if not versions:
        problems.append(Problem(HEADING, "programme_file_missing"))
    policies = [version.policy(versions, problems) for version in versions]
    found = [policy for policy in policies if policy is not None]
    problems += checks.versions([v.heading for v in versions if v.heading is not None])
    if problems:
        raise InputError(problems)
    return tuple(sorted(found, key=lambda p: (p.policy, p.version)))


def check(folder: Traversable) -> tuple[Problem, ...]:
    """What is wrong with the policies in `folder`; nothing when they load."""
    try:
        load(folder)
    except InputError as error:
        return error.problems
    return ()


@cache
def bundled(programme: str = "harbin_2022") -> tuple[Policy, ...]:
    """The policies that ship with a programme.

    >>> [(p.policy, p.version) for p in bundled()]
    [('industry_2021', 'issued'), ('pilot_zone', 'draft-2022'), ('pilot_zone', 'issued-2022')]
    """
    return load(files("songhua.programmes") / programme / "policies")


def _versions(folder: Traversable, path: str, depth: int) -> Iterator[str]:
    """The paths below `folder` that hold a heading, each ending in a slash or empty."""
    here = folder / path if path else folder
    if not here.is_dir():
        return
    names = sorted(entry.name for entry in here.iterdir())
    if HEADING in names:
        yield path
    elif depth:
        for name in names:
            yield from _versions(folder, f"{path}{name}/", depth - 1)


class _Version:
    """The files of one version, each record with its place."""

    def __init__(self, folder: Traversable, path: str, problems: list[Problem]) -> None:
        entries = sorted(entry.name for entry in (folder / path if path else folder).iterdir())
        self.path = path
        self.heading = _record(document(folder, path + HEADING, problems), Heading, problems)
        self.rules: dict[str, Sited[Rule]] = {}
        self.ids: set[str] = set()  # also of rules that failed, so that one slip is told once
        self.readable = True
        for name in entries:
            if not name.endswith((".yaml", ".yml")) or name == HEADING:
                continue
            raw = document(folder, path + name, problems)
            self.readable &= raw is not None
            key = str(raw.values.get("id")) if raw else ""
            if raw and key in self.ids:
                problems.append(Problem(raw.where("id"), "programme_id_twice", key))
            self.ids.add(key)
            rule = _record(raw, Rule, problems)
            if rule is not None:
                self.rules[key] = rule

    def policy(self, versions: list[_Version], problems: list[Problem]) -> Policy | None:
        """This version with the rules it carries over, or None and problems."""
        if self.heading is None:
            return None
        problems += checks.heading(self.heading)
        for rule in self.rules.values():
            problems += checks.rule(rule)
        carried = self._carried(self.heading, versions, problems)
        rules = {key: rule.it for key, rule in self.rules.items()} | carried
        if not rules:
            problems.append(Problem(self.path + HEADING, "policy_without_rules"))
        return Policy(**dict(self.heading.it), rules=dict(sorted(rules.items())))

    def _carried(
        self, heading: Sited[Heading], versions: list[_Version], problems: list[Problem]
    ) -> dict[str, Rule]:
        wanted = heading.it.carries_over
        if wanted is None:
            return {}
        other = next(
            (
                v
                for v in versions
                if v.heading is not None
                and (v.heading.it.policy, v.heading.it.version)
                == (heading.it.policy, wanted.version)
            ),
            None,
        )
        if other is None and not all(version.heading for version in versions):
            return {}
        if other is None or other is self:
            where = heading.where("carries_over", "version")
            problems.append(Problem(where, "policy_version_unknown", wanted.version))
            return {}
        carried = {}
        for place, key in enumerate(wanted.rules):
            where = heading.where("carries_over", "rules", place)
            if key in self.ids or key in carried:
                problems.append(Problem(where, "programme_id_twice", key))
            elif key not in other.ids and other.readable:
                problems.append(Problem(where, "policy_rule_unknown", key))
            elif key in other.rules:
                update = {"carried_from": wanted.version}
                carried[key] = other.rules[key].it.model_copy(update=update)
        return carried


def _record(raw: Raw | None, model: type[M], problems: list[Problem]) -> Sited[M] | None:
    if raw is None:
        return None
    try:
        return Sited(model.model_validate(raw.values), raw)
    except ValidationError as error:
        problems += [_problem(raw, detail) for detail in error.errors()]
    return None


def _problem(raw: Raw, detail: ErrorDetails) -> Problem:
    kind, context = detail["type"], detail.get("ctx", {})
    path: tuple[int | str, ...] = ()
    parts = detail["loc"]
    if kind.startswith(("programme_", "policy_")) and detail["msg"].isidentifier():
        parts = (*parts, detail["msg"])  # a rule on a whole record names its field
    for part in parts:
        if (*path, part) in raw.lines:  # pydantic also names the branch of a union, which is none
            path = (*path, part)
    code = kind if kind.startswith(("programme_", "policy_")) else _CODES.get(kind)
    value = str(context.get("value", context.get("tag", detail["input"])))
    if code in {"programme_missing", "unknown_key"}:
        tag = str(context.get("discriminator", "")).strip("'")
        value = tag or str(parts[-1] if parts else "")
    elif code is None:
        code, value = "programme_bad_value", f"{value[:80]} ({detail['msg']})"
    return Problem(raw.where(*path), code, value[:120])
