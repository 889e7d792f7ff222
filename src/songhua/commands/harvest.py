"""`songhua harvest`: the datasets of another catalogue brought here."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from songhua.commands.arguments import say

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable


def add(command: Callable[..., argparse.ArgumentParser]) -> None:
    """Declare the command."""
    harvest = command("harvest", _harvest, "采集其他目录 / harvest another catalogue")
    harvest.add_argument(
        "url", help="目录网址（CKAN 第 3 版接口） / its address (CKAN's interface)"
    )
    harvest.add_argument(
        "--unit", required=True, metavar="CODE",
        help="归口部门代码 / code of the department under which its datasets stand here",
    )  # fmt: skip
    harvest.add_argument(
        "--token", default="", help="来源要求的令牌 / a token, where the source wants one"
    )


def _harvest(a: argparse.Namespace) -> int:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "songhua.console.settings")
    django.setup()
    from songhua.console.exchange.services.harvest import Source
    from songhua.console.exchange.services.harvesting import now
    from songhua.console.people.models import Unit
    from songhua.kit.errors import InputError, Problem

    unit = Unit.objects.filter(code=a.unit).first()
    if unit is None:
        raise InputError(Problem("--unit", "unit_unknown", a.unit))
    row = now(Source(a.url, a.token), unit)
    if row.state != row.State.DONE:
        for problem in row.problems:
            one = Problem(**problem)
            sys.stderr.write(f"✗ {one.text('zh')} / {one.text('en')}\n")
        return 1
    counts = row.counts
    say(
        f"新增 {counts['created']}，更新 {counts['changed']}，未变 {counts['same']}，"
        f"撤下 {counts['withdrawn']} / {counts['created']} new, {counts['changed']} changed, "
        f"{counts['same']} as before, {counts['withdrawn']} taken down"
    )
    for key, why in row.failed.items():
        say(f"✗ {key}: {why}")
    return 1 if row.failed else 0
