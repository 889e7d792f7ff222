"""Records that know the place they came from, and what is wrong with them there.

Nothing raises here: problems are appended, so that one error can list them all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from songhua.kit.errors import Problem

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from pydantic_core import ErrorDetails

M = TypeVar("M", bound=BaseModel)
_CODES = {
    "missing": "programme_missing",
    "extra_forbidden": "unknown_key",
    "literal_error": "programme_not_listed",
    "string_pattern_mismatch": "programme_not_a_code",
    "string_too_short": "programme_missing",
}


@dataclass(frozen=True)
class Raw:
    """One record as text. `lines` gives the line of a key (by its path), `line` of the record."""

    file: str
    line: int
    values: dict[Any, Any]
    lines: dict[tuple[Any, ...], int] = field(default_factory=dict)
    table: bool = False

    def where(self, *path: Any) -> str:
        """The place of a field: ``units.csv:3 kind`` or ``indicators.yaml:12``."""
        if self.table:
            return f"{self.file}:{self.line} {path[0]}" if path else f"{self.file}:{self.line}"
        keys = tuple(path)
        while keys and keys not in self.lines:
            keys = keys[:-1]
        return f"{self.file}:{self.lines.get(keys, self.line)}"


@dataclass(frozen=True)
class Sited(Generic[M]):
    """A record together with its place."""

    it: M
    raw: Raw

    def where(self, *path: Any) -> str:
        return self.raw.where(*path)


def text_of(folder: Traversable, name: str, problems: list[Problem]) -> str | None:
    """The file as UTF-8 text, or None and a problem."""
    entry = folder / name
    if not entry.is_file():
        problems.append(Problem(name, "programme_file_missing"))
        return None
    try:
        return entry.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        problems.append(Problem(f"{name}:{line}", "programme_file_unreadable", error.reason))
        return None


def records(rows: list[Raw], model: type[M], problems: list[Problem]) -> list[Sited[M]]:
    """Each row as a `model` with its place; rows that are not are left out and reported."""
    found = []
    for raw in rows:
        try:
            found.append(Sited(model.model_validate(raw.values), raw))
        except ValidationError as error:
            problems += [_problem(raw, detail) for detail in error.errors()]
    return found


def _problem(raw: Raw, detail: ErrorDetails) -> Problem:
    path, kind = detail["loc"], detail["type"]
    code = kind if kind.startswith("programme_") else _CODES.get(kind, "programme_bad_value")
    if not path:
        path = (detail["msg"],)  # rules on a whole record name their field
    value = str(detail.get("ctx", {}).get("value", detail["input"]))
    if code in {"programme_missing", "unknown_key"}:
        value = str(path[0])
    elif code == "programme_bad_value":
        value = f"{value} ({detail['msg']})"
    elif isinstance(detail["input"], dict) and "value" not in detail.get("ctx", {}):
        value = ""
    column = str(path[0]) if raw.table else None
    return Problem(
        raw.where(*path), code, value, row=raw.line if raw.table else None, column=column
    )
