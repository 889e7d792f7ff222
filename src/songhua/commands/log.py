"""`songhua log`: an evidence log checked and co-signed on the command line, without Django."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import Request, urlopen

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from songhua.exchange.log.keys import Kind, PublicKey, SigningKey
    from songhua.exchange.log.notes import Note

SECONDS = 30  # for an answer of the log


def add(command: Callable[..., argparse.ArgumentParser]) -> None:
    """Declare the command."""
    log = command("log", _log, "核验或联署存证日志 / check or co-sign an evidence log")
    log.add_argument("what", choices=("verify", "key", "cosign"))
    log.add_argument(
        "source",
        help="导出的文件夹、网址或新密钥 / an export, an address, a new key",
    )
    log.add_argument(
        "--key", action="append", default=[], type=Path, metavar="FILE",
        help="所信任的公钥，每把一次 / a trusted public key; once for each",
    )  # fmt: skip
    log.add_argument(
        "--checkpoint", action="append", default=[], type=Path, metavar="FILE",
        help="另行保存的检查点，每份一次 / a checkpoint kept elsewhere; once for each",
    )  # fmt: skip
    log.add_argument("--name", default="", help="新密钥的单位名称 / the department of a new key")
    log.add_argument(
        "--kind", choices=("ed25519", "sm2"), default="ed25519",
        help="新密钥的算法 / the algorithm of a new key",
    )  # fmt: skip
    log.add_argument("--secret", type=Path, help="联署单位的私钥 / the witness's secret key")
    log.add_argument("--state", type=Path, help="上次联署的记录 / what was co-signed last")


def _log(a: argparse.Namespace) -> int:
    return {"verify": _verify, "key": _key, "cosign": _cosign}[a.what](a)


def _verify(a: argparse.Namespace) -> int:
    from songhua.exchange.log.folder import KEYS, read_key
    from songhua.exchange.log.verification import verify

    export = Path(a.source)
    if not a.key:
        sys.stderr.write(
            "未给出 --key，改用导出件自带的公钥，只能说明其自身是否一致"
            " / no --key: the export's own keys only show that it agrees with itself\n"
        )
    paths = a.key or sorted((export / KEYS).glob("*.vkey"))
    findings = verify(export, [read_key(path) for path in paths], a.checkpoint)
    for finding in findings:
        sys.stdout.write(f"✗ {finding.where}: {finding.text('zh')} / {finding.text('en')}\n")
    sys.stdout.write(f"发现 {len(findings)} 处不符 / {len(findings)} findings\n")
    return 1 if findings else 0


def _key(a: argparse.Namespace) -> int:
    """Make a witness's key: the secret into a file that is ours alone, the public one is shown."""
    from songhua.exchange.log.keys import generate

    if not a.name:
        return _needed("--name")
    kind: Kind = "sm2_cosignature" if a.kind == "sm2" else "ed25519_cosignature"
    made, path = generate(a.name, kind), Path(a.source)
    if path.exists():
        sys.stderr.write(f"{path} 已存在，未覆盖 / exists and was left as it is\n")
        return 2
    path.touch(mode=0o600)
    path.write_text(made.encode() + "\n", encoding="utf-8")
    sys.stdout.write(made.public.encode() + "\n")
    return 0


def _cosign(a: argparse.Namespace) -> int:
    """Co-sign the newest checkpoint of an export, which keeps it and is told it, or of a log."""
    from songhua.exchange.log.folder import read, read_key
    from songhua.exchange.log.keys import SigningKey

    if not (a.secret and a.state and len(a.key) == 1):
        return _needed("--secret --state --key")
    secret, log = SigningKey.parse(read(a.secret).strip()), read_key(a.key[0])
    reached = a.source.startswith(("http://", "https://"))
    note = (_at_address if reached else _in_folder)(a, secret, log)
    sys.stdout.write(note.encode())
    return 0


def _in_folder(a: argparse.Namespace, secret: SigningKey, log: PublicKey) -> Note:
    from songhua.exchange.log.checkpoints import Checkpoint
    from songhua.exchange.log.files import FileStore
    from songhua.exchange.log.tree import consistency
    from songhua.exchange.log.witness import Witness
    from songhua.kit.errors import InputError, Problem

    with FileStore(Path(a.source)) as store:
        note = store.newest()
        if note is None:
            raise InputError(Problem(a.source, "log_no_checkpoint"))
        watching = Witness(secret, log, a.state, store.hasher.digest)
        seen, size = watching.seen(), Checkpoint.of(note).size
        proof = consistency(store, min(seen.size, size) if seen else 0, size)
        return store.keep(watching.cosign(note, proof, datetime.now(UTC)))


def _at_address(a: argparse.Namespace, secret: SigningKey, log: PublicKey) -> Note:
    from songhua.exchange.log.witness import Asked, Witness

    seen = Witness(secret, log, a.state).seen()
    asked = Asked.parse(_call(f"{a.source}?since={seen.size if seen else 0}"))
    watching = Witness(secret, log, a.state, asked.digest)
    note = watching.cosign(asked.note, asked.proof, datetime.now(UTC))
    _call(a.source, note.encode().encode())
    return note


def _call(address: str, sent: bytes | None = None) -> str:
    from songhua.kit.errors import InputError, Problem

    request = Request(address, sent, {"Content-Type": "text/plain; charset=utf-8"})
    try:
        with urlopen(request, timeout=SECONDS) as answer:
            text: str = answer.read().decode()
    except OSError as error:
        said = error.read().decode() if isinstance(error, HTTPError) else str(error)
        raise InputError(Problem(address, "log_file_unreadable", said[:300])) from error
    return text


def _needed(names: str) -> int:
    sys.stderr.write(f"请给出 / needed: {names}\n")
    return 2
