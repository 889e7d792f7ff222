"""Strict reading of YAML: scalars stay text, so no number is rounded and no date guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from songhua.kit.errors import Problem
from songhua.programmes.place import Raw, text_of

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


DEEPEST = 100
"""Levels of nesting; the parser's time grows with their square."""
LONGEST = 200_000
"""Characters of a file."""
_OPEN = (
    yaml.FlowSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.BlockMappingStartToken,
)
_CLOSE = (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken, yaml.BlockEndToken)


def document(folder: Traversable, name: str, problems: list[Problem]) -> Raw | None:
    """A YAML file whose top is a mapping, as text, dicts and tuples.

    Duplicate keys, references (``&``, ``*``) and files beyond `DEEPEST` or `LONGEST` are refused.
    """
    text = text_of(folder, name, problems)
    if text is None:
        return None
    try:
        refused = _refused(text, name)
        if refused:
            problems.append(refused)
            return None
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{name}:{mark.line + 1}" if mark else name
        reason = str(getattr(error, "problem", None) or error)
        problems.append(Problem(where, "programme_file_unreadable", reason))
        return None
    if not isinstance(node, yaml.MappingNode):
        problems.append(Problem(f"{name}:1", "programme_file_empty"))
        return None
    lines: dict[tuple[Any, ...], int] = {}
    return Raw(name, 1, _value(node, (), name, lines, problems), lines)


def _refused(text: str, name: str) -> Problem | None:
    """The first thing that is not taken even where it is well formed."""
    if len(text) > LONGEST:
        return Problem(f"{name}:1", "programme_file_too_long", str(LONGEST))
    depth = 0
    for token in yaml.scan(text, Loader=yaml.SafeLoader):
        where = f"{name}:{token.start_mark.line + 1}"
        if isinstance(token, yaml.AliasToken):
            return Problem(where, "programme_file_unreadable", f"*{token.value}")
        depth += isinstance(token, _OPEN) - isinstance(token, _CLOSE)
        if depth > DEEPEST:
            return Problem(where, "programme_too_deep", str(DEEPEST))
    return None


def _value(
    node: yaml.Node,
    path: tuple[Any, ...],
    name: str,
    lines: dict[tuple[Any, ...], int],
    problems: list[Problem],
) -> Any:
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in found:
                where = f"{name}:{key_node.start_mark.line + 1}"
                problems.append(Problem(where, "programme_key_twice", key))
            found[key] = _value(value_node, (*path, key), name, lines, problems)
            lines[(*path, key)] = key_node.start_mark.line + 1
        return found
    if isinstance(node, yaml.SequenceNode):
        return tuple(
            _value(item, (*path, place), name, lines, problems)
            for place, item in enumerate(node.value)
        )
    return None if node.tag == "tag:yaml.org,2002:null" else node.value


def listed(raw: Raw | None, keys: tuple[str, ...], problems: list[Problem]) -> list[list[Raw]]:
    """The records under each of `keys` of a document; other keys are refused."""
    if raw is None:
        return [[] for _ in keys]
    problems += [
        Problem(raw.where(key), "unknown_key", key) for key in raw.values if key not in keys
    ]
    return [_under(raw, key, problems) for key in keys]


def _under(raw: Raw, key: str, problems: list[Problem]) -> list[Raw]:
    items = raw.values.get(key)
    if key not in raw.values or not isinstance(items, tuple):
        code = "programme_bad_value" if key in raw.values else "programme_missing"
        problems.append(Problem(raw.where(key), code, key))
        return []
    found = []
    for place, item in enumerate(items):
        if not isinstance(item, dict):
            problems.append(Problem(raw.where(key, place), "programme_bad_value", str(item)))
            continue
        lines = {p[2:]: line for p, line in raw.lines.items() if p[:2] == (key, place)}
        found.append(Raw(raw.file, raw.lines[(key, place)], item, lines))
    return found
