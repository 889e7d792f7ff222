"""What several commands share: NAME=VALUE arguments, and saying a line."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence


def pair(text: str) -> tuple[str, str]:
    """The two sides of NAME=VALUE."""
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError(f"应为 名称=值 / NAME=VALUE is expected: {text}")
    return name, value


def once(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The pairs by name; `InputError` where a name is given twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise InputError([Problem(n, "given_twice", n) for n in found if names.count(n) > 1])
    return found


def say(text: str = "") -> None:
    """A line of the answer."""
    sys.stdout.write(text + "\n")
