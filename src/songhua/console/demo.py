"""`songhua demo`: a made-up year in the real plan, then web and worker until Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

DEMO_DAY = "2023-07-17"
MONTHS = 10
PASSWORD = "Songhua-2023"
ACCOUNTS = (
    ("leader", "领导 leader"),
    ("office", "领导小组办公室 office"),
    ("staff", "责任部门（市科技局）unit staff"),
    ("enterprise", "企业 enterprise"),
    ("reviewer", "验收专家 reviewer"),
    ("public", "公众 public"),
)


def _environment() -> Path:
    folder = Path(os.environ.get("SONGHUA_DATA_DIR", "var/demo")).absolute()
    os.environ["SONGHUA_DATA_DIR"] = str(folder)
    os.environ["SONGHUA_TODAY"] = DEMO_DAY
    os.environ["SONGHUA_SIMULATED"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "songhua.console.settings")
    return folder


def prepare(office: str | None = None) -> list[str]:
    """Create the tables, load the programme, enter what the scenarios declare, and make the first
    office account if asked for."""
    from django.core.management import call_command

    from songhua.console.exchange.services import declared
    from songhua.console.ledger.services.programme import load_programme
    from songhua.console.people.services import create_account

    call_command("migrate", verbosity=0, interactive=False)
    counts = load_programme("setup").counts
    declared.register()
    lines = [", ".join(f"{name}: {n}" for name, n in counts.items())]
    if office:
        user, first = create_account("setup", username=office, name=office, role="office")
        lines.append(f"首次登录密码 / first password of {user.username}: {first}")
    return lines


def run(port: int, *, rebuild: bool) -> int:
    """Build the demo city where it is missing, then serve it. Ctrl-C stops both processes."""
    folder = _environment()
    marker = folder / "demo.ready"
    if rebuild or not marker.exists():
        _build(folder)
        marker.write_text(DEMO_DAY)
    port = _free_port(port)
    command = [sys.executable, "-m", "songhua.cli"]
    # Sessions of their own: Ctrl-C reaches this process only, which then stops both in order.
    running = [
        subprocess.Popen([*command, "serve", "--port", str(port)], start_new_session=True),
        subprocess.Popen([*command, "worker"], start_new_session=True),
    ]
    companions: list[subprocess.Popen[bytes]] = []
    stopping: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda n, _frame: stopping.append(n))
    try:
        companions = _companions(folder)  # without them the pages show what was recorded
        if _answers(port, running):
            _announce(port)
        while not stopping and all(p.poll() is None for p in running):
            time.sleep(0.2)
    finally:
        for process in (*companions, *running):
            process.terminate()
        for process in (*companions, *running):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
    if not stopping:
        sys.stderr.write("进程意外退出，见上文 / a process ended unexpectedly, see above\n")
        return 1
    sys.stdout.write("\n已停止 / stopped\n")
    return 0


def _build(folder: Path) -> None:
    import shutil

    import django

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    sys.stdout.write("正在建立演示城市（一两分钟）/ building the demo city (a minute or two)…\n")
    sys.stdout.flush()
    django.setup()
    from songhua.console.cooperation import showcase as cooperation
    from songhua.console.growth import showcase as growth
    from songhua.console.heating import showcase as heating
    from songhua.console.innovation import showcase as innovation
    from songhua.console.showcase import play_applications, play_scenarios
    from songhua.console.showcase_exchange import play_exchange
    from songhua.console.showcase_registers import play_registers
    from songhua.console.showcase_voice import play_consultation
    from songhua.console.simulate import play_demo

    prepare()
    play_demo(MONTHS, DEMO_DAY, PASSWORD)
    play_scenarios()
    day = date.fromisoformat(DEMO_DAY)
    play_applications(day)
    play_exchange(day)
    play_consultation(day)
    play_registers(day)
    for each in (innovation, cooperation, growth):
        each.show(day)
    heating.show()


def _companions(folder: Path) -> list[subprocess.Popen[bytes]]:
    """The simulated heating plant and what brings its readings in, where there is a broker."""
    import django

    django.setup()
    from songhua.console.heating.showcase import companions

    return companions(folder)


def _free_port(wanted: int) -> int:
    for port in range(wanted, wanted + 20):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise SystemExit(f"端口 {wanted}–{wanted + 19} 均被占用 / every port from {wanted} is in use")


def _answers(port: int, running: list[subprocess.Popen[bytes]]) -> bool:
    from urllib.request import urlopen

    for _ in range(300):
        if any(p.poll() is not None for p in running):
            return False
        try:
            with urlopen(f"http://127.0.0.1:{port}/live/", timeout=2):
                return True
        except OSError:
            time.sleep(0.1)
    return False


def _announce(port: int) -> None:
    lines = [
        "",
        f"  松花演示 / songhua demo:  http://127.0.0.1:{port}/",
        f"  演示日期 / demonstration date: {DEMO_DAY}（模拟数据 simulated data）",
        f"  口令 / password of every account: {PASSWORD}",
        *(f"    {name:<11} {text}" for name, text in ACCOUNTS),
        "  Ctrl-C 停止 / stops",
        "",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
