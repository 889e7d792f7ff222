"""`songhua log`: an exported evidence log checked on the command line, offline, without Django."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable


def add(command: Callable[..., argparse.ArgumentParser]) -> None:
    """Declare the command."""
    log = command("log", _log, "核验导出的存证日志 / check an exported evidence log offline")
    log.add_argument("what", choices=("verify",))
    log.add_argument("export", type=Path, help="导出的文件夹 / folder of the export")
    log.add_argument(
        "--key", action="append", default=[], type=Path, metavar="FILE",
        help="所信任的公钥，每把一次 / a trusted public key; once for each",
    )  # fmt: skip
    log.add_argument(
        "--checkpoint", action="append", default=[], type=Path, metavar="FILE",
        help="另行保存的检查点，每份一次 / a checkpoint kept elsewhere; once for each",
    )  # fmt: skip


def _log(a: argparse.Namespace) -> int:
    from songhua.exchange.log.folder import KEYS, read_key
    from songhua.exchange.log.verification import verify

    if not a.key:
        sys.stderr.write(
            "未给出 --key，改用导出件自带的公钥，只能说明其自身是否一致"
            " / no --key: the export's own keys only show that it agrees with itself\n"
        )
    paths = a.key or sorted((a.export / KEYS).glob("*.vkey"))
    findings = verify(a.export, [read_key(path) for path in paths], a.checkpoint)
    for finding in findings:
        sys.stdout.write(f"✗ {finding.where}: {finding.text('zh')} / {finding.text('en')}\n")
    sys.stdout.write(f"发现 {len(findings)} 处不符 / {len(findings)} findings\n")
    return 1 if findings else 0
