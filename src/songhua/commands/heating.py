"""`songhua heating`: a real plant enters the console, or a simulated one takes its place."""

from __future__ import annotations

import os
import signal
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from songhua.commands.arguments import say
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable


def add(command: Callable[..., argparse.ArgumentParser]) -> None:
    """Declare the command."""
    heating = command(
        "heating",
        _heating,
        "登记供热系统，或运行模拟系统 / register a heating plant or simulate one",
    )
    heating.add_argument("what", choices=("register", "simulate"))
    heating.add_argument("folder", nargs="?", type=Path, help="登记表文件夹 / folder of its tables")
    heating.add_argument("--code", default="city", help="系统代码 / code of the plant")
    heating.add_argument("--title", default="", help="系统名称 / what the plant is called")
    heating.add_argument("--unit", required=True, help="运行单位代码 / code of its department")
    heating.add_argument("--broker", metavar="mqtt://[USER:PASSWORD@]HOST[:PORT]")
    heating.add_argument("--stations", type=int, default=200)
    heating.add_argument("--seed", type=int, default=1)
    heating.add_argument("--faults", action="store_true", help="带若干故障 / with a few faults")
    heating.add_argument(
        "--hours", type=float, default=6, help="从几小时前开始 / hours before now to begin at"
    )
    heating.add_argument(
        "--speed", type=float, default=60, help="追上现在之前的倍速 / times as fast until now"
    )


def _heating(a: argparse.Namespace) -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "songhua.console.settings")
    django.setup()
    (_register if a.what == "register" else _simulate)(a)


def _unit(code: str) -> Any:
    from songhua.console.people.models import Unit

    found = Unit.objects.filter(code=code).first()
    if found is None:
        raise InputError(Problem("unit", "unit_unknown", code))
    return found


def _register(a: argparse.Namespace) -> None:
    from songhua.console.heating import layout
    from songhua.console.heating.services import registration

    if a.folder is None:
        raise InputError(Problem("folder", "empty"))
    plant = registration.register(
        None, _unit(a.unit), a.code, a.title or a.code, layout.read(a.folder)
    )
    n = plant.elements.count()
    say(f"{plant.title}: {n} 个单元已登记 / {n} elements registered")


def _simulate(a: argparse.Namespace) -> None:
    from songhua.console.heating import simulation
    from songhua.console.heating.services import registration
    from songhua.exchange.commands.gateway import Gateway

    if not a.broker:
        raise InputError(Problem("broker", "empty"))
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    simulated = simulation.build(a.code, a.stations, a.seed)
    plant = registration.simulated(_unit(a.unit), simulated, a.title)
    begins = simulation.begin(plant, datetime.now(UTC) - timedelta(hours=a.hours))
    if a.faults:
        simulation.break_some(simulated)
    simulated.warm_up(begins)
    say(f"{plant.title}: 自 {begins:%Y-%m-%d %H:%M} UTC 起，模拟数据 / simulated data from then on")
    gateway = Gateway(a.broker, a.code, simulated.obey)
    try:
        simulation.run(gateway, simulated, begins, a.speed, ended)
    finally:
        gateway.settle(5)
        gateway.close()
