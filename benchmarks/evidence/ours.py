"""A log of a million events: how fast they are made durable, exported and verified, and whether an
old checkpoint that a second department kept convicts an owner who has the database, the files and
the log's own key, and signs a forged log anew.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from songhua.exchange.log import folder, keys
from songhua.exchange.log.evidence import EvidenceLog
from songhua.exchange.log.export import export
from songhua.exchange.log.files import FileStore
from songhua.exchange.log.witness import Witness

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

CASE = tomllib.loads(Path(__file__).with_name("cases.toml").read_text())["log"]
EVENT = (
    b'{"at":"2026-01-05T00:00:00+00:00","bytes":3965,"kind":"delivery","route":"datastore_search",'
    b'"rows":50,"to":"reader","under":[{"holder":"grant:1","purpose":"bench"}],"number":%d}'
)
RECORD = """
import django
django.setup()
import time
from django.core.management import call_command
from django.db import transaction
from songhua.console.exchange.services import evidence
call_command("migrate", verbosity=0)
begun = time.perf_counter()
for number in range({single}):
    with transaction.atomic():
        evidence.record("delivery", number=number)
recorded = time.perf_counter()
evidence.seal()
print({single} / (recorded - begun), {single} / (time.perf_counter() - begun))
"""
LOG, SECOND = keys.generate("bench/log", "ed25519"), keys.generate("audit", "ed25519_cosignature")


def written(path: Path, events: Iterable[bytes]) -> float:
    """Seconds to make a log of events as the worker does: sealed in batches, each signed."""
    folder.create(path, LOG.public.name)
    begun, left = time.perf_counter(), iter(events)
    with FileStore(path, write=True) as store:
        log = EvidenceLog(store, LOG)
        while batch := [event for _, event in zip(range(CASE["batch"]), left, strict=False)]:
            log.append(batch)
            note = log.checkpoint()
            if store.size == CASE["cosigned"] and not (path.parent / "kept.note").exists():
                signed = Witness(SECOND, LOG.public, path.parent / "state").cosign(
                    note, [], datetime.now(UTC)
                )
                (path.parent / "kept.note").write_text(signed.encode(), encoding="utf-8")
    return time.perf_counter() - begun


def handed_over(path: Path) -> tuple[Path, float]:
    """The export of a log, and the seconds that it took."""
    begun, target = time.perf_counter(), path.with_name(f"{path.name}-export")
    with FileStore(path) as store:
        export(store, target, [LOG.public])
    return target, time.perf_counter() - begun


def verified(target: Path) -> tuple[int, float, float]:
    """What `songhua log verify` answers with the log's key and the kept checkpoint; the seconds and
    the megabytes that it takes."""
    key = target / "keys" / f"{LOG.public.id.hex()}.vkey"
    kept = target.parent / "kept.note"
    command = [sys.executable, "-m", "songhua.cli", "log", "verify", str(target), "--key", str(key),
               "--checkpoint", str(kept)]  # fmt: skip
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = code = os.waitstatus_to_exitcode(status)
    if code not in (0, 1):
        raise SystemExit(f"the verification of {target.name} ended with {code}")
    return code, time.perf_counter() - begun, used.ru_maxrss / 1024


def events() -> Iterable[bytes]:
    return (EVENT % number for number in range(CASE["events"]))


def forgeries() -> dict[str, Callable[[], Iterable[bytes]]]:
    """What an owner might make of the log; each is written and signed as a whole log of its own."""
    at, size = CASE["cosigned"] // 3, CASE["events"]

    def changed(how: Callable[[int], list[int | bytes]]) -> Iterable[bytes]:
        for number in range(size):
            for one in how(number):
                yield EVENT % one if isinstance(one, int) else one

    return {
        "a changed event": lambda: changed(
            lambda n: [(EVENT % n).replace(b'"rows":50', b'"rows":51') if n == at else n]
        ),
        "a removed event": lambda: changed(lambda n: [] if n == at else [n]),
        "an inserted event": lambda: changed(lambda n: [n, EVENT % size] if n == at else [n]),
        "two events swapped": lambda: changed(lambda n: [{at: at + 1, at + 1: at}.get(n, n)]),
        "the end cut off": lambda: changed(lambda n: [n] if n < CASE["cosigned"] - 1 else []),
        "a rollback that goes on otherwise": lambda: changed(lambda n: [n if n < at else n + size]),
    }


def recorded(home: Path) -> str:
    """Events a second through the console's own transactions, before and after they are sealed."""
    environment = os.environ | {
        "SONGHUA_DATA_DIR": str(home), "DJANGO_SETTINGS_MODULE": "songhua.console.settings"
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", RECORD.format(single=CASE["single"])],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    written_down, sealed = map(float, done.stdout.split()[-2:])
    return (f"{written_down:,.0f} a second in a transaction each, {sealed:,.0f} until they are"
            " sealed and signed")  # fmt: skip


def main() -> None:
    """Measure, print JSON."""
    with tempfile.TemporaryDirectory(prefix="songhua-bench-") as home:
        root = Path(home)
        console = recorded(root / "console")
        seconds = written(root / "log", events())
        target, exporting = handed_over(root / "log")
        code, verifying, peak = verified(target)
        found = {}
        for name, forged in forgeries().items():
            path = root / name.replace(" ", "-")
            written(path, forged())
            found[name] = verified(handed_over(path)[0])[0] == 1
    count = CASE["events"]
    results = [
        {"name": "events made durable", "goal": "5,000/s",
         "shown": f"{count / seconds:,.0f}/s in batches of {CASE['batch']:,}, each signed"},
        {"name": "events recorded by the console", "goal": "5,000/s", "shown": console},
        {"name": f"export of {count:,} events", "shown": f"{exporting:.1f} s"},
        {"name": f"verification of {count:,} events",
         "shown": f"{verifying:.1f} s, {peak:.0f} MB, {'sound' if code == 0 else 'NOT SOUND'}"},
        {"name": "forgeries found by a kept checkpoint", "goal": "all",
         "shown": f"{sum(found.values())} of {len(found)}: {', '.join(found)}",
         "differences": [name for name, convicted in found.items() if not convicted]},
    ]  # fmt: skip
    sys.stdout.write(json.dumps(results, ensure_ascii=False))


main()
