"""The command line. Imports are made where they are used, so that `songhua --help` is instant."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from songhua.commands import harvest, heating, log, policy, scenarios
from songhua.kit.errors import Infeasible, SonghuaError

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 refused or a check failed, 2 wrong usage."""
    parser = _parser()
    arguments, rest = parser.parse_known_args(argv)
    if rest and not getattr(arguments, "takes_rest", False):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    arguments.rest = rest
    try:
        return int(arguments.run(arguments) or 0)
    except SonghuaError as error:
        _explain(error)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever reads us has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _explain(error: SonghuaError) -> None:
    if isinstance(error, Infeasible):
        sys.stderr.write("在给定条件下无解，冲突如下 / no answer: these are in conflict\n")
    for problem in error.problems:
        row = f" 第{problem.row}行 row {problem.row}" if problem.row else ""
        column = f" {problem.column}" if problem.column else ""
        sys.stderr.write(
            f"{problem.where}{row}{column}: {problem.text('zh')} / {problem.text('en')}\n"
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="songhua", description="松花：人工智能试验区运行平台 / runs a city's AI pilot zone"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: object, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        made.set_defaults(run=run)
        return made

    demo = command(
        "demo", _demo, "建好演示城市并启动 / build the demo city and start web and worker"
    )
    demo.add_argument("--port", type=int, default=8000)
    demo.add_argument("--rebuild", action="store_true", help="重建演示数据 / build it anew")
    serve = command("serve", _serve, "启动网站 / start the web server")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8000)
    serve.add_argument("--processes", type=int, default=1)
    worker = command(
        "worker", _worker, "启动后台作业与每日时钟 / run background jobs and the daily clock"
    )
    worker.add_argument("--processes", type=int, default=1)
    intake = command("intake", _intake, "接收设备读数 / take in readings of devices over MQTT")
    intake.add_argument("--broker", required=True, metavar="mqtt://[USER:PASSWORD@]HOST[:PORT]")
    intake.add_argument("--topic", action="append", metavar="FILTER", help="默认/default songhua/#")
    setup = command("setup", _setup, "建库并载入方案 / create the records and load the programme")
    setup.add_argument("--office", metavar="NAME", help="首个办公室账号 / first office account")

    programme = command("programme", _programme, "方案数据 / the programme as data")
    programme.add_argument("what", choices=("check", "load"))
    programme.add_argument("--folder", type=Path, help="另一城市的方案 / another city's programme")

    calendar = command("calendar", _calendar, "工作日历 / holidays of a year not yet built in")
    calendar.add_argument("what", choices=("load",))
    calendar.add_argument("file", type=Path, help="日期,off|work / day,off|work; CSV")

    audit = command("audit", _audit, "审计日志 / the audit log")
    audit.add_argument("what", choices=("verify", "head"))
    audit.add_argument("--anchor", action="append", default=[], metavar="SEQ:DIGEST")

    report = command("report", _report, "生成文件 / make the documents of a period, e.g. 2023Q2")
    report.add_argument("period")
    report.add_argument("--out", type=Path, required=True)
    report.add_argument("--language", choices=("zh", "en"), default="zh")

    simulate = command("sim", _sim, "模拟办公室运行 / play the office through the real services")
    simulate.add_argument("what", choices=("ledger",))
    simulate.add_argument("--months", type=int, default=24)
    simulate.add_argument("--tasks", type=int, default=300)
    simulate.add_argument("--seed", type=int, default=1)
    simulate.add_argument("--out", type=Path, required=True)

    scenarios.add(command)
    heating.add(command)
    harvest.add(command)
    log.add(command)
    policy.add(command)

    backup = command("backup", _backup, "备份 / back up records and files into one archive")
    backup.add_argument("--out", type=Path, required=True)
    restore = command("restore", _restore, "恢复 / restore an archive into an empty installation")
    restore.add_argument("archive", type=Path)

    manage = command("manage", _manage, "Django 管理命令 / Django's own commands")
    manage.set_defaults(takes_rest=True)
    return parser


def _django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "songhua.console.settings")
    import django

    django.setup()


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _demo(a: argparse.Namespace) -> int:
    from songhua.console.demo import run

    return run(a.port, rebuild=a.rebuild)


def _serve(a: argparse.Namespace) -> None:
    _django()
    from songhua.console.serve import serve

    serve(a.host, a.port, a.processes)


def _worker(a: argparse.Namespace) -> None:
    _django()
    from songhua.console.worker import work

    work(a.processes)


def _intake(a: argparse.Namespace) -> None:
    _django()
    from songhua.console.exchange.services.intake_mqtt import listen

    listen(a.broker, a.topic)


def _setup(a: argparse.Namespace) -> None:
    _django()
    from songhua.console.demo import prepare

    for line in prepare(a.office):
        _say(line)


def _programme(a: argparse.Namespace) -> None:
    from songhua.programmes.load import bundled, counts, load

    programme = load(a.folder) if a.folder else bundled()
    for name, value in counts(programme).items():
        _say(f"{name}\t{value}")
    if a.what == "load":
        _django()
        from songhua.console.ledger.services.programme import load_programme

        done = load_programme("command line", programme)
        for code in done.kept:
            _say(f"仍被引用，已保留 / still referred to, kept: {code}")


def _calendar(a: argparse.Namespace) -> None:
    _django()
    from songhua.console.ledger.services.calendar import load_file

    row = load_file("command line", a.file)
    off, work = len(row.holidays), len(row.makeup_days)
    _say(f"{row.year}: {off} 天放假 days off, {work} 天调休上班 make-up days")


def _audit(a: argparse.Namespace) -> int:
    _django()
    from songhua.console.ledger.services import audit

    if a.what == "head":
        _say(audit.head())
        return 0
    findings = audit.verify(tuple(a.anchor))
    for finding in findings:
        _say(f"✗ {finding.subject}: {finding.zh} / {finding.en}")
    seq = audit.head().partition(":")[0]
    _say(f"共 {seq} 条记录，发现 {len(findings)} 处不符 / {seq} entries, {len(findings)} findings")
    return 1 if findings else 0


def _report(a: argparse.Namespace) -> None:
    _django()
    from songhua.console.ledger.services.documents import draft
    from songhua.documents import render

    a.out.mkdir(parents=True, exist_ok=True)
    for kind, content in render(draft(a.period, a.language)).items():
        path = a.out / f"{a.period}.{kind}"
        path.write_bytes(content)
        _say(str(path))


def _sim(a: argparse.Namespace) -> int:
    from songhua.console.simulate import run

    return run(months=a.months, tasks=a.tasks, seed=a.seed, out=a.out)


def _backup(a: argparse.Namespace) -> None:
    _django()
    from songhua.console.archive import backup

    _say(backup(a.out))


def _restore(a: argparse.Namespace) -> None:
    _django()
    from django.core.management import call_command

    from songhua.console.archive import restore

    call_command("migrate", verbosity=0, interactive=False)

    _say(restore(a.archive))


def _manage(a: argparse.Namespace) -> None:
    _django()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["songhua manage", *a.rest])


if __name__ == "__main__":
    sys.exit(main())
